import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/games/blizzard.ts'
import { bytes, le16, le32, noise, testSignatures } from '../probe.ts'

const test = suite('label/signatures/games/blizzard')
const TCP = 6

const bncs = (id: number, rest: Uint8Array) => bytes(0xff, id, le16(4 + rest.length), rest)
const versionCheck = bncs(0x50, bytes(le32(0), '68XI', '3RAW', le32(26), noise(30)))
const ping = bncs(0x25, noise(4))
const logon = (rest: number) =>
  bytes(0, 8, le16(rest), 'WoW', 0, 3, 3, 5, le16(12340), '68x', 0, noise(17), 6, 'PLAYER')

testSignatures(test, signatures, {
  matches: [
    {
      label: 'battlenet',
      name: 'version check behind the choice of protocol',
      protocol: TCP,
      ports: [1, 6112],
      bytes: bytes(1, versionCheck),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'battlenet',
      name: 'ping of the server',
      protocol: TCP,
      ports: [2, 1],
      bytes: bytes(ping, bncs(0x50, noise(40))),
      peer: versionCheck,
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'wow',
      name: 'logon',
      protocol: TCP,
      ports: [1, 3724],
      bytes: logon(37),
      strength: 'strong',
      role: 'client',
    },
  ],
  misses: [
    {
      name: 'version check of another platform',
      protocol: TCP,
      ports: [1, 6112],
      bytes: bncs(0x50, bytes(le32(0), 'Q86X', noise(30))),
    },
    { name: 'ping to nobody', protocol: TCP, ports: [6112, 1], bytes: ping },
    {
      name: 'ping of a HTTP server',
      protocol: TCP,
      ports: [6112, 1],
      bytes: ping,
      peer: bytes('GET / HTTP/1.1'),
    },
    { name: 'ping and noise', protocol: TCP, ports: [6112, 1], bytes: bytes(ping, 1, 2), peer: versionCheck },
    { name: 'logon, other size', protocol: TCP, ports: [1, 3724], bytes: logon(36) },
  ],
})
test.run()
