/**
 * What the inspector keeps of the last payload of each direction, in the words of the flow's state:
 *
 *   word  5       length of the payload of each direction (16 bits each, clamped)
 *   words 6..13   first 16 bytes of that payload, direction 0, then 1
 *   words 14..15  sequence number behind that payload, direction 0, then 1
 *
 * The first bytes of a stream are kept whole for a while, see starts.ts.
 */
import { LITTLE_ENDIAN } from '../../bytes.ts'
import { type Payload, PREFIX_BYTES } from './payload.ts'
import type { PayloadView } from './payload-view.ts'

const LENGTHS = 5
const PREFIX = 6
const NEXT = 14
const PREFIX_WORDS = PREFIX_BYTES / 4
const MAX_LENGTH = 0xffff
/** Bit of the state's first word: the last payload came from side b. */
const LAST_B = 64

/** Fills in how the flow's earlier payloads began. */
export function recall(payload: PayloadView, words: Int32Array, at: number): void {
  const { direction, prefixes } = payload
  const mine = at + PREFIX + direction * PREFIX_WORDS
  const other = at + PREFIX + (1 - direction) * PREFIX_WORDS
  for (let i = 0; i < PREFIX_WORDS; i++) {
    prefixes[i] = words[mine + i]
    prefixes[PREFIX_WORDS + i] = words[other + i]
  }
  const lengths = words[at + LENGTHS]
  payload.previousLength = direction === 0 ? lengths & MAX_LENGTH : lengths >>> 16
  payload.peerLength = direction === 0 ? lengths >>> 16 : lengths & MAX_LENGTH
}

/** The segment ends where the last one of its direction began: the two arrived out of order. */
export function isOvertaken(payload: PayloadView, words: Int32Array, at: number): boolean {
  const { direction, length, previousLength, tcpSequence } = payload
  return ((tcpSequence + length + previousLength) | 0) === words[at + NEXT + direction]
}

/** The last payload of the flow was of this direction too: what follows a payload of the peer is another message. */
export function speaksOn(words: Int32Array, at: number, direction: number): boolean {
  return (words[at] & LAST_B) === (direction === 0 ? 0 : LAST_B)
}

/** True when a segment is sent (or was captured) again: the last one of its direction, whole or in part. */
export function repeatsLast(payload: PayloadView, words: Int32Array, at: number): boolean {
  const { direction, length, previous, previousLength, tcpSequence } = payload
  const behind = (words[at + NEXT + direction] - tcpSequence) | 0
  if (behind < length || behind > previousLength) return false
  return behind < previousLength || beginsLike(payload, previous, Math.min(PREFIX_BYTES, length))
}

function beginsLike({ bytes, start, end }: Payload, other: Uint8Array, count: number): boolean {
  const compared = Math.min(count, end - start)
  for (let i = 0; i < compared; i++) if (bytes[start + i] !== other[i]) return false
  return true
}

/** The payload equals the peer's last one, as far as that is kept: an echo service sends back what it receives. */
export function repeatsPeer(payload: Payload): boolean {
  return payload.length === payload.peerLength && beginsLike(payload, payload.peer, PREFIX_BYTES)
}

/** Keeps the payload's first bytes for the next one. */
export function remember(payload: PayloadView, words: Int32Array, at: number): void {
  const { view, start, end, length, direction, tcpSequence } = payload
  const target = at + PREFIX + direction * PREFIX_WORDS
  if (start + PREFIX_BYTES <= end)
    for (let i = 0; i < PREFIX_WORDS; i++)
      words[target + i] = view.getInt32(start + i * Int32Array.BYTES_PER_ELEMENT, LITTLE_ENDIAN)
  else rememberShort(payload, words, at)
  const clamped = Math.min(length, MAX_LENGTH)
  const lengths = words[at + LENGTHS]
  words[at + LENGTHS] =
    direction === 0 ? (lengths & ~MAX_LENGTH) | clamped : (lengths & MAX_LENGTH) | (clamped << 16)
  words[at + NEXT + direction] = tcpSequence + length
  words[at] = direction === 0 ? words[at] & ~LAST_B : words[at] | LAST_B
}

function rememberShort(payload: PayloadView, words: Int32Array, at: number): void {
  const { bytes, start, end, direction, prefixes, previous } = payload
  previous.fill(0)
  for (let i = start; i < end; i++) previous[i - start] = bytes[i]
  const target = at + PREFIX + direction * PREFIX_WORDS
  for (let i = 0; i < PREFIX_WORDS; i++) words[target + i] = prefixes[i]
}
