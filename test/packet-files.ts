/** Frames as the stages receive them: a PacketBatch, or the bytes of a classic pcap file. */
import type { Instant, PacketBatch } from '../src/types.ts'
import { concat, NOTHING, u16, u32 } from './packet-bytes.ts'

export interface BatchOptions {
  linkType?: number
  /** One per frame: seconds, or [sec, nsec]; default 1,700,000,000 and one second apart. */
  times?: (number | Instant)[]
  /** Where the frame was longer on the wire than what is captured. */
  originalLengths?: number[]
  flags?: number[]
  firstFrame?: number
  /** Bytes around every frame, to show that nothing outside is read. */
  guard?: Uint8Array
}

const FIRST_SECOND = 1_700_000_000

function instantOf(time: number | Instant | undefined, index: number): Instant {
  if (time === undefined) return [FIRST_SECOND + index, 0]
  if (typeof time !== 'number') return time
  const sec = Math.floor(time)
  return [sec, Math.round((time - sec) * 1e9)]
}

export function batchOf(frames: Uint8Array[], options: BatchOptions = {}): PacketBatch {
  const guard = options.guard ?? NOTHING
  const count = frames.length
  const batch: PacketBatch = {
    bytes: concat(guard, ...frames.flatMap((frame) => [frame, guard])),
    count,
    firstFrame: options.firstFrame ?? 1,
    start: new Uint32Array(count),
    capturedLength: new Uint32Array(count),
    originalLength: new Uint32Array(count),
    timeSec: new Float64Array(count),
    timeNsec: new Uint32Array(count),
    linkType: new Uint16Array(count).fill(options.linkType ?? 1),
    flags: new Uint8Array(count),
  }
  let at = guard.length
  for (let i = 0; i < count; i++) {
    const [sec, nsec] = instantOf(options.times?.[i], i)
    batch.start[i] = at
    batch.capturedLength[i] = frames[i].length
    batch.originalLength[i] = options.originalLengths?.[i] ?? frames[i].length
    batch.timeSec[i] = sec
    batch.timeNsec[i] = nsec
    batch.flags[i] = options.flags?.[i] ?? 0
    at += frames[i].length + guard.length
  }
  return batch
}

export interface PcapOptions extends BatchOptions {
  nanoseconds?: boolean
  littleEndian?: boolean
  snaplen?: number
}

/** A classic pcap file (draft-ietf-opsawg-pcap): microseconds, little-endian, Ethernet by default. */
export function pcapFile(frames: Uint8Array[], options: PcapOptions = {}): Uint8Array {
  const little = options.littleEndian ?? true
  const order = (bytes: Uint8Array) => (little ? bytes.reverse() : bytes)
  const w16 = (value: number) => order(u16(value))
  const w32 = (value: number) => order(u32(value))
  const magic = options.nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4
  const parts: Uint8Array[] = [w32(magic), w16(2), w16(4), w32(0), w32(0), w32(options.snaplen ?? 262_144)]
  parts.push(w32(options.linkType ?? 1))
  frames.forEach((frame, i) => {
    const [sec, nsec] = instantOf(options.times?.[i], i)
    const fraction = options.nanoseconds ? nsec : Math.floor(nsec / 1000)
    const original = options.originalLengths?.[i] ?? frame.length
    parts.push(w32(sec), w32(fraction), w32(frame.length), w32(original), frame)
  })
  return concat(...parts)
}
