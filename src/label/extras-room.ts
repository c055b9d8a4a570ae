/**
 * The extras of all flows, by the handle of inspect.ts, and the room that they take together. A flow keeps its extras
 * until it ends, and whoever sends it decides how long they are: a string of 1,024 bytes may be 4,096 characters when
 * escaped, an HTTP head has five. Once the room is used up, what packets tell beyond that is not kept; labels, evidence
 * and host names are. Room is an estimate made of lengths, so that it is the same on every machine. Extras that will
 * hardly change any more are kept as text, which takes a fraction of the memory.
 */
import type { Extras, ExtrasText } from '../types.ts'

/** Bytes. A million flows with ordinary HTTP heads fit. */
const MAX_EXTRAS_ROOM = 512 * 1024 * 1024
/** Objects with a few fields, and what each string or number takes besides its characters. */
const GROUP_ROOM = 160
const VALUE_ROOM = 24
/** Less than a list that records cut. */
const MAX_RESTING = 100 * VALUE_ROOM
const NOBODY = -1

export class ExtrasRoom {
  private readonly kept: (Extras | string | undefined)[] = []
  /** Whose extras were opened and not counted since, and what room they took. */
  private writing = NOBODY
  private roomBefore = 0
  private readonly most: number
  private readonly text: ExtrasText | undefined
  private used = 0

  /** `text`: what extras are kept as when they rest. */
  constructor(text?: ExtrasText, most = MAX_EXTRAS_ROOM) {
    this.text = text
    this.most = most
  }

  /** There is one more handle. */
  grow(): void {
    this.kept.push(undefined)
  }

  /** A flow's extras, as text where they rest. */
  of(handle: number): Extras | string | undefined {
    return this.kept[handle]
  }

  /** Where a signature writes what it learns; undefined when there is no room for more. */
  open(handle: number): Extras | undefined {
    if (this.used >= this.most) return undefined
    const known = this.kept[handle]
    const extras = typeof known === 'string' ? (this.text?.read(known) ?? {}) : (known ?? {})
    if (this.writing !== handle) {
      this.writing = handle
      this.roomBefore = roomOf(known)
    }
    this.kept[handle] = extras
    return extras
  }

  /** The signature has written what it had to. */
  settle(): void {
    if (this.writing === NOBODY) return
    this.used += roomOf(this.kept[this.writing]) - this.roomBefore
    this.writing = NOBODY
  }

  /** The flow's extras cannot change any more. */
  seal(handle: number): void {
    this.write(handle, Infinity)
  }

  /** They will hardly change any more. Texts are for records, which cut long lists: those who have them go on as they are. */
  rest(handle: number): void {
    this.write(handle, MAX_RESTING)
  }

  private write(handle: number, most: number): void {
    const extras = this.kept[handle]
    if (this.text === undefined || extras === undefined || typeof extras === 'string') return
    const room = roomOf(extras)
    if (room > most) return
    const text = this.text.of(extras)
    this.used += roomOf(text) - room
    this.kept[handle] = text
  }

  /** The flow is over. */
  release(handle: number): void {
    this.used -= roomOf(this.kept[handle])
    this.kept[handle] = undefined
  }
}

function roomOf(extras: Extras | string | undefined): number {
  if (extras === undefined) return 0
  if (typeof extras === 'string') return VALUE_ROOM + extras.length
  let room = 0
  for (const name in extras) {
    const group = extras[name]
    room += GROUP_ROOM
    for (const field in group) room += valueRoom(group[field])
  }
  return room
}

function valueRoom(value: Extras[string][string]): number {
  if (typeof value === 'string') return VALUE_ROOM + value.length
  if (!Array.isArray(value)) return VALUE_ROOM
  let room = VALUE_ROOM
  for (const each of value) room += VALUE_ROOM + (typeof each === 'string' ? each.length : 0)
  return room
}
