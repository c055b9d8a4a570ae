import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/devices/usbip.ts'
import { hex, testSignatures } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/devices/usbip')

testSignatures(test, signatures, {
  matches: [
    matched('usbip', 'list', hex('0111800500000000'), CLIENT),
    matched('usbip', 'no such device', hex('0111000300000001'), SERVER),
  ],
  misses: [missed('import with a status', hex('0111800300000001'))],
})

test.run()
