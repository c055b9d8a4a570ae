/**
 * The packet clock: the only clock of the pipeline when reading files. It is the greatest packet time seen, except
 * that a jump of more than an hour, ahead or back, moves it only once later packets confirm it: one packet with a
 * broken time must not expire every flow. Where an input begins before the one ahead of it has ended, the clock goes
 * back to that input's first packet: its flows and sessions must not be judged by the time of another.
 */
const JUMP_SEC = 3600
/** Packets that must confirm a jump before the clock follows it. */
const CONFIRMATIONS = 2

export class PacketClock {
  sec = -Infinity
  nsec = 0
  /** Packets whose time lay before the packet's before them. */
  backwards = 0
  firstSec = Infinity
  firstNsec = 0
  lastSec = -Infinity
  lastNsec = 0
  private previousSec = -Infinity
  private previousNsec = 0
  private topSec = -Infinity
  private topNsec = 0
  private inputStarts = false
  private candidateSec = 0
  private candidateNsec = 0
  private confirmed = -1

  /** Takes one packet's time. */
  observe(sec: number, nsec: number): void {
    if (sec < this.previousSec || (sec === this.previousSec && nsec < this.previousNsec))
      this.wentBack(sec, nsec)
    this.previousSec = sec
    this.previousNsec = nsec
    if (sec > this.lastSec || (sec === this.lastSec && nsec > this.lastNsec)) {
      this.lastSec = sec
      this.lastNsec = nsec
    }
    if (this.inputStarts) this.startAt(sec, nsec)
    const ahead = sec - this.sec
    if (ahead > JUMP_SEC || ahead < -JUMP_SEC) this.jump(sec, nsec)
    else {
      this.confirmed = -1
      if (ahead > 0 || (ahead === 0 && nsec > this.nsec)) {
        this.sec = sec
        this.nsec = nsec
      }
    }
  }

  /** A new input starts: its first packet is not compared with the last of the input before. */
  startInput(): void {
    this.previousSec = -Infinity
    this.inputStarts = true
  }

  /** The end: every input counts. */
  settle(): void {
    this.keepTop()
    this.move(this.topSec, this.topNsec)
  }

  private startAt(sec: number, nsec: number): void {
    this.inputStarts = false
    if (sec > this.sec || (sec === this.sec && nsec >= this.nsec)) return
    this.keepTop()
    if (sec < this.firstSec || (sec === this.firstSec && nsec < this.firstNsec)) {
      this.firstSec = sec
      this.firstNsec = nsec
    }
    this.move(sec, nsec)
  }

  /** At the end of an input nothing can contradict a jump any more. */
  private keepTop(): void {
    this.raiseTop(this.sec, this.nsec)
    if (this.confirmed >= 0) this.raiseTop(this.candidateSec, this.candidateNsec)
  }

  private raiseTop(sec: number, nsec: number): void {
    if (sec < this.topSec || (sec === this.topSec && nsec <= this.topNsec)) return
    this.topSec = sec
    this.topNsec = nsec
  }

  private wentBack(sec: number, nsec: number): void {
    this.backwards++
    if (sec < this.firstSec || (sec === this.firstSec && nsec < this.firstNsec)) {
      this.firstSec = sec
      this.firstNsec = nsec
    }
  }

  private jump(sec: number, nsec: number): void {
    if (this.sec === -Infinity) {
      this.firstSec = sec
      this.firstNsec = nsec
      this.move(sec, nsec)
      return
    }
    const agrees = this.confirmed >= 0 && Math.abs(sec - this.candidateSec) <= JUMP_SEC
    const further = this.confirmed >= 0 && sec > this.candidateSec && this.candidateSec > this.sec
    this.confirmed = agrees || further ? this.confirmed + 1 : 0
    this.candidateSec = sec
    this.candidateNsec = nsec
    if (this.confirmed >= CONFIRMATIONS) this.move(sec, nsec)
  }

  private move(sec: number, nsec: number): void {
    this.sec = sec
    this.nsec = nsec
    this.confirmed = -1
  }
}
