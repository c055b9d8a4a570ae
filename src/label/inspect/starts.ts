/**
 * The first bytes of TCP streams in which nothing was found yet. Many messages can be recognised only as a whole, and
 * may come in segments of any size: the first segment is kept, and one that follows it, repeats it or precedes it is
 * shown together with it. All flows share a ring of places: once a later flow has overwritten a flow's place, that
 * flow's segments are only tried one by one, as they are in any case.
 *
 *   word  4 of the state   1 + place of the start of each direction (16 bits each), 0 for none
 */
import type { JoinedSegments, PayloadView } from './payload-view.ts'
import { speaksOn } from './previous.ts'

/** Bytes kept of one stream; 4 MiB for all together. */
export const START_BYTES = 4096
export const PLACES = 1024
/** Up to this many bytes a loop copies faster than a call of set(). */
const FEW_BYTES = 64

const PLACE = 4
const PLACE_BITS = 16
const PLACE_MASK = 0xffff

export class Starts {
  private bytes = new Uint8Array(0)
  private view = new DataView(this.bytes.buffer)
  /** Handle and direction whose bytes stand in a place. */
  private readonly owners = new Int32Array(PLACES)
  private readonly lengths = new Uint16Array(PLACES)
  /** Sequence numbers of the first bytes. */
  private readonly sequences = new Int32Array(PLACES)
  private next = 0
  private readonly joined: JoinedSegments = {
    bytes: this.bytes,
    view: this.view,
    start: 0,
    end: 0,
    length: 0,
    tcpSequence: 0,
  }

  /** Keeps the payload as the first of its direction, unless one is kept already or it is too long or cut. */
  keep(payload: PayloadView, words: Int32Array, at: number, handle: number): void {
    const { start, end, length, direction, tcpSequence } = payload
    if (length >= START_BYTES || end - start < length || placeOf(words, at, direction) !== 0) return
    if (this.bytes.length === 0) this.open()
    const place = this.next
    this.next = (place + 1) % PLACES
    this.owners[place] = (handle << 1) | direction
    this.lengths[place] = length
    this.sequences[place] = tcpSequence
    this.put(payload, place * START_BYTES)
    words[at + PLACE] |= (place + 1) << (direction * PLACE_BITS)
  }

  /** Shows the payload joined with the kept start that it continues, precedes or overlaps; false when there is none. */
  join(payload: PayloadView, words: Int32Array, at: number, handle: number): boolean {
    const { direction, start, end, length, tcpSequence } = payload
    const place = placeOf(words, at, direction) - 1
    if (place < 0) return false
    if (this.owners[place] !== ((handle << 1) | direction) || !speaksOn(words, at, direction)) {
      drop(words, at, direction)
      return false
    }
    const offset = (tcpSequence - this.sequences[place]) | 0
    const whole = end - start === length
    const fits =
      offset === -length ? whole && this.shift(place, length) : this.reaches(place, offset, end - start)
    if (!fits || offset + length > START_BYTES) return false
    const from = place * START_BYTES
    const put = Math.max(0, offset)
    this.put(payload, from + put)
    if (offset < 0) this.sequences[place] = tcpSequence
    else this.lengths[place] = put + end - start
    this.joined.start = from
    this.joined.end = from + this.lengths[place]
    this.joined.length = this.lengths[place] + length - (end - start)
    this.joined.tcpSequence = this.sequences[place]
    if (!whole) drop(words, at, direction)
    payload.showJoined(this.joined)
    return true
  }

  private put({ bytes, start, end }: PayloadView, to: number): void {
    if (end - start > FEW_BYTES) this.bytes.set(bytes.subarray(start, end), to)
    else for (let i = start; i < end; i++) this.bytes[to + i - start] = bytes[i]
  }

  /** Moves the kept bytes back by `length`, so that as many fit in front of them. */
  private shift(place: number, length: number): boolean {
    const kept = this.lengths[place]
    if (kept + length > START_BYTES) return false
    const from = place * START_BYTES
    this.bytes.copyWithin(from + length, from, from + kept)
    this.lengths[place] = kept + length
    return true
  }

  /** Bytes at the offset leave no gap, and go beyond those in the place. */
  private reaches(place: number, offset: number, length: number): boolean {
    const kept = this.lengths[place]
    return offset >= 0 && offset <= kept && offset + length > kept
  }

  private open(): void {
    this.bytes = new Uint8Array(PLACES * START_BYTES)
    this.view = new DataView(this.bytes.buffer)
    this.joined.bytes = this.bytes
    this.joined.view = this.view
  }
}

/** Forgets the direction's first bytes. */
export function drop(words: Int32Array, at: number, direction: number): void {
  words[at + PLACE] &= ~(PLACE_MASK << (direction * PLACE_BITS))
}

function placeOf(words: Int32Array, at: number, direction: number): number {
  return (words[at + PLACE] >>> (direction * PLACE_BITS)) & PLACE_MASK
}
