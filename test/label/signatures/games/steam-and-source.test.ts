import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/games/steam-and-source.ts'
import { bytes, hex, le32, noise, testSignatures } from '../probe.ts'

const test = suite('label/signatures/games/steam-and-source')
const TCP = 6
const UDP = 17

const out = hex('ffffffff')
const rules = bytes(out, 'V', noise(4))

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
      label: 'source-engine',
      name: 'the first of several datagrams with rules',
      protocol: UDP,
      ports: [27015, 1],
      bytes: bytes(hex('feffffff'), noise(4), 2, 0, noise(40)),
      peer: rules,
      strength: 'strong',
    },
    {
      label: 'steam',
      name: 'content server takes the version',
      protocol: TCP,
      ports: [27030, 40000],
      bytes: bytes(1),
      strength: 'strong',
      role: 'server',
      peer: hex('00000007'),
    },
  ],
  misses: [
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
    { name: 'Steam answer 0', protocol: TCP, ports: [27030, 40000], bytes: bytes(0), peer: hex('00000007') },
    {
      name: 'Steam answer elsewhere',
      protocol: TCP,
      ports: [8000, 40000],
      bytes: bytes(1),
      peer: hex('00000007'),
    },
    {
      name: 'Steam answer to a length',
      protocol: TCP,
      ports: [27030, 40000],
      bytes: bytes(1),
      peer: hex('00000700'),
    },
  ],
})
test.run()
