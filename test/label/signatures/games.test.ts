import { suite } from 'uvu'
import { signatures } from '../../../src/label/signatures/games.ts'
import { bytes, hex, le32, noise, testSignatures, u16, zeros } from './probe.ts'

const test = suite('signatures games')
const TCP = 6
const UDP = 17

const out = hex('ffffffff')
const magic = hex('00ffff00 fefefefe fdfdfdfd 12345678')
const rules = bytes(out, 'V', noise(4))
const frame = bytes(0x84, hex('070000'), noise(20))
/** A reliable, ordered message of four bytes and an unreliable one of two. */
const data = (sequence: string) =>
  bytes(0x84, hex(sequence), 0x60, u16(32), zeros(7), noise(4), 0, u16(16), noise(2))
const ack = (sequence: string) => bytes(0xc0, u16(1), 1, hex(sequence))
function handshake(host: string, port: number, state: number): Uint8Array {
  const body = bytes(0, hex('fa05'), host.length, host, u16(port), state)
  return bytes(body.length, body)
}

testSignatures(test, signatures, {
  matches: [
    {
      label: 'steam',
      name: 'datagram',
      protocol: UDP,
      ports: [1, 27017],
      bytes: bytes('VS01', noise(40)),
      strength: 'strong',
    },
    {
      label: 'steam',
      name: 'connection',
      protocol: TCP,
      ports: [1, 27017],
      bytes: bytes(le32(20), 'VT01', noise(20)),
      strength: 'strong',
    },
    {
      label: 'steam',
      name: 'in-home streaming',
      protocol: UDP,
      ports: [27036, 27036],
      bytes: bytes(out, hex('214c5fa0'), noise(20)),
      strength: 'strong',
    },
    {
      label: 'steam',
      name: 'master server asked',
      protocol: UDP,
      ports: [1, 27011],
      bytes: bytes('1', 0xff, '0.0.0.0:0', 0, '\\gamedir\\tf', 0),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'steam',
      name: 'master server answers',
      protocol: UDP,
      ports: [27011, 1],
      bytes: bytes(out, hex('660a'), noise(12)),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'source-engine',
      name: 'info asked',
      protocol: UDP,
      ports: [1, 27015],
      bytes: bytes(out, 'TSource Engine Query', 0),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'source-engine',
      name: 'info',
      protocol: UDP,
      ports: [27015, 1],
      bytes: bytes(out, 'I', 17, 'My Server', 0, 'de_dust', 0),
      strength: 'strong',
      role: 'server',
      extras: { source_engine: { server_name: 'My Server' } },
    },
    {
      label: 'source-engine',
      name: 'challenge',
      protocol: UDP,
      ports: [27015, 1],
      bytes: bytes(out, 'A', noise(4)),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'source-engine',
      name: 'rules',
      protocol: UDP,
      ports: [27015, 1],
      bytes: bytes(out, 'E', noise(30)),
      peer: rules,
      strength: 'strong',
    },
    {
      label: 'quake',
      name: 'list of servers, which begins like its query',
      protocol: UDP,
      ports: [27950, 1],
      bytes: bytes(out, 'getserversResponse\\', hex('7f000001 6d38'), '\\EOT'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'quake',
      name: 'status asked',
      protocol: UDP,
      ports: [1, 27960],
      bytes: bytes(out, 'getstatus\n'),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'raknet',
      name: 'unconnected ping',
      protocol: UDP,
      ports: [1, 19132],
      bytes: bytes(1, noise(8), magic, noise(8)),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'raknet',
      name: 'open connection',
      protocol: UDP,
      ports: [1, 2],
      bytes: bytes(5, magic, 11, zeros(30)),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'raknet',
      name: 'acknowledgement',
      protocol: UDP,
      ports: [1, 2],
      bytes: ack('070000'),
      peer: frame,
      strength: 'strong',
    },
    {
      label: 'raknet',
      name: 'data after data',
      protocol: UDP,
      ports: [1, 2],
      bytes: data('080000'),
      previous: data('070000'),
      strength: 'strong',
    },
    {
      label: 'minecraft',
      name: 'handshake',
      protocol: TCP,
      ports: [1, 25565],
      bytes: handshake('mc.example.org', 25565, 2),
      strength: 'strong',
      role: 'client',
      extras: { minecraft: { protocol_version: 762, host: 'mc.example.org' } },
    },
    {
      label: 'minecraft',
      name: 'old ping with its name',
      protocol: TCP,
      ports: [1, 4000],
      bytes: hex('fe 01 fa 000b 004d 0043 007c 0050 0069 006e 0067 0048 006f 0073 0074'),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'minecraft',
      name: 'old ping, first bytes',
      protocol: TCP,
      ports: [1, 25565],
      bytes: hex('fe 01 fa'),
      strength: 'weak',
      role: 'client',
    },
    {
      label: 'minecraft',
      name: 'behind a proxy',
      protocol: TCP,
      ports: [1, 4000],
      bytes: handshake('mc.example.org', 25565, 1),
      strength: 'weak',
    },
    {
      label: 'teamspeak',
      name: 'version 3',
      protocol: UDP,
      ports: [1, 9987],
      bytes: bytes('TS3INIT1', noise(20)),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'teamspeak',
      name: 'version 2',
      protocol: UDP,
      ports: [1, 8767],
      bytes: bytes(hex('f4be0300'), zeros(20)),
      strength: 'strong',
    },
    {
      label: 'teamspeak',
      name: 'query console',
      protocol: TCP,
      ports: [10011, 1],
      bytes: bytes('TS3\n\rWelcome'),
      strength: 'strong',
      role: 'server',
    },
  ],
  misses: [
    { name: 'RakNet data alone', protocol: UDP, ports: [1, 2], bytes: data('080000') },
    {
      name: 'RakNet data out of any order',
      protocol: UDP,
      ports: [1, 2],
      bytes: data('080000'),
      previous: data('080100'),
    },
    {
      name: 'RakNet messages that do not fill their frame',
      protocol: UDP,
      ports: [1, 2],
      bytes: bytes(data('080000'), 0),
      previous: data('070000'),
    },
    {
      name: 'text that starts with 1',
      protocol: UDP,
      ports: [1, 27011],
      bytes: bytes('1 apple a day keeps', 0),
    },
    { name: 'VS02', protocol: UDP, ports: [1, 27017], bytes: bytes('VS02', noise(40)) },
    { name: 'rules to nobody', protocol: UDP, ports: [27015, 1], bytes: bytes(out, 'E', noise(30)) },
    { name: 'challenge of ten bytes', protocol: UDP, ports: [27015, 1], bytes: bytes(out, 'A', noise(5)) },
    { name: 'connectionless noise', protocol: UDP, ports: [1, 27015], bytes: bytes(out, 'zzzzzzzzzz') },
    {
      name: 'identifier at another place',
      protocol: UDP,
      ports: [1, 19132],
      bytes: bytes(1, noise(3), magic),
    },
    {
      name: 'acknowledgement of another frame',
      protocol: UDP,
      ports: [1, 19132],
      bytes: ack('080000'),
      peer: frame,
    },
    {
      name: 'acknowledgement that does not add up',
      protocol: UDP,
      ports: [1, 19132],
      bytes: bytes(ack('070000'), 0),
      peer: frame,
    },
    {
      name: 'handshake with state 9',
      protocol: TCP,
      ports: [1, 25565],
      bytes: handshake('mc.example.org', 25565, 9),
    },
    {
      name: 'handshake length',
      protocol: TCP,
      ports: [1, 25565],
      bytes: bytes(40, handshake('mc.example.org', 25565, 2).subarray(1)),
    },
    { name: 'TS4', protocol: UDP, ports: [1, 9987], bytes: bytes('TS4INIT1', noise(20)) },
  ],
})
test.run()
