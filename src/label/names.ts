/**
 * Names that clients learnt from DNS answers: "10.0.0.7 was told that 192.0.2.1 is www.example.org". Bounded, with
 * the answer's TTL on the packet clock; when full, the entry learnt longest ago goes.
 */
import type { Packet } from '../types.ts'

const MAX_ENTRIES = 65_536
/** Answers are used a little beyond their TTL: connections outlive it, and stub resolvers round it up. */
export const GRACE_SEC = 60
const MAX_TTL_SEC = 604_800

interface Entry {
  name: string
  learntSec: number
  expiresSec: number
}

export interface NameCache {
  answer(client: Packet, name: string, ttlSec: number, ipVersion: 4 | 6, words: readonly number[]): void
  /** What the client was told about the server at a time that fits a flow from startSec to endSec; words of both ends. */
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

export function createNameCache(): NameCache {
  const entries = new Map<number | string, Entry>()
  // A new iterator for every answer would pass over all that went before it; one for good would hold every copy of
  // itself that the Map makes as it grows.
  let oldest = entries.keys()
  let added = 0
  const filter = new PairFilter()
  return {
    size: () => entries.size,
    answer(client, name, ttlSec, _ipVersion, words) {
      const { dst0, dst1, dst2, dst3 } = client
      const key = keyOf(dst0, dst1, dst2, dst3, words[0], words[1], words[2], words[3])
      const expires = client.timeSec + Math.min(Math.max(ttlSec, 0), MAX_TTL_SEC) + GRACE_SEC
      const known = entries.get(key)
      if (known !== undefined && known.name === name) {
        known.expiresSec = Math.max(known.expiresSec, expires)
        return
      }
      entries.delete(key)
      if (entries.size >= MAX_ENTRIES) entries.delete(oldest.next().value as string | number)
      entries.set(key, { name, learntSec: client.timeSec, expiresSec: expires })
      if (typeof key === 'number') filter.add(key)
      if (++added % MAX_ENTRIES !== 0) return
      oldest = entries.keys()
      filter.clear()
      for (const each of entries.keys()) if (typeof each === 'number') filter.add(each)
    },
    lookup(ends, startSec, endSec) {
      if (entries.size === 0) return undefined
      const { src0, src1, src2, src3, dst0, dst1, dst2, dst3 } = ends
      const key = keyOf(src0, src1, src2, src3, dst0, dst1, dst2, dst3)
      if (typeof key === 'number' && !filter.mayHave(key)) return undefined
      const entry = entries.get(key)
      return entry !== undefined && entry.learntSec <= endSec && entry.expiresSec >= startSec
        ? entry.name
        : undefined
    },
  }
}

/**
 * One bit for every pair that was ever told: nearly all ends that are looked up were told nothing, and to know that
 * a Map takes ten times as long.
 */
class PairFilter {
  private readonly bits = new Int32Array((16 * MAX_ENTRIES) >>> 5)

  add(key: number): void {
    const bit = this.bitOf(key)
    this.bits[bit >>> 5] |= 1 << (bit & 31)
  }

  mayHave(key: number): boolean {
    const bit = this.bitOf(key)
    return ((this.bits[bit >>> 5] >>> (bit & 31)) & 1) !== 0
  }

  clear(): void {
    this.bits.fill(0)
  }

  private bitOf(key: number): number {
    asNumber[0] = key
    const mixed = Math.imul(pair[0] ^ Math.imul(pair[1], 0x9e3779b1), 0x85ebca6b)
    return (mixed ^ (mixed >>> 15)) & (16 * MAX_ENTRIES - 1)
  }
}

const pair = new Int32Array(2)
const asNumber = new Float64Array(pair.buffer)

/**
 * Client and server as one key. Two IPv4 addresses are the bits of one double, which a Map finds quicker than text;
 * the few pairs that are no ordinary number (clients in 127.240/12, 240/4, zeros) and IPv6 take text.
 */
function keyOf(
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  s0: number,
  s1: number,
  s2: number,
  s3: number,
): number | string {
  if ((c0 | c1 | c2 | s0 | s1 | s2) === 0) {
    pair[0] = s3
    pair[1] = c3
    if (asNumber[0] !== 0 && Number.isFinite(asNumber[0])) return asNumber[0]
  }
  return `${c0},${c1},${c2},${c3};${s0},${s1},${s2},${s3}`
}
