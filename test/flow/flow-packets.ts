/** Decoded packets for flow tests: small records with only what a test cares about. */
import { PROTOCOL_TCP, PROTOCOL_UDP } from '../../src/bytes.ts'
import { createPacket } from '../../src/decode/packet.ts'
import { type FlowOptions, FlowTracker } from '../../src/flow/flows.ts'
import { createClosedFlow, readFlow } from '../../src/flow/view.ts'
import type { ClosedFlow, EndReason, Packet } from '../../src/types.ts'

export const CLIENT = 0x0a000001
export const SERVER = 0x0a000002

export function udp(timeSec: number, changes: Partial<Packet> = {}): Packet {
  return Object.assign(createPacket(), {
    frame: 1,
    timeSec: Math.floor(timeSec),
    timeNsec: Math.round((timeSec % 1) * 1e9),
    wireBytes: 60,
    flags: 0,
    ipVersion: 4,
    src3: CLIENT,
    dst3: SERVER,
    protocol: PROTOCOL_UDP,
    ipBytes: 46,
    srcPort: 40000,
    dstPort: 53,
    payloadBytes: 18,
    ...changes,
  })
}

export function tcp(timeSec: number, tcpFlags: number, changes: Partial<Packet> = {}): Packet {
  return udp(timeSec, {
    protocol: PROTOCOL_TCP,
    tcpFlags,
    tcpWindow: 1000,
    payloadBytes: 0,
    srcPort: 40000,
    dstPort: 80,
    ...changes,
  })
}

/** The same packet the other way round. */
export function reply(packet: Packet): Packet {
  const { src0, src1, src2, src3, dst0, dst1, dst2, dst3, srcPort, dstPort } = packet
  return Object.assign(packet, {
    src0: dst0,
    src1: dst1,
    src2: dst2,
    src3: dst3,
    dst0: src0,
    dst1: src1,
    dst2: src2,
    dst3: src3,
    srcPort: dstPort,
    dstPort: srcPort,
  })
}

export interface Ended {
  flow: ClosedFlow
  reason: EndReason
  closeSec: number
}

/** A tracker whose ended flows are kept; `run` adds packets the way the pipeline does, `finish` ends the input. */
export function trackFlows(options: Partial<FlowOptions> = {}) {
  const ended: Ended[] = []
  const forgotten: number[] = []
  const tracker: FlowTracker = new FlowTracker(
    { idleTcpSec: 300, idleOtherSec: 60, activeSec: Infinity, maxFlows: 1000, seed: 7, ...options },
    {
      closed: (found, reason, closeSec) => {
        const flow = createClosedFlow()
        readFlow(tracker.pages, found, false, flow)
        ended.push({ flow, reason, closeSec })
      },
      forget: (handle) => forgotten.push(handle),
    },
    createPacket(),
  )
  const close = (found: number) => {
    tracker.findDeadline(found)
    tracker.end(found)
    tracker.retire(found)
  }
  let clock = -Infinity
  let clockNsec = 0
  const run = (...packets: Packet[]) => {
    for (const packet of packets) {
      if (packet.timeSec > clock || (packet.timeSec === clock && packet.timeNsec > clockNsec)) {
        clock = packet.timeSec
        clockNsec = packet.timeNsec
      }
      for (let due = tracker.popDue(clock, clockNsec); due >= 0; due = tracker.popDue(clock, clockNsec))
        close(due)
      tracker.add(packet, clock)
    }
  }
  const finish = () => {
    tracker.deadline.endAt(clock, clockNsec, 'capture_end')
    for (const live of tracker.liveRows()) close(live)
    return ended
  }
  return { tracker, ended, forgotten, run, finish }
}
