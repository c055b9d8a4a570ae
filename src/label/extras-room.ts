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

export class ExtrasRoom {
  /** Flows of which something was not kept. */
  leftOut = 0
  private readonly most: number
  private used = 0

  constructor(most = MAX_EXTRAS_ROOM) {
    this.most = most
  }

  /** Where a signature writes what it learns: the flow's extras, or what nobody will read. */
  open(facts: Facts): Extras {
    if (this.used >= this.most) {
      if (!facts.leftOut) this.leftOut++
      facts.leftOut = true
      return {}
    }
    facts.extras ??= {}
    facts.written = true
    return facts.extras
  }

  /** The signature has written. */
  settle(facts: Facts): void {
    const room = roomOf(facts.extras ?? {})
    this.used += room - facts.room
    facts.room = room
    facts.written = false
  }

  /** The flow is over. */
  release(facts: Facts): void {
    this.used -= facts.room
    facts.room = 0
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
