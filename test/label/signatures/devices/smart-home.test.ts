import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/devices/smart-home.ts'
import { bytes, hex, le16, noise, testSignatures, u32, zeros } from '../probe.ts'

const test = suite('label/signatures/devices/smart-home')
const TCP = 6
const UDP = 17

function tuya(rest: Uint8Array, suffix = '0000aa55', more = 0): Uint8Array {
  return bytes(hex('000055aa'), u32(1), u32(0x13), u32(rest.length + 4 + more), rest, hex(suffix))
}
const tuya35 = bytes(hex('00006699 0000'), u32(1), u32(0x10), u32(40), noise(40), hex('00009966'))

/** TP-Link's exclusive-or. */
function hidden(text: string): Uint8Array {
  let key = 0xab
  return Uint8Array.from(Buffer.from(text), (byte) => {
    key ^= byte
    return key
  })
}
const question = hidden('{"system":{"get_sysinfo":{}}}')
const lifx = (size: number) =>
  bytes(le16(size), hex('0034'), noise(4), zeros(8), zeros(6), hex('0101'), zeros(8), hex('0200 0000'))
const node = (id: string) => bytes(hex(id), hex('30b418'))
const weave = (flags: string, source: string) =>
  bytes(hex(flags), noise(4), node(source), node('0400000002'), noise(24))
const clientInfo = bytes(0x0a, 13, 'aioesphomeapi', 0x10, 1, 0x18, 10)
const matter = (opcode: number, end = 0x18) =>
  bytes(4, zeros(3), noise(4), noise(8), 5, opcode, noise(2), zeros(2), 0x15, hex('300120'), noise(32), end)
/** As node-broadlink asks. */
const search = hex(
  '0000000000000000 000000007e002a08 1a01010a00000000 7f00000129b30000 e7c0000000000600 0000000000000000',
)
const noiseName = bytes(hex('010014 01'), 'lounge\0', 'a0b1c2d3e4f5\0')

testSignatures(test, signatures, {
  matches: [
    {
      label: 'tuya',
      name: 'announcement',
      protocol: UDP,
      ports: [49154, 6667],
      bytes: tuya(noise(100)),
      strength: 'strong',
    },
    {
      label: 'tuya',
      name: 'two frames on another port',
      protocol: TCP,
      ports: [1, 2],
      bytes: bytes(tuya(noise(20)), tuya(noise(30))),
      strength: 'strong',
    },
    {
      label: 'tuya',
      name: 'version 3.5',
      protocol: TCP,
      ports: [6668, 1],
      bytes: tuya35,
      strength: 'strong',
    },
    {
      label: 'tplink-smarthome',
      name: 'question to all',
      protocol: UDP,
      ports: [9999, 9999],
      bytes: question,
      strength: 'strong',
    },
    {
      label: 'tplink-smarthome',
      name: 'question behind its length',
      protocol: TCP,
      ports: [1, 9999],
      bytes: bytes(u32(question.length), question),
      strength: 'strong',
    },
    {
      label: 'tplink-smarthome',
      name: 'answer cut by the snaplen',
      protocol: UDP,
      ports: [9999, 1],
      bytes: hidden('{"system":{"get_sysinfo":{"sw_ver":"1.5.6","model":"HS100"}}}'),
      captured: 40,
      strength: 'weak',
    },
    {
      label: 'miio',
      name: 'hello',
      protocol: UDP,
      ports: [1, 54321],
      bytes: bytes(hex('21310020'), new Uint8Array(28).fill(0xff)),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'miio',
      name: 'answer on another port',
      protocol: UDP,
      ports: [1, 2],
      bytes: bytes(hex('21310020 00000000'), noise(24)),
      strength: 'strong',
      role: 'none',
    },
    {
      label: 'lifx',
      name: 'get service',
      protocol: UDP,
      ports: [1, 56700],
      bytes: lifx(36),
      strength: 'strong',
    },
    {
      label: 'broadlink',
      name: 'command',
      protocol: UDP,
      ports: [1, 80],
      bytes: bytes(hex('5aa5aa555aa5aa55'), zeros(24), noise(32)),
      strength: 'strong',
    },
    {
      label: 'broadlink',
      name: 'search',
      protocol: UDP,
      ports: [1, 80],
      bytes: search,
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'weave',
      name: 'over TCP',
      protocol: TCP,
      ports: [1, 11095],
      bytes: bytes(le16(46), weave('0013', '369e270000')),
      strength: 'strong',
    },
    {
      label: 'weave',
      name: 'datagram',
      protocol: UDP,
      ports: [1, 11095],
      bytes: weave('1013', '369e270000'),
      strength: 'strong',
    },
    {
      label: 'esphome',
      name: 'hello',
      protocol: TCP,
      ports: [1, 6053],
      bytes: bytes(0, clientInfo.length, 1, clientInfo),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'esphome',
      name: 'answer',
      protocol: TCP,
      ports: [6053, 1],
      bytes: bytes(0, 20, 2, hex('0801 100a 1a06'), 'lounge', 0x22, 6, 'lounge'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'esphome',
      name: 'encrypted',
      protocol: TCP,
      ports: [1, 2],
      bytes: bytes(hex('010000 010031 00'), noise(48)),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'esphome',
      name: 'name of a device with Noise',
      protocol: TCP,
      ports: [6053, 1],
      bytes: noiseName,
      peer: hex('010000'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'matter',
      name: 'request for parameters, as matter.js says it',
      protocol: UDP,
      ports: [40000, 5540],
      bytes: bytes(
        hex('040000000d0c0b0a8877665544332211 05204d000000 15300120'),
        new Uint8Array(32).fill(7),
        hex('250234122403002804 18'),
      ),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'matter',
      name: 'passcode, parameters asked',
      protocol: UDP,
      ports: [1, 5540],
      bytes: matter(0x20),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'matter',
      name: 'certificates, second message',
      protocol: UDP,
      ports: [1, 2],
      bytes: bytes(
        hex('01000000'),
        noise(12),
        hex('0631'),
        noise(2),
        zeros(2),
        noise(4),
        0x15,
        noise(80),
        0x18,
      ),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'matter',
      name: 'cut by the snaplen',
      protocol: UDP,
      ports: [1, 2],
      bytes: matter(0x30),
      captured: 40,
      strength: 'weak',
    },
  ],
  misses: [
    {
      name: 'search whose sum disagrees',
      protocol: UDP,
      ports: [1, 80],
      bytes: bytes(search.subarray(0, 47), 1),
    },
    { name: 'name of a device nobody asked', protocol: TCP, ports: [6053, 1], bytes: noiseName },
    {
      name: 'name without end',
      protocol: TCP,
      ports: [6053, 1],
      bytes: hex('010004 01 616263'),
      peer: hex('010000'),
    },
    { name: 'Tuya, other suffix', protocol: UDP, ports: [1, 6667], bytes: tuya(noise(60), '0000aa56') },
    {
      name: 'Tuya, longer than the packet',
      protocol: UDP,
      ports: [1, 6667],
      bytes: tuya(noise(60), '0000aa55', 1),
    },
    { name: 'other JSON', protocol: UDP, ports: [1, 9999], bytes: bytes('{"system":{"get_sysinfo":{}}}') },
    { name: 'hidden list', protocol: UDP, ports: [1, 9999], bytes: hidden('["system","get_sysinfo"]') },
    { name: 'hidden JSON without end', protocol: UDP, ports: [1, 9999], bytes: question.subarray(0, -4) },
    { name: 'hidden noise', protocol: UDP, ports: [1, 9999], bytes: bytes(hidden('{"'), noise(30)) },
    { name: 'hidden JSON, other length', protocol: TCP, ports: [1, 9999], bytes: bytes(u32(30), question) },
    {
      name: 'miIO, other length',
      protocol: UDP,
      ports: [1, 54321],
      bytes: bytes(hex('21310021'), zeros(28)),
    },
    { name: 'LIFX, other size', protocol: UDP, ports: [1, 56700], bytes: lifx(37) },
    { name: 'half of Broadlink', protocol: UDP, ports: [1, 80], bytes: bytes(hex('5aa5aa55'), zeros(52)) },
    {
      name: 'Weave of other makers',
      protocol: TCP,
      ports: [1, 11095],
      bytes: bytes(le16(46), hex('0013'), noise(4), noise(16), noise(24)),
    },
    { name: 'Weave version 5', protocol: UDP, ports: [1, 11095], bytes: weave('0053', '369e270000') },
    {
      name: 'Weave longer than its segment',
      protocol: TCP,
      ports: [1, 11095],
      bytes: bytes(le16(146), weave('0013', '369e270000')),
    },
    { name: 'hello without a name', protocol: TCP, ports: [1, 6053], bytes: hex('000201 0a00') },
    { name: 'Matter, application data', protocol: UDP, ports: [1, 5540], bytes: matter(0x02) },
    { name: 'Matter without end', protocol: UDP, ports: [1, 5540], bytes: matter(0x20, 0x19) },
    {
      name: 'Matter with a session',
      protocol: UDP,
      ports: [1, 5540],
      bytes: bytes(4, 1, matter(0x20).subarray(2)),
    },
  ],
})
test.run()
