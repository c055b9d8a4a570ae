import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/operations/power-supplies.ts'
import { bytes, testSignatures } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/operations/power-supplies')

testSignatures(test, signatures, {
  matches: [
    matched('nut', 'list', bytes('LIST VAR u1\n'), CLIENT),
    matched('nut', 'begin of a list', bytes('BEGIN LIST UPS\nUPS u1 "x"\n'), SERVER),
    matched('apcupsd', 'status asked for', bytes(0, 6, 'status'), CLIENT),
    matched('apcupsd', 'status', bytes(0, 25, 'APC      : 001,018,0442\n'), SERVER),
  ],
  misses: [
    missed('list of something else', bytes('LIST ALL\n')),
    missed('status and more', bytes(0, 6, 'statusx')),
  ],
})

test.run()
