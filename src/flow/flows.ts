/**
 * Packets in, flows out. A flow is a row of layout.ts, found by key.ts through index-table.ts; it ends by FIN or
 * RST and a linger, by silence, by age, by eviction or with the input, in the order of its close instants.
 *
 * Promised: timeouts are checked before a packet is added; equal is not longer; every row that ends is handed to
 * `closed` exactly once, when the clock has passed its close instant; nothing depends on the hash seed; at most
 * `maxFlows` live rows. A flow split by a timeout leaves its row dormant for a while, so that the flow that goes on
 * from it can name it and keep what is known. Not here: what a flow means (label), sessions (pool).
 */
import * as bytes from '../bytes.ts'
import type { EndReason, Packet } from '../types.ts'
import { Deadline } from './deadline.ts'
import { DormantRows } from './dormant.ts'
import { DueRows } from './due.ts'
import { createEvictor, type Evictor } from './evict.ts'
import { EvictedIds } from './evicted-ids.ts'
import { PacketFlags } from './flags.ts'
import * as key from './key.ts'
import * as row from './layout.ts'
import { FlowLookup } from './lookup.ts'
import { addTo, RowPages } from './pages.ts'
import { isOpening, keptState, trackTcp } from './tcp.ts'

/** At most maxFlows / DORMANT_PART dormant rows are kept. */
const DORMANT_PART = 8
/** Entries allowed beyond the limit for each flow, so that a small table is not rebuilt every few flows. */
const EVICTOR_SLACK = 65_536
/** Entries a flow in the queue before it is swept. A live flow has five at most: its first, and one for each FIN and RST. */
const DUE_ENTRIES = 8

export interface FlowOptions {
  /** Seconds, Infinity for never. */
  idleTcpSec: number
  idleOtherSec: number
  activeSec: number
  maxFlows: number
  seed: number
}

export interface FlowEvents {
  /** The row's record is due. The row may be read until the call returns. */
  closed(row: number, reason: EndReason, closeSec: number, closeNsec: number): void
  /** The row's label handle is not needed any more. */
  forget(labelHandle: number): void
}

export class FlowTracker {
  readonly pages = new RowPages()
  readonly lookup: FlowLookup
  /** Of the packet added last: 0 from side a. */
  direction = 0
  /** The packet added last began a flow (or continues one that was split). */
  created = false
  live = 0
  evicted = 0
  /** When a row may be due next; Infinity for never. */
  get nextDueSec(): number {
    return this.due.topSec
  }
  get nextDueNsec(): number {
    return this.due.topNsec
  }
  /** Of the row that popDue found last, or that was asked for. */
  readonly deadline: Deadline

  private readonly options: FlowOptions
  private readonly events: FlowEvents
  private due = new DueRows()
  private readonly dormant: DormantRows
  private evictor: Evictor | undefined
  private evictedIds: EvictedIds | undefined
  private readonly flags = new PacketFlags()
  private serial = 0
  private readonly scratch: Packet
  private readonly previousId = new Int32Array(2)
  constructor(options: FlowOptions, events: FlowEvents, scratch: Packet) {
    this.options = options
    this.lookup = new FlowLookup(this.pages, options.seed)
    this.events = events
    this.scratch = scratch
    this.dormant = new DormantRows(Math.max(1, Math.floor(options.maxFlows / DORMANT_PART)))
    this.deadline = new Deadline(options)
  }

  /**
   * Adds a decoded packet to its flow and returns the flow's row. `clockSec` is the packet clock, `hash` the packet's
   * where it is known already.
   */
  add(packet: Packet, clockSec: number, hash = this.lookup.hash(packet)): number {
    let found = this.lookup.find(packet, hash)
    this.created = false
    if (found < 0) found = this.create(packet, hash)
    else {
      this.direction = this.lookup.direction
      this.reopen(found, packet)
    }
    this.count(found, packet, clockSec)
    return found
  }

  /** Frames are numbered anew. */
  startInput(): void {
    this.flags.startInput(this.serial + 1)
  }

  /** A known key: does the packet belong to the row's flow, or does that one end here and a new one begin? */
  private reopen(found: number, packet: Packet): void {
    const words = this.pages.words[row.pageOf(found)]
    const doubles = this.pages.doubles[row.pageOf(found)]
    const at = row.offsetOf(found)
    const state = words[at + row.STATE]
    const opens = packet.protocol === bytes.PROTOCOL_TCP && isOpening(packet.tcpFlags)
    if ((state & row.STATE_DORMANT) !== 0) {
      this.restart(found, packet, !opens)
      return
    }
    if (this.deadline.isPast(words, doubles, at, packet)) {
      this.end(found)
      const goesOn = this.deadline.reason === 'idle' || this.deadline.reason === 'active'
      this.restart(found, packet, goesOn && !opens)
    } else if (opens) this.openAgain(found, packet, state)
  }

  /** A SYN on a live flow: after FIN or RST a new flow; a repeated SYN is none; anything else is an anomaly. */
  private openAgain(found: number, packet: Packet, state: number): void {
    const words = this.pages.words[row.pageOf(found)]
    const at = row.offsetOf(found)
    const closed = row.STATE_FIN_A | row.STATE_FIN_B | row.STATE_RST_A | row.STATE_RST_B
    if ((state & closed) !== 0) {
      const reset = (state & (row.STATE_RST_A | row.STATE_RST_B)) !== 0
      this.deadline.set(packet.timeSec, packet.timeNsec, reset ? 'rst' : 'fin')
      this.end(found)
      this.restart(found, packet, false)
      return
    }
    const known = this.direction === 0 ? row.STATE_SEQUENCE_A : row.STATE_SEQUENCE_B
    const next = words[at + row.NEXT_SEQUENCE_A + this.direction]
    const repeated = (state & known) !== 0 && next === ((packet.tcpSequence + 1) | 0)
    const opening = (state & row.STATE_CONTINUED) === 0 && (state & (row.STATE_SYN_A | row.STATE_SYN_B)) !== 0
    const simultaneous = opening && (state & known) === 0
    if (!repeated && !simultaneous) words[at + row.ANOMALIES] |= row.ANOMALY_SYN_IN_FLOW
  }

  private create(packet: Packet, hash: number): number {
    if (this.live >= this.options.maxFlows) this.evict()
    const kind = key.kindOf(packet)
    const made = this.pages.allocate(kind)
    const words = this.pages.words[row.pageOf(made)]
    const at = row.offsetOf(made)
    key.writeKey(words, at, packet, kind)
    this.pages.clear(made)
    words[at + row.LABEL_HANDLE] = -1
    words[at + row.POOL_HANDLE] = -1
    this.lookup.insert(hash, made)
    this.direction = 0
    this.begin(made, packet, NO_ID)
    return made
  }

  /** Reuses the row of a flow that was handed out, for the next flow on the same key. */
  private restart(found: number, packet: Packet, goesOn: boolean): void {
    const words = this.pages.words[row.pageOf(found)]
    const at = row.offsetOf(found)
    const id = this.previousId
    id[0] = words[at + row.ID_HIGH]
    id[1] = words[at + row.ID_LOW]
    const follows = goesOn || key.beganWith(words, this.pages.doubles[row.pageOf(found)], at, packet)
    const kept = goesOn ? keptState(words[at + row.STATE]) : 0
    const label = words[at + row.LABEL_HANDLE]
    if ((words[at + row.STATE] & row.STATE_DORMANT) === 0) this.live--
    if (this.live >= this.options.maxFlows) this.evict()
    if (!goesOn && label !== -1) this.events.forget(label)
    const tcp = row.isTcp(words[at + row.KIND])
    const nextA = tcp ? words[at + row.NEXT_SEQUENCE_A] : 0
    const nextB = tcp ? words[at + row.NEXT_SEQUENCE_B] : 0
    this.pages.clear(found)
    if (tcp) {
      words[at + row.NEXT_SEQUENCE_A] = nextA
      words[at + row.NEXT_SEQUENCE_B] = nextB
    }
    words[at + row.POOL_HANDLE] = -1
    words[at + row.LABEL_HANDLE] = goesOn ? label : -1
    if (goesOn) {
      words[at + row.CONTINUES_HIGH] = id[0]
      words[at + row.CONTINUES_LOW] = id[1]
      const answers = !tcp && this.direction === 1
      words[at + row.STATE] = kept | row.STATE_CONTINUED | (answers ? row.STATE_B_FIRST : 0)
    } else if (this.direction === 1) {
      key.writeKey(words, at, packet, words[at + row.KIND])
      this.direction = 0
    }
    this.begin(found, packet, follows ? id : NO_ID)
  }

  /** `previous`: id of the flow that this one goes on from, or that began on its key at the same instant. */
  private begin(made: number, packet: Packet, previous: Int32Array): void {
    const words = this.pages.words[row.pageOf(made)]
    const doubles = this.pages.doubles[row.pageOf(made)]
    const at = row.offsetOf(made)
    this.created = true
    this.live++
    words[at + row.SERIAL] = ++this.serial
    doubles[(at >> 1) + row.F_START_SEC] = packet.timeSec
    doubles[(at >> 1) + row.F_END_SEC] = packet.timeSec
    words[at + row.START_NSEC] = packet.timeNsec
    words[at + row.END_NSEC] = packet.timeNsec
    row.setFirstFrame(words, at, packet.frame)
    if (key.isIcmp(packet.protocol)) words[at + row.ICMP_CODE] = packet.icmpCode
    key.writeId(words, at, packet, previous)
    while (this.evictedIds?.has(words[at + row.ID_HIGH], words[at + row.ID_LOW]) === true)
      key.writeId(words, at, packet, words.slice(at + row.ID_HIGH, at + row.ID_LOW + 1))
    if (packet.protocol === bytes.PROTOCOL_TCP && (packet.tcpFlags & bytes.TCP_SYN) === 0)
      if ((words[at + row.STATE] & row.STATE_CONTINUED) === 0)
        words[at + row.ANOMALIES] |= row.ANOMALY_MIDSTREAM
    this.deadline.find(words, doubles, at)
    // A flow without a timeout is not queued; a FIN or RST queues it.
    if (this.deadline.sec < Infinity) this.due.push(this.deadline.sec, this.deadline.nsec, made, this.serial)
    if (this.due.size > DUE_ENTRIES * this.live + EVICTOR_SLACK)
      this.due = this.due.swept((each, serial) => this.pages.isOpen(each, serial))
    this.evictor?.add(made, packet.timeSec, packet.timeNsec, this.serial)
    // Entries of flows that ended otherwise accumulate: then it is dropped, and rebuilt when it is needed.
    if ((this.evictor?.size ?? 0) > 2 * this.options.maxFlows + EVICTOR_SLACK) this.evictor = undefined
  }

  private count(found: number, packet: Packet, clockSec: number): void {
    const words = this.pages.words[row.pageOf(found)]
    const doubles = this.pages.doubles[row.pageOf(found)]
    const at = row.offsetOf(found)
    const half = at >> 1
    const direction = this.direction
    const side = direction * row.SIDE_WORDS
    const { pages } = this
    words[at + side + row.PACKETS]++
    if (addTo(words, at + side + row.WIRE_BYTES, packet.wireBytes)) pages.carry(found, side + row.WIRE_BYTES)
    if (addTo(words, at + side + row.IP_BYTES, packet.ipBytes)) pages.carry(found, side + row.IP_BYTES)
    if (addTo(words, at + side + row.PAYLOAD_BYTES, packet.payloadBytes))
      pages.carry(found, side + row.PAYLOAD_BYTES)
    const sec = packet.timeSec
    const endSec = doubles[half + row.F_END_SEC]
    if (sec > endSec || (sec === endSec && packet.timeNsec >= words[at + row.END_NSEC])) {
      doubles[half + row.F_END_SEC] = sec
      words[at + row.END_NSEC] = packet.timeNsec
    } else this.wentBack(words, doubles, at, packet)
    words[at + row.LAG_SEC] = sec < clockSec ? Math.min(clockSec - sec, MAX_LAG_SEC) : 0
    if (packet.flags !== 0) this.flags.note(words, doubles, at, packet)
    if (packet.protocol === bytes.PROTOCOL_TCP) {
      const before = words[at + row.STATE]
      trackTcp(words, doubles, at, packet, direction)
      if (((words[at + row.STATE] ^ before) & row.STATE_CLOSING) !== 0) this.hasten(found)
    }
    if ((packet.flags & bytes.PACKET_QUOTE) !== 0 && key.quotesLost(packet)) this.flagQuoted(packet)
  }

  /** The packet is older than the flow's last: count it, widen the flow, never report a negative duration. */
  private wentBack(words: Int32Array, doubles: Float64Array, at: number, packet: Packet): void {
    // A later fragment that waited for its first one comes late without any fault of the clock.
    if ((packet.flags & bytes.PACKET_FRAGMENT) === 0) words[at + row.ANOMALIES] |= row.ANOMALY_TIME_BACKWARDS
    const half = at >> 1
    const earlier = -row.sinceStart(words, doubles, at, packet)
    if (earlier <= 0) return
    doubles[half + row.F_START_SEC] = packet.timeSec
    words[at + row.START_NSEC] = packet.timeNsec
    if ((words[at + row.STATE] & row.STATE_CLOSING) !== 0) doubles[half + row.F_CLOSING] += earlier
    const timed = words[at + row.STATE] & (row.STATE_SYN_TIMED | row.STATE_HANDSHAKE)
    if (timed === row.STATE_SYN_TIMED) doubles[half + row.F_HANDSHAKE] += earlier
  }

  /** An ICMP error marks the flow that it quotes; it is never that flow's traffic. */
  private flagQuoted(packet: Packet): void {
    const quoted = this.scratch
    key.readQuote(packet, quoted)
    const found = this.lookup.find(quoted, this.lookup.hash(quoted))
    if (found >= 0)
      this.pages.words[row.pageOf(found)][row.offsetOf(found) + row.ANOMALIES] |= row.ANOMALY_ICMP_UNREACHABLE
  }

  /**
   * The next row whose close instant lies before the clock, or -1; instant and reason are in `deadline`. The caller
   * hands it out with findDeadline, `end` and `retire` before it adds another packet.
   */
  popDue(clockSec: number, clockNsec: number): number {
    const due = this.due
    while (due.topSec < clockSec || (due.topSec === clockSec && due.topNsec < clockNsec)) {
      const candidate = due.topRow
      const serial = due.topSerial
      const plannedSec = due.topSec
      const plannedNsec = due.topNsec
      due.pop()
      const words = this.pages.words[row.pageOf(candidate)]
      const at = row.offsetOf(candidate)
      if (!this.pages.isOpen(candidate, serial)) continue
      this.deadline.find(words, this.pages.doubles[row.pageOf(candidate)], at)
      const sec = this.deadline.sec + words[at + row.LAG_SEC]
      // Later than planned: others may come first, though this one, too, is due.
      if (sec === plannedSec && this.deadline.nsec === plannedNsec) {
        words[at + row.STATE] |= row.STATE_QUEUED
        return candidate
      }
      due.push(sec, this.deadline.nsec, candidate, serial)
    }
    return -1
  }

  /** A FIN or RST brings the close instant forward: the row must be looked at earlier than planned. */
  private hasten(found: number): void {
    const words = this.pages.words[row.pageOf(found)]
    const at = row.offsetOf(found)
    this.deadline.find(words, this.pages.doubles[row.pageOf(found)], at)
    this.due.push(
      this.deadline.sec + words[at + row.LAG_SEC],
      this.deadline.nsec,
      found,
      words[at + row.SERIAL],
    )
  }

  /** Sets `deadline` for a row that is about to end, no later than the end of input. */
  findDeadline(found: number): void {
    const page = row.pageOf(found)
    this.deadline.findAtEnd(this.pages.words[page], this.pages.doubles[page], row.offsetOf(found))
  }

  /** Hands the row out with closeReason and the close instant. */
  end(found: number): void {
    this.events.closed(found, this.deadline.reason, this.deadline.sec, this.deadline.nsec)
  }

  /** After `end`: a timeout leaves the row dormant, anything else frees it. */
  retire(found: number): void {
    this.live--
    if (this.deadline.reason !== 'idle' && this.deadline.reason !== 'active') {
      this.free(found)
      return
    }
    const words = this.pages.words[row.pageOf(found)]
    const at = row.offsetOf(found)
    words[at + row.STATE] = (words[at + row.STATE] & ~row.STATE_QUEUED) | row.STATE_DORMANT
    const oldest = this.dormant.push(found, words[at + row.SERIAL])
    if (oldest >= 0 && this.isDormant(oldest, this.dormant.oldestSerial)) this.free(oldest)
  }

  private isDormant(found: number, serial: number): boolean {
    const words = this.pages.words[row.pageOf(found)]
    const at = row.offsetOf(found)
    return words[at + row.SERIAL] === serial && (words[at + row.STATE] & row.STATE_DORMANT) !== 0
  }

  private free(found: number): void {
    const words = this.pages.words[row.pageOf(found)]
    const at = row.offsetOf(found)
    if (words[at + row.LABEL_HANDLE] !== -1) this.events.forget(words[at + row.LABEL_HANDLE])
    key.readKey(words, at, this.scratch)
    this.lookup.remove(this.lookup.hash(this.scratch), found)
    words[at + row.SERIAL] = 0
    words[at + row.STATE] = 0
    this.pages.release(found)
  }

  private evict(): void {
    this.evictor ??= createEvictor(this.pages)
    this.evictedIds ??= new EvictedIds()
    const victim = this.evictor.pop()
    if (victim < 0) return
    const words = this.pages.words[row.pageOf(victim)]
    const doubles = this.pages.doubles[row.pageOf(victim)]
    const at = row.offsetOf(victim)
    this.deadline.set(doubles[(at >> 1) + row.F_END_SEC], words[at + row.END_NSEC], 'evicted')
    this.evicted++
    this.evictedIds.add(words[at + row.ID_HIGH], words[at + row.ID_LOW])
    this.end(victim)
    this.retire(victim)
  }

  /** No packet will come: frees what only packets need. */
  close(): void {
    this.due = new DueRows()
    this.lookup.clear()
    this.evictor = undefined
  }

  /** Every live row: for the end of input. The caller orders and ends them. */
  liveRows(): Int32Array {
    return this.pages.live()
  }
}

const NO_ID = new Int32Array(2)
const MAX_LAG_SEC = 0x7fff_ffff
