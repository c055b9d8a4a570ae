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
  return {
    size: () => entries.size,
    answer(client, name, ttlSec, _ipVersion, words) {
      const key = keyOf([client.dst0, client.dst1, client.dst2, client.dst3], words)
      const expires = client.timeSec + Math.min(Math.max(ttlSec, 0), MAX_TTL_SEC) + GRACE_SEC
      const known = entries.get(key)
      if (known !== undefined && known.name === name) {
        known.expiresSec = Math.max(known.expiresSec, expires)
        return
      }
      entries.delete(key)
      if (entries.size >= MAX_ENTRIES) entries.delete(oldest.next().value as string | number)
      entries.set(key, { name, learntSec: client.timeSec, expiresSec: expires })
      if (++added % MAX_ENTRIES === 0) oldest = entries.keys()
    },
    lookup(ends, startSec, endSec) {
      if (entries.size === 0) return undefined
      const key = keyOf(
        [ends.src0, ends.src1, ends.src2, ends.src3],
        [ends.dst0, ends.dst1, ends.dst2, ends.dst3],
      )
      const entry = entries.get(key)
      return entry !== undefined && entry.learntSec <= endSec && entry.expiresSec >= startSec
        ? entry.name
        : undefined
    },
  }
}

const pair = new Int32Array(2)
const asNumber = new Float64Array(pair.buffer)

/**
 * Client and server as one key. Two IPv4 addresses are the bits of one double, which a Map finds quicker than text;
 * the few pairs that are no ordinary number (clients in 127.240/12, 240/4, zeros) and IPv6 take text.
 */
function keyOf(client: readonly number[], server: readonly number[]): number | string {
  if ((client[0] | client[1] | client[2] | server[0] | server[1] | server[2]) === 0) {
    pair[0] = server[3]
    pair[1] = client[3]
    if (asNumber[0] !== 0 && Number.isFinite(asNumber[0])) return asNumber[0]
  }
  return `${client.join()};${server.join()}`
}
