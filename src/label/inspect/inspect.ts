/**
 * Payload in, evidence out: tries signatures on the first payload packets of each direction and keeps, per flow,
 * which matched, how strongly and in which direction. A flow's state is 16 words under a handle, which is given
 * back when nothing was found or the flow is over; extras and host names live beside it, for the few that have any.
 *
 *   word  0       STATUS: DONE, who is the client, wants more, payload packets of each direction (8 bits each), the
 *                 host name's source, what became of its extras
 *   words 1..2    evidence, see evidence-words.ts
 *   word  3       place of its extras and host name, see extras-store.ts
 *   word  4       where the first bytes of each direction are kept, see starts.ts
 *   words 5..15   the last payload of each direction, see previous.ts
 */
import { PROTOCOL_TCP } from '../../bytes.ts'
import type { Extras, Packet } from '../../types.ts'
import { depthOf, EXPECTING, isHopeless, WANTS_MORE } from './depth.ts'
import {
  BYTES,
  CHECK_FIRST,
  DEFAULT_DEPTH,
  type Dispatch,
  isListed,
  nextPassed,
  wordsOf,
} from './dispatch.ts'
import {
  addEvidence,
  BOTH_DIRECTIONS,
  directionsOfLabel,
  EVIDENCE,
  evidenceIn,
  hasEvidence,
  isStrong,
  SIGNATURE_MASK,
  STRENGTH_SHIFT,
} from './evidence-words.ts'
import { ExtrasStore, NO_PLACE } from './extras-store.ts'
import { EXHAUSTED, PASSED, PASSED_BITS, plainHandle, SETTLED } from './handle.ts'
import { JoiningFlows } from './joining.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  HOSTNAME_SOURCES,
  LATER,
  MORE,
  type PayloadEvents,
  PREFIX_BYTES,
  type Signature,
  STRONG,
} from './payload.ts'
import { type PayloadOwner, PayloadView } from './payload-view.ts'
import { isOvertaken, recall, remember, repeatsLast, repeatsPeer } from './previous.ts'
import { drop, Starts } from './starts.ts'
import { offsetOf, StatePages } from './state-pages.ts'

/** Word of the state. */
const PLACE = 3

/** STATUS bits; two more are in depth.ts, one in previous.ts. */
const DONE = 1
const CLIENT_A = 2
const CLIENT_B = 4
/** A signature keeps state for reassembly (Payload.scratch). */
const JOINING = 16
const ORDINAL_SHIFT_A = 8
const ORDINAL_SHIFT_B = 16
const ORDINAL_MAX = 255
/** Index in HOSTNAME_SOURCES. */
const SOURCE_SHIFT = 24
const SOURCE_MASK = 15
/** Extras of the flow were dropped because the store was full. */
const LEFT_OUT = 1 << 28
/** Both directions agreed: extras were compacted, once. */
const COMPACTED = 1 << 29
/** A direction never has more payload packets inspected than this, whatever a signature wants. */
const MAX_DEPTH = 64

export class Inspector {
  /** Of the packet inspected last: the signature that matched (-1: none), its strength, and who is the server (0 unknown, 1 sender, 2 receiver). */
  matched = -1
  matchedStrength = 0
  matchedServer = 0
  readonly signatures: readonly Signature[]
  /** Flows some of whose extras were dropped because the store was full. */
  extrasLeftOut = 0

  private readonly dispatch: Dispatch
  private readonly events: PayloadEvents
  private readonly states = new StatePages()
  private readonly extrasStore: ExtrasStore
  private readonly joining = new JoiningFlows()
  private readonly starts = new Starts()
  private current = 0
  private trying = -1
  /** PASSED_BITS of the flow. */
  private passed = 0
  private packet: Packet | undefined
  private readonly payload: PayloadView
  private readonly tried: Int32Array
  private stamp = 0

  constructor(dispatch: Dispatch, events: PayloadEvents, extrasStore = new ExtrasStore()) {
    this.extrasStore = extrasStore
    this.dispatch = dispatch
    this.signatures = dispatch.signatures
    this.events = events
    this.tried = new Int32Array(dispatch.signatures.length)
    this.payload = new PayloadView(this.payloadOwner())
  }

  /** A handle for a flow that has shown its first payload. */
  open(): number {
    return this.states.open()
  }

  close(handle: number): void {
    this.forgetScratch(handle)
    this.extrasStore.release(this.placeOf(handle))
    this.states.close(handle)
  }

  /**
   * Inspects one packet with payload. `kept`: what `open` or the last call returned. Returns the handle, with SETTLED
   * once nothing more is to be learnt (see isOpen), or EXHAUSTED when nothing was.
   */
  inspect(kept: number, packet: Packet, bytes: Uint8Array, direction: number): number {
    this.matched = -1
    this.passed = kept & PASSED_BITS
    const handle = plainHandle(kept)
    const words = this.states.page(handle)
    const at = offsetOf(handle)
    const status = words[at]
    if ((status & DONE) !== 0) return handle | SETTLED
    const ordinalA = (status >>> ORDINAL_SHIFT_A) & ORDINAL_MAX
    const ordinalB = (status >>> ORDINAL_SHIFT_B) & ORDINAL_MAX
    const ordinal = direction === 0 ? ordinalA : ordinalB
    this.payload.ordinal = ordinal
    this.payload.peerOrdinal = direction === 0 ? ordinalB : ordinalA
    let counts = true
    if (ordinal < MAX_DEPTH) {
      this.current = handle
      this.packet = packet
      this.payload.show(packet, bytes, direction)
      recall(this.payload, words, at)
      counts = this.tryPacket(words, at, direction)
    } else this.pass(words, at, direction, packet.protocol)
    if (ordinal < ORDINAL_MAX && counts)
      words[at] += 1 << (direction === 0 ? ORDINAL_SHIFT_A : ORDINAL_SHIFT_B)
    if ((words[at] & DONE) !== 0) {
      this.forgetScratch(handle)
      this.extrasStore.seal(words[at + PLACE])
      return handle | SETTLED
    }
    if (this.matched >= 0) this.compactOnce(words, at)
    if (words[at + EVIDENCE] !== 0 || !isHopeless(words[at], ordinalA + 1 - direction, ordinalB + direction))
      return handle | this.passed
    this.close(handle)
    return EXHAUSTED
  }

  /** False when the payload adds nothing of its own: it repeats the one before, or goes on with the first ones. */
  private tryPacket(words: Int32Array, at: number, direction: number): boolean {
    const { payload } = this
    const tcp = payload.protocol === PROTOCOL_TCP
    if (tcp && repeatsLast(payload, words, at)) return false
    const joined = tcp && payload.ordinal > 0 && this.tryJoined(words, at, direction)
    if (!joined) this.tryAll(words, at, direction)
    if (tcp && (this.matched >= 0 || payload.ordinal === 0)) this.keepStart(words, at, direction)
    remember(payload, words, at)
    return !joined
  }

  /** Keeps the first bytes of a side in which nothing was found yet. */
  private keepStart(words: Int32Array, at: number, direction: number): void {
    if (this.matched >= 0) drop(words, at, direction)
    else if ((words[at] & (DONE | JOINING)) === 0 && !hasEvidence(words, at, direction))
      this.starts.keep(this.payload, words, at, this.current)
  }

  /** Tries the payload joined with the first ones of its side; false where it must be tried alone too. */
  private tryJoined(words: Int32Array, at: number, direction: number): boolean {
    const { payload } = this
    if (payload.ordinal === 1 && isOvertaken(payload, words, at)) payload.ordinal = 0
    if ((words[at] & JOINING) !== 0 || !this.starts.join(payload, words, at, this.current)) return false
    this.tryAll(words, at, direction)
    if (this.matched >= 0 || payload.length < PREFIX_BYTES) return true
    payload.showAlone()
    return false
  }

  /** Ends this direction, and the flow unless TCP's other side has hardly sent: a response may follow a long upload. */
  private pass(words: Int32Array, at: number, direction: number, protocol: number): void {
    if (protocol === PROTOCOL_TCP && this.payload.peerOrdinal < DEFAULT_DEPTH)
      this.passed |= PASSED << direction
    else words[at] |= DONE
  }

  /** Compacts the extras once a request and a complete response were seen: most flows add nothing after that. */
  private compactOnce(words: Int32Array, at: number): void {
    if ((words[at] & (COMPACTED | JOINING)) !== 0) return
    if (this.matchedStrength !== STRONG || this.matchedServer === 2) return
    const { label } = this.signatures[this.matched]
    if (directionsOfLabel(words, at, this.signatures, label) !== BOTH_DIRECTIONS) return
    words[at] |= COMPACTED
    this.extrasStore.compact(words[at + PLACE])
  }

  private keepScratch(handle: number, value: unknown): void {
    if (value === undefined) {
      this.forgetScratch(handle)
      return
    }
    this.states.page(handle)[offsetOf(handle)] |= JOINING
    this.joining.keep(handle, this.trying, value)
  }

  private forgetScratch(handle: number): void {
    const words = this.states.page(handle)
    const at = offsetOf(handle)
    if ((words[at] & JOINING) === 0) return
    words[at] &= ~JOINING
    this.joining.remove(handle)
  }

  private tryAll(words: Int32Array, at: number, direction: number): void {
    const payload = this.payload
    const { labelDepths, tables } = this.dispatch
    const table = tables[payload.protocol]
    if (table === undefined) return
    this.stamp = (this.stamp + 1) | 0
    const first = (words[at + EVIDENCE] & SIGNATURE_MASK) - 1
    const depth = depthOf(words[at])
    payload.labelSoFar = ''
    payload.exchangeSeen = (words[at] & COMPACTED) !== 0
    if (first >= 0) {
      payload.labelSoFar = this.signatures[first].label
      if (payload.ordinal >= depth && payload.ordinal >= labelDepths[first]) {
        this.pass(words, at, direction, payload.protocol)
        return
      }
      if (this.tryKeeper(words[at], direction) || this.tryList(table.ofLabel[first], direction)) return
      // One direction proved the label: no other is looked for, except in the other direction's first payload.
      if ((words[at] & WANTS_MORE) === 0 && isStrong(words, at) && payload.ordinal > 0) {
        if (payload.ordinal >= DEFAULT_DEPTH) this.pass(words, at, direction, payload.protocol)
        return
      }
    }
    if (first < 0 && this.tryKeeper(words[at], direction)) return
    const { dstPort, srcPort } = payload
    if (isListed(table, dstPort) && this.tryList(table.ofPort[dstPort], direction)) return
    if (isListed(table, srcPort) && this.tryList(table.ofPort[srcPort], direction)) return
    if (payload.ordinal < depth) this.tryList(table.ofFirstByte[payload.bytes[payload.start]], direction)
  }

  /** True when a signature matched strongly. `list`: index of its first item. */
  private tryList(list: number, direction: number): boolean {
    const { dispatch } = this
    const { accepts, lists, tests } = dispatch
    const { bytes, start, ordinal } = this.payload
    let item = nextPassed(dispatch, list, this.payload)
    for (; item >= 0; item = nextPassed(dispatch, item + 1, this.payload)) {
      const test = wordsOf(lists[item])
      const index = tests[test]
      if (ordinal >= tests[test + 1] || this.tried[index] === this.stamp) continue
      if ((lists[item] & CHECK_FIRST) !== 0 && accepts[index * BYTES + bytes[start]] === 0) continue
      if (this.tryOne(index, direction)) return true
    }
    return false
  }

  /** A signature that reassembles packets of the flow sees the next one, however it begins. */
  private tryKeeper(status: number, direction: number): boolean {
    const joined = (status & JOINING) === 0 ? undefined : this.joining.of(this.current)
    return joined !== undefined && this.tryOne(joined.keeper, direction)
  }

  /** True when the signature matched strongly. */
  private tryOne(index: number, direction: number): boolean {
    this.tried[index] = this.stamp
    this.trying = index
    const match = this.dispatch.matchers[index](this.payload)
    this.extrasStore.settle()
    if (match === 0) return false
    if (match === LATER) {
      this.states.page(this.current)[offsetOf(this.current)] |= EXPECTING
      return false
    }
    this.note(index, match, direction)
    return (match & 3) === STRONG
  }

  private note(index: number, match: number, direction: number): void {
    const words = this.states.page(this.current)
    const at = offsetOf(this.current)
    const strength = match & 3
    if (this.isEcho(words[at], match, direction)) return
    addEvidence(words, at, index | (strength << STRENGTH_SHIFT), direction)
    if ((match & FROM_CLIENT) !== 0) words[at] |= direction === 0 ? CLIENT_A : CLIENT_B
    if ((match & FROM_SERVER) !== 0) words[at] |= direction === 0 ? CLIENT_B : CLIENT_A
    if ((match & MORE) !== 0) words[at] |= WANTS_MORE
    else words[at] &= ~WANTS_MORE
    if (this.matched < 0 || strength >= this.matchedStrength) {
      this.matched = index
      this.matchedStrength = strength
      this.matchedServer = (match & FROM_CLIENT) !== 0 ? 2 : (match & FROM_SERVER) !== 0 ? 1 : 0
    }
    if ((match & MORE) !== 0) return
    const { label } = this.signatures[index]
    if (directionsOfLabel(words, at, this.signatures, label) === BOTH_DIRECTIONS) words[at] |= DONE
  }

  /** Both sides match as clients, with the same bytes: one side echoes the other. */
  private isEcho(status: number, match: number, direction: number): boolean {
    if ((match & FROM_CLIENT) === 0 || (status & (direction === 0 ? CLIENT_B : CLIENT_A)) === 0) return false
    return repeatsPeer(this.payload)
  }

  /** The label's payload evidence so far: both directions agree. */
  agreesBothWays(handle: number, label: string): boolean {
    if (handle < 0) return false
    const words = this.states.page(handle)
    return directionsOfLabel(words, offsetOf(handle), this.signatures, label) === BOTH_DIRECTIONS
  }

  /** Evidence `slot` as evidence-words.ts has it, 0 for none. */
  evidenceWord(handle: number, slot: number): number {
    return evidenceIn(this.states.page(handle), offsetOf(handle), slot)
  }

  /** The side that payload shows to be the client: 0 a, 1 b, -1 unknown or contradictory. */
  client(handle: number): number {
    if (handle < 0) return -1
    const roles = this.states.page(handle)[offsetOf(handle)] & (CLIENT_A | CLIENT_B)
    return roles === CLIENT_A ? 0 : roles === CLIENT_B ? 1 : -1
  }

  /** A string where they were turned to text, see ExtrasText. */
  extrasOf(handle: number): Extras | string | undefined {
    return handle < 0 ? undefined : this.extrasStore.of(this.placeOf(handle))
  }

  hostnameOf(handle: number): string | undefined {
    return handle < 0 ? undefined : this.extrasStore.hostnameOf(this.placeOf(handle))
  }

  /** Of a flow that has a host name. */
  hostnameSourceOf(handle: number): string {
    return HOSTNAME_SOURCES[(this.states.page(handle)[offsetOf(handle)] >>> SOURCE_SHIFT) & SOURCE_MASK]
  }

  private placeOf(handle: number): number {
    return this.states.page(handle)[offsetOf(handle) + PLACE]
  }

  /** The current flow's place in the extras store; allocated when it has none. */
  private takePlace(): number {
    const words = this.states.page(this.current)
    const at = offsetOf(this.current) + PLACE
    if (words[at] === NO_PLACE) words[at] = this.extrasStore.take()
    return words[at]
  }

  /** The extras to write to; an object that is thrown away where the store is full. */
  private openExtras(): Extras {
    const extras = this.extrasStore.open(this.takePlace())
    if (extras !== undefined) return extras
    const words = this.states.page(this.current)
    const at = offsetOf(this.current)
    if ((words[at] & LEFT_OUT) === 0) this.extrasLeftOut++
    words[at] |= LEFT_OUT
    return {}
  }

  private payloadOwner(): PayloadOwner {
    return {
      extras: () => this.openExtras(),
      hostname: (name, source) => {
        const place = this.takePlace()
        if (this.extrasStore.hostnameOf(place) !== undefined) return
        this.extrasStore.nameHost(place, name)
        this.states.page(this.current)[offsetOf(this.current)] |=
          HOSTNAME_SOURCES.indexOf(source) << SOURCE_SHIFT
      },
      answer: (name, ttlSec, words) => {
        if (this.packet !== undefined) this.events.answer(this.packet, name, ttlSec, words)
      },
      announce: (service) => {
        if (this.packet !== undefined) this.events.announce(this.packet, service)
      },
      matchedHere: () => {
        const { direction, labelSoFar } = this.payload
        const words = this.states.page(this.current)
        const matched = directionsOfLabel(words, offsetOf(this.current), this.signatures, labelSoFar)
        return ((matched >>> direction) & 1) !== 0
      },
      scratch: () => this.joining.of(this.current)?.scratch,
      keepScratch: (value) => this.keepScratch(this.current, value),
    }
  }
}
