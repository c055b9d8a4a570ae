/** Rows of tables and charts as indexes: search, sorting, open sessions, sessions of a slot or near an instant. */

/** The rows of 0..count-1 whose text contains every word of the query, ignoring case. */
export function matching(
  count: number,
  query: string,
  text?: (row: number) => string,
): Uint32Array<ArrayBuffer> {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  const rows = new Uint32Array(count)
  let found = 0
  for (let row = 0; row < count; row++) {
    const held = words.length === 0 ? '' : (text?.(row).toLowerCase() ?? '')
    if (words.every((word) => held.includes(word))) rows[found++] = row
  }
  return rows.slice(0, found)
}

/** The rows, given in ascending order, sorted by their keys; the sort is stable. */
export function ordered(
  rows: Uint32Array<ArrayBuffer>,
  key: (row: number) => number | string,
  descending: boolean,
): Uint32Array<ArrayBuffer> {
  const keys: (number | string)[] = new Array((rows.at(-1) ?? -1) + 1)
  for (const row of rows) keys[row] = key(row)
  const sign = descending ? -1 : 1
  return rows.slice().sort((a, b) => {
    const left = keys[a]
    const right = keys[b]
    return left < right ? -sign : left > right ? sign : a - b
  })
}

/** The open sessions are the last ones; each has an entry in `openLastPacket`. */
export function isOpen(
  { id, openLastPacket }: { id: readonly string[]; openLastPacket: readonly number[] },
  session: number,
): boolean {
  return session >= id.length - openLastPacket.length
}

/** Seconds since the last packet of an open session. */
export function silence(
  sessions: { id: readonly string[]; end: readonly number[]; openLastPacket: readonly number[] },
  session: number,
): number {
  const { id, end, openLastPacket } = sessions
  return end[session] - openLastPacket[session - (id.length - openLastPacket.length)]
}

/** Sessions of one slot in the order of their starts, by slot. */
export function bySlot(
  sessions: { slotIndex: readonly number[]; start: readonly number[] },
  chosen: (session: number) => boolean,
): Map<number, number[]> {
  const slots = new Map<number, number[]>()
  for (let i = 0; i < sessions.start.length; i++) {
    if (!chosen(i)) continue
    const list = slots.get(sessions.slotIndex[i])
    if (list === undefined) slots.set(sessions.slotIndex[i], [i])
    else list.push(i)
  }
  for (const list of slots.values()) list.sort((a, b) => sessions.start[a] - sessions.start[b])
  return slots
}

/** The session of the list that is nearest to `at`, if it is no farther than `within`. */
export function nearest(
  list: readonly number[],
  sessions: { start: readonly number[]; end: readonly number[] },
  at: number,
  within: number,
): number | undefined {
  let best: number | undefined
  let least = within
  for (const i of list) {
    if (sessions.start[i] - at > least) break
    const distance = Math.max(sessions.start[i] - at, at - sessions.end[i], 0)
    if (distance <= least) {
      best = i
      least = distance
    }
  }
  return best
}

/** Rows of the occupancy chart: the slot indexes of each row, lowest first. */
export interface SlotRows {
  /** First and last slot index of each row. */
  first: number[]
  last: number[]
  /** Only slots that were used have a row. */
  usedOnly: boolean
  rowOf: Map<number, number>
}

/** One row for each slot if there is room; else one for each used slot; else several used slots in a row. */
export function slotRows(used: readonly number[], room: number): SlotRows {
  const sorted = [...new Set(used)].sort((a, b) => a - b)
  const highest = sorted.at(-1) ?? 0
  const rowOf = new Map<number, number>()
  if (highest < room) {
    const all = Array.from({ length: highest + 1 }, (_, i) => i)
    for (const slot of all) rowOf.set(slot, slot)
    return { first: all, last: all, usedOnly: false, rowOf }
  }
  const each = Math.max(1, Math.ceil(sorted.length / room))
  const first: number[] = []
  const last: number[] = []
  sorted.forEach((slot, i) => {
    const row = Math.floor(i / each)
    rowOf.set(slot, row)
    first[row] ??= slot
    last[row] = slot
  })
  return { first, last, usedOnly: true, rowOf }
}
