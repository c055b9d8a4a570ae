/** A row as the report sees it: ClosedFlow, with the client side as src. */

import * as bytes from '../bytes.ts'
import { PROTOCOL_ICMP, PROTOCOL_ICMPV6 } from '../bytes.ts'
import type { ClosedFlow, SideCounters } from '../types.ts'
import { historyText } from './history.ts'
import * as row from './layout.ts'
import type { RowPages } from './pages.ts'
import { connState } from './tcp.ts'

const NSEC_PER_SEC = 1e9
const anomalyLists = new Map<number, readonly string[]>()
const NO_ENCAPSULATION: readonly string[] = []

export function createClosedFlow(): ClosedFlow {
  const side = (): SideCounters => ({
    packets: 0,
    wireBytes: 0,
    ipBytes: 0,
    payloadBytes: 0,
    tcpFlags: 0,
    retransmissions: 0,
  })
  return {
    idHigh: 0,
    idLow: 0,
    continuesHigh: 0,
    continuesLow: 0,
    firstFrame: 0,
    startSec: 0,
    startNsec: 0,
    endSec: 0,
    endNsec: 0,
    closeSec: 0,
    closeNsec: 0,
    ipVersion: 4,
    protocol: 0,
    src0: 0,
    src1: 0,
    src2: 0,
    src3: 0,
    dst0: 0,
    dst1: 0,
    dst2: 0,
    dst3: 0,
    srcPort: -1,
    dstPort: -1,
    icmpType: -1,
    icmpCode: -1,
    orientation: 'first_packet',
    reversed: false,
    src: side(),
    dst: side(),
    encapsulation: NO_ENCAPSULATION,
    handshakeSec: -1,
    handshakeNsec: 0,
    connState: '',
    history: '',
    endReason: 'idle',
    anomalies: [],
    verdict: { label: 'unknown', certainty: 'unknown', evidence: [] },
    hostname: undefined,
    hostnameSource: undefined,
    extras: undefined,
  }
}

/** Fills every field that the row holds; `reversed`: side b is the client. */
export function readFlow(pages: RowPages, each: number, reversed: boolean, out: ClosedFlow): void {
  const words = pages.words[row.pageOf(each)]
  const doubles = pages.doubles[row.pageOf(each)]
  const at = row.offsetOf(each)
  const half = at >> 1
  out.idHigh = words[at + row.ID_HIGH]
  out.idLow = words[at + row.ID_LOW]
  out.continuesHigh = words[at + row.CONTINUES_HIGH]
  out.continuesLow = words[at + row.CONTINUES_LOW]
  out.firstFrame = row.firstFrameOf(words, at)
  out.startSec = doubles[half + row.F_START_SEC]
  out.startNsec = words[at + row.START_NSEC]
  out.endSec = doubles[half + row.F_END_SEC]
  out.endNsec = words[at + row.END_NSEC]
  out.reversed = reversed
  readAddresses(words, at, reversed, out)
  readPorts(words, at, reversed, out)
  readSide(pages, each, reversed ? 1 : 0, out.src)
  readSide(pages, each, reversed ? 0 : 1, out.dst)
  readHandshake(words, doubles, at, out)
  out.connState = connState(words, at, reversed)
  out.history = hasHistory(out.protocol) ? flowHistory(words, at, reversed, out.protocol) : ''
  out.anomalies = anomalyList(words[at + row.ANOMALIES] & row.ANOMALY_BITS)
}

function hasHistory(protocol: number): boolean {
  return protocol === bytes.PROTOCOL_TCP || protocol === bytes.PROTOCOL_UDP
}

/** TCP keeps its history; UDP's follows from which sides sent packets, the first sender first. */
function flowHistory(words: Int32Array, at: number, reversed: boolean, protocol: number): string {
  if (protocol === bytes.PROTOCOL_TCP) return historyText(words, at, reversed)
  const a = words[at + row.PACKETS] !== 0
  const b = words[at + row.PACKETS + row.SIDE_WORDS] !== 0
  if (a && b) {
    const bFirst = (words[at + row.STATE] & row.STATE_B_FIRST) !== 0
    if (reversed) return bFirst ? '^Dd' : '^dD'
    return bFirst ? 'dD' : 'Dd'
  }
  if (a) return reversed ? '^d' : 'D'
  if (b) return reversed ? '^D' : 'd'
  return reversed ? '^' : ''
}

function readAddresses(words: Int32Array, at: number, reversed: boolean, out: ClosedFlow): void {
  out.src3 = words[at + (reversed ? row.B3 : row.A3)]
  out.dst3 = words[at + (reversed ? row.A3 : row.B3)]
  const upper = row.isVersion6(words[at + row.KIND])
  const src = at + (reversed ? row.B0 : row.A0)
  const dst = at + (reversed ? row.A0 : row.B0)
  out.src0 = upper ? words[src] : 0
  out.src1 = upper ? words[src + 1] : 0
  out.src2 = upper ? words[src + 2] : 0
  out.dst0 = upper ? words[dst] : 0
  out.dst1 = upper ? words[dst + 1] : 0
  out.dst2 = upper ? words[dst + 2] : 0
}

function readPorts(words: Int32Array, at: number, reversed: boolean, out: ClosedFlow): void {
  const kind = words[at + row.KIND]
  const ports = words[at + row.PORTS]
  out.protocol = kind & 0xff
  out.ipVersion = (kind >>> 8) & 0xff
  out.srcPort = -1
  out.dstPort = -1
  out.icmpType = -1
  out.icmpCode = -1
  if (out.protocol === PROTOCOL_ICMP || out.protocol === PROTOCOL_ICMPV6) {
    if ((kind & row.KIND_ORPHAN_FRAGMENT) !== 0) return
    // A continuing flow may begin with the answer: the type is that of the side, not of the first packet.
    out.icmpType = reversed ? ports & 0xffff : ports >>> 16
    out.icmpCode = words[at + row.ICMP_CODE]
  } else if (bytes.hasPorts(out.protocol) && (kind & row.KIND_ORPHAN_FRAGMENT) === 0) {
    out.srcPort = reversed ? ports & 0xffff : ports >>> 16
    out.dstPort = reversed ? ports >>> 16 : ports & 0xffff
  }
}

function readSide(pages: RowPages, each: number, side: number, out: SideCounters): void {
  const words = pages.words[row.pageOf(each)]
  const at = row.offsetOf(each)
  const from = side * row.SIDE_WORDS
  out.packets = words[at + from + row.PACKETS] >>> 0
  out.wireBytes = pages.total(each, from + row.WIRE_BYTES)
  out.ipBytes = pages.total(each, from + row.IP_BYTES)
  out.payloadBytes = pages.total(each, from + row.PAYLOAD_BYTES)
  const shift = side === 0 ? row.STATE_FLAGS_A_SHIFT : row.STATE_FLAGS_B_SHIFT
  const tcp = row.isTcp(words[at + row.KIND])
  out.tcpFlags = tcp ? (words[at + row.STATE] >>> shift) & 0xff : 0
  out.retransmissions = tcp ? words[at + row.RETRANSMISSIONS_A + side] >>> 0 : 0
}

function readHandshake(words: Int32Array, doubles: Float64Array, at: number, out: ClosedFlow): void {
  out.handshakeSec = -1
  out.handshakeNsec = 0
  if ((words[at + row.STATE] & row.STATE_HANDSHAKE) === 0) return
  const roundTrip = doubles[(at >> 1) + row.F_HANDSHAKE]
  out.handshakeSec = Math.floor(roundTrip / NSEC_PER_SEC)
  out.handshakeNsec = roundTrip - out.handshakeSec * NSEC_PER_SEC
}

function anomalyList(bits: number): readonly string[] {
  const known = anomalyLists.get(bits)
  if (known !== undefined) return known
  const names = row.ANOMALY_NAMES.filter((_, bit) => (bits & (1 << bit)) !== 0)
  anomalyLists.set(bits, names)
  return names
}
