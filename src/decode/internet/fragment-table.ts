/**
 * The table of fragmented datagrams (RFC 791 section 3.2: source, destination, protocol, identification; RFC 8200 section
 * 4.5 without the protocol; plus the encapsulation). An entry remembers the flow of its first fragment; later fragments
 * that come before it are held as copies, without bytes, until it comes or they are given up as orphans.
 *
 * Bounds: 4,096 datagrams, each kept for 30 s of packet time, and 4,096 held fragments. On overflow the oldest
 * datagram is removed.
 *
 *   entries    key (12 words) | template packet | seen | since | held list    chained by hash, listed by age
 *   held pool  packet | next                                          an entry's held list, the ready queue, or free
 */
import { hashOn, PACKET_EARLIER_INPUT, PACKET_ORPHAN_FRAGMENT } from '../../bytes.ts'
import type { Packet } from '../../types.ts'
import { copyKey, copyPacket, createPacket } from '../packet.ts'
import { FragmentClock } from './fragment-clock.ts'

export const MAX_DATAGRAMS = 4096
export const MAX_HELD = 4096
export const FRAGMENT_TIMEOUT_SEC = 30

const NSEC_PER_SEC = 1e9
const TIMEOUT_NSEC = FRAGMENT_TIMEOUT_SEC * NSEC_PER_SEC

const BUCKETS = 8192
const KEY_WORDS = 12
/** No entry, or no held fragment. */
export const NONE = -1

/** States of a datagram: its first fragment did not come yet. */
export const WAITING = 0
/** The first fragment is the flow's own datagram. */
export const KNOWN = 1
/** The first fragment contained a tunnel: the flow is the inner one, and the whole inner datagram was already counted. */
export const KNOWN_INSIDE = 2

export interface FragmentTable {
  /** Datagrams in the table. */
  count: number
  key: Int32Array
  state: Uint8Array
  /** Packet time of the fragment that was seen first. */
  seenSec: Float64Array
  seenNsec: Uint32Array
  clock: FragmentClock
  /** What the clock said then, nanoseconds. */
  since: Float64Array
  /** Layers at the level of the fragmented datagram: a flow with more lies inside it. */
  layers: Uint8Array
  template: Packet[]
  bucket: Int32Array
  chain: Int32Array
  /** The bucket whose chain the entry is in. */
  chainOf: Int32Array
  /** Age list: oldest … newest. */
  older: Int32Array
  newer: Int32Array
  oldest: number
  newest: number
  freeEntry: number
  usedEntries: number
  heldFirst: Int32Array
  heldLast: Int32Array
  held: Packet[]
  heldNext: Int32Array
  freeHeld: number
  readyFirst: number
  readyLast: number
  /** The key being looked up. */
  probe: Int32Array
  seed: number
}

export function createFragmentTable(): FragmentTable {
  return {
    count: 0,
    key: new Int32Array(MAX_DATAGRAMS * KEY_WORDS),
    state: new Uint8Array(MAX_DATAGRAMS),
    seenSec: new Float64Array(MAX_DATAGRAMS),
    seenNsec: new Uint32Array(MAX_DATAGRAMS),
    clock: new FragmentClock(FRAGMENT_TIMEOUT_SEC + 1),
    since: new Float64Array(MAX_DATAGRAMS),
    layers: new Uint8Array(MAX_DATAGRAMS),
    template: [],
    bucket: new Int32Array(BUCKETS).fill(NONE),
    chain: new Int32Array(MAX_DATAGRAMS).fill(NONE),
    chainOf: new Int32Array(MAX_DATAGRAMS),
    older: new Int32Array(MAX_DATAGRAMS).fill(NONE),
    newer: new Int32Array(MAX_DATAGRAMS).fill(NONE),
    oldest: NONE,
    newest: NONE,
    freeEntry: NONE,
    usedEntries: 0,
    heldFirst: new Int32Array(MAX_DATAGRAMS).fill(NONE),
    heldLast: new Int32Array(MAX_DATAGRAMS).fill(NONE),
    held: [],
    heldNext: new Int32Array(MAX_HELD).fill(NONE),
    freeHeld: NONE,
    readyFirst: NONE,
    readyLast: NONE,
    probe: new Int32Array(KEY_WORDS),
    // Random without harm: the order in a hash chain does not affect the output.
    seed: (Math.random() * 0x100000000) | 0,
  }
}

/** A packet came at this instant: gives up datagrams seen first more than 30 s before it. */
export function expireFragments(table: FragmentTable, sec: number, nsec: number): void {
  const { clock, since } = table
  clock.observe(sec, nsec)
  while (table.oldest !== NONE && clock.passedNsec - since[table.oldest] > TIMEOUT_NSEC)
    removeEntry(table, table.oldest)
}

export function flushFragments(table: FragmentTable): void {
  while (table.oldest !== NONE) removeEntry(table, table.oldest)
}

/** A new input begins: marks all held fragments as from an earlier one. */
export function startInput(table: FragmentTable): void {
  table.clock.startInput()
  for (let entry = table.oldest; entry !== NONE; entry = table.newer[entry])
    for (let index = table.heldFirst[entry]; index !== NONE; index = table.heldNext[index])
      table.held[index].flags |= PACKET_EARLIER_INPUT
}

/** Hands out one released fragment; false when there is none. */
export function takeReleased(table: FragmentTable, packet: Packet): boolean {
  const index = table.readyFirst
  if (index === NONE) return false
  table.readyFirst = table.heldNext[index]
  if (table.readyFirst === NONE) table.readyLast = NONE
  copyPacket(table.held[index], packet)
  table.heldNext[index] = table.freeHeld
  table.freeHeld = index
  return true
}

// ---------------------------------------------------------------- held fragments

/** Gives a later fragment the flow key of its first fragment. */
export function join(table: FragmentTable, entry: number, packet: Packet): void {
  const template = table.template[entry]
  copyKey(template, packet)
  packet.flags |= template.flags
  if (table.state[entry] !== KNOWN_INSIDE) return
  packet.ipBytes = 0
  packet.payloadBytes = 0
}

function orphan(packet: Packet): void {
  packet.flags |= PACKET_ORPHAN_FRAGMENT
  packet.srcPort = 0
  packet.dstPort = 0
}

/** Keeps a copy. False when the pool is full: the packet is an orphan, and the oldest held fragments are released. */
export function hold(table: FragmentTable, entry: number, packet: Packet): boolean {
  const index = takeHeld(table)
  if (index === NONE) {
    orphan(packet)
    while (table.readyFirst === NONE && table.oldest !== NONE) removeEntry(table, table.oldest)
    return false
  }
  const copy = table.held[index]
  copyPacket(packet, copy)
  copy.payloadStart = 0
  copy.payloadEnd = 0
  table.heldNext[index] = NONE
  if (table.heldFirst[entry] === NONE) table.heldFirst[entry] = index
  else table.heldNext[table.heldLast[entry]] = index
  table.heldLast[entry] = index
  return true
}

function takeHeld(table: FragmentTable): number {
  const index = table.freeHeld
  if (index !== NONE) {
    table.freeHeld = table.heldNext[index]
    return index
  }
  if (table.held.length >= MAX_HELD) return NONE
  table.held.push(createPacket())
  return table.held.length - 1
}

/** Moves an entry's held fragments to the ready queue, in the order they came. */
export function releaseHeld(table: FragmentTable, entry: number, asOrphans: boolean): void {
  const first = table.heldFirst[entry]
  if (first === NONE) return
  for (let index = first; index !== NONE; index = table.heldNext[index]) {
    if (asOrphans) orphan(table.held[index])
    else join(table, entry, table.held[index])
  }
  if (table.readyLast === NONE) table.readyFirst = first
  else table.heldNext[table.readyLast] = first
  table.readyLast = table.heldLast[entry]
  table.heldFirst[entry] = NONE
  table.heldLast[entry] = NONE
}

// ---------------------------------------------------------------- entries

/** Fills the probe with the key of the packet's datagram and returns its bucket. */
export function setProbe(
  table: FragmentTable,
  packet: Packet,
  protocol: number,
  identification: number,
): number {
  const probe = table.probe
  probe[0] = packet.src0
  probe[1] = packet.src1
  probe[2] = packet.src2
  probe[3] = packet.src3
  probe[4] = packet.dst0
  probe[5] = packet.dst1
  probe[6] = packet.dst2
  probe[7] = packet.dst3
  probe[8] = identification
  probe[9] = packet.ipVersion === 6 ? 6 << 8 : (4 << 8) | protocol
  probe[10] = packet.encapsulation0
  probe[11] = packet.encapsulation1
  let hash = table.seed
  for (let i = 0; i < KEY_WORDS; i++) hash = hashOn(hash, probe[i], table.seed)
  return (hash ^ (hash >>> 15)) & (BUCKETS - 1)
}

/** The packet's datagram. One of the same key that is too far away in time is given up: the identification is used again. */
export function findEntry(table: FragmentTable, bucket: number, packet: Packet): number {
  let entry = table.bucket[bucket]
  while (entry !== NONE && !matchesProbe(table, entry)) entry = table.chain[entry]
  if (entry === NONE) return NONE
  const { timeSec, timeNsec } = packet
  const apart = (timeSec - table.seenSec[entry]) * NSEC_PER_SEC + (timeNsec - table.seenNsec[entry])
  if (Math.abs(apart) <= TIMEOUT_NSEC) return entry
  removeEntry(table, entry)
  return NONE
}

function matchesProbe(table: FragmentTable, entry: number): boolean {
  const base = entry * KEY_WORDS
  for (let i = 0; i < KEY_WORDS; i++) if (table.key[base + i] !== table.probe[i]) return false
  return true
}

export function addEntry(table: FragmentTable, bucket: number, packet: Packet): number {
  if (table.count === 0) table.clock.restart(packet.timeSec, packet.timeNsec)
  if (table.count >= MAX_DATAGRAMS) removeEntry(table, table.oldest)
  let entry = table.freeEntry
  if (entry === NONE) entry = table.usedEntries++
  else table.freeEntry = table.chain[entry]
  table.key.set(table.probe, entry * KEY_WORDS)
  table.state[entry] = WAITING
  setSeen(table, entry, packet)
  table.chain[entry] = table.bucket[bucket]
  table.bucket[bucket] = entry
  table.chainOf[entry] = bucket
  appendNewest(table, entry)
  table.count++
  return entry
}

/** Another first fragment with a known key: the identification wrapped around, or it was sent again. */
export function renew(table: FragmentTable, entry: number, packet: Packet): number {
  unlinkAge(table, entry)
  appendNewest(table, entry)
  setSeen(table, entry, packet)
  return entry
}

/** Removes a datagram; its held fragments are released as orphans. */
function removeEntry(table: FragmentTable, entry: number): void {
  releaseHeld(table, entry, true)
  unchain(table, entry)
  unlinkAge(table, entry)
  table.chain[entry] = table.freeEntry
  table.freeEntry = entry
  table.count--
}

function unchain(table: FragmentTable, entry: number): void {
  const bucket = table.chainOf[entry]
  let at = table.bucket[bucket]
  if (at === entry) {
    table.bucket[bucket] = table.chain[entry]
    return
  }
  while (table.chain[at] !== entry) at = table.chain[at]
  table.chain[at] = table.chain[entry]
}

function setSeen(table: FragmentTable, entry: number, packet: Packet): void {
  table.seenSec[entry] = packet.timeSec
  table.seenNsec[entry] = packet.timeNsec
  table.since[entry] = table.clock.passedNsec
}

function appendNewest(table: FragmentTable, entry: number): void {
  table.older[entry] = table.newest
  table.newer[entry] = NONE
  if (table.newest === NONE) table.oldest = entry
  else table.newer[table.newest] = entry
  table.newest = entry
}

function unlinkAge(table: FragmentTable, entry: number): void {
  const older = table.older[entry]
  const newer = table.newer[entry]
  if (older === NONE) table.oldest = newer
  else table.newer[older] = newer
  if (newer === NONE) table.newest = older
  else table.older[newer] = older
}
