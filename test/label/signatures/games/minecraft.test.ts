import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/games/minecraft.ts'
import { bytes, hex, testSignatures, u16 } from '../probe.ts'

const test = suite('label/signatures/games/minecraft')
const TCP = 6

function handshake(host: string, port: number, state: number): Uint8Array {
  const body = bytes(0, hex('fa05'), host.length, host, u16(port), state)
  return bytes(body.length, body)
}

testSignatures(test, signatures, {
  matches: [
    {
      label: 'minecraft',
      name: 'handshake for any version',
      protocol: TCP,
      ports: [1, 25565],
      bytes: bytes(18, 0, hex('ff ff ff ff 0f'), 8, 'mc.local', u16(25565), 1),
      strength: 'strong',
      role: 'client',
      extras: { minecraft: { protocol_version: -1, host: 'mc.local' } },
    },
    {
      label: 'minecraft',
      name: 'answer to an old ping',
      protocol: TCP,
      ports: [4000, 1],
      bytes: hex('ff 0007 00a7 0031 0000 0031 0000 0030 0000'),
      strength: 'strong',
      role: 'server',
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
      bytes: hex('fe 01 fa 00'),
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
  ],
  misses: [
    { name: 'old answer, length', protocol: TCP, ports: [1, 2], bytes: hex('ff000700a7003100000031') },
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
  ],
})
test.run()
