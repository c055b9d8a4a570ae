import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  berLength,
  berSize,
  bytesAt,
  digitRun,
  findByte,
  findText,
  firstBytesWhere,
  lineStop,
  printableRun,
} from '../../../../src/label/signatures/common/shape.ts'
import { bytes, hex } from '../probe.ts'

const test = suite('label/signatures/common/shape')

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

test('scans stop at the end they are given', () => {
  const text = bytes('GET key\r\n')
  assert.is(findText(text, 0, text.length, 'key'), 4)
  assert.is(findText(text, 0, 6, 'key'), -1)
  assert.is(findByte(text, 0, 3, 0x20), -1)
  assert.is(findByte(text, 0, 4, 0x20), 3)
  assert.is(lineStop(text, 0, text.length), 7)
  assert.is(lineStop(text, 0, 5), 5)
  assert.is(printableRun(text, 0, text.length), 7)
  assert.is(bytesAt(text, 7, 9, hex('0d0a')), true)
  assert.is(bytesAt(text, 7, 8, hex('0d0a')), false)
})

test('digits are counted up to a limit', () => {
  assert.is(digitRun(bytes('1234x'), 0, 5, 9), 4)
  assert.is(digitRun(bytes('1234x'), 0, 5, 3), 3)
  assert.is(digitRun(bytes('x'), 0, 1, 3), -1)
})

test('first bytes are listed in order', () => {
  assert.equal(
    firstBytesWhere((byte) => byte < 3 || byte === 255),
    [0, 1, 2, 255],
  )
})
test.run()
