/**
 * The room that the extras of all flows take together. A flow keeps its extras until it ends, and whoever sends it
 * decides how long they are: a string of 1,024 bytes may be 4,096 characters when escaped, an HTTP head has five. Once
 * the room is used up, what packets tell beyond that is not kept; labels, evidence and host names are. Room is an
 * estimate made of lengths, so that it is the same on every machine.
 */
import type { Extras } from '../types.ts'
import type { Facts } from './payload-view.ts'

/** Bytes. A million flows with ordinary HTTP heads fit. */
export const MAX_EXTRAS_ROOM = 512 * 1024 * 1024
/** Objects with a few fields, and what each string or number takes besides its characters. */
const GROUP_ROOM = 160
const VALUE_ROOM = 24

export type ExtrasText = (extras: Extras) => string

export class ExtrasRoom {
  /** Flows of which something was not kept. */
  leftOut = 0
  /** Whose extras were opened and not counted since. */
  private written: Facts | undefined
  private readonly most: number
  private readonly textOf: ExtrasText | undefined
  private used = 0

  /** `textOf`: what extras are kept as once they cannot change any more. */
  constructor(textOf?: ExtrasText, most = MAX_EXTRAS_ROOM) {
    this.textOf = textOf
    this.most = most
  }

  /** Where a signature writes what it learns: the flow's extras, or what nobody will read. */
  open(facts: Facts): Extras {
    if (this.used >= this.most || facts.extrasText !== undefined) {
      if (!facts.leftOut) this.leftOut++
      facts.leftOut = true
      return {}
    }
    facts.extras ??= {}
    this.written = facts
    return facts.extras
  }

  /** The signature has written what it had to. */
  settle(): void {
    const facts = this.written
    if (facts === undefined) return
    this.count(facts, roomOf(facts.extras ?? {}))
    this.written = undefined
  }

  /** The flow's extras cannot change any more. */
  seal(facts: Facts): void {
    if (this.textOf === undefined || facts.extras === undefined) return
    facts.extrasText = this.textOf(facts.extras)
    facts.extras = undefined
    this.count(facts, VALUE_ROOM + facts.extrasText.length)
  }

  /** The flow is over. */
  release(facts: Facts): void {
    this.count(facts, 0)
  }

  private count(facts: Facts, room: number): void {
    this.used += room - facts.room
    facts.room = room
  }
}

function roomOf(extras: Extras): number {
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
