/**
 * gzip (RFC 1952) as a generator of chunks: any number of members, their checksum and length verified. Zero
 * bytes behind the last member are padding, anything else there is damage.
 */
import * as zlib from 'node:zlib'
import type { Window } from '../window.ts'
import { DecompressError, needOrCut, trailingGarbage } from './compression.ts'

/** Compressed bytes given to zlib at once. Fixed: what comes out before a fault depends on it. */
const PIECE = 16_384
/** Decompressed bytes in one chunk. A piece inflates to at most 1,032 times its size, 17 MB. */
const OUTPUT = 32_768
/** Limits of salvage(): compressed bytes of a member that are kept, and decompressed bytes that are produced again. */
const MAX_KEPT = 262_144
const MAX_SALVAGED = 16 * 1024 * 1024
const WORD = 4_294_967_296
const WRONG_CHECKSUM = 'the gzip checksum does not fit the data before it'

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
  const stream = startInflate()
  let checksum = 0
  let length = 0
  try {
    for (let ended = false; !ended; ) {
      ended = await inflatePiece(stream, window)
      for (const chunk of stream.produced) {
        checksum = crc32(chunk, checksum)
        length += chunk.length
        yield chunk
      }
      stream.produced.length = 0
    }
    const rest = stream.error === undefined ? undefined : salvage(stream, length)
    if (rest !== undefined && rest.length > 0) yield rest
    if (stream.error !== undefined) throw inflateError(stream.error, window)
  } finally {
    stream.inflate.destroy()
  }
  await needOrCut(window, TRAILER, 'gzip')
  const { bytes, at } = window
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, TRAILER)
  const sameLength = view.getUint32(4, true) === length % WORD
  const sameChecksum = !hasCrc32 || view.getUint32(0, true) === checksum
  window.at += TRAILER
  if (!sameLength || !sameChecksum) throw new DecompressError('GZIP_CHECKSUM', WRONG_CHECKSUM, true)
}

/** One member being inflated. */
interface InflateStream {
  inflate: zlib.InflateRaw
  /** Chunks that were not taken yet. */
  produced: Uint8Array[]
  error: Error | undefined
  /** Called when the stream closes: the callback of a write that failed never comes. */
  closed: () => void
  /** The member's compressed bytes so far, for salvage(); undefined once there are too many. */
  kept: Uint8Array[] | undefined
  keptLength: number
}

function startInflate(): InflateStream {
  const inflate = zlib.createInflateRaw({ chunkSize: OUTPUT })
  const stream: InflateStream = {
    inflate,
    produced: [],
    error: undefined,
    closed: () => {},
    kept: [],
    keptLength: 0,
  }
  inflate.on('data', (chunk: Uint8Array) => stream.produced.push(chunk))
  inflate.on('error', (error: Error) => {
    stream.error = error
  })
  inflate.on('close', () => stream.closed())
  return stream
}

/** Inflates the next piece of the window; true when the member has ended, or cannot go on (`error`). */
async function inflatePiece(stream: InflateStream, window: Window): Promise<boolean> {
  const { inflate } = stream
  await window.need(PIECE)
  const piece = window.bytes.subarray(window.at, Math.min(window.end, window.at + PIECE))
  if (piece.length === 0) {
    // Only now does zlib say whether the member was whole.
    await new Promise<void>((resolve) => {
      stream.closed = resolve
      inflate.end()
    })
    return true
  }
  keep(stream, piece)
  const before = inflate.bytesWritten
  await new Promise<void>((resolve) => {
    stream.closed = resolve
    inflate.write(piece, () => resolve())
  })
  const used = inflate.bytesWritten - before
  window.at += used
  return stream.error !== undefined || used < piece.length
}

function keep(stream: InflateStream, piece: Uint8Array): void {
  stream.keptLength += piece.length
  if (stream.keptLength > MAX_KEPT) stream.kept = undefined
  stream.kept?.push(piece.slice())
}

/**
 * The decompressed bytes after the first `length` that precede the fault: zlib discards what it produced in the call
 * that failed. A binary search finds the longest valid prefix of the compressed bytes. Small members only.
 */
function salvage(stream: InflateStream, length: number): Uint8Array | undefined {
  if (stream.kept === undefined || length > MAX_SALVAGED) return undefined
  const compressed = Buffer.concat(stream.kept)
  const options = { finishFlush: zlib.constants.Z_SYNC_FLUSH, maxOutputLength: length + 2 * OUTPUT }
  let valid: Uint8Array | undefined
  let low = 0
  let high = compressed.length
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    try {
      valid = zlib.inflateRawSync(compressed.subarray(0, middle), options)
      low = middle
    } catch {
      high = middle - 1
    }
  }
  return valid?.subarray(length)
}

function inflateError(error: Error, window: Window): DecompressError {
  if (window.failure !== undefined) return new DecompressError(window.failure.code, window.failure.reason)
  if ('code' in error && error.code === 'Z_BUF_ERROR') {
    return new DecompressError('GZIP_CUT', 'the gzip data ends in the middle of its compressed stream')
  }
  return new DecompressError('GZIP_DAMAGED', `the gzip data is damaged (${error.message})`)
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
