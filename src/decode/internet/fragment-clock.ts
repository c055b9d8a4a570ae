/**
 * The time that passes while fragments wait. It follows the packets' times as the packet clock does: it never runs
 * backwards, and it follows a jump of more than an hour only once later packets confirm it. The jump itself is no time
 * that passed: neither a packet with a broken time nor an interface whose clock is wrong ends the waiting of all. Where an
 * input begins before the one ahead of it has ended, it goes on from there.
 */

const NSEC_PER_SEC = 1e9
const JUMP_NSEC = 3600 * NSEC_PER_SEC
/** Packets that must confirm a jump. */
const CONFIRMATIONS = 2

export class FragmentClock {
  /** Nanoseconds; of a longer silence only `mostNsec` are counted. */
  passedNsec = 0
  private readonly mostNsec: number
  private sec = 0
  private nsec = 0
  private jumps = 0
  private inputStarts = false

  /** Above any time that is waited for: sums stay exact for longer. */
  constructor(mostSec: number) {
    this.mostNsec = mostSec * NSEC_PER_SEC
  }

  /** Nobody waits: it begins anew with this packet. */
  restart(sec: number, nsec: number): void {
    this.sec = sec
    this.nsec = nsec
    this.jumps = 0
    this.inputStarts = false
  }

  startInput(): void {
    this.inputStarts = true
  }

  /** Takes one packet's time. */
  observe(sec: number, nsec: number): void {
    const ahead = (sec - this.sec) * NSEC_PER_SEC + (nsec - this.nsec)
    const starts = this.inputStarts
    this.inputStarts = false
    const jumps = Math.abs(ahead) > JUMP_NSEC
    if (ahead < 0 && !jumps && !starts) {
      this.jumps = 0
      return
    }
    if (jumps && !(starts && ahead < 0) && this.jumps++ < CONFIRMATIONS) return
    if (ahead > 0 && !jumps) this.passedNsec += Math.min(ahead, this.mostNsec)
    this.restart(sec, nsec)
  }
}
