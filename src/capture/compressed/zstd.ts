/**
 * One zstd frame (RFC 8878) as a generator of chunks. The frame is taken apart here and handed to fzstd a block
 * at a time: at most 128 KiB of output each, so nothing is produced ahead of the reader. The frame header is
 * rewritten to ask for no larger window than the content needs. Frames that need a dictionary or a window over
 * 128 MiB (zstd's own limit) are refused. Content checksums are skipped, not verified.
 */
import { Decompress } from 'fzstd'
import { readU32LE } from '../../bytes.ts'
import type { Window } from '../window.ts'
import { DecompressError, needOrCut } from './compression.ts'

const MAX_WINDOW = 128 * 1024 * 1024
const MAX_BLOCK = 131_072
const BLOCK_HEADER = 3
const BLOCK_RAW = 0
const BLOCK_RLE = 1
const BLOCK_RESERVED = 3
const CHECKSUM = 4
const WORD = 4_294_967_296
const DICTIONARY_LENGTHS = [0, 1, 2, 4]
/** Magic, descriptor "single segment, four bytes of content size, no checksum", content size = window. */
const REWRITTEN = [0x28, 0xb5, 0x2f, 0xfd, 0xa0]
/** fzstd moves its whole window for every block: bounds that work to a multiple of the bytes produced. */
const FREE_WORK = 64 * 1024 * 1024 * 1024
const WORK_PER_BYTE = 4096
/** Compressed bytes in which the end of a frame is looked for before its window is made. */
const LOOKAHEAD = 16_384

/** What the frames of one input have cost and brought so far, in bytes. */
export interface ZstdWork {
  moved: number
  produced: number
}

interface FrameHeader {
  length: number
  windowSize: number
  /** -1: not given. */
  contentSize: number
  hasChecksum: boolean
}

function damaged(what: string): DecompressError {
  return new DecompressError('ZSTD_DAMAGED', `the zstd data is damaged (${what})`)
}

export async function* zstdFrame(window: Window, work: ZstdWork): AsyncGenerator<Uint8Array> {
  const header = await readHeader(window)
  window.at += header.length
  const maxBlock = Math.min(MAX_BLOCK, header.windowSize)
  const windowSize = Math.min(header.windowSize, await contentBound(window, maxBlock))
  const produced: Uint8Array[] = []
  const decoder = new Decompress((chunk) => produced.push(chunk))
  decoder.push(rewriteHeader(windowSize))
  let total = 0
  for (let last = false, held = 0; !last; held = 1) {
    await needOrCut(window, BLOCK_HEADER, 'zstd')
    const word = readBlockHeader(window, window.at)
    last = (word & 1) !== 0
    const type = (word >>> 1) & 3
    const size = word >>> 3
    if (type === BLOCK_RESERVED || size > maxBlock) throw damaged('impossible block')
    const length = BLOCK_HEADER + (type === BLOCK_RLE ? 1 : size)
    const whole = await window.need(length)
    if (!whole && type === BLOCK_RAW) yield window.bytes.subarray(window.at + BLOCK_HEADER, window.end)
    await needOrCut(window, length, 'zstd')
    // The first byte of the next block goes along: fzstd then frees what it kept of this one.
    const ahead = last || !(await window.need(length + 1)) ? 0 : 1
    push(decoder, window.bytes.slice(window.at + held, window.at + length + ahead), last)
    window.at += length
    for (const chunk of produced) {
      total += chunk.length
      work.produced += chunk.length
      if (chunk.length > 0) yield chunk
    }
    produced.length = 0
    work.moved += windowSize
    if (work.moved > FREE_WORK + work.produced * WORK_PER_BYTE)
      throw damaged('blocks far too small for the window')
    if (header.contentSize >= 0 && total > header.contentSize) throw damaged('more content than announced')
  }
  if (header.contentSize >= 0 && total !== header.contentSize) throw damaged('less content than announced')
  if (!header.hasChecksum) return
  await needOrCut(window, CHECKSUM, 'zstd')
  window.at += CHECKSUM
}

function readBlockHeader({ bytes }: Window, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16)
}

/** What the blocks of a short frame decode to, at most; Infinity where it goes on. A file may be of many such frames. */
async function contentBound(window: Window, maxBlock: number): Promise<number> {
  const ends = !(await window.need(LOOKAHEAD))
  const stop = Math.min(window.end, window.at + LOOKAHEAD)
  let bound = 0
  for (let at = window.at; at + BLOCK_HEADER <= stop; ) {
    const word = readBlockHeader(window, at)
    const type = (word >>> 1) & 3
    const size = word >>> 3
    bound += type === BLOCK_RAW || type === BLOCK_RLE ? size : maxBlock
    if ((word & 1) !== 0) return bound
    at += BLOCK_HEADER + (type === BLOCK_RLE ? 1 : size)
  }
  return ends ? bound : Infinity
}

function push(decoder: Decompress, block: Uint8Array, last: boolean): void {
  try {
    decoder.push(block, last)
  } catch (error) {
    throw damaged(error instanceof Error ? error.message : String(error))
  }
}

/** RFC 8878 section 3.1.1.1. */
async function readHeader(window: Window): Promise<FrameHeader> {
  await needOrCut(window, 5, 'zstd')
  const descriptor = window.bytes[window.at + 4]
  const singleSegment = (descriptor & 0x20) !== 0
  if (descriptor & 0x08) throw damaged('reserved bit in the frame header')
  const dictionaryLength = DICTIONARY_LENGTHS[descriptor & 3]
  const sizeFlag = descriptor >>> 6
  const sizeLength = sizeFlag === 0 ? (singleSegment ? 1 : 0) : 1 << sizeFlag
  const dictionaryAt = singleSegment ? 5 : 6
  const length = dictionaryAt + dictionaryLength + sizeLength
  await needOrCut(window, length, 'zstd')
  const { bytes, at } = window
  for (let i = 0; i < dictionaryLength; i++) {
    if (bytes[at + dictionaryAt + i] !== 0) {
      throw new DecompressError(
        'ZSTD_DICTIONARY',
        'the zstd frame needs a dictionary; decompress it with zstd -D',
      )
    }
  }
  const contentSize = readContentSize(bytes, at + length - sizeLength, sizeLength)
  const declared = singleSegment ? contentSize : windowSize(bytes[at + 5])
  const needed = contentSize >= 0 ? Math.min(declared, contentSize) : declared
  if (needed > MAX_WINDOW) {
    throw new DecompressError(
      'ZSTD_WINDOW',
      `the zstd frame needs a window of ${needed} bytes, at most ${MAX_WINDOW} expected`,
    )
  }
  return { length, windowSize: needed, contentSize, hasChecksum: (descriptor & 4) !== 0 }
}

function readContentSize(bytes: Uint8Array, at: number, length: number): number {
  if (length === 0) return -1
  if (length === 1) return bytes[at]
  if (length === 2) return (bytes[at] | (bytes[at + 1] << 8)) + 256
  return readU32LE(bytes, at) + (length === 8 ? readU32LE(bytes, at + 4) * WORD : 0)
}

/** RFC 8878 section 3.1.1.1.2. */
function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >>> 3))
  return base + (base / 8) * (descriptor & 7)
}

function rewriteHeader(size: number): Uint8Array {
  return Uint8Array.from([...REWRITTEN, size & 255, (size >>> 8) & 255, (size >>> 16) & 255, size >>> 24])
}
