/**
 * What the inspector keeps of the last payload of each direction, in the words of the flow's state:
 *
 *   word  5       length of the payload of each direction (16 bits each, clamped)
 *   words 6..13   first 16 bytes of that payload, direction 0, then 1
 *   word  14      sequence number behind a first segment that is shorter than that
 *
 * Some programs write the first bytes of a connection apart, to mislead those who look at single segments or for want
 * of a buffer. As long as they fit into the words they are put in front of the next segment.
 */
import { LITTLE_ENDIAN, PROTOCOL_TCP } from '../bytes.ts'
import { type Payload, PREFIX_BYTES } from './payload.ts'
import type { PayloadView } from './payload-view.ts'

const LENGTHS = 5
const PREFIX = 6
const NEXT = 14
const PREFIX_WORDS = PREFIX_BYTES / 4
const MAX_LENGTH = 0xffff

/** Shows what the flow's earlier payloads began with. */
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

/** Call for a second segment: puts the first in front of it where that is short and this one follows; true when it did. */
export function joinStart(payload: PayloadView, words: Int32Array, at: number): boolean {
  if (payload.previousLength >= PREFIX_BYTES || payload.tcpSequence !== words[at + NEXT]) return false
  payload.prepend(payload.previousLength)
  return true
}

/** Call for a second segment: true when it is sent again, whole or in part, of a short first one. */
export function repeatsStart(payload: PayloadView, words: Int32Array, at: number): boolean {
  const { length, previousLength, tcpSequence } = payload
  const behind = (words[at + NEXT] - tcpSequence) | 0
  return previousLength < PREFIX_BYTES && behind >= length && behind <= previousLength
}

/** As far as is kept of the other side's last payload this one is the same: who sends back what it is sent. */
export function repeatsPeer({ bytes, start, end, length, peer, peerLength }: Payload): boolean {
  const compared = Math.min(PREFIX_BYTES, end - start)
  for (let i = 0; i < compared; i++) if (bytes[start + i] !== peer[i]) return false
  return length === peerLength
}

/** Keeps the payload's first bytes for the next one. */
export function remember(payload: PayloadView, words: Int32Array, at: number): void {
  const { view, start, end, length, direction } = payload
  const target = at + PREFIX + direction * PREFIX_WORDS
  if (start + PREFIX_BYTES <= end)
    for (let i = 0; i < PREFIX_WORDS; i++)
      words[target + i] = view.getInt32(start + i * Int32Array.BYTES_PER_ELEMENT, LITTLE_ENDIAN)
  else rememberShort(payload, words, at)
  const clamped = Math.min(length, MAX_LENGTH)
  const lengths = words[at + LENGTHS]
  words[at + LENGTHS] =
    direction === 0 ? (lengths & ~MAX_LENGTH) | clamped : (lengths & MAX_LENGTH) | (clamped << 16)
}

function rememberShort(payload: PayloadView, words: Int32Array, at: number): void {
  const { bytes, start, end, length, direction, prefixes, previous } = payload
  previous.fill(0)
  for (let i = start; i < end; i++) previous[i - start] = bytes[i]
  const target = at + PREFIX + direction * PREFIX_WORDS
  for (let i = 0; i < PREFIX_WORDS; i++) words[target + i] = prefixes[i]
  // Of a segment that was cut nothing goes on.
  if (payload.protocol === PROTOCOL_TCP)
    words[at + NEXT] = payload.tcpSequence + (end - start === length ? length : MAX_LENGTH)
}
