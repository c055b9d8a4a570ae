/** What compressed frames may cost, of which a file can have as many as it has bytes. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { zstdFrame } from '../../../src/capture/compressed/zstd.ts'
import { MemoryReader } from '../../../src/capture/readers.ts'
import { Window } from '../../../src/capture/window.ts'
import { hex, join, pcap, readBytes } from '../build.ts'
import { lz4Stored, zstdStored } from './compressed.ts'

const test = suite('compressed frames')

test('frames without content cost nothing, however much memory they ask for', async () => {
  const file = pcap({}, [{ sec: 1, fraction: 0, data: hex('01') }])
  const shortest: [first: Uint8Array, next: Uint8Array][] = [
    // A window of 128 MiB, blocks of 4 MiB, blocks of 8 MiB.
    [zstdStored([file]), hex('28b52ffd 00 88 010000')],
    [lz4Stored(file), hex('04224d18 60 70 00 00000000')],
    [lz4Stored(file), hex('02214c18')],
  ]
  for (const [first, next] of shortest) {
    const started = process.cpuUsage()
    const { packets, damage } = await readBytes(join(first, ...new Array<Uint8Array>(20_000).fill(next)))
    const { user, system } = process.cpuUsage(started)
    assert.equal([packets.length, damage], [1, []])
    assert.ok(user + system < 5e6, `${user + system} us`)
  }
})

test('what moving windows costs is bounded over all zstd frames', async () => {
  const frame = zstdStored([hex('0102'), hex('0304')])
  const readFrame = async (moved: number) => {
    const window = new Window(new MemoryReader(frame), 64)
    const pieces: Uint8Array[] = []
    for await (const piece of zstdFrame(window, { moved, produced: 0 })) pieces.push(piece.slice())
    return [...join(...pieces)]
  }
  assert.equal(await readFrame(0), [1, 2, 3, 4])
  const refused = await readFrame(2 ** 36).then(
    () => 'read',
    (error: Error) => error.message,
  )
  assert.match(refused, /blocks far too small for the window/)
})

test.run()
