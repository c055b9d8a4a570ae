/** Strings from packets: what is escaped, where they are cut, and what they cost; ids as text. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { idText, packetString, safeText } from '../src/text.ts'
import { concat, hex, type Payload, u8 } from './packet-bytes.ts'

const test = suite('text')

function text(...parts: Payload[]): string {
  const bytes = concat(...parts)
  return packetString(bytes, 0, bytes.length)
}

test('keeps what is printable, in any script', () => {
  assert.is(text('www.example.org'), 'www.example.org')
  assert.is(text(''), '')
  // "é", the euro sign and a face, in UTF-8.
  assert.is(text('caf', hex('c3a9'), ' ', hex('e282ac'), hex('f09f9880')), 'caf\u00e9 \u20ac\u{1f600}')
  assert.is(packetString(concat('abcdef'), 2, 4), 'cd')
})

test('escapes control characters, DEL, C1, line separators and what reverses the reading order', () => {
  assert.is(text('a\x1b[31m', u8(0, 0x0a, 0x7f)), 'a\\x1B[31m\\x00\\x0A\\x7F')
  assert.is(text(hex('c29b'), 'x'), '\\x9Bx')
  assert.is(text(hex('e280a8 e280ae e281a6 efbbbf d89c')), '\\u2028\\u202e\\u2066\\ufeff\\u061c')
  assert.is(safeText('a\u202eb\n'), 'a\\u202eb\\x0A')
})

test('writes what is not UTF-8 as its bytes', () => {
  // A lone continuation, an overlong slash, a surrogate, beyond U+10FFFF, a cut character.
  assert.is(text(hex('80 c0af')), '\\x80\\xC0\\xAF')
  assert.is(text(hex('eda080')), '\\xED\\xA0\\x80')
  assert.is(text(hex('f4908080')), '\\xF4\\x90\\x80\\x80')
  assert.is(text('a', hex('e282')), 'a\\xE2\\x82')
})

test('cuts at 1,024 bytes, never inside a character', () => {
  assert.is(text('a'.repeat(2000)).length, 1024)
  assert.is(text('a'.repeat(1023), hex('c3a9'), 'b'), 'a'.repeat(1023))
  assert.is(text('a'.repeat(1022), hex('c3a9'), 'b'), `${'a'.repeat(1022)}\u00e9`)
})

test('writes ids as 16 digits', () => {
  assert.is(idText(0, 0), '0000000000000000')
  assert.is(idText(-1, 1), 'ffffffff00000001')
  assert.is(idText(0x0abc, 0x80000000 | 0), '00000abc80000000')
})

test('a string takes no more memory than its characters', () => {
  const collect = (globalThis as { gc?: () => void }).gc ?? (() => undefined)
  const kept: string[] = []
  for (const bytes of [concat('u'.repeat(1000)), concat('u\x01'.repeat(200))]) {
    collect()
    const before = process.memoryUsage().heapUsed
    for (let i = 0; i < 4000; i++) kept.push(packetString(bytes, 0, bytes.length))
    collect()
    // Without a forced collection young garbage counts too: 4,000 such strings of single pieces were 100 MB.
    assert.ok(process.memoryUsage().heapUsed - before < 40_000_000)
  }
  assert.is(kept.length, 8000)
})

test('characters of several bytes are not each searched for what is unsafe', () => {
  const { replace } = String.prototype
  let searched = 0
  String.prototype.replace = function (this: string, ...given: Parameters<typeof replace>) {
    searched++
    return replace.apply(this, given)
  } as typeof replace
  try {
    text('\u00e9\u20ac\u0085'.repeat(100))
  } finally {
    String.prototype.replace = replace
  }
  assert.is(searched, 0)
})

test.run()
