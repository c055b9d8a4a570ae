/**
 * Conversations by 5-tuple and encapsulation, at most MAX_CONVERSATIONS of them. A handle is an index and a
 * generation, so that one given out for a conversation that is gone is recognised. The hash is seeded and never
 * shows in what comes out.
 */
import { hashOn } from '../../bytes.ts'
import type { Packet } from '../../types.ts'
import { createConversation, senderOf } from '../conversation.ts'
import type { Conversation } from '../shapes.ts'

const INDEX_BITS = 17
/** About 120 MB when all are in use. */
export const MAX_CONVERSATIONS = 1 << INDEX_BITS
const INDEX_MASK = MAX_CONVERSATIONS - 1
const GENERATION_MASK = (1 << (30 - INDEX_BITS)) - 1
const BUCKETS = 1 << INDEX_BITS
const FACTOR = 0x9e3779b1 | 0

export class ConversationTable {
  count = 0
  /** One more than the greatest index ever in use. */
  used = 0
  private readonly rows: (Conversation | undefined)[] = []
  private readonly generations: number[] = []
  private readonly free: number[] = []
  private readonly buckets = new Int32Array(BUCKETS).fill(-1)
  private readonly seed: number
  private hash = 0

  constructor(seed: number) {
    this.seed = seed
  }

  /** The conversation of a handle, undefined when it is gone. */
  get(handle: number): Conversation | undefined {
    const c = this.rows[handle & INDEX_MASK]
    return c !== undefined && c.handle === handle ? c : undefined
  }

  /** The conversation at an index, for walking through all. */
  at(index: number): Conversation | undefined {
    return this.rows[index]
  }

  /** Remembers the packet's hash for an `add` that follows. */
  find(packet: Packet): Conversation | undefined {
    const hash = hashOf(packet, this.seed)
    this.hash = hash
    let index = this.buckets[hash & (BUCKETS - 1)]
    while (index >= 0) {
      const c = this.rows[index] as Conversation
      if (c.hash === hash && matches(c, packet)) return c
      index = c.next
    }
    return undefined
  }

  /** Adds the conversation of the packet that `find` did not find; the table must not be full. */
  add(packet: Packet): Conversation {
    const c = createConversation(packet)
    const index = this.free.pop() ?? this.used++
    const generation = ((this.generations[index] ?? -1) + 1) & GENERATION_MASK
    this.generations[index] = generation
    c.handle = (generation << INDEX_BITS) | index
    c.hash = this.hash
    const bucket = c.hash & (BUCKETS - 1)
    c.next = this.buckets[bucket]
    this.buckets[bucket] = index
    this.rows[index] = c
    this.count++
    return c
  }

  remove(c: Conversation): void {
    const index = c.handle & INDEX_MASK
    const bucket = c.hash & (BUCKETS - 1)
    if (this.buckets[bucket] === index) this.buckets[bucket] = c.next
    else {
      let before = this.rows[this.buckets[bucket]] as Conversation
      while (before.next !== index) before = this.rows[before.next] as Conversation
      before.next = c.next
    }
    this.rows[index] = undefined
    this.free.push(index)
    this.count--
  }
}

function matches(c: Conversation, packet: Packet): boolean {
  if (c.protocol !== packet.protocol || c.a.version !== packet.ipVersion) return false
  if (c.encapsulation0 !== packet.encapsulation0 || c.encapsulation1 !== packet.encapsulation1) return false
  const forward = senderOf(c, packet) === 1
  const src = forward ? c.a : c.b
  const dst = forward ? c.b : c.a
  return (
    packet.srcPort === (forward ? c.aPort : c.bPort) &&
    packet.dstPort === (forward ? c.bPort : c.aPort) &&
    packet.src3 === src.w3 &&
    packet.dst3 === dst.w3 &&
    packet.src2 === src.w2 &&
    packet.dst2 === dst.w2 &&
    packet.src1 === src.w1 &&
    packet.dst1 === dst.w1 &&
    packet.src0 === src.w0 &&
    packet.dst0 === dst.w0
  )
}

/**
 * The same for both directions: each end is mixed alone, then the two are joined by operations without order. The seed
 * goes through the mixing before the port is added: whoever does not know it cannot choose addresses and ports that meet.
 */
function hashOf(packet: Packet, seed: number): number {
  const { src0, src1, src2, src3, srcPort, dst0, dst1, dst2, dst3, dstPort } = packet
  const src = endHash(addressHash(src0, src1, src2, src3, seed), srcPort)
  const dst = endHash(addressHash(dst0, dst1, dst2, dst3, seed), dstPort)
  const ends = mix(src + dst) ^ packet.protocol
  return mix(hashOn(hashOn(ends, packet.encapsulation0, seed), packet.encapsulation1, seed)) >>> 1
}

function addressHash(w0: number, w1: number, w2: number, w3: number, seed: number): number {
  const low = mix(w3 ^ seed)
  return (w0 | w1 | w2) === 0 ? low : hashOn(hashOn(hashOn(low, w2, seed), w1, seed), w0, seed)
}

function endHash(address: number, port: number): number {
  return mix(address + Math.imul(port, FACTOR))
}

function mix(word: number): number {
  const high = Math.imul(word ^ (word >>> 16), FACTOR)
  return high ^ (high >>> 15)
}
