/**
 * The extras and host names of all flows, each under a place: payload of most flows tells neither. And the room that
 * extras take together. A flow keeps them until it ends, and whoever sends it decides how long they are: a string of 1,024 bytes may be 4,096 characters when
 * escaped, an HTTP head has five. Once the room is used up, what packets tell beyond that is not kept; labels, evidence
 * and host names are. Room is an estimate made of lengths, so that it is the same on every machine. Extras that will
 * hardly change any more are kept as text, which takes a fraction of the memory.
 */
import type { Extras, ExtrasText } from '../../types.ts'

/** Bytes. A million flows with ordinary HTTP heads fit. */
const MAX_EXTRAS_ROOM = 512 * 1024 * 1024
/** Objects with a few fields, and what each string or number takes besides its characters. */
const GROUP_ROOM = 160
const VALUE_ROOM = 24
/** Less than a list that records cut. */
const MAX_RESTING = 100 * VALUE_ROOM
const NOBODY = -1
/** The place of the flows of which payload told nothing. */
export const NOWHERE = 0

export class ExtrasRoom {
  private readonly kept: (Extras | string | undefined)[] = [undefined]
  private readonly hostnames: (string | undefined)[] = [undefined]
  private readonly free: number[] = []
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

  /** A place for a flow that has something to keep. */
  take(): number {
    const place = this.free.pop()
    if (place !== undefined) return place
    this.hostnames.push(undefined)
    return this.kept.push(undefined) - 1
  }

  /** A flow's extras, as text where they rest. */
  of(place: number): Extras | string | undefined {
    return this.kept[place]
  }

  hostnameOf(place: number): string | undefined {
    return this.hostnames[place]
  }

  nameHost(place: number, hostname: string): void {
    this.hostnames[place] = hostname
  }

  /** Where a signature writes what it learns; undefined when there is no room for more. */
  open(place: number): Extras | undefined {
    if (this.used >= this.most) return undefined
    const known = this.kept[place]
    const extras = typeof known === 'string' ? (this.text?.read(known) ?? {}) : (known ?? {})
    if (this.writing !== place) {
      this.writing = place
      this.roomBefore = roomOf(known)
    }
    this.kept[place] = extras
    return extras
  }

  /** The signature has written what it had to. */
  settle(): void {
    if (this.writing === NOBODY) return
    this.used += roomOf(this.kept[this.writing]) - this.roomBefore
    this.writing = NOBODY
  }

  /** The flow's extras cannot change any more. */
  seal(place: number): void {
    this.write(place, Infinity)
  }

  /** They will hardly change any more. Texts are for records, which cut long lists: those who have them go on as they are. */
  rest(place: number): void {
    this.write(place, MAX_RESTING)
  }

  private write(place: number, most: number): void {
    const extras = this.kept[place]
    if (this.text === undefined || extras === undefined || typeof extras === 'string') return
    const room = roomOf(extras)
    if (room > most) return
    const text = this.text.of(extras)
    this.used += roomOf(text) - room
    this.kept[place] = text
  }

  /** The flow is over. */
  release(place: number): void {
    if (place === NOWHERE) return
    this.used -= roomOf(this.kept[place])
    this.kept[place] = undefined
    this.hostnames[place] = undefined
    this.free.push(place)
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
