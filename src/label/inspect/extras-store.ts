/**
 * The extras and host names of the flows that have any, each under a place number, and the memory that extras take
 * together. A flow keeps its extras until it ends, and the sender decides how long they are: a string of 1,024 bytes may
 * be 4,096 characters when escaped, and an HTTP head has five strings. Once the limit is reached, further extras are
 * dropped; labels, evidence and host names are not. Memory is estimated from lengths, so that the limit is the same on
 * every machine. Extras that will hardly change any more are kept as text, which takes a fraction of the memory.
 */
import type { Extras, ExtrasText } from '../../types.ts'

/** Bytes. A million flows with ordinary HTTP heads fit. */
const MAX_EXTRAS_BYTES = 512 * 1024 * 1024
/** Objects with a few fields, and what each string or number takes besides its characters. */
const GROUP_BYTES = 160
const VALUE_BYTES = 24
/** Bytes of extras that `compact` still turns to text: less than any list that records would cut. */
const MAX_COMPACTED = 100 * VALUE_BYTES
const NO_FLOW = -1
/** The place of flows without extras and host name. */
export const NO_PLACE = 0

export class ExtrasStore {
  private readonly kept: (Extras | string | undefined)[] = [undefined]
  private readonly hostnames: (string | undefined)[] = [undefined]
  private readonly free: number[] = []
  /** The place whose extras were opened and not counted since, and their size before. */
  private writing = NO_FLOW
  private sizeBefore = 0
  private readonly most: number
  private readonly text: ExtrasText | undefined
  private used = 0

  /** `text`: converts extras to text; absent: they stay objects. `most`: bytes. */
  constructor(text?: ExtrasText, most = MAX_EXTRAS_BYTES) {
    this.text = text
    this.most = most
  }

  /** A place for a flow that has something to keep. */
  take(): number {
    const place = this.free.pop()
    if (place !== undefined) return place
    this.hostnames.push(undefined)
    return this.kept.push(undefined) - 1
  }

  /** A flow's extras; a string where they were turned to text. */
  of(place: number): Extras | string | undefined {
    return this.kept[place]
  }

  hostnameOf(place: number): string | undefined {
    return this.hostnames[place]
  }

  nameHost(place: number, hostname: string): void {
    this.hostnames[place] = hostname
  }

  /** The extras to be written to; undefined when the limit is reached. */
  open(place: number): Extras | undefined {
    if (this.used >= this.most) return undefined
    const known = this.kept[place]
    const extras = typeof known === 'string' ? (this.text?.read(known) ?? {}) : (known ?? {})
    if (this.writing !== place) {
      this.writing = place
      this.sizeBefore = sizeOf(known)
    }
    this.kept[place] = extras
    return extras
  }

  /** Counts what was written since `open`. */
  settle(): void {
    if (this.writing === NO_FLOW) return
    this.used += sizeOf(this.kept[this.writing]) - this.sizeBefore
    this.writing = NO_FLOW
  }

  /** The flow's extras cannot change any more: keeps them as text. */
  seal(place: number): void {
    this.write(place, Infinity)
  }

  /** The extras will hardly change any more: keeps short ones as text. Records cut long lists, so those stay objects. */
  compact(place: number): void {
    this.write(place, MAX_COMPACTED)
  }

  private write(place: number, most: number): void {
    const extras = this.kept[place]
    if (this.text === undefined || extras === undefined || typeof extras === 'string') return
    const size = sizeOf(extras)
    if (size > most) return
    const text = this.text.of(extras)
    this.used += sizeOf(text) - size
    this.kept[place] = text
  }

  /** The flow is over. */
  release(place: number): void {
    if (place === NO_PLACE) return
    this.used -= sizeOf(this.kept[place])
    this.kept[place] = undefined
    this.hostnames[place] = undefined
    this.free.push(place)
  }
}

function sizeOf(extras: Extras | string | undefined): number {
  if (extras === undefined) return 0
  if (typeof extras === 'string') return VALUE_BYTES + extras.length
  let size = 0
  for (const name in extras) {
    const group = extras[name]
    size += GROUP_BYTES
    for (const field in group) size += valueSize(group[field])
  }
  return size
}

function valueSize(value: Extras[string][string]): number {
  if (typeof value === 'string') return VALUE_BYTES + value.length
  if (!Array.isArray(value)) return VALUE_BYTES
  let size = VALUE_BYTES
  for (const each of value) size += VALUE_BYTES + (typeof each === 'string' ? each.length : 0)
  return size
}
