import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { firstBytesWhere } from '../../../../src/label/signatures/common/byte-scan.ts'

const test = suite('label/signatures/common/byte-scan')

test('first bytes are listed in order', () => {
  assert.equal(
    firstBytesWhere((byte) => byte < 3 || byte === 255),
    [0, 1, 2, 255],
  )
})

test.run()
