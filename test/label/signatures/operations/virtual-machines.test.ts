import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/operations/virtual-machines.ts'
import { bytes, hex, noise, testSignatures, u32, zeros } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/operations/virtual-machines')

const virt = (type: number, rest = 0) =>
  bytes(u32(28 + rest), hex('20008086 00000001 00000042'), u32(type), u32(0), u32(0), noise(rest))

testSignatures(test, signatures, {
  matches: [
    matched(
      'vmware-authd',
      'greeting',
      bytes('220 VMware Authentication Daemon Version 1.10: SSL Required\r\n'),
      SERVER,
    ),
    matched(
      'qmp',
      'greeting',
      bytes('{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2}}}}\r\n'),
      SERVER,
    ),
    matched('libvirt', 'call', virt(0), CLIENT),
    matched('libvirt', 'answer', virt(1, 44), SERVER),
  ],
  misses: [
    missed('another greeting of 220', bytes('220 mail.example.org ESMTP Postfix\r\n')),
    missed('another program', bytes(u32(28), hex('200080a6 00000001'), zeros(16))),
    missed('call longer than its segment', virt(0, 44).subarray(0, 40)),
  ],
})

test.run()
