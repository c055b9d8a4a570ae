/** Hash tables whose keys come from packets have a seed, and no run has that of another. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { hashOn } from '../src/bytes.ts'
import { randomSeed } from '../src/pipeline.ts'
import { none, sources } from './source-files.ts'

const test = suite('seed')

test('every run has its own', () => {
  assert.ok(new Set(Array.from({ length: 100 }, randomSeed)).size > 95)
})

test('no file writes one down', () => {
  none(sources.filter(({ text }) => /\bseed: -?\d/.test(text)).map(({ path }) => path))
})

test('tells words apart, and hashes of other words', () => {
  const words = Array.from({ length: 10_000 }, (_, i) => hashOn(7, i << 16, 5))
  const hashes = Array.from({ length: 10_000 }, (_, i) => hashOn(i << 16, 7, 5))
  assert.is(new Set(words).size, words.length)
  assert.is(new Set(hashes).size, hashes.length)
})

test.run()
