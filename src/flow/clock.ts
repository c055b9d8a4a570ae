/**
 * The packet clock: the only clock of the pipeline when reading files. It is the greatest packet time seen, except
 * that a jump of more than an hour, ahead or back, moves it only once later packets confirm it: one packet with a
 * broken time must not expire every flow, and an overlapping older capture must not be judged by a newer one.
 */
const JUMP_SEC = 3600
/** Packets that must agree with a jump before it is believed. */
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
  private candidateSec = 0
  private candidateNsec = 0
  private confirmed = -1

  /** Takes one packet's time. */
  observe(sec: number, nsec: number): void {
    if (sec < this.previousSec || (sec === this.previousSec && nsec < this.previousNsec)) this.wentBack(sec, nsec)
    this.previousSec = sec
    this.previousNsec = nsec
    if (sec > this.lastSec || (sec === this.lastSec && nsec > this.lastNsec)) {
      this.lastSec = sec
      this.lastNsec = nsec
    }
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
  }

  /** At the end of input nothing can contradict a jump any more. */
  settle(): void {
    if (this.confirmed >= 0 && this.candidateSec > this.sec) {
      this.sec = this.candidateSec
      this.nsec = this.candidateNsec
    }
    this.confirmed = -1
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
