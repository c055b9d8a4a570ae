import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/operations/host-monitoring.ts'
import { bytes, hex, le32, noise, testSignatures, zeros } from '../probe.ts'

const test = suite('label/signatures/operations/host-monitoring')
const TCP = 6
const zabbix = (flags: number, length: number) => bytes('ZBXD', flags, le32(length), zeros(4), noise(10))

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
  ],
  misses: [
    { name: 'Zabbix flags 9', protocol: TCP, ports: [1, 10051], bytes: zabbix(9, 10) },
    { name: 'ZBXC', protocol: TCP, ports: [1, 10051], bytes: bytes('ZBXC', hex('010a'), noise(20)) },
  ],
})

test.run()
