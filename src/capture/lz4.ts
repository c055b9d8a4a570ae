/**
 * lz4 frames (frame format 1.6: linked or independent blocks, stored blocks, content size ignored, checksums
 * skipped) and legacy frames (`lz4 -l`, independent 8 MiB blocks) as generators of chunks. Blocks are decoded by
 * lz4js, which checks nothing: each is walked first and refused where it would read or write outside. One block
 * and 64 KiB of history are held. Frames that need a dictionary end at the first match into it.
 */
import { decompressBlock } from 'lz4js'
import { DecompressError, isFrameMagic, needOrCut, u32 } from './decompress.ts'
import type { Window } from './window.ts'

const HISTORY = 65_536
const MAGIC = 4
const VERSION_MASK = 0xc0
const VERSION_1 = 0x40
const INDEPENDENT = 0x20
const BLOCK_CHECKSUM = 0x10
const CONTENT_SIZE = 0x08
const CONTENT_CHECKSUM = 0x04
const RESERVED = 0x02
const DICTIONARY = 0x01
const STORED = 0x80000000
/** Block sizes by the descriptor's three bits; 0 to 3 are not defined. */
const BLOCK_SIZES = [0, 0, 0, 0, 65_536, 262_144, 1_048_576, 4_194_304]
const LEGACY_BLOCK = 8 * 1024 * 1024
/** The longest an incompressible legacy block can get. */
const LEGACY_COMPRESSED = LEGACY_BLOCK + LEGACY_BLOCK / 255 + 16
const MIN_MATCH = 4

function damaged(what: string): DecompressError {
  return new DecompressError('LZ4_DAMAGED', `the lz4 data is damaged (${what})`)
}

/** Where blocks are decoded: 64 KiB of history, then the block. */
interface Output {
  bytes: Uint8Array
  /** How much of the history is filled, counted back from HISTORY. */
  history: number
}

export async function* lz4Frame(window: Window): AsyncGenerator<Uint8Array> {
  const { flags, blockSize } = await readDescriptor(window)
  const output: Output = { bytes: new Uint8Array(HISTORY + blockSize), history: 0 }
  const checksum = flags & BLOCK_CHECKSUM ? 4 : 0
  for (;;) {
    await needOrCut(window, 4, 'lz4')
    const word = u32(window.bytes, window.at)
    if (word === 0) break
    const length = word % STORED
    if (length > blockSize) throw damaged('block longer than the frame allows')
    await needOrCut(window, 4 + length + checksum, 'lz4')
    const stored = word >= STORED
    const count = stored ? store(window, output, length) : decode(window, output, length)
    window.at += 4 + length + checksum
    yield output.bytes.subarray(HISTORY, HISTORY + count)
    keepHistory(output, flags & INDEPENDENT ? 0 : count)
  }
  const trailer = flags & CONTENT_CHECKSUM ? 8 : 4
  await needOrCut(window, trailer, 'lz4')
  window.at += trailer
}

/** Blocks until the input ends or another frame begins. */
export async function* lz4LegacyFrame(window: Window): AsyncGenerator<Uint8Array> {
  const output: Output = { bytes: new Uint8Array(HISTORY + LEGACY_BLOCK), history: 0 }
  window.at += MAGIC
  while (await window.need(1)) {
    await needOrCut(window, 4, 'lz4')
    const length = u32(window.bytes, window.at)
    if (isFrameMagic(length)) return
    if (length > LEGACY_COMPRESSED) throw damaged('legacy block too long')
    await needOrCut(window, 4 + length, 'lz4')
    const count = decode(window, output, length)
    window.at += 4 + length
    yield output.bytes.subarray(HISTORY, HISTORY + count)
  }
}

async function readDescriptor(window: Window): Promise<{ flags: number; blockSize: number }> {
  await needOrCut(window, MAGIC + 3, 'lz4')
  const flags = window.bytes[window.at + MAGIC]
  const blockSize = BLOCK_SIZES[(window.bytes[window.at + MAGIC + 1] >>> 4) & 7]
  if ((flags & VERSION_MASK) !== VERSION_1 || (flags & RESERVED) !== 0 || blockSize === 0) {
    throw damaged('unknown frame descriptor')
  }
  const length = MAGIC + 3 + (flags & CONTENT_SIZE ? 8 : 0) + (flags & DICTIONARY ? 4 : 0)
  await needOrCut(window, length, 'lz4')
  window.at += length
  return { flags, blockSize }
}

function store(window: Window, output: Output, length: number): number {
  output.bytes.set(window.bytes.subarray(window.at + 4, window.at + 4 + length), HISTORY)
  return length
}

function decode(window: Window, output: Output, length: number): number {
  const from = window.at + 4
  const count = measureBlock(window.bytes, from, length, output)
  if (count < 0) throw damaged('impossible block')
  decompressBlock(window.bytes, output.bytes, from, length, HISTORY)
  return count
}

/** The size of the decoded block, -1 where it would read or write outside of what is there. */
function measureBlock(bytes: Uint8Array, from: number, length: number, output: Output): number {
  const end = from + length
  const limit = output.bytes.length - HISTORY
  let at = from
  let size = 0
  while (at < end) {
    const token = bytes[at++]
    let literals = token >>> 4
    for (let more = literals === 15; more; at++) {
      if (at >= end) return -1
      literals += bytes[at]
      more = bytes[at] === 255
    }
    at += literals
    size += literals
    if (at > end || size > limit) return -1
    if (at === end) return size
    if (end - at < 2) return -1
    const distance = bytes[at] | (bytes[at + 1] << 8)
    if (distance === 0 || distance > size + output.history) return -1
    at += 2
    let match = token & 15
    for (let more = match === 15; more; at++) {
      if (at >= end) return -1
      match += bytes[at]
      more = bytes[at] === 255
    }
    size += match + MIN_MATCH
    if (size > limit) return -1
  }
  return size
}

/** Moves the last 64 KiB of history and block in front of the next block. */
function keepHistory(output: Output, count: number): void {
  if (count === 0) return
  output.history = Math.min(HISTORY, output.history + count)
  output.bytes.copyWithin(HISTORY - output.history, HISTORY + count - output.history, HISTORY + count)
}
