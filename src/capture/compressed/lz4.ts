/**
 * lz4 frames (frame format 1.6: linked or independent blocks, stored blocks, content size ignored, checksums
 * skipped) and legacy frames (`lz4 -l`, independent 8 MiB blocks) as generators of chunks. Blocks are decoded by
 * lz4js, which checks nothing: each is walked first and ends where it would read or write outside. One block and
 * 64 KiB of history are held. Frames that need a dictionary end at the first match into it.
 */
import { decompressBlock } from 'lz4js'
import { readU32LE } from '../../bytes.ts'
import type { Window } from '../window.ts'
import { DecompressError, isFrameMagic, needOrCut } from './compression.ts'

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
/** The greatest length in four bits; more bytes follow. */
const NIBBLE = 15

function damaged(what: string): DecompressError {
  return new DecompressError('LZ4_DAMAGED', `the lz4 data is damaged (${what})`)
}

/** Where blocks are decoded: 64 KiB of history, then the block. */
interface Output {
  bytes: Uint8Array
  /** How much of the history is filled, counted back from HISTORY. */
  history: number
}

/** Memory for blocks, which one frame after the other takes: they may be as short as their magic number. */
export class BlockMemory {
  #bytes = new Uint8Array(0)

  take(blockSize: number): Output {
    if (this.#bytes.length < HISTORY + blockSize) this.#bytes = new Uint8Array(HISTORY + blockSize)
    return { bytes: this.#bytes.subarray(0, HISTORY + blockSize), history: 0 }
  }
}

export async function* lz4Frame(window: Window, memory: BlockMemory): AsyncGenerator<Uint8Array> {
  const { flags, blockSize } = await readDescriptor(window)
  const output = memory.take(blockSize)
  const checksum = flags & BLOCK_CHECKSUM ? 4 : 0
  for (;;) {
    await needOrCut(window, 4, 'lz4')
    const word = readU32LE(window.bytes, window.at)
    if (word === 0) break
    const length = word % STORED
    if (length > blockSize) throw damaged('block longer than the frame allows')
    const count = yield* block(window, output, length, word >= STORED)
    await needOrCut(window, 4 + length + checksum, 'lz4')
    window.at += 4 + length + checksum
    keepHistory(output, flags & INDEPENDENT ? 0 : count)
  }
  const trailer = flags & CONTENT_CHECKSUM ? 8 : 4
  await needOrCut(window, trailer, 'lz4')
  window.at += trailer
}

/** Blocks until the input ends or another frame begins. */
export async function* lz4LegacyFrame(window: Window, memory: BlockMemory): AsyncGenerator<Uint8Array> {
  const output = memory.take(LEGACY_BLOCK)
  window.at += MAGIC
  while (await window.need(1)) {
    await needOrCut(window, 4, 'lz4')
    const length = readU32LE(window.bytes, window.at)
    if (isFrameMagic(length)) return
    if (length > LEGACY_COMPRESSED) throw damaged('legacy block too long')
    yield* block(window, output, length, false)
    await needOrCut(window, 4 + length, 'lz4')
    window.at += 4 + length
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

/**
 * Decodes the block whose length field is at the window's start; returns its decoded size. A block may be the whole
 * file: of one that is cut or damaged, everything before the fault is delivered.
 */
async function* block(
  window: Window,
  output: Output,
  length: number,
  stored: boolean,
): AsyncGenerator<Uint8Array, number> {
  const whole = await window.need(4 + length)
  const { bytes, at } = window
  const from = at + 4
  const end = Math.min(from + length, window.end)
  const valid = stored ? { end: from, size: 0 } : measureBlock(bytes, from, end, output)
  if (!stored) decompressBlock(bytes, output.bytes, from, valid.end - from, HISTORY)
  let count = valid.size
  if (stored || !whole) {
    const literals = stored ? bytes.subarray(from, end) : cutLiterals(bytes, valid.end, end)
    const space = output.bytes.length - HISTORY - count
    output.bytes.set(literals.subarray(0, space), HISTORY + count)
    count += Math.min(literals.length, space)
  }
  if (count > 0) yield output.bytes.subarray(HISTORY, HISTORY + count)
  if (whole && !stored && valid.end < end) throw damaged('impossible block')
  return count
}

/** The sequences of a block before the first that would read or write out of bounds. */
interface ValidSequences {
  end: number
  /** Of what they decode to. */
  size: number
}

function measureBlock(bytes: Uint8Array, from: number, end: number, output: Output): ValidSequences {
  const limit = output.bytes.length - HISTORY
  let at = from
  let size = 0
  while (at < end) {
    const token = bytes[at]
    const literals = readLength(bytes, at + 1, end, token >>> 4)
    const distanceAt = at + 1 + extraBytes(literals) + literals
    const matchAt = size + literals
    if (distanceAt > end || matchAt > limit) break
    if (distanceAt === end) return { end, size: matchAt }
    if (end - distanceAt < 2) break
    const distance = bytes[distanceAt] | (bytes[distanceAt + 1] << 8)
    if (distance === 0 || distance > matchAt + output.history) break
    const match = readLength(bytes, distanceAt + 2, end, token & NIBBLE)
    const next = distanceAt + 2 + extraBytes(match)
    if (next > end || matchAt + match + MIN_MATCH > limit) break
    size = matchAt + match + MIN_MATCH
    at = next
  }
  return { end: at, size }
}

/** A length of four bits, and if all are set of more bytes from `at` on; too long for its bytes where `end` cuts them. */
function readLength(bytes: Uint8Array, at: number, end: number, nibble: number): number {
  let length = nibble
  if (nibble < NIBBLE) return length
  for (let next = at, more = true; more && next < end; next++) {
    length += bytes[next]
    more = bytes[next] === 255
  }
  return length
}

/** The bytes that a length takes besides its four bits. */
function extraBytes(length: number): number {
  return length < NIBBLE ? 0 : Math.floor((length - NIBBLE) / 255) + 1
}

/** The captured part of the literals of the sequence at `at`, which is cut at `end`. */
function cutLiterals(bytes: Uint8Array, at: number, end: number): Uint8Array {
  const literals = readLength(bytes, at + 1, end, bytes[at] >>> 4)
  const from = at + 1 + extraBytes(literals)
  return bytes.subarray(from, Math.max(from, Math.min(end, from + literals)))
}

/** Moves the last 64 KiB of history and block in front of the next block. */
function keepHistory(output: Output, count: number): void {
  if (count === 0) return
  output.history = Math.min(HISTORY, output.history + count)
  output.bytes.copyWithin(HISTORY - output.history, HISTORY + count - output.history, HISTORY + count)
}
