import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { berLength, berSize } from '../../../../src/label/signatures/common/ber.ts'
import { hex } from '../probe.ts'

const test = suite('label/signatures/common/ber')

test('BER lengths: short, long, and what is refused', () => {
  assert.is(berLength(hex('7f'), 0, 1), 127)
  assert.is(berSize(hex('7f'), 0), 1)
  assert.is(berLength(hex('82 01 00'), 0, 3), 256)
  assert.is(berSize(hex('82 01 00'), 0), 3)
  assert.is(berLength(hex('84 00 00 00 09'), 0, 5), 9)
  assert.is(berLength(hex('80'), 0, 1), -1, 'indefinite')
  assert.is(berLength(hex('85 00 00 00 00 09'), 0, 6), -1, 'five length bytes')
  assert.is(berLength(hex('84 ff ff ff ff'), 0, 5), -1, '4 GB')
  assert.is(berLength(hex('82 01'), 0, 2), -1, 'cut')
  assert.is(berLength(hex('00'), 1, 1), -1, 'nothing there')
})

test.run()
