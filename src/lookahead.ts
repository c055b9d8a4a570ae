/**
 * Decodes a few packets ahead of the one being added, and prefetches the memory of their flows into the cache: with
 * hundreds of thousands of flows, waiting for memory one flow after the other would take longer than all other work.
 * Order and results are the same as without.
 */
import { PACKET_ORPHAN_FRAGMENT } from './bytes.ts'
import type { Decoder } from './decode/decode.ts'
import { createPacket } from './decode/packet.ts'
import { DECODED } from './decode/status.ts'
import type { FlowTracker } from './flow/flows.ts'
import type { Packet, PacketBatch } from './types.ts'

/** Enough to hide the latency of memory, few enough for the packets to stay in the first-level cache. */
const AHEAD = 32
/** Index of a fragment that was held by the decoder and now follows its first one: it is no new packet of the batch. */
export const RELEASED = -1

export class Lookahead {
  readonly packets: Packet[] = Array.from({ length: AHEAD }, createPacket)
  /** Decode status of each packet, and its index in the batch or RELEASED. */
  readonly statuses: number[] = new Array<number>(AHEAD).fill(DECODED)
  readonly indices: number[] = new Array<number>(AHEAD).fill(0)
  count = 0
  /** The next packet to take. */
  next = 0
  /** Fragments among them whose first one never came. */
  orphans = 0

  /** Decodes the batch's packets from `from` on; returns the index of the first that was not. */
  fill(decoder: Decoder, flows: FlowTracker, batch: PacketBatch, from: number): number {
    const to = Math.min(batch.count, from + AHEAD)
    let count = 0
    this.orphans = 0
    for (let index = from; index < to; index++) {
      if (count === this.packets.length) this.grow()
      const packet = this.packets[count]
      const status = decoder.decode(batch, index, packet)
      this.statuses[count] = status
      this.indices[count] = index
      if (status === DECODED) flows.lookup.announce(packet, count)
      count++
      count = this.takeReleased(decoder, flows, count)
    }
    this.count = count
    this.next = 0
    flows.lookup.fetch(count)
    return to
  }

  /** A fragment whose first one never came: given up at the packet before it in this list, but seen long before that. */
  isOrphan(place: number): boolean {
    if (place >= this.count || this.indices[place] !== RELEASED) return false
    return (this.packets[place].flags & PACKET_ORPHAN_FRAGMENT) !== 0
  }

  private takeReleased(decoder: Decoder, flows: FlowTracker, count: number): number {
    if (count === this.packets.length) this.grow()
    while (decoder.released(this.packets[count])) {
      this.statuses[count] = DECODED
      this.indices[count] = RELEASED
      if ((this.packets[count].flags & PACKET_ORPHAN_FRAGMENT) !== 0) this.orphans++
      flows.lookup.announce(this.packets[count], count)
      count++
      if (count === this.packets.length) this.grow()
    }
    return count
  }

  private grow(): void {
    this.packets.push(createPacket())
    this.statuses.push(DECODED)
    this.indices.push(RELEASED)
  }
}
