import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/media/mpd.ts'
import { bytes, testSignatures } from '../probe.ts'
import { matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/media/mpd')

testSignatures(test, signatures, {
  matches: [matched('mpd', 'greeting', bytes('OK MPD 0.23.5\n'), SERVER)],
  misses: [missed('OK of another daemon', bytes('OK MPA 0.23.5\n'))],
})

test.run()
