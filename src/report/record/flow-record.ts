/**
 * A closed flow as one NDJSON line, written straight into bytes: this is the hot path of writing. What repeats
 * from flow to flow (labels, states, evidence, registry entries, IPv6 addresses) is kept as ready pieces in
 * caches of bounded size. Names, order and units are the contract's; record.ts has the other records.
 */
import type { ClosedFlow, SideCounters, Verdict } from '../../types.ts'
import { putCommunityId } from './community-id.ts'
import { extrasRoom, putExtras, putExtrasText } from './extras.ts'
import { fieldsText, jsonText, listFields } from './json.ts'
import {
  createPen,
  createPiece,
  PEN_SLACK,
  type Pen,
  type Piece,
  penText,
  putEpoch,
  putHexWord,
  putInteger,
  putIpv4,
  putMilliseconds,
  putPiece,
  putSeconds,
  putString,
  putText,
  stringRoom,
} from './pen.ts'
import { createAddressPieces, createTextPieces, createVerdictPieces } from './pieces.ts'
import { protocolName } from './protocols.ts'
import { putTime } from './time.ts'

export interface FlowRecordOptions {
  time?: 'iso' | 'epoch'
  /** Default 0. */
  communityIdSeed?: number
}

/** Returns a pen with at least this many bytes left. */
export interface PenOwner {
  room(bytes: number): Pen
}

export interface FlowEncoder {
  /** Appends the line with its newline. */
  put(owner: PenOwner, flow: ClosedFlow): void
}

/** Names, punctuation, numbers, times and addresses of one line; pieces and free text are counted beside it. */
const FIXED_ROOM = 2048
const TCP = 6
const ICMP = 1
const ICMPV6 = 58
const NEWLINE = 0x0a
const CLOSE_BRACE = 0x7d
const BILLION = 1_000_000_000
const MAX_UTF8_BYTES = 3
const TCP_FLAG_LETTERS = 'FSRPAUEC'
const EMPTY = createPiece('')

const key = {
  flowId: createPiece('{"type":"flow","v":1,"flow_id":"'),
  continues: createPiece('","continues":"'),
  communityId: createPiece('","community_id":"1:'),
  firstFrame: createPiece('","first_frame":'),
  srcPort: createPiece('","src_port":'),
  dstIp: createPiece(',"dst_ip":"'),
  dstIpNoPort: createPiece('","dst_ip":"'),
  dstPort: createPiece('","dst_port":'),
  quote: createPiece('"'),
  icmpType: createPiece(',"icmp_type":'),
  icmpCode: createPiece(',"icmp_code":'),
  handshake: createPiece(',"handshake_rtt_ms":'),
  srcRetransmissions: createPiece(',"src_retransmissions":'),
  dstRetransmissions: createPiece(',"dst_retransmissions":'),
  hostname: createPiece(',"hostname":'),
}
const isoKeys = {
  start: createPiece(',"start":"'),
  end: createPiece('","end":"'),
  duration: createPiece('","duration":'),
}
const epochKeys = {
  start: createPiece(',"start":'),
  end: createPiece(',"end":'),
  duration: createPiece(',"duration":'),
}
const srcKeys = sideKeys('src')
const dstKeys = sideKeys('dst')
const transports = Array.from({ length: 256 }, (_, protocol) =>
  createPiece(`,"transport":${JSON.stringify(protocolName(protocol))},"ip_proto":${protocol},"src_ip":"`),
)
const srcFlags = flagPieces('src_tcp_flags')
const dstFlags = flagPieces('dst_tcp_flags')

/** One flow as a line, without its newline. */
export function flowLine(flow: ClosedFlow, options: FlowRecordOptions = {}): string {
  let pen = createPen(0)
  const owner = { room: (bytes: number) => (pen = createPen(bytes + PEN_SLACK)) }
  createFlowEncoder(options).put(owner, flow)
  return penText(pen).trimEnd()
}

export function createFlowEncoder(options: FlowRecordOptions): FlowEncoder {
  const seed = options.communityIdSeed ?? 0
  const times = options.time === 'epoch' ? { ...epochKeys, put: putEpoch } : { ...isoKeys, put: putTime }
  const addresses = createAddressPieces()
  const caches = createCaches()
  const parts = createParts()

  function put(owner: PenOwner, flow: ClosedFlow): void {
    const pen = owner.room(FIXED_ROOM + fetchParts(parts, caches, flow))
    putIdentity(pen, flow, seed)
    putPiece(pen, times.start)
    times.put(pen, flow.startSec, flow.startNsec)
    putPiece(pen, times.end)
    times.put(pen, flow.endSec, flow.endNsec)
    putPiece(pen, times.duration)
    putDuration(pen, flow)
    putPiece(pen, transports[flow.protocol & 255])
    if (flow.ipVersion === 4) putIpv4(pen, flow.src3)
    else putPiece(pen, addresses.get(flow.src0, flow.src1, flow.src2, flow.src3))
    putEnd(pen, flow.srcPort, key.srcPort)
    putPiece(pen, flow.srcPort < 0 ? key.dstIpNoPort : key.dstIp)
    if (flow.ipVersion === 4) putIpv4(pen, flow.dst3)
    else putPiece(pen, addresses.get(flow.dst0, flow.dst1, flow.dst2, flow.dst3))
    putEnd(pen, flow.dstPort, key.dstPort)
    if (flow.dstPort < 0) putPiece(pen, key.quote)
    putTail(pen, flow, parts, caches)
    pen.bytes[pen.at++] = CLOSE_BRACE
    pen.bytes[pen.at++] = NEWLINE
  }

  return { put }
}

/** After the opening quote of the address: closes it and adds the port, or nothing where there is none. */
function putEnd(pen: Pen, port: number, name: Piece): void {
  if (port < 0) return
  putPiece(pen, name)
  putInteger(pen, port)
}

function putIdentity(pen: Pen, flow: ClosedFlow, seed: number): void {
  putPiece(pen, key.flowId)
  putHexWord(pen, flow.idHigh)
  putHexWord(pen, flow.idLow)
  if (flow.continuesHigh !== 0 || flow.continuesLow !== 0) {
    putPiece(pen, key.continues)
    putHexWord(pen, flow.continuesHigh)
    putHexWord(pen, flow.continuesLow)
  }
  putPiece(pen, key.communityId)
  putCommunityId(pen, flow, seed)
  putPiece(pen, key.firstFrame)
  putInteger(pen, flow.firstFrame)
}

function putDuration(pen: Pen, flow: ClosedFlow): void {
  let sec = flow.endSec - flow.startSec
  let nsec = flow.endNsec - flow.startNsec
  if (nsec < 0) {
    sec--
    nsec += BILLION
  }
  if (sec < 0) sec = nsec = 0
  putSeconds(pen, sec, nsec)
}

/** Pieces of what repeats from flow to flow. */
function createCaches() {
  return {
    orientations: createTextPieces(',"orientation":'),
    connStates: createTextPieces(',"conn_state":'),
    histories: createTextPieces(',"history":'),
    endReasons: createTextPieces(',"end_reason":'),
    hostnameSources: createTextPieces(',"hostname_source":'),
    encapsulations: createTextPieces(',', (list) => fieldsText(listFields('encapsulation', list.split(' ')))),
    anomalies: createTextPieces(',', (list) => fieldsText(listFields('anomalies', list.split(' ')))),
    verdicts: createVerdictPieces(verdictText),
  }
}
type Caches = ReturnType<typeof createCaches>

/** The variable parts of a flow's line, fetched before room is requested. */
function createParts() {
  return {
    encapsulation: EMPTY,
    anomalies: EMPTY,
    history: EMPTY,
    verdict: EMPTY,
    process: '',
  }
}
type Parts = ReturnType<typeof createParts>

/** Fills `parts`; returns how many bytes they and the free text may take. */
function fetchParts(parts: Parts, caches: Caches, flow: ClosedFlow): number {
  const { verdict, encapsulation, anomalies, history } = flow
  parts.encapsulation = encapsulation.length === 0 ? EMPTY : caches.encapsulations(encapsulation.join(' '))
  parts.anomalies = anomalies.length === 0 ? EMPTY : caches.anomalies(anomalies.join(' '))
  parts.history = history === '' ? EMPTY : caches.histories(history)
  parts.verdict = caches.verdicts(verdict)
  parts.process = flow.process === undefined ? '' : `,"process":${jsonText(flow.process)}`
  let bytes = parts.encapsulation.length + parts.anomalies.length + parts.history.length
  bytes += parts.verdict.length + MAX_UTF8_BYTES * parts.process.length
  if (flow.extrasText !== undefined) bytes += flow.extrasText.length
  else if (flow.extras !== undefined) bytes += extrasRoom(flow.extras)
  return flow.hostname === undefined ? bytes : bytes + stringRoom(flow.hostname)
}

/** What follows the addresses. */
function putTail(pen: Pen, flow: ClosedFlow, parts: Parts, caches: Caches): void {
  putPiece(pen, caches.orientations(flow.orientation))
  putSide(pen, flow.src, srcKeys)
  putSide(pen, flow.dst, dstKeys)
  putPiece(pen, parts.encapsulation)
  if (flow.protocol === ICMP || flow.protocol === ICMPV6) putIcmp(pen, flow)
  if (flow.protocol === TCP) putTcp(pen, flow)
  if (flow.connState !== '') putPiece(pen, caches.connStates(flow.connState))
  putPiece(pen, parts.history)
  putPiece(pen, caches.endReasons(flow.endReason))
  putPiece(pen, parts.anomalies)
  putPiece(pen, parts.verdict)
  if (flow.hostname !== undefined) {
    putPiece(pen, key.hostname)
    putString(pen, flow.hostname)
  }
  if (flow.hostnameSource !== undefined) putPiece(pen, caches.hostnameSources(flow.hostnameSource))
  if (parts.process !== '') putText(pen, parts.process)
  if (flow.extrasText !== undefined) putExtrasText(pen, flow.extrasText)
  else if (flow.extras !== undefined) putExtras(pen, flow.extras)
}

function putSide(pen: Pen, side: SideCounters, keys: ReturnType<typeof sideKeys>): void {
  if (side.packets === 0) {
    putPiece(pen, keys.silent)
    return
  }
  putPiece(pen, keys.packets)
  putInteger(pen, side.packets)
  putPiece(pen, keys.wireBytes)
  putInteger(pen, side.wireBytes)
  putPiece(pen, keys.ipBytes)
  putInteger(pen, side.ipBytes)
  putPiece(pen, keys.payloadBytes)
  putInteger(pen, side.payloadBytes)
}

function putIcmp(pen: Pen, flow: ClosedFlow): void {
  if (flow.icmpType < 0) return
  putPiece(pen, key.icmpType)
  putInteger(pen, flow.icmpType)
  putPiece(pen, key.icmpCode)
  putInteger(pen, Math.max(0, flow.icmpCode))
}

function putTcp(pen: Pen, flow: ClosedFlow): void {
  putPiece(pen, srcFlags[flow.src.tcpFlags & 255])
  putPiece(pen, dstFlags[flow.dst.tcpFlags & 255])
  if (flow.handshakeSec >= 0) {
    putPiece(pen, key.handshake)
    putMilliseconds(pen, flow.handshakeSec, flow.handshakeNsec)
  }
  putPiece(pen, key.srcRetransmissions)
  putInteger(pen, flow.src.retransmissions)
  putPiece(pen, key.dstRetransmissions)
  putInteger(pen, flow.dst.retransmissions)
}

function sideKeys(side: string) {
  return {
    packets: createPiece(`,"${side}_packets":`),
    wireBytes: createPiece(`,"${side}_wire_bytes":`),
    ipBytes: createPiece(`,"${side}_ip_bytes":`),
    payloadBytes: createPiece(`,"${side}_payload_bytes":`),
    /** It sent nothing. */
    silent: createPiece(
      ['packets', 'wire_bytes', 'ip_bytes', 'payload_bytes'].map((name) => `,"${side}_${name}":0`).join(''),
    ),
  }
}

/** A piece for each set of flags; no flags, no field. */
function flagPieces(name: string): Piece[] {
  return Array.from({ length: 256 }, (_, flags) => {
    const letters = [...TCP_FLAG_LETTERS].filter((_, bit) => (flags & (1 << bit)) !== 0).join('')
    return createPiece(letters === '' ? '' : `,"${name}":"${letters}"`)
  })
}

function verdictText({ label, certainty, category, evidence, candidates, registry }: Verdict): string {
  const told = evidence.map(({ source, says, for: speaksFor, weight }) => ({
    source,
    says,
    for: speaksFor,
    weight,
  }))
  return `,${fieldsText({
    label,
    certainty,
    category,
    ...listFields('evidence', told),
    ...(candidates === undefined ? {} : listFields('candidates', candidates)),
    registry,
  })}`
}
