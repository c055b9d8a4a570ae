/**
 * gzip (RFC 1952) as a generator of chunks: any number of members, their checksum and length verified. Zero
 * bytes behind the last member are padding, anything else there is damage.
 */
import * as zlib from 'node:zlib'
import { DecompressError, needOrCut, trailingGarbage } from './decompress.ts'
import type { Window } from './window.ts'

/** Compressed bytes given to zlib at once. Fixed: what comes out before a fault depends on it. */
const PIECE = 65_536
/** Decompressed bytes zlib may produce before it waits for the reader. */
const OUTPUT = 32_768

const METHOD = 2
const FLAGS = 3
const HEADER = 10
const TRAILER = 8
const DEFLATE = 8
const HEADER_CRC = 2
const EXTRA = 4
const NAME = 8
const COMMENT = 16
const RESERVED_FLAGS = 0xe0

export async function* gunzip(window: Window): AsyncGenerator<Uint8Array> {
  let first = true
  do {
    await header(window, first)
    yield* member(window)
    first = false
  } while (await atNextMember(window))
}

async function header(window: Window, first: boolean): Promise<void> {
  await needOrCut(window, HEADER, 'gzip')
  const flags = window.bytes[window.at + FLAGS]
  if (window.bytes[window.at + METHOD] !== DEFLATE || (flags & RESERVED_FLAGS) !== 0) {
    if (!first) throw trailingGarbage('gzip')
    throw new DecompressError('GZIP_DAMAGED', 'the gzip header names an unknown method')
  }
  window.at += HEADER
  if (flags & EXTRA) {
    await needOrCut(window, 2, 'gzip')
    const length = window.bytes[window.at] | (window.bytes[window.at + 1] << 8)
    await needOrCut(window, 2 + length, 'gzip')
    window.at += 2 + length
  }
  if (flags & NAME) await skipText(window)
  if (flags & COMMENT) await skipText(window)
  if (flags & HEADER_CRC) {
    await needOrCut(window, 2, 'gzip')
    window.at += 2
  }
}

async function skipText(window: Window): Promise<void> {
  for (;;) {
    await needOrCut(window, 1, 'gzip')
    if (window.bytes[window.at++] === 0) return
  }
}

async function* member(window: Window): AsyncGenerator<Uint8Array> {
  const inflate = zlib.createInflateRaw({ chunkSize: OUTPUT })
  const feeding = feed(window, inflate)
  let checksum = 0
  let length = 0
  try {
    for await (const chunk of inflate as AsyncIterable<Uint8Array>) {
      checksum = crc32(chunk, checksum)
      length = (length + chunk.length) >>> 0
      yield chunk
    }
  } catch (error) {
    throw inflateError(error, window)
  } finally {
    inflate.destroy()
    await feeding
  }
  await needOrCut(window, TRAILER, 'gzip')
  const { bytes, at } = window
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, TRAILER)
  const agrees = view.getUint32(4, true) === length && (!hasCrc32 || view.getUint32(0, true) === checksum)
  window.at += TRAILER
  if (!agrees)
    throw new DecompressError('GZIP_CHECKSUM', 'the gzip checksum does not fit the data before it', true)
}

/** Writes the window to zlib until the member ends; leaves the window behind the member's last byte. */
async function feed(window: Window, inflate: zlib.InflateRaw): Promise<void> {
  for (;;) {
    await window.need(PIECE)
    const piece = window.bytes.subarray(window.at, Math.min(window.end, window.at + PIECE))
    if (piece.length === 0) {
      inflate.end()
      return
    }
    const before = inflate.bytesWritten
    const written = await new Promise<boolean>((resolve) => {
      inflate.write(piece, (error) => resolve(!error))
    })
    const used = inflate.bytesWritten - before
    window.at += used
    if (!written || used < piece.length) return
  }
}

function inflateError(error: unknown, window: Window): DecompressError {
  if (window.failure !== undefined) return new DecompressError(window.failure.code, window.failure.reason)
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'Z_BUF_ERROR') {
    return new DecompressError('GZIP_CUT', 'the gzip data ends in the middle of its compressed stream')
  }
  const what = error instanceof Error ? error.message : String(error)
  return new DecompressError('GZIP_DAMAGED', `the gzip data is damaged (${what})`)
}

/** True where another member follows; false at the end, zero padding included. */
async function atNextMember(window: Window): Promise<boolean> {
  if (!(await window.need(1))) return false
  const second = await window.need(2)
  if (second && window.bytes[window.at] === 0x1f && window.bytes[window.at + 1] === 0x8b) return true
  while (await window.need(1)) {
    if (window.bytes[window.at] !== 0) throw trailingGarbage('gzip')
    window.at++
  }
  return false
}

/** Node has it from 20.15 on; without it only the length is verified. */
const hasCrc32 = typeof zlib.crc32 === 'function'

function crc32(chunk: Uint8Array, checksum: number): number {
  return hasCrc32 ? zlib.crc32(chunk, checksum) : 0
}
