/**
 * Names that clients learnt from DNS answers: "192.0.2.1 is www.example.org, for client 10.0.0.7". Bounded, with
 * the answer's TTL on the packet clock; when full, the entry learnt longest ago goes. It is asked for every flow without
 * a name of its own, so it is a table of words and no Map: pairs of addresses under chains of equal hashes, and in the
 * order in which they were learnt. Many names share an address, so the name before the last is kept beside it: a flow is
 * named by the answer that its client got before the flow began.
 */
import { hashOn } from '../bytes.ts'
import type { Packet } from '../types.ts'

const MAX_ENTRIES = 65_536
/** Answers are used a little beyond their TTL: connections outlive it, and stub resolvers round it up. */
export const GRACE_SEC = 60
const MAX_TTL_SEC = 604_800

export interface NameCache {
  answer(client: Packet, name: string, ttlSec: number, words: readonly number[]): void
  /**
   * The name in the last answer to the client about the server's address before startSec, or else until endSec (both with
   * fractions), if it was valid then.
   */
  lookup(ends: Ends, startSec: number, endSec: number): string | undefined
  size(): number
}

/** Client (src) and server (dst) as words; a ClosedFlow fits. */
export interface Ends {
  src0: number
  src1: number
  src2: number
  src3: number
  dst0: number
  dst1: number
  dst2: number
  dst3: number
}

/** `seed`: of the hash, so that nobody can prepare colliding pairs; no output depends on it. */
export function createNameCache(seed = 0): NameCache {
  return new NameTable(seed)
}

const NSEC_PER_SEC = 1e9
const FIRST_CAPACITY = 1024
const PAIR_WORDS = 8
const NONE = -1

class NameTable implements NameCache {
  private readonly seed: number
  private count = 0
  /** Client and server of each entry, four words each. */
  private pairs = new Int32Array(FIRST_CAPACITY * PAIR_WORDS)
  private names: string[] = []
  private learnt = new Float64Array(FIRST_CAPACITY)
  private expires = new Float64Array(FIRST_CAPACITY)
  /** The name before, undefined for none. */
  private formerNames: (string | undefined)[] = []
  private formerLearnt = new Float64Array(FIRST_CAPACITY)
  private formerExpires = new Float64Array(FIRST_CAPACITY)
  /** By hash: the first entry of the chain; the next one by entry. */
  private heads = new Int32Array(FIRST_CAPACITY).fill(NONE)
  private chained = new Int32Array(FIRST_CAPACITY)
  /** Neighbours in the order of learning. */
  private older = new Int32Array(FIRST_CAPACITY)
  private newer = new Int32Array(FIRST_CAPACITY)
  private oldest = NONE
  private newest = NONE
  /** The pair being looked up or added. */
  private readonly pair = new Int32Array(PAIR_WORDS)

  constructor(seed: number) {
    this.seed = seed
  }

  size(): number {
    return this.count
  }

  answer(client: Packet, name: string, ttlSec: number, words: readonly number[]): void {
    const { pair } = this
    pair[0] = client.dst0
    pair[1] = client.dst1
    pair[2] = client.dst2
    pair[3] = client.dst3
    for (let i = 0; i < 4; i++) pair[4 + i] = words[i]
    const now = client.timeSec + client.timeNsec / NSEC_PER_SEC
    const expires = now + Math.min(Math.max(ttlSec, 0), MAX_TTL_SEC) + GRACE_SEC
    const known = this.find()
    if (known !== NONE && this.names[known] === name) {
      this.expires[known] = Math.max(this.expires[known], expires)
      return
    }
    if (known !== NONE) this.unlink(known)
    const entry = known === NONE ? this.add() : known
    this.append(entry)
    this.formerNames[entry] = known === NONE ? undefined : this.names[entry]
    this.formerLearnt[entry] = this.learnt[entry]
    this.formerExpires[entry] = this.expires[entry]
    this.names[entry] = name
    this.learnt[entry] = now
    this.expires[entry] = expires
  }

  lookup(ends: Ends, startSec: number, endSec: number): string | undefined {
    if (this.count === 0) return undefined
    const { pair } = this
    pair[0] = ends.src0
    pair[1] = ends.src1
    pair[2] = ends.src2
    pair[3] = ends.src3
    pair[4] = ends.dst0
    pair[5] = ends.dst1
    pair[6] = ends.dst2
    pair[7] = ends.dst3
    const entry = this.find()
    if (entry === NONE) return undefined
    const learnt = this.learnt[entry]
    const holds = learnt <= endSec && this.expires[entry] >= startSec
    if (holds && learnt <= startSec) return this.names[entry]
    const former = this.formerNames[entry]
    const latest = holds ? startSec : endSec
    if (former !== undefined && this.formerLearnt[entry] <= latest && this.formerExpires[entry] >= startSec)
      return former
    return holds ? this.names[entry] : undefined
  }

  private find(): number {
    const { pair, pairs, chained } = this
    let entry = this.heads[this.home(pair, 0)]
    while (entry !== NONE && !isPair(pairs, entry * PAIR_WORDS, pair)) entry = chained[entry]
    return entry
  }

  /** An entry for `pair`, in place of the oldest when all are used. */
  private add(): number {
    if (this.count === this.learnt.length && this.count < MAX_ENTRIES) this.grow()
    const entry = this.count < MAX_ENTRIES ? this.count++ : this.forgetOldest()
    this.pairs.set(this.pair, entry * PAIR_WORDS)
    this.chain(entry)
    return entry
  }

  private forgetOldest(): number {
    const { chained, heads, oldest, pairs } = this
    this.unlink(oldest)
    const home = this.home(pairs, oldest * PAIR_WORDS)
    if (heads[home] === oldest) heads[home] = chained[oldest]
    else {
      let before = heads[home]
      while (chained[before] !== oldest) before = chained[before]
      chained[before] = chained[oldest]
    }
    return oldest
  }

  private chain(entry: number): void {
    const home = this.home(this.pairs, entry * PAIR_WORDS)
    this.chained[entry] = this.heads[home]
    this.heads[home] = entry
  }

  private append(entry: number): void {
    this.older[entry] = this.newest
    this.newer[entry] = NONE
    if (this.newest === NONE) this.oldest = entry
    else this.newer[this.newest] = entry
    this.newest = entry
  }

  private unlink(entry: number): void {
    const { older, newer } = this
    if (older[entry] === NONE) this.oldest = newer[entry]
    else newer[older[entry]] = newer[entry]
    if (newer[entry] === NONE) this.newest = older[entry]
    else older[newer[entry]] = older[entry]
  }

  private grow(): void {
    const capacity = 2 * this.learnt.length
    this.pairs = copied(this.pairs, new Int32Array(capacity * PAIR_WORDS))
    this.learnt = copied(this.learnt, new Float64Array(capacity))
    this.expires = copied(this.expires, new Float64Array(capacity))
    this.formerLearnt = copied(this.formerLearnt, new Float64Array(capacity))
    this.formerExpires = copied(this.formerExpires, new Float64Array(capacity))
    this.older = copied(this.older, new Int32Array(capacity))
    this.newer = copied(this.newer, new Int32Array(capacity))
    this.chained = new Int32Array(capacity)
    this.heads = new Int32Array(capacity).fill(NONE)
    for (let entry = 0; entry < this.count; entry++) this.chain(entry)
  }

  /** Where the chain of the pair at `at` begins. */
  private home(words: Int32Array, at: number): number {
    let hash = this.seed
    for (let i = at; i < at + PAIR_WORDS; i++) hash = hashOn(hash, words[i], this.seed)
    return (hash ^ (hash >>> 16)) & (this.heads.length - 1)
  }
}

function isPair(pairs: Int32Array, at: number, pair: Int32Array): boolean {
  for (let i = 0; i < PAIR_WORDS; i++) if (pairs[at + i] !== pair[i]) return false
  return true
}

function copied<T extends Int32Array | Float64Array>(from: T, into: T): T {
  into.set(from)
  return into
}
