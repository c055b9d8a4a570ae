/**
 * A source cut to a stretch of packet time. In: a source and the stretch. Out: the same batches, of which only the
 * packets inside are handed on; frame numbers stay those of the source. What is left out is counted. Packets need not
 * be in order: a batch whose packets go in and out comes in runs.
 */
import { earlier, later } from '../instant.ts'
import type { CaptureInfo, Damage, Instant, Outside, PacketBatch, PacketSource, TimeSpan } from '../types.ts'

export class SpanSource implements PacketSource {
  readonly outside: Outside = { packets: 0 }
  readonly #source: PacketSource
  readonly #from: Instant
  readonly #to: Instant
  #batch: PacketBatch | undefined = undefined
  /** Index of the next packet in the batch. */
  #at = 0

  constructor(source: PacketSource, { from = [-Infinity, 0], to = [Infinity, 0] }: TimeSpan) {
    this.#source = source
    this.#from = from
    this.#to = to
  }

  get info(): CaptureInfo {
    return this.#source.info
  }

  get damage(): readonly Damage[] {
    return this.#source.damage
  }

  get dropped(): PacketSource['dropped'] {
    return this.#source.dropped
  }

  async next(): Promise<PacketBatch | undefined> {
    for (;;) {
      const run = this.#batch === undefined ? undefined : this.#nextRun(this.#batch)
      if (run !== undefined) return run
      this.#batch = await this.#source.next()
      this.#at = 0
      if (this.#batch === undefined) return undefined
    }
  }

  close(): Promise<void> {
    return this.#source.close()
  }

  /** Undefined where no other packet of the batch is inside. */
  #nextRun(batch: PacketBatch): PacketBatch | undefined {
    const left = this.#at
    this.#at = this.#runEnd(batch, left, false)
    this.#leaveOut(batch, left, this.#at)
    const from = this.#at
    if (from === batch.count) return undefined
    this.#at = this.#runEnd(batch, from, true)
    return this.#at - from === batch.count ? batch : runOf(batch, from, this.#at)
  }

  /** Index of the first packet from `at` on of which being inside is not as given. */
  #runEnd(batch: PacketBatch, at: number, inside: boolean): number {
    let next = at
    while (next < batch.count && this.#isInside(batch, next) === inside) next++
    return next
  }

  #isInside({ timeSec, timeNsec }: PacketBatch, index: number): boolean {
    const sec = timeSec[index]
    const [fromSec, fromNsec] = this.#from
    if (isOlder(sec, timeNsec[index], fromSec, fromNsec)) return false
    const [toSec, toNsec] = this.#to
    return isOlder(sec, timeNsec[index], toSec, toNsec)
  }

  #leaveOut({ timeSec, timeNsec }: PacketBatch, from: number, to: number): void {
    if (from === to) return
    let least = from
    let greatest = from
    for (let i = from + 1; i < to; i++) {
      if (isOlder(timeSec[i], timeNsec[i], timeSec[least], timeNsec[least])) least = i
      if (isOlder(timeSec[greatest], timeNsec[greatest], timeSec[i], timeNsec[i])) greatest = i
    }
    const { outside } = this
    const first: Instant = [timeSec[least], timeNsec[least]]
    const last: Instant = [timeSec[greatest], timeNsec[greatest]]
    outside.packets += to - from
    outside.first = earlier(outside.first ?? first, first)
    outside.last = later(outside.last ?? last, last)
  }
}

function isOlder(sec: number, nsec: number, otherSec: number, otherNsec: number): boolean {
  return sec < otherSec || (sec === otherSec && nsec < otherNsec)
}

/** Some of the packets, in the same memory. */
function runOf(batch: PacketBatch, from: number, to: number): PacketBatch {
  return {
    bytes: batch.bytes,
    count: to - from,
    firstFrame: batch.firstFrame + from,
    start: batch.start.subarray(from, to),
    capturedLength: batch.capturedLength.subarray(from, to),
    originalLength: batch.originalLength.subarray(from, to),
    timeSec: batch.timeSec.subarray(from, to),
    timeNsec: batch.timeNsec.subarray(from, to),
    linkType: batch.linkType.subarray(from, to),
    flags: batch.flags.subarray(from, to),
  }
}
