/**
 * Reassembles a message of several TCP segments by their sequence numbers: repeated bytes are skipped, overlaps are
 * cut, and a segment that arrives ahead of earlier ones is held until they arrive.
 */
import type { Payload } from '../../inspect/payload.ts'

/** One side's stream from the first byte of a message on; only the first `length` of `bytes` are filled. */
export interface Stream {
  direction: 0 | 1
  bytes: Uint8Array
  length: number
  /** Sequence number of the next byte. */
  next: number
  /** Contiguous segments held because earlier ones are missing. */
  ahead: Stream | undefined
}

/** The segment changed nothing. */
export const WAITS = 0
const GREW = 1
/** Nothing can follow: the limit is reached, or the snaplen has cut the segment. */
export const STOPPED = 2

/** Starts with the payload; at most `most` bytes are kept. */
export function startStream(payload: Payload, most: number): Stream {
  const { direction, bytes, start, end, length, tcpSequence } = payload
  const kept = bytes.slice(start, Math.min(end, start + most))
  return { direction, bytes: kept, length: kept.length, next: (tcpSequence + length) | 0, ahead: undefined }
}

/** Adds a payload of the same direction; at most `most` bytes are kept. */
export function follow(stream: Stream, payload: Payload, most: number): number {
  const { bytes, start, end, length, tcpSequence } = payload
  const known = (stream.next - tcpSequence) | 0
  if (known < 0) return hold(stream, payload, most - stream.length + known)
  if (known >= length) return WAITS
  append(stream, bytes.subarray(Math.min(end, start + known), end), most)
  stream.next = (tcpSequence + length) | 0
  if (end - start < length) return STOPPED
  takeAhead(stream, most)
  return stream.length >= most ? STOPPED : GREW
}

function hold(stream: Stream, payload: Payload, room: number): typeof WAITS {
  const { start, end, length, tcpSequence } = payload
  if (end - start < length || length > room) return WAITS
  if (stream.ahead === undefined) stream.ahead = startStream(payload, room)
  else if (stream.ahead.next === tcpSequence) follow(stream.ahead, payload, stream.ahead.length + room)
  return WAITS
}

function takeAhead(stream: Stream, most: number): void {
  const { ahead } = stream
  if (ahead === undefined) return
  const known = (stream.next - ahead.next + ahead.length) | 0
  if (known < 0) return
  stream.ahead = undefined
  if (known >= ahead.length) return
  append(stream, ahead.bytes.subarray(known, ahead.length), most)
  stream.next = ahead.next
}

/** The buffer grows with what was really sent, so that a claimed length costs no memory. */
function append(stream: Stream, added: Uint8Array, most: number): void {
  const taken = added.subarray(0, Math.max(0, most - stream.length))
  const needed = stream.length + taken.length
  if (needed > stream.bytes.length) {
    const grown = new Uint8Array(Math.min(most, needed * 2))
    grown.set(stream.bytes.subarray(0, stream.length))
    stream.bytes = grown
  }
  stream.bytes.set(taken, stream.length)
  stream.length = needed
}
