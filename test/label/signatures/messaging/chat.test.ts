import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/messaging/chat.ts'
import { bytes, hex, le32, noise, type Part, testSignatures, u16, u32, zeros } from '../probe.ts'

const test = suite('label/signatures/messaging/chat')
const TCP = 6
const UDP = 17

const frame = (...parts: Part[]) => {
  const content = bytes(...parts)
  return bytes(0, u16(content.length), content)
}
const noiseHello = frame(hex('12220a20'), noise(32))
const routed = bytes('ED', 0, 1, frame(hex('08080205')), 'WA', 6, 3, noiseHello)
const serverHello = frame(hex('1a34 0a20'), noise(32), hex('1210'), noise(16))
const longHello = frame(hex('1a d203 0a20'), noise(32), noise(432))

const plain = (size: number, more = 0) => bytes(zeros(8), noise(8), le32(size + more), noise(size))
const abridged = bytes(0xef, 10, plain(20))
const withKey = bytes(0xef, 26, noise(8, 99), noise(96))
const keyed = bytes(hex('eeeeeeee'), le32(40), noise(8, 99), noise(32))
const whole = bytes(le32(52), le32(0), plain(20), noise(4))

const flap = (channel: number, rest: Uint8Array, more = 0) =>
  bytes(0x2a, channel, noise(2), u16(rest.length + more), rest)
const snac = bytes(u16(1), u16(3), u16(0), noise(4), noise(20))
const signOn = flap(1, bytes(u32(1)))
const welcome = bytes(le32(1), le32(4), noise(4))
const qq = (sequence: number, last = 3, version = 0x3b0b) =>
  bytes(2, u16(version), u16(0x1d), u16(sequence), u32(0x561f0c7b), noise(30), last)
const relay = (kind: string) => bytes(noise(16), new Uint8Array(12).fill(255), hex(kind), noise(8))

testSignatures(test, signatures, {
  matches: [
    {
      label: 'whatsapp',
      name: 'start',
      protocol: TCP,
      ports: [1, 443],
      bytes: bytes('WA', 6, 3, noiseHello),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'whatsapp',
      name: 'start of the first protocol',
      protocol: TCP,
      ports: [1, 443],
      bytes: bytes('WA', 1, 5, frame(hex('f805 01'), noise(20))),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'whatsapp',
      name: 'with routing',
      protocol: TCP,
      ports: [1, 5222],
      bytes: routed,
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'whatsapp',
      name: 'four bytes first',
      protocol: TCP,
      ports: [1, 5222],
      bytes: routed.subarray(0, 4),
      strength: 'strong',
    },
    {
      label: 'whatsapp',
      name: 'answer',
      protocol: TCP,
      ports: [443, 1],
      bytes: serverHello,
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'whatsapp',
      name: 'long answer and a frame behind it',
      protocol: TCP,
      ports: [443, 1],
      bytes: bytes(longHello, frame(noise(20))),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'telegram',
      name: 'abridged, key exchange',
      protocol: TCP,
      ports: [1, 443],
      bytes: abridged,
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'telegram',
      name: 'intermediate',
      protocol: TCP,
      ports: [1, 80],
      bytes: keyed,
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'telegram',
      name: 'padded',
      protocol: TCP,
      ports: [1, 80],
      bytes: bytes(hex('dddddddd'), keyed.subarray(4)),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'telegram',
      name: 'full, key exchange',
      protocol: TCP,
      ports: [1, 443],
      bytes: whole,
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'telegram',
      name: 'answer with the key, abridged',
      protocol: TCP,
      ports: [443, 1],
      bytes: bytes(18, noise(8, 99), noise(64)),
      peer: withKey,
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'telegram',
      name: 'answer without key, intermediate',
      protocol: TCP,
      ports: [443, 1],
      bytes: bytes(le32(84), plain(64)),
      peer: bytes(hex('eeeeeeee'), le32(40), plain(20)),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'telegram',
      name: 'relay asked',
      protocol: UDP,
      ports: [1, 533],
      bytes: relay('feffffff'),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'telegram',
      name: 'relay answers',
      protocol: UDP,
      ports: [533, 1],
      bytes: relay('c77215c0'),
      strength: 'strong',
      role: 'server',
    },
    { label: 'aim', name: 'sign-on', protocol: TCP, ports: [1, 443], bytes: signOn, strength: 'strong' },
    {
      label: 'aim',
      name: 'data, then keep-alive',
      protocol: TCP,
      ports: [1, 2],
      bytes: bytes(flap(2, snac), flap(5, zeros(0))),
      strength: 'strong',
    },
    {
      label: 'msnp',
      name: 'versions',
      protocol: TCP,
      ports: [1, 1863],
      bytes: bytes('VER 1 MSNP15 CVR0\r\n'),
      strength: 'strong',
    },
    {
      label: 'ymsg',
      name: 'status',
      protocol: TCP,
      ports: [1, 5050],
      bytes: bytes('YMSG', u16(16), u16(0), u16(9), u16(0x4c), u32(0), noise(4), noise(9)),
      strength: 'strong',
    },
    {
      label: 'gadu-gadu',
      name: 'welcome',
      protocol: TCP,
      ports: [8074, 1],
      bytes: welcome,
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'gadu-gadu',
      name: 'welcome on another port',
      protocol: TCP,
      ports: [443, 1],
      bytes: welcome,
      strength: 'weak',
      role: 'server',
    },
    {
      label: 'gadu-gadu',
      name: 'login',
      protocol: TCP,
      ports: [1, 443],
      bytes: bytes(le32(0x31), le32(40), noise(40)),
      peer: welcome,
      strength: 'strong',
      role: 'client',
    },
    { label: 'oicq', name: 'packet', protocol: UDP, ports: [1, 8000], bytes: qq(7), strength: 'weak' },
    {
      label: 'oicq',
      name: 'answer on another port',
      protocol: UDP,
      ports: [2, 1],
      bytes: qq(7),
      peer: qq(7),
      strength: 'strong',
    },
    {
      label: 'oicq',
      name: 'answer over TCP',
      protocol: TCP,
      ports: [443, 1],
      bytes: bytes(u16(44), qq(7)),
      peer: bytes(u16(44), qq(7)),
      strength: 'strong',
    },
  ],
  misses: [
    { name: 'zeros for a key exchange', protocol: TCP, ports: [443, 1], bytes: zeros(40), peer: abridged },
    { name: 'text that starts with WA', protocol: TCP, ports: [1, 5222], bytes: bytes('WAIT for it') },
    {
      name: 'WA and another frame',
      protocol: TCP,
      ports: [1, 5222],
      bytes: bytes('WA', 6, 3, frame(hex('2a22'), noise(30))),
    },
    {
      name: 'routing without WA',
      protocol: TCP,
      ports: [1, 5222],
      bytes: bytes('ED', 0, 1, frame(hex('08080205')), 'XX', 6, 3),
    },
    {
      name: 'start in the middle',
      protocol: TCP,
      ports: [1, 5222],
      bytes: bytes('WA', 6, 3, noiseHello),
      ordinal: 5,
    },
    {
      name: 'answer whose field ends early',
      protocol: TCP,
      ports: [443, 1],
      bytes: frame(hex('1a33 0a20'), noise(50)),
    },
    { name: 'answer without key', protocol: TCP, ports: [443, 1], bytes: frame(hex('1a34 0a21'), noise(50)) },
    {
      name: 'answer longer than its segment',
      protocol: TCP,
      ports: [443, 1],
      bytes: serverHello.subarray(0, -1),
    },
    { name: 'abridged with a key', protocol: TCP, ports: [1, 443], bytes: withKey },
    {
      name: 'abridged, another length',
      protocol: TCP,
      ports: [1, 443],
      bytes: bytes(0xef, 10, plain(20, 4)),
    },
    {
      name: 'abridged, longer than its packet',
      protocol: TCP,
      ports: [1, 443],
      bytes: bytes(0xef, 90, plain(20)),
    },
    {
      name: 'intermediate of nothing',
      protocol: TCP,
      ports: [1, 443],
      bytes: bytes(hex('eeeeeeee'), le32(900), noise(40)),
    },
    { name: 'full, another length', protocol: TCP, ports: [1, 443], bytes: bytes(whole, 0) },
    {
      name: 'answer with another key',
      protocol: TCP,
      ports: [443, 1],
      bytes: bytes(18, noise(8, 100), noise(64)),
      peer: withKey,
    },
    {
      name: 'answer to something else',
      protocol: TCP,
      ports: [443, 1],
      bytes: bytes(18, noise(8, 99), noise(64)),
      peer: bytes(0xee, withKey.subarray(1)),
    },
    { name: 'relay, another kind', protocol: UDP, ports: [1, 533], bytes: relay('fdffffff') },
    { name: 'sign-on of version 2', protocol: TCP, ports: [1, 5190], bytes: flap(1, bytes(u32(2))) },
    {
      name: 'family 300',
      protocol: TCP,
      ports: [1, 5190],
      bytes: flap(2, bytes(u16(300), snac.subarray(2))),
    },
    { name: 'frame of another length', protocol: TCP, ports: [1, 5190], bytes: flap(2, snac, 1) },
    { name: 'keep-alive alone', protocol: TCP, ports: [1, 5190], bytes: flap(5, zeros(0)) },
    { name: 'version of something else', protocol: TCP, ports: [1, 1863], bytes: bytes('VER 1.0.0\r\n') },
    { name: 'YMSG in a text', protocol: TCP, ports: [1, 5050], bytes: bytes('YMSG 12', zeros(20)) },
    {
      name: 'YMSG, longer than its packet',
      protocol: TCP,
      ports: [1, 5050],
      bytes: bytes('YMSG', u16(16), u16(0), u16(900), zeros(12)),
    },
    { name: 'seed of five bytes', protocol: TCP, ports: [8074, 1], bytes: bytes(le32(1), le32(4), noise(5)) },
    {
      name: 'login to nobody',
      protocol: TCP,
      ports: [1, 8074],
      bytes: bytes(le32(0x31), le32(40), noise(40)),
    },
    { name: 'QQ elsewhere', protocol: UDP, ports: [1, 2], bytes: qq(7) },
    { name: 'QQ without end', protocol: UDP, ports: [1, 8000], bytes: qq(7, 4) },
    { name: 'QQ version 0', protocol: UDP, ports: [1, 8000], bytes: qq(7, 3, 0) },
    { name: 'answer to another packet', protocol: UDP, ports: [2, 1], bytes: qq(7), peer: qq(8) },
    {
      name: 'QQ over TCP, another length',
      protocol: TCP,
      ports: [443, 1],
      bytes: bytes(u16(45), qq(7)),
      peer: bytes(u16(44), qq(7)),
    },
  ],
})
test.run()
