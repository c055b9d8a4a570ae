import { gzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openBytes } from '../../src/capture/open.ts'
import { InputError } from '../../src/errors.ts'
import { join, MODIFIED, pcap, samplePcap, samplePcapng } from './build.ts'
import { LZ4_LEGACY, LZ4_LINKED, ZSTD } from './compressed/compressed.ts'

const test = suite('capture fuzz')

const LONG = pcap(
  {},
  Array.from({ length: 40 }, (_, i) => ({ sec: i, fraction: i, data: new Uint8Array(i * 20).fill(i) })),
)
const GOOD = [
  samplePcap(),
  samplePcap({ little: false }),
  samplePcap({ magic: MODIFIED }),
  samplePcap({ version: [2, 3] }),
  samplePcapng(),
  join(samplePcapng(), samplePcapng(), samplePcapng()),
  Uint8Array.from(gzipSync(LONG)),
  Uint8Array.from(gzipSync(samplePcapng())),
  ZSTD,
  LZ4_LINKED,
  LZ4_LEGACY,
]
const RUNS = 150
const BUDGET_MS = 4000
/** Values that lengths and counts break at. */
const NASTY = [0, 1, 0x7f, 0x80, 0xff]

function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0
    return (state ^ (state >>> 13)) >>> 0
  }
}

function mutate(good: Uint8Array, random: () => number): Uint8Array {
  const bytes = Uint8Array.from(good)
  for (let n = 1 + (random() % 4); n > 0; n--) {
    const at = random() % bytes.length
    if (random() % 2) bytes[at] = NASTY[random() % NASTY.length]
    else bytes[at] ^= 1 << (random() % 8)
    if (random() % 4 === 0) bytes.copyWithin(at, random() % bytes.length)
  }
  return random() % 4 === 0 ? bytes.subarray(0, random() % bytes.length) : bytes
}

/** Everything the source says, as one string. Checks what every consumer may rely on. */
async function transcript(bytes: Uint8Array, chunkSize: number): Promise<string> {
  let text = ''
  try {
    const source = await openBytes(bytes, { chunkSize })
    text = JSON.stringify(source.info)
    for (let batch = await source.next(); batch !== undefined; batch = await source.next()) {
      for (let i = 0; i < batch.count; i++) {
        const end = batch.start[i] + batch.capturedLength[i]
        assert.ok(end <= batch.bytes.length, 'packet past the end of its buffer')
        assert.ok(batch.capturedLength[i] <= batch.originalLength[i])
        assert.ok(Number.isInteger(batch.timeSec[i]) && batch.timeNsec[i] < 1_000_000_000)
        const data = Buffer.from(batch.bytes.subarray(batch.start[i], end)).toString('latin1')
        text += `|${batch.firstFrame + i} ${batch.timeSec[i]} ${batch.timeNsec[i]} ${batch.linkType[i]} ${batch.flags[i]} ${data}`
      }
    }
    await source.close()
    text += JSON.stringify([source.damage, source.dropped])
  } catch (error) {
    assert.instance(error, InputError)
    text = (error as InputError).message
  }
  return text
}

test('mutated files: no crash, no hang, bounded memory, the same at every chunk size', async () => {
  const started = Date.now()
  const before = process.memoryUsage().arrayBuffers
  let runs = 0
  for (let seed = 1; seed <= RUNS && Date.now() - started < BUDGET_MS; seed++) {
    const random = generator(seed)
    for (const good of GOOD) {
      const bytes = mutate(good, random)
      const expected = await transcript(bytes, 262_144)
      const chunkSize = 1 + (random() % 40)
      assert.is(await transcript(bytes, chunkSize), expected, `seed ${seed}, chunk ${chunkSize}`)
      assert.ok(expected.length < 1_000_000)
      runs++
    }
  }
  assert.ok(runs > 2 * GOOD.length, `only ${runs} runs`)
  assert.ok(process.memoryUsage().arrayBuffers - before < 300_000_000)
})

test('noise is never a capture, and never more than an error', async () => {
  const random = generator(99)
  for (let i = 0; i < 200; i++) {
    const noise = new Uint8Array(random() % 200).map(() => random() >>> 24)
    assert.match(await transcript(noise, 262_144), /INPUT_NOT_A_CAPTURE|INPUT_EMPTY/)
  }
})

test.run()
