/** What the flags of packets leave in a row: anomalies, and which frame was the flow's first. */
import * as bytes from '../bytes.ts'
import type { Packet } from '../types.ts'
import * as row from './layout.ts'

export class PacketFlags {
  /** Rows of this creation number and later ones were begun in the present input. */
  private firstSerial = 0
  /** The row that a frame of an earlier input was found to have begun last. */
  private earlierSerial = -1

  /** `firstSerial`: what the next row will have. */
  startInput(firstSerial: number): void {
    this.firstSerial = firstSerial
  }

  note(words: Int32Array, doubles: Float64Array, at: number, packet: Packet): void {
    const { flags } = packet
    let anomalies = words[at + row.ANOMALIES]
    if ((flags & bytes.PACKET_SNAPLEN_CUT) !== 0) anomalies |= row.ANOMALY_SNAPLEN_CUT
    if ((flags & bytes.PACKET_FRAGMENT) !== 0) anomalies |= row.ANOMALY_FRAGMENTS
    if ((flags & bytes.PACKET_RESYNCHRONISED) !== 0) anomalies |= row.ANOMALY_RESYNCHRONISED
    if ((flags & bytes.PACKET_ORPHAN_FRAGMENT) !== 0) anomalies |= row.ANOMALY_ORPHAN_FRAGMENTS
    words[at + row.ANOMALIES] = anomalies
    // A later fragment that waited for its first one may be the flow's first frame.
    const waited = (flags & bytes.PACKET_FRAGMENT) !== 0 && this.cameBefore(words, at, packet)
    if (waited && row.sinceStart(words, doubles, at, packet) <= 0) row.setFirstFrame(words, at, packet.frame)
  }

  /** Whether the packet precedes the flow's first frame. Frame numbers can be compared within one input only. */
  private cameBefore(words: Int32Array, at: number, { flags, frame }: Packet): boolean {
    if ((flags & bytes.PACKET_EARLIER_INPUT) !== 0) {
      const serial = words[at + row.SERIAL] >>> 0
      const known = serial < this.firstSerial || serial === this.earlierSerial
      this.earlierSerial = serial
      if (!known) return true
    }
    return frame < row.firstFrameOf(words, at)
  }
}
