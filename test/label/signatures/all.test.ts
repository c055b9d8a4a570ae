/** What holds for every signature. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { builtinSignatures } from '../../../src/label/signatures/all.ts'

const test = suite('label/signatures/all')
const signatures = builtinSignatures()

test('labels are lower-case names', () => {
  for (const one of signatures) assert.match(one.label, /^[a-z0-9]+(-[a-z0-9]+)*$/)
})

test('each signature has a sentence of its own', () => {
  const sentences = signatures.map((one) => `${one.label} ${one.says}`)
  assert.equal(sentences.length, new Set(sentences).size)
  for (const one of signatures) assert.match(one.says, /^[a-z]+s .{8,}[^.]$/)
})

test('first bytes, ports and protocols are in range', () => {
  for (const one of signatures) {
    assert.ok(one.protocols.length > 0, one.label)
    for (const byte of one.firstBytes ?? []) assert.ok(byte >= 0 && byte <= 255, one.label)
    for (const port of one.ports ?? []) assert.ok(port > 0 && port <= 65535, one.label)
  }
})

test.run()
