import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import * as reader from '../../../../src/label/signatures/common/reader.ts'
import { findByte, findText } from '../../../../src/label/signatures/common/shape.ts'
import { bytes } from '../conversation.ts'

const test = suite('label/signatures/common/reader')

const HEAD = bytes('Host:  a.example \r\nX-Empty:\r\nHOSTILE: no\r\n\r\nHost: body')

test('headers are found in any case, up to the empty line', () => {
  assert.is(reader.headerText(HEAD, 0, HEAD.length, 'host'), 'a.example')
  const cut = reader.headerStart(HEAD, 0, HEAD.length, 'host') + 'a.exa'.length
  assert.is(reader.headerText(HEAD, 0, cut, 'host'), undefined, 'the start of a value is another value')
  assert.is(reader.headerText(HEAD, 0, HEAD.length, 'hostile'), 'no')
  assert.is(reader.headerText(HEAD, 0, HEAD.length, 'x-empty'), undefined)
  assert.is(reader.headerText(HEAD, 0, HEAD.length, 'body'), undefined)
  const late = bytes('A: 1\r\n\r\nHost: b\r\n')
  assert.is(reader.headerStart(late, 0, late.length, 'host'), -1)
})

test('a header cut at any place is read no further than the cut', () => {
  for (let end = 0; end <= HEAD.length; end++) {
    const text = reader.headerText(HEAD, 0, end, 'host')
    assert.ok(text === undefined || 'a.example'.startsWith(text), `${end}: ${text}`)
  }
})

test('headers are looked for in the first 8 KiB of a block, however many lines it has', () => {
  const long = (lines: number) => bytes('a:\r\n'.repeat(lines), 'Host: late\r\n\r\n')
  assert.is(reader.headerText(long(2047), 0, long(2047).length, 'host'), 'late')
  assert.is(reader.headerText(long(2048), 0, long(2048).length, 'host'), undefined)
})

test('lines end at CR or LF', () => {
  const text = bytes('one\r\ntwo\nthree')
  assert.is(reader.lineEnd(text, 0, text.length), 3)
  assert.is(reader.nextLine(text, 0, text.length), 5)
  assert.is(reader.lineText(text, 5, text.length), 'two')
  assert.is(reader.lineText(text, 9, text.length), 'three')
  assert.is(reader.nextLine(text, 9, text.length), -1)
})

test('three digits make a status', () => {
  const digits = (text: string) => reader.threeDigits(bytes(text), 0, text.length)
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
  assert.ok(reader.startsWithAnyCase(bytes('HeLLo'), 0, 5, 'hello'))
  assert.not(reader.startsWithAnyCase(bytes('Hell'), 0, 4, 'hello'))
})

test('text is told from binary', () => {
  assert.ok(reader.isText(bytes('a\tb\r\n\xe9'), 0, 6))
  assert.not(reader.isText(bytes('a\x00b'), 0, 3))
  assert.not(reader.isText(bytes('a\x7fb'), 0, 3))
})

test('hosts are names', () => {
  const good = ['a', 'www.example.org', '_sip.a', '192.0.2.1']
  const bad = ['', '-a', 'a b', '[::1]', 'a/b', 'a\\x1B', 'x'.repeat(256)]
  assert.ok(good.every(reader.looksLikeHost))
  assert.not(bad.some(reader.looksLikeHost))
})

test.run()
