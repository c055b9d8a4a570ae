/** Sums by key with bounded memory, for hosts and labels: the greatest are kept, the least are discarded. */

export interface Busiest<T> {
  readonly entries: ReadonlyMap<string, T>
  /** Entries were discarded: the sums of the others may be too low. */
  readonly approximate: boolean
  /** The entry of the key, created if there is none. */
  of(key: string): T
}

/** Keeps at most `most` entries; beyond it the lesser half by `weight` is discarded. */
export function createBusiest<T>(most: number, make: () => T, weight: (entry: T) => number): Busiest<T> {
  const entries = new Map<string, T>()
  let approximate = false

  function forget(): void {
    approximate = true
    const excess = entries.size - (most >> 1)
    const weights = Float64Array.from(entries.values(), weight).sort()
    const bound = weights[excess - 1]
    let equal = excess - weights.indexOf(bound)
    for (const [key, entry] of entries) {
      const value = weight(entry)
      if (value < bound || (value === bound && equal-- > 0)) entries.delete(key)
    }
  }

  return {
    entries,
    get approximate() {
      return approximate
    },
    of(key) {
      const known = entries.get(key)
      if (known !== undefined) return known
      if (entries.size >= most) forget()
      const entry = make()
      entries.set(key, entry)
      return entry
    },
  }
}

export interface Greatest<T> {
  /** Whether an entry of this weight would be kept. */
  wants(weight: number): boolean
  add(entry: T): void
  /** The greatest first. */
  list(): T[]
}

/** The `most` greatest of a stream, by an order that says which comes first. */
export function createGreatest<T>(
  most: number,
  order: (a: T, b: T) => number,
  weight: (entry: T) => number,
): Greatest<T> {
  let kept: T[] = []
  let threshold = -1
  const trim = () => {
    kept = kept.sort(order).slice(0, most)
    if (kept.length === most) threshold = weight(kept[most - 1])
  }
  return {
    wants: (value) => value >= threshold,
    add(entry) {
      kept.push(entry)
      if (kept.length >= 2 * most) trim()
    },
    list() {
      trim()
      return kept.slice()
    },
  }
}
