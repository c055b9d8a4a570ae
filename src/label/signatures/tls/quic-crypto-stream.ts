/**
 * The CRYPTO stream of a client's Initial packets (RFC 9000 section 19.6): pieces in any order, over several
 * packets, joined until the ClientHello is whole. Bounded at 16 KiB and 64 gaps.
 */

export interface CryptoStream {
  bytes: Uint8Array
  /** Received ranges [from, to), ascending, never touching. */
  ranges: [from: number, to: number][]
}

const MAX_STREAM = 16384
const MAX_RANGES = 64
const MAX_FRAMES = 4096

const FRAME_PADDING = 0x00
const FRAME_PING = 0x01
const FRAME_ACK = 0x02
const FRAME_ACK_ECN = 0x03
const FRAME_CRYPTO = 0x06
/** Google's numbers for the same frames, up to T051. */
const FRAME_GOOGLE_PING = 0x07
const FRAME_GOOGLE_CRYPTO = 0x08

/** Module-owned result of the last readVarint: position after it, and the value (-1 on a cut). */
let varintEnd = 0

/** RFC 9000 section 16; values above 2^53 are of no use here and come out as -1. */
export function readVarint(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return -1
  const length = 1 << (bytes[at] >>> 6)
  if (at + length > end) return -1
  let value = bytes[at] & 0x3f
  for (let i = 1; i < length; i++) value = value * 256 + bytes[at + i]
  varintEnd = at + length
  return value <= Number.MAX_SAFE_INTEGER ? value : -1
}

export function afterVarint(): number {
  return varintEnd
}

export function createCryptoStream(): CryptoStream {
  return { bytes: new Uint8Array(0), ranges: [] }
}

/** How many bytes from the stream's start are there without a gap. */
export function contiguous(stream: CryptoStream): number {
  return stream.ranges.length > 0 && stream.ranges[0][0] === 0 ? stream.ranges[0][1] : 0
}

/** Adds the CRYPTO frames of one opened Initial. Stops at the first frame that does not belong there. */
export function addFrames(stream: CryptoStream, frames: Uint8Array): void {
  const end = frames.length
  let at = 0
  for (let n = 0; n < MAX_FRAMES && at < end; n++) {
    const type = frames[at++]
    if (type === FRAME_PADDING || type === FRAME_PING || type === FRAME_GOOGLE_PING) {
      while (at < end && frames[at] === FRAME_PADDING) at++
    } else if (type === FRAME_CRYPTO || type === FRAME_GOOGLE_CRYPTO) {
      at = addCrypto(stream, frames, at)
    } else if (type === FRAME_ACK || type === FRAME_ACK_ECN) {
      at = skipAck(frames, at, type === FRAME_ACK_ECN)
    } else {
      return
    }
    if (at < 0) return
  }
}

function addCrypto(stream: CryptoStream, frames: Uint8Array, at: number): number {
  const offset = readVarint(frames, at, frames.length)
  if (offset < 0) return -1
  const length = readVarint(frames, varintEnd, frames.length)
  const body = varintEnd
  if (length < 0 || body + length > frames.length) return -1
  insert(stream, offset, frames.subarray(body, body + length))
  return body + length
}

/** RFC 9000 section 19.3. */
function skipAck(frames: Uint8Array, at: number, ecn: boolean): number {
  const end = frames.length
  let next = at
  let count = 0
  for (let field = 0; field < 4; field++) {
    const value = readVarint(frames, next, end)
    if (value < 0) return -1
    if (field === 2) count = value
    next = varintEnd
  }
  const rest = Math.min(count, MAX_FRAMES) * 2 + (ecn ? 3 : 0)
  for (let i = 0; i < rest; i++) {
    if (readVarint(frames, next, end) < 0) return -1
    next = varintEnd
  }
  return next
}

function insert(stream: CryptoStream, offset: number, piece: Uint8Array): void {
  const to = offset + piece.length
  if (piece.length === 0 || to > MAX_STREAM || stream.ranges.length >= MAX_RANGES) return
  if (to > stream.bytes.length) {
    const room = new Uint8Array(Math.min(MAX_STREAM, Math.max(2048, to, stream.bytes.length * 2)))
    room.set(stream.bytes)
    stream.bytes = room
  }
  stream.bytes.set(piece, offset)
  cover(stream.ranges, offset, to)
}

/** Adds a range, in place of those that it touches. */
function cover(ranges: CryptoStream['ranges'], from: number, to: number): void {
  let first = 0
  while (first < ranges.length && ranges[first][1] < from) first++
  let next = first
  while (next < ranges.length && ranges[next][0] <= to) next++
  if (next === first) {
    ranges.splice(first, 0, [from, to])
    return
  }
  ranges[first][0] = Math.min(from, ranges[first][0])
  ranges[first][1] = Math.max(to, ranges[next - 1][1])
  if (next > first + 1) ranges.splice(first + 1, next - first - 1)
}
