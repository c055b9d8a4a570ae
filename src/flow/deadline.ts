/**
 * When and why a row ends if no further packet comes: silence, age, FIN or RST and a linger, or the end of input.
 * The answer is left in `sec`, `nsec`, `reason`. Equal is not longer: a row is past its deadline only after it.
 */
import { PROTOCOL_TCP } from '../bytes.ts'
import type { EndReason, Packet } from '../types.ts'
import * as row from './layout.ts'

const NSEC_PER_SEC = 1e9
/** How long after FIN or RST a flow still takes packets. */
const LINGER_SEC = 5

export interface Timeouts {
  /** Seconds, Infinity for never. */
  idleTcpSec: number
  idleOtherSec: number
  activeSec: number
}

export class Deadline {
  sec = 0
  nsec = 0
  reason: EndReason = 'idle'
  private readonly idleTcpSec: number
  private readonly idleOtherSec: number
  private readonly activeSec: number
  /** Whole seconds: what is younger cannot be past them. */
  private readonly leastTcpSec: number
  private readonly leastOtherSec: number
  private readonly leastActiveSec: number
  private endSec = Infinity
  private endNsec = 0
  private endReason: EndReason = 'capture_end'

  constructor(timeouts: Timeouts) {
    this.idleTcpSec = timeouts.idleTcpSec
    this.idleOtherSec = timeouts.idleOtherSec
    this.activeSec = timeouts.activeSec
    this.leastTcpSec = Math.floor(timeouts.idleTcpSec)
    this.leastOtherSec = Math.floor(timeouts.idleOtherSec)
    this.leastActiveSec = Math.floor(timeouts.activeSec)
  }

  /** The row's close instant. */
  find(words: Int32Array, doubles: Float64Array, at: number): void {
    const half = at >> 1
    this.reason = 'idle'
    this.after(doubles[half + row.F_END_SEC], words[at + row.END_NSEC], this.idleSec(words, at))
    if (this.activeSec !== Infinity)
      this.earlier(doubles[half + row.F_START_SEC], words[at + row.START_NSEC], this.activeSec, 'active')
    const state = words[at + row.STATE]
    if ((state & row.STATE_CLOSING) === 0) return
    const closing = doubles[half + row.F_CLOSING] + words[at + row.START_NSEC]
    const whole = Math.floor(closing / NSEC_PER_SEC)
    const reason = (state & (row.STATE_RST_A | row.STATE_RST_B)) !== 0 ? 'rst' : 'fin'
    this.earlier(doubles[half + row.F_START_SEC] + whole, closing - whole * NSEC_PER_SEC, LINGER_SEC, reason)
  }

  /** True when the packet lies after the row's close instant, which is then set. Cheap for a packet that does not. */
  isPast(words: Int32Array, doubles: Float64Array, at: number, packet: Packet): boolean {
    const { timeSec, protocol } = packet
    const half = at >> 1
    const least = protocol === PROTOCOL_TCP ? this.leastTcpSec : this.leastOtherSec
    const possible =
      timeSec - doubles[half + row.F_END_SEC] >= least ||
      (words[at + row.STATE] & row.STATE_CLOSING) !== 0 ||
      (this.activeSec !== Infinity && timeSec - doubles[half + row.F_START_SEC] >= this.leastActiveSec)
    if (!possible) return false
    this.find(words, doubles, at)
    return packet.timeSec > this.sec || (packet.timeSec === this.sec && packet.timeNsec > this.nsec)
  }

  /** From now on rows that have not ended by themselves end at this instant, for this reason. */
  endAt(sec: number, nsec: number, reason: EndReason): void {
    this.endSec = sec
    this.endNsec = nsec
    this.endReason = reason
  }

  /** As `find`, but no later than the end of input. */
  findAtEnd(words: Int32Array, doubles: Float64Array, at: number): void {
    this.find(words, doubles, at)
    if (this.sec < this.endSec || (this.sec === this.endSec && this.nsec < this.endNsec)) return
    this.sec = this.endSec
    this.nsec = this.endNsec
    if (this.reason !== 'fin' && this.reason !== 'rst') this.reason = this.endReason
  }

  /** The row ends now. */
  set(sec: number, nsec: number, reason: EndReason): void {
    this.sec = sec
    this.nsec = nsec
    this.reason = reason
  }

  private idleSec(words: Int32Array, at: number): number {
    return (words[at + row.KIND] & 0xff) === PROTOCOL_TCP ? this.idleTcpSec : this.idleOtherSec
  }

  /** Takes the instant `plusSec` after sec, nsec where it is no later than the one found so far. */
  private earlier(sec: number, nsec: number, plusSec: number, reason: EndReason): void {
    const { sec: soonSec, nsec: soonNsec } = this
    this.after(sec, nsec, plusSec)
    const later = this.sec > soonSec || (this.sec === soonSec && this.nsec > soonNsec)
    if (!later) this.reason = reason
    else {
      this.sec = soonSec
      this.nsec = soonNsec
    }
  }

  private after(sec: number, nsec: number, plusSec: number): void {
    const whole = Math.floor(plusSec)
    const total = nsec + (plusSec === whole ? 0 : Math.round((plusSec - whole) * NSEC_PER_SEC))
    const carry = total >= NSEC_PER_SEC ? 1 : 0
    this.sec = sec + whole + carry
    this.nsec = total - carry * NSEC_PER_SEC
  }
}
