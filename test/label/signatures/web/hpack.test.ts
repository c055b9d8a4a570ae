/** Header blocks: the examples of RFC 7541, appendix C, and what is cut or wrong. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { headerFields } from '../../../../src/label/signatures/web/hpack.ts'
import { bytes, hex, random } from '../conversation.ts'

const test = suite('label/signatures/web/hpack')

function lines(block: Uint8Array, end = block.length): string[] {
  return headerFields(block, 0, end).map(({ name, value }) => `${name}: ${value}`)
}

const REQUEST = [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com']
const PLAIN = hex('828684410f7777772e6578616d706c652e636f6d')
const HUFFMAN = hex('828684418cf1e3c2e5f23a6ba0ab90f4ff')

test('C.2: literals with, without and never with an index', () => {
  assert.equal(lines(hex('400a637573746f6d2d6b65790d637573746f6d2d686561646572')), [
    'custom-key: custom-header',
  ])
  assert.equal(lines(hex('040c2f73616d706c652f70617468')), [':path: /sample/path'])
  assert.equal(lines(hex('100870617373776f726406736563726574')), ['password: secret'])
  assert.equal(lines(hex('82')), [':method: GET'])
})

test('C.3 and C.4: a request, plain and by Huffman code', () => {
  assert.equal(lines(PLAIN), REQUEST)
  assert.equal(lines(HUFFMAN), REQUEST)
})

test('C.5 and C.6: a response, plain and by Huffman code', () => {
  const expected = [
    ':status: 302',
    'cache-control: private',
    'date: Mon, 21 Oct 2013 20:13:21 GMT',
    'location: https://www.example.com',
  ]
  const plain =
    '4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d54' +
    '6e1768747470733a2f2f7777772e6578616d706c652e636f6d'
  const huffman =
    '488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff' +
    '6e919d29ad171863c78f0b97c8e9ae82ae43d3'
  assert.equal(lines(hex(plain)), expected)
  assert.equal(lines(hex(huffman)), expected)
})

test('a field may lean on one before it, as long as the table has room for it', () => {
  const key = '400a637573746f6d2d6b65790d637573746f6d2d686561646572'
  assert.equal(lines(hex(`${key}be`)), ['custom-key: custom-header', 'custom-key: custom-header'])
  assert.equal(lines(hex(`${key}7e0161`)), ['custom-key: custom-header', 'custom-key: a'])
  assert.equal(lines(hex(`20${key}be`)), ['custom-key: custom-header'], 'a table of no bytes')
  assert.equal(lines(hex(`3f18${key}be`)), ['custom-key: custom-header', 'custom-key: custom-header'], '55')
  assert.equal(lines(hex(`3f17${key}be`)), ['custom-key: custom-header'], '54')
  assert.equal(lines(hex(`${key}203f18be`)), ['custom-key: custom-header'], 'emptied')
})

test('up to where a block is cut or wrong its fields are given', () => {
  for (let end = 0; end < PLAIN.length; end++)
    assert.equal(lines(PLAIN, end), REQUEST.slice(0, Math.min(3, end)))
  assert.equal(lines(hex('8280')), [':method: GET'], 'index 0')
  assert.equal(lines(hex('82be')), [':method: GET'], 'index 62 of an empty table')
  assert.equal(lines(hex('82ffffffffffff7f')), [':method: GET'], 'an index without end')
  assert.equal(lines(hex('823fffffffffff7f')), [':method: GET'], 'a size without end')
  assert.equal(lines(hex('82417fffffffff7f')), [':method: GET'], 'a length without end')
  assert.equal(lines(hex('824184ffffffff')), [':method: GET'], 'the end of a string in a string')
  assert.equal(lines(hex('82418100')), [':method: GET'], 'padding of zeros')
  assert.equal(lines(hex('824181f1')), [':method: GET', ':authority: w'], 'padding of ones')
  assert.equal(lines(hex('824182f1ff')), [':method: GET'], 'a byte of padding')
})

test('many fields are bounded, and strings are safe', () => {
  assert.is(headerFields(new Uint8Array(10_000).fill(0x82), 0, 10_000).length, 128)
  assert.equal(lines(bytes([0x41, 3], '\u001b[m')), [':authority: \\x1B[m'])
})

test('noise neither throws nor hangs', () => {
  const below = random(7541)
  for (let round = 0; round < 10_000; round++) {
    const noise = Uint8Array.from({ length: 1 + below(64) }, () => below(256))
    for (const { name, value } of headerFields(noise, 0, noise.length))
      assert.not.match(name + value, /[\u0000-\u001f\u007f]/)
  }
})

test.run()
