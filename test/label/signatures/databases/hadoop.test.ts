import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/databases/hadoop.ts'
import { bytes, noise, testSignatures, u32, zeros } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/databases/hadoop')
const TCP = 6

const zkConnect = bytes(u32(44), u32(0), zeros(8), u32(30000), zeros(8), u32(16), zeros(16))
const zkAccepted = bytes(u32(36), u32(0), u32(30000), noise(8), u32(16), noise(16))

testSignatures(test, signatures, {
  matches: [
    {
      label: 'zookeeper',
      name: 'connect',
      protocol: TCP,
      ports: [1, 2182],
      bytes: zkConnect,
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'zookeeper',
      name: 'connected',
      protocol: TCP,
      ports: [2182, 1],
      bytes: zkAccepted,
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'zookeeper',
      name: 'ping',
      protocol: TCP,
      ports: [1, 2182],
      bytes: bytes(u32(8), u32(0xfffffffe), u32(11)),
      strength: 'strong',
    },
    {
      label: 'zookeeper',
      name: 'four letters',
      protocol: TCP,
      ports: [1, 2181],
      bytes: bytes('ruok'),
      strength: 'strong',
    },
    {
      label: 'zookeeper',
      name: 'version on any port',
      protocol: TCP,
      ports: [45000, 1],
      bytes: bytes('Zookeeper version: 3.4.1, built on 01/02/2020\n'),
      strength: 'strong',
      role: 'server',
    },
    matched('zookeeper', 'well on any port', bytes('imok'), { peer: bytes('ruok'), ...SERVER }),
    matched('hadoop-rpc', 'version 9', bytes('hrpc', 9, 0, 0xdf), CLIENT),
    matched('hbase', 'preamble', bytes('HBas', 0, 0x50), CLIENT),
  ],
  misses: [
    {
      name: 'version of something else',
      protocol: TCP,
      ports: [45000, 1],
      bytes: bytes('Zookeeper: 3.4.1\n'),
    },
    {
      name: 'ZooKeeper password of 4 bytes',
      protocol: TCP,
      ports: [1, 2181],
      bytes: bytes(u32(44), zeros(24), u32(4), zeros(16)),
    },
    { name: 'four letters elsewhere', protocol: TCP, ports: [1, 2182], bytes: bytes('ruok') },
    missed('well, unasked', bytes('imok'), { peer: bytes('stat') }),
    missed('no such version of Hadoop', bytes('hrpc', 77, 0, 0)),
  ],
})
test.run()
