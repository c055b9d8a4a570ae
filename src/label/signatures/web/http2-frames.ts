/**
 * The frames of HTTP/2 (RFC 9113 section 4.1): whether a payload consists of them, and the first header block among
 * those of one direction. In: payloads, segment by segment. Out: a judgement, or the block's bytes.
 *
 *     length (3)   type (1)   flags (1)   stream (4, the first bit 0)
 */
import { readI32, readU16 } from '../../../bytes.ts'

export const FRAME_HEADER = 9
/** Section 4.2: for more, both sides have to agree. */
const MAX_FRAME = 16_384
/** Of a direction's bytes that wait for the rest of a header block. */
const MAX_WAITING = 8192
/** A block that comes in more frames was cut up to cost time: each copies what came before it. */
const MAX_PIECES = 128

const HEADERS = 1
const CONTINUATION = 9

const END_HEADERS = 4
const PADDED = 8
const PRIORITY = 32

/** Section 6, by type: the flags that are defined, whether a stream is named (undefined: it may), and the body's length. */
const KINDS: readonly { flags: number; stream: boolean | undefined; least: number; most: number }[] = [
  { flags: 0x09, stream: true, least: 1, most: MAX_FRAME }, // DATA
  { flags: 0x2d, stream: true, least: 1, most: MAX_FRAME }, // HEADERS
  { flags: 0x00, stream: true, least: 5, most: 5 }, // PRIORITY
  { flags: 0x00, stream: true, least: 4, most: 4 }, // RST_STREAM
  { flags: 0x01, stream: false, least: 0, most: MAX_FRAME }, // SETTINGS
  { flags: 0x0c, stream: true, least: 4, most: MAX_FRAME }, // PUSH_PROMISE
  { flags: 0x01, stream: false, least: 8, most: 8 }, // PING
  { flags: 0x00, stream: false, least: 8, most: MAX_FRAME }, // GOAWAY
  { flags: 0x00, stream: undefined, least: 4, most: 4 }, // WINDOW_UPDATE
  { flags: 0x04, stream: true, least: 1, most: MAX_FRAME }, // CONTINUATION
]

function bodyLength(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 16) | readU16(bytes, at + 1)
}

/** A frame's header stands at `at`, as its type demands it. */
export function isFrameHeader(bytes: Uint8Array, at: number, end: number): boolean {
  if (at + FRAME_HEADER > end || bytes[at + 3] >= KINDS.length) return false
  const { flags, stream, least, most } = KINDS[bytes[at + 3]]
  const length = bodyLength(bytes, at)
  const named = readI32(bytes, at + 5)
  if (length < least || length > most || (bytes[at + 4] & ~flags) !== 0 || named < 0) return false
  // Section 5.1.1: the client's streams are odd. What servers push has even ones, and no client asks for it any more.
  if (named > 0 && (named & 1) === 0) return false
  return stream === undefined || stream === named > 0
}

/** Of frames whose lengths lead to the payload's end: how many there are, and of how many the length is fixed; 0: none. */
export function countFrames(bytes: Uint8Array, start: number, end: number): { all: number; fixed: number } {
  let at = start
  let all = 0
  let fixed = 0
  while (at < end) {
    if (!isFrameHeader(bytes, at, end)) return { all: 0, fixed: 0 }
    const { least, most } = KINDS[bytes[at + 3]]
    if (least === most) fixed++
    all++
    at += FRAME_HEADER + bodyLength(bytes, at)
  }
  return at === end ? { all, fixed } : { all: 0, fixed: 0 }
}

/** RFC 7541, appendix A: the pseudo-header fields of requests and, behind them, of responses. */
const LAST_OF_REQUESTS = 7
const LAST_OF_RESPONSES = 14

/**
 * What the first header block among whole frames is of: pseudo-header fields come first (section 8.3) and trailers have
 * none. Undefined: there is no block, or its first field is not in the static table.
 */
export function blockKind(bytes: Uint8Array, start: number, end: number): 'request' | 'response' | undefined {
  for (let at = start; at + FRAME_HEADER < end; at += FRAME_HEADER + bodyLength(bytes, at)) {
    if (bytes[at + 3] !== HEADERS) continue
    const flags = bytes[at + 4]
    const from = at + FRAME_HEADER + ((flags & PADDED) === 0 ? 0 : 1) + ((flags & PRIORITY) === 0 ? 0 : 5)
    const index = firstIndex(bytes, from, Math.min(end, at + FRAME_HEADER + bodyLength(bytes, at)))
    if (index === 0 || index > LAST_OF_RESPONSES) return undefined
    return index > LAST_OF_REQUESTS ? 'response' : 'request'
  }
  return undefined
}

/** Index of the first field's name (RFC 7541 section 6); 0: it has none, or one of more than a byte. */
function firstIndex(bytes: Uint8Array, from: number, stop: number): number {
  let at = from
  while (at < stop && (bytes[at] & 0xe0) === TABLE_SIZE) {
    const long = (bytes[at++] & 0x1f) === 0x1f
    while (long && at < stop && (bytes[at] & 0x80) !== 0) at++
    if (long) at++
  }
  if (at >= stop) return 0
  const first = bytes[at]
  if (first >= 0x80) return first & 0x7f
  return first >= 0x40 ? first & 0x3f : first & 0x0f
}

/** Section 6.3: an update of the dynamic table's size, which may come before the fields. */
const TABLE_SIZE = 0x20

/** One direction's frames on the way to its first header block. */
export interface BlockSearch {
  /** The frame that has begun. */
  waiting: Uint8Array
  /** Bytes of another frame that are still to come. */
  skip: number
  /** What of the block has come. */
  block: Uint8Array
  /** In so many frames. */
  pieces: number
  /** It is whole, or nothing more of it will be read. */
  ended: boolean
}

export function startSearch(): BlockSearch {
  return { waiting: NOTHING, skip: 0, block: NOTHING, pieces: 0, ended: false }
}

const NOTHING = new Uint8Array(0)

/** The next bytes of the direction. */
export function searchOn(search: BlockSearch, bytes: Uint8Array, start: number, end: number): void {
  const skipped = Math.min(search.skip, end - start)
  search.skip -= skipped
  const joined = joinedBytes(search.waiting, bytes.subarray(start + skipped, end))
  let at = 0
  while (!search.ended && at + FRAME_HEADER <= joined.length) {
    const stop = at + FRAME_HEADER + bodyLength(joined, at)
    const type = joined[at + 3]
    const astray = type === CONTINUATION && search.pieces === 0
    if (astray || !isFrameHeader(joined, at, joined.length)) search.ended = true
    else if (type === HEADERS || type === CONTINUATION) {
      if (stop > joined.length) break
      takeFragment(search, joined, at, stop)
    } else search.skip = Math.max(0, stop - joined.length)
    at = Math.min(stop, joined.length)
  }
  search.waiting = joined.slice(at)
  if (search.waiting.length + search.block.length > MAX_WAITING) endSearch(search)
}

/** Nothing more of the direction can be read: what has come of the block is all. */
export function endSearch(search: BlockSearch): void {
  const { waiting } = search
  if (waiting.length >= FRAME_HEADER && !search.ended) takeFragment(search, waiting, 0, waiting.length)
  search.ended = true
  search.waiting = NOTHING
}

/** The block's part in the frame at..stop-1: without padding and priority (section 6.2). */
function takeFragment(search: BlockSearch, bytes: Uint8Array, at: number, stop: number): void {
  const flags = bytes[at + 4]
  let from = at + FRAME_HEADER
  let to = stop
  if (bytes[at + 3] === HEADERS) {
    if ((flags & PADDED) !== 0) to -= bytes[from++]
    if ((flags & PRIORITY) !== 0) from += 5
  }
  const part = bytes.subarray(from, Math.max(from, to))
  // A copy: these may be the bytes of the packet, in whose place others will stand.
  search.block = search.block.length === 0 ? part.slice() : joinedBytes(search.block, part)
  search.pieces++
  search.ended = (flags & END_HEADERS) !== 0 || search.pieces >= MAX_PIECES
}

function joinedBytes(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second
  const joined = new Uint8Array(first.length + second.length)
  joined.set(first)
  joined.set(second, first.length)
  return joined
}
