import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { MemoryReader } from '../../src/capture/readers.ts'
import { Window } from '../../src/capture/window.ts'

const test = suite('window')

const STREAM = new Uint8Array(500_000).map((_, i) => (i ^ (i >>> 8)) & 255)

/** Checks that the window shows the stream at its offset. */
function assertShows(window: Window): void {
  const offset = window.streamOffset(window.at)
  const shown = Buffer.from(window.bytes.subarray(window.at, window.end))
  assert.ok(shown.equals(STREAM.subarray(offset, offset + shown.length)), `at ${offset}`)
}

test('shows the same stream however much is taken and however it is chunked', async () => {
  for (const chunkSize of [777, 65_536, 100_000, 262_144]) {
    const window = new Window(new MemoryReader(STREAM), chunkSize)
    let state = 7
    for (;;) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      const wanted = state % 5 === 0 ? 150_000 : (state >>> 8) % 3000
      const enough = await window.need(wanted)
      assertShows(window)
      const taken = Math.min(wanted, window.end - window.at)
      window.at += taken
      if (!enough) break
    }
    assert.is(window.streamOffset(window.at), STREAM.length)
    assert.is(window.ended, true)
    await window.close()
  }
})

test('holds a record of many chunks, one byte at a time', async () => {
  const window = new Window(new MemoryReader(STREAM.subarray(0, 70_000)), 1)
  assert.is(await window.need(70_000), true)
  assertShows(window)
  assert.is(await window.need(70_001), false)
})

test('does not grow with the stream', async () => {
  const window = new Window(new MemoryReader(STREAM), 1000)
  while (await window.need(900)) window.at += 900
  assert.ok(window.bytes.length <= 65_536 + 1000)
})

test.run()
