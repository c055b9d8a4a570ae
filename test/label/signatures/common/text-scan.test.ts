import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bytesAt, findByte } from '../../../../src/label/signatures/common/byte-scan.ts'
import {
  digitRun,
  findText,
  isText,
  lineEnd,
  lineStop,
  lineText,
  nextLine,
  printableRun,
  startsWithAnyCase,
  threeDigits,
} from '../../../../src/label/signatures/common/text-scan.ts'
import { bytes, hex } from '../probe.ts'

const test = suite('label/signatures/common/text-scan')

test('lines end at CR or LF', () => {
  const text = bytes('one\r\ntwo\nthree')
  assert.is(lineEnd(text, 0, text.length), 3)
  assert.is(nextLine(text, 0, text.length), 5)
  assert.is(lineText(text, 5, text.length), 'two')
  assert.is(lineText(text, 9, text.length), 'three')
  assert.is(nextLine(text, 9, text.length), -1)
})

test('three digits make a status', () => {
  const digits = (text: string) => threeDigits(bytes(text), 0, text.length)
  assert.equal(
    [digits('200'), digits('999 '), digits('012'), digits('20'), digits('2x0')],
    [200, 999, -1, -1, -1],
  )
})

test('text and bytes are found', () => {
  const text = bytes('abcabd')
  assert.is(findText(text, 0, 6, 'abd'), 3)
  assert.is(findText(text, 0, 5, 'abd'), -1)
  assert.is(findByte(text, 0, 6, 0x64), 5)
  assert.ok(startsWithAnyCase(bytes('HeLLo'), 0, 5, 'hello'))
  assert.not(startsWithAnyCase(bytes('Hell'), 0, 4, 'hello'))
})

test('text is told from binary', () => {
  assert.ok(isText(bytes('a\tb\r\n\xe9'), 0, 6))
  assert.not(isText(bytes('a\x00b'), 0, 3))
  assert.not(isText(bytes('a\x7fb'), 0, 3))
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

test.run()
