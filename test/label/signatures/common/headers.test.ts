import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { headerStart, headerText } from '../../../../src/label/signatures/common/headers.ts'
import { bytes } from '../probe.ts'

const test = suite('label/signatures/common/headers')

const HEAD = bytes('Host:  a.example \r\nX-Empty:\r\nHOSTILE: no\r\n\r\nHost: body')

test('headers are found in any case, up to the empty line', () => {
  assert.is(headerText(HEAD, 0, HEAD.length, 'host'), 'a.example')
  const cut = headerStart(HEAD, 0, HEAD.length, 'host') + 'a.exa'.length
  assert.is(headerText(HEAD, 0, cut, 'host'), undefined, 'the start of a value is another value')
  assert.is(headerText(HEAD, 0, HEAD.length, 'hostile'), 'no')
  assert.is(headerText(HEAD, 0, HEAD.length, 'x-empty'), undefined)
  assert.is(headerText(HEAD, 0, HEAD.length, 'body'), undefined)
  const late = bytes('A: 1\r\n\r\nHost: b\r\n')
  assert.is(headerStart(late, 0, late.length, 'host'), -1)
})

test('a header cut at any place is read no further than the cut', () => {
  for (let end = 0; end <= HEAD.length; end++) {
    const text = headerText(HEAD, 0, end, 'host')
    assert.ok(text === undefined || 'a.example'.startsWith(text), `${end}: ${text}`)
  }
})

test('headers are looked for in the first 8 KiB of a block, however many lines it has', () => {
  const long = (lines: number) => bytes('a:\r\n'.repeat(lines), 'Host: late\r\n\r\n')
  assert.is(headerText(long(2047), 0, long(2047).length, 'host'), 'late')
  assert.is(headerText(long(2048), 0, long(2048).length, 'host'), undefined)
})

test.run()
