import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/operations/host-monitoring.ts'
import { bytes, hex, le32, noise, testSignatures, u16, u32, zeros } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/operations/host-monitoring')
const TCP = 6

const zabbix = (flags: number, length: number) => bytes('ZBXD', flags, le32(length), zeros(4), noise(10))
const NOW = 1_700_000_000
const now = { timeSec: NOW + 60 }
const nrpe2 = (type: number, size = 1026) => bytes(u16(2), u16(type), noise(4), u16(0), noise(size))
const nrpe4 = (type: number, size: number) =>
  bytes(u16(4), u16(type), noise(4), u16(0), u16(0), u32(size), noise(20))
const nsca = bytes(noise(128), u32(NOW))

testSignatures(test, signatures, {
  matches: [
    {
      label: 'zabbix',
      name: 'agent data',
      protocol: TCP,
      ports: [1, 10051],
      bytes: zabbix(1, 10),
      strength: 'strong',
      extras: { zabbix: { flags: 1 } },
    },
    {
      label: 'munin',
      name: 'greeting',
      protocol: TCP,
      ports: [4949, 1],
      bytes: bytes('# munin node at host\n'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'check-mk',
      name: 'greeting',
      protocol: TCP,
      ports: [6556, 1],
      bytes: bytes('<<<check_mk>>>\nVersion: 2\n'),
      strength: 'strong',
    },
    matched('nrpe', 'query of version 2', nrpe2(1), CLIENT),
    matched('nrpe', 'response of version 4', nrpe4(2, 20), SERVER),
    matched('nsca', 'greeting', nsca, { ...now, ports: [5667, 1], strength: 'weak', ...SERVER }),
  ],
  misses: [
    { name: 'Zabbix flags 9', protocol: TCP, ports: [1, 10051], bytes: zabbix(9, 10) },
    { name: 'ZBXC', protocol: TCP, ports: [1, 10051], bytes: bytes('ZBXC', hex('010a'), noise(20)) },
    missed('NRPE of another length', nrpe2(1, 1000)),
    missed('NRPE of version 4 and another length', nrpe4(2, 90)),
    missed('132 bytes at another time', nsca, { ports: [5667, 1] }),
  ],
})

test.run()
