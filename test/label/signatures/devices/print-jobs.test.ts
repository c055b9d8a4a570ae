import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/devices/print-jobs.ts'
import { bytes, testSignatures } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/devices/./print-jobs')

testSignatures(test, signatures, {
  matches: [
    matched('pdl-datastream', 'job', bytes('\x1b%-12345X@PJL JOB\n'), CLIENT),
    matched('pdl-datastream', 'answer', bytes('@PJL INFO STATUS\r\nCODE=10001\r\n'), SERVER),
    matched('lpd', 'queue on the port', bytes('\x02lp\n'), { ports: [1, 515], strength: 'weak', ...CLIENT }),
    matched('lpd', 'control file', bytes('\x0234 cfA001host\n'), CLIENT),
    matched('lpd', 'data file', bytes('\x0399 dfA001host\n'), CLIENT),
  ],
  misses: [
    missed('another escape sequence', bytes('\x1b%-12346X@PJL JOB\n')),
    missed('queue on another port', bytes('\x02lp\n')),
    missed('control file without a number', bytes('\x0234 cfA0x1host\n')),
  ],
})

test.run()
