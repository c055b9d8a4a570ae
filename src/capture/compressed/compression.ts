/**
 * Compressed captures, recognised by content: gzip (RFC 1952), zstd (RFC 8878) and lz4 (frame and legacy
 * format), any number of members or frames, skippable frames between them. What the three share: their magic numbers,
 * and the errors for data that is cut or damaged.
 */
import { readU32LE } from '../../bytes.ts'
import type { Failure } from '../readers.ts'
import type { Window } from '../window.ts'

export type Compression = 'gzip' | 'zstd' | 'lz4'

/** Ends a decompressor where its input is cut or damaged. Never leaves this folder. */
export class DecompressError extends Error {
  readonly failure: Failure

  constructor(code: string, reason: string, trailing = false) {
    super(reason)
    this.failure = { code, reason, trailing }
  }
}

export const ZSTD_MAGIC = 0xfd2fb528
export const LZ4_MAGIC = 0x184d2204
export const LZ4_LEGACY_MAGIC = 0x184c2102
/** 0x184d2a50 .. 0x184d2a5f, in zstd and lz4 alike. */
const SKIPPABLE_MAGIC = 0x184d2a50
const SKIPPABLE_MASK = 0xfffffff0
const GZIP_MAGIC = 0x8b1f

/** The compression of the bytes at the window's start; skippable frames before the first real one are dropped. */
export async function sniffCompression(window: Window): Promise<Compression | undefined> {
  while (await window.need(4)) {
    const magic = readU32LE(window.bytes, window.at)
    if ((magic & 0xffff) === GZIP_MAGIC) return 'gzip'
    if (magic === ZSTD_MAGIC) return 'zstd'
    if (magic === LZ4_MAGIC || magic === LZ4_LEGACY_MAGIC) return 'lz4'
    if (!isSkippable(magic)) return undefined
    await skipFrame(window, 'zstd')
  }
  return undefined
}

export function trailingGarbage(compression: Compression, first = false): DecompressError {
  const code = `${compression.toUpperCase()}_TRAILING_GARBAGE`
  return new DecompressError(code, `bytes that are not ${compression} follow the compressed data`, !first)
}

/** The magic number of a skippable frame, which holds no data of the capture. */
export function isSkippable(magic: number): boolean {
  return (magic & SKIPPABLE_MASK) >>> 0 === SKIPPABLE_MAGIC
}

/** The magic number of a frame of any kind. */
export function isFrameMagic(magic: number): boolean {
  return isSkippable(magic) || magic === ZSTD_MAGIC || magic === LZ4_MAGIC || magic === LZ4_LEGACY_MAGIC
}

export async function skipFrame(window: Window, compression: Compression): Promise<void> {
  await needOrCut(window, 8, compression)
  let left = readU32LE(window.bytes, window.at + 4) + 8
  while (left > 0) {
    await needOrCut(window, 1, compression)
    const step = Math.min(left, window.end - window.at)
    window.at += step
    left -= step
  }
}

/** Makes sure that `count` bytes stand in the window. */
export async function needOrCut(window: Window, count: number, compression: Compression): Promise<void> {
  if (await window.need(count)) return
  if (window.failure !== undefined) throw new DecompressError(window.failure.code, window.failure.reason)
  const code = `${compression.toUpperCase()}_CUT`
  throw new DecompressError(code, `the ${compression} data ends in the middle of its compressed stream`)
}
