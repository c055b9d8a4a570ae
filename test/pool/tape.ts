/**
 * Packets of pools for tests, written as a person would tell them, and a small pipeline that plays them: sessions that
 * are due are taken before each packet, flows are opened per direction-free 5-tuple and split after 60 s of silence.
 */
import { parseAddress } from '../../src/address.ts'
import { createPacket } from '../../src/decode/packet.ts'
import type { Window } from '../../src/pool/counting/concurrency.ts'
import {
  createPoolTracker,
  type PoolFinish,
  type PoolOptions,
  type PoolTracker,
} from '../../src/pool/tracker.ts'
import type { Concurrency, Instant, Notice, Packet, PoolReport, PoolRule, Session } from '../../src/types.ts'

export const SYN = 2
export const SYN_ACK = 18
export const ACK = 16
export const FIN_ACK = 17
export const RST = 4

/** 2026-01-01T00:00:00Z */
export const EPOCH = 1_767_225_600
const FLOW_IDLE_SEC = 60

/** One packet: seconds after EPOCH, "ip:port" of both ends ("[ip]:port" for IPv6). */
export interface Line {
  t: number
  from: string
  to: string
  tcp?: number
  payload?: number[]
  bytes?: number
  vlan?: number
  /** What payload inspection says of the flow with this packet. */
  label?: string
  strength?: number
  server?: number
}

export const FRAMEHAWK: PoolRule = {
  name: 'framehawk',
  label: 'framehawk',
  transport: 'udp',
  ports: [{ low: 3224, high: 3324 }],
  stride: 1,
  session: 'per-port',
  allocation: 'lowest-first',
  idleTimeoutSec: 120,
  minPackets: 4,
  bidirectional: true,
  supportedBy: ['ica', 'cgp'],
}

export const MOSH: PoolRule = {
  ...FRAMEHAWK,
  name: 'mosh',
  label: 'mosh',
  ports: [{ low: 60001, high: 60999 }],
  supportedBy: [],
  requires: 'mosh',
  startMarker: 'mosh-sequence',
}

export const VNC: PoolRule = {
  ...FRAMEHAWK,
  name: 'vnc',
  label: 'vnc',
  transport: 'tcp',
  ports: [{ low: 5900, high: 5999 }],
  supportedBy: [],
}

export const RTP: PoolRule = {
  ...FRAMEHAWK,
  name: 'asterisk-rtp',
  label: 'rtp',
  ports: [{ low: 10000, high: 20000 }],
  stride: 2,
  supportedBy: [],
  requires: 'rtp',
}

export const AUDIO: PoolRule = {
  ...FRAMEHAWK,
  name: 'citrix-audio',
  label: 'citrix-audio',
  ports: [{ low: 16500, high: 16509 }],
  stride: 2,
}

/** Packets both ways between a client and a server, `every` seconds from `start` to `end`; the server answers 1 ms later. */
export function talk(
  client: string,
  server: string,
  times: { start: number; end: number; every?: number },
): Line[] {
  const lines: Line[] = []
  const every = times.every ?? 1
  for (let i = 0; times.start + i * every <= times.end + 1e-9; i++) {
    const t = times.start + i * every
    lines.push({ t, from: client, to: server }, { t: t + 0.001, from: server, to: client })
  }
  return lines
}

/** A mosh datagram's first 8 bytes. */
export function nonce(fromServer: boolean, sequence: number): number[] {
  return [
    fromServer ? 0x80 : 0,
    0,
    0,
    0,
    (sequence >>> 24) & 255,
    (sequence >>> 16) & 255,
    (sequence >>> 8) & 255,
    sequence & 255,
  ]
}

/** A mosh exchange every second, sequences counting on from the given ones. */
export function moshTalk(
  client: string,
  server: string,
  times: { start: number; end: number; first?: number },
): Line[] {
  const first = times.first ?? 0
  return talk(client, server, times).map((line, i) => ({
    ...line,
    payload: nonce(line.from === server, first + (i >> 1)),
    label: 'mosh',
    strength: 2,
    server: line.from === server ? 1 : 2,
  }))
}

export function at(t: number): Instant {
  const nanoseconds = Math.round(t * 1e9)
  return [EPOCH + Math.floor(nanoseconds / 1e9), nanoseconds - Math.floor(nanoseconds / 1e9) * 1e9]
}

export function packetOf(line: Line): Packet {
  const packet = createPacket()
  const src = endpoint(line.from)
  const dst = endpoint(line.to)
  ;[packet.timeSec, packet.timeNsec] = at(line.t)
  ;[packet.src0, packet.src1, packet.src2, packet.src3] = src.words
  ;[packet.dst0, packet.dst1, packet.dst2, packet.dst3] = dst.words
  packet.ipVersion = src.version
  packet.srcPort = src.port
  packet.dstPort = dst.port
  packet.protocol = line.tcp === undefined ? 17 : 6
  packet.tcpFlags = line.tcp ?? 0
  packet.payloadEnd = line.payload?.length ?? 0
  packet.payloadBytes = line.payload?.length ?? (line.tcp === undefined ? 20 : 0)
  packet.ipBytes = line.bytes ?? 48
  packet.encapsulation0 = line.vlan === undefined ? 0 : (1 << 24) | line.vlan
  return packet
}

/** What `finish` tells, all of it at once. */
export interface Finished extends PoolFinish {
  concurrency: Concurrency[]
  pools: PoolReport[]
}

export function finished(tracker: PoolTracker, window: Window): Finished {
  const last = tracker.finish(window)
  return { ...last, concurrency: [...last.concurrency], pools: [...last.pools] }
}

export interface Played extends Finished {
  tracker: PoolTracker
  /** With `windowSec`: what was told before the end, and when, in seconds after EPOCH. */
  told: { t: number; pools: PoolReport[]; concurrency: Concurrency[]; notices: Notice[] }[]
}

export interface PlayOptions extends Omit<PoolOptions, 'pools'> {
  pools?: readonly PoolRule[]
  /** Ends of the window when they are not the first and last packet's. */
  start?: number
  end?: number
  /** Labels confirmed elsewhere: at, server, client, label. */
  support?: { t: number; server: string; client: string; label: string }[]
  keepOrder?: boolean
  /** Cuts the run into windows, and looks every second whether there is something to tell. */
  windowSec?: number
}

/** Plays the lines in the order of their times and ends the input. Sessions come in the order they were handed out. */
export function play(lines: readonly Line[], options: PlayOptions = {}): Played {
  const { pools = [FRAMEHAWK], start, end, support = [], keepOrder, windowSec, ...rest } = options
  const tracker = createPoolTracker({ pools, concurrency: true, ...rest })
  const ordered = keepOrder ? lines.slice() : lines.slice().sort((a, b) => a.t - b.t)
  const sessions: Session[] = []
  const flows = new Map<string, { handle: number; last: number; number: number }>()
  const told: Played['told'] = []
  let looked = Math.floor(Math.min(...ordered.map((line) => line.t)))
  if (windowSec !== undefined) tracker.cutWindows(windowSec)
  const companions = support.slice().sort((a, b) => a.t - b.t)
  let clock = -Infinity
  if (ordered.length > 0) tracker.begin(...at(start ?? Math.min(...ordered.map((line) => line.t))))
  let number = 0
  const takeDue = (t: number) => {
    for (let due = tracker.popDue(...at(t)); due !== undefined; due = tracker.popDue(...at(t)))
      sessions.push(due)
  }
  for (const line of ordered) {
    for (; windowSec !== undefined && looked < line.t; looked++) {
      takeDue(looked)
      const news = tracker.takeReports(at(looked))
      if (news.pools.length + news.concurrency.length + news.notices.length > 0)
        told.push({ t: looked, ...news })
    }
    clock = Math.max(clock, line.t)
    takeDue(clock)
    while (companions.length > 0 && companions[0].t <= line.t) {
      const { server, client, label } = companions.shift()!
      tracker.support(packetOf({ t: line.t, from: server, to: client }), 1, label)
    }
    const packet = packetOf(line)
    if (!tracker.touches(packet.protocol, packet.srcPort, packet.dstPort)) continue
    const key = [line.from, line.to].sort().join(' ') + (line.vlan ?? '')
    let flow = flows.get(key)
    if (flow === undefined || line.t - flow.last > FLOW_IDLE_SEC) {
      number++
      flow = { handle: tracker.open(packet, 0, number), last: line.t, number }
      flows.set(key, flow)
    }
    flow.last = line.t
    const bytes = new Uint8Array(line.payload ?? [])
    if (!tracker.observe(flow.handle, packet, bytes)) {
      flow.handle = tracker.open(packet, 0, flow.number)
      tracker.observe(flow.handle, packet, bytes)
    }
    if (line.label !== undefined) tracker.learn(flow.handle, line.label, line.strength ?? 2, line.server ?? 0)
  }
  const times = ordered.map((line) => line.t)
  const window = { start: at(start ?? Math.min(...times)), end: at(end ?? Math.max(...times)) }
  const last = finished(tracker, window)
  return { ...last, sessions: [...sessions, ...last.sessions], tracker, told }
}

/** Seconds after EPOCH. */
export function since(sec: number, nsec: number): number {
  return Math.round((sec - EPOCH + nsec / 1e9) * 1e6) / 1e6
}

/** Start, end and end reason of each session, in the order handed out. */
export function spans(sessions: readonly Session[]): string[] {
  return sessions.map(
    (s) => `${s.slot} ${since(s.startSec, s.startNsec)}-${since(s.endSec, s.endNsec)} ${s.endReason}`,
  )
}

function endpoint(text: string): {
  words: readonly [number, number, number, number]
  version: number
  port: number
} {
  const colon = text.lastIndexOf(':')
  const address = parseAddress(text.slice(0, colon).replace(/[[\]]/g, ''))!
  return { words: address.words, version: address.version, port: Number(text.slice(colon + 1)) }
}
