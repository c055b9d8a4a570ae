/**
 * HTTP/2 without TLS (RFC 9113). In: TCP payload. Out: label http2, by the connection preface (section 3.4), by SETTINGS
 * or, in the middle of a connection, by frames whose lengths lead to the payload's end; extras.http by the first header
 * block of each direction, joined over segments that arrive in order.
 * Not supported: later header blocks, which lean on all that came before them.
 */
import { PROTOCOL_TCP, readI32, readU16, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  MORE,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { repeatsPeer } from '../../inspect/previous.ts'
import { extraGroup } from '../common/extras.ts'
import { hostOf, nameServer, withoutSecrets } from '../common/urls.ts'
import { type HeaderField, headerFields } from './hpack.ts'
import {
  type BlockSearch,
  blockKind,
  countFrames,
  endSearch,
  FRAME_HEADER,
  isFrameHeader,
  searchOn,
  startSearch,
} from './http2-frames.ts'

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
/** "PRI " */
const PRI = 0x50524920

/** As IANA's table of methods has them: what is no such word may be anything. */
const METHOD = /^[A-Z][A-Z_-]{0,31}$/

const TYPE_SETTINGS = 4
const FLAG_ACK = 1
const SETTING_LENGTH = 6
const SETTING_LAST = 9
const MAX_SETTINGS = 32

/** A connection seen from its start; a direction is there when it has spoken. */
interface Connection {
  kind: 'http2'
  /** The direction of the client's preface, where that came first. */
  client: 0 | 1 | undefined
  sides: [Side | undefined, Side | undefined]
}

interface Side {
  search: BlockSearch
  /** Sequence number of the segment that goes on. */
  next: number
}

function isConnection(scratch: unknown): scratch is Connection {
  return typeof scratch === 'object' && scratch !== null && (scratch as Connection).kind === 'http2'
}

function matchHttp2(payload: Payload): number {
  const { bytes, start, end, scratch } = payload
  if (isConnection(scratch)) return follow(payload, scratch)
  const match = bytes[start] === 0 ? matchSettings(payload) : matchPreface(payload)
  if (match === NO_MATCH) return matchFrames(payload)
  if (payload.ordinal > 0 || payload.peerOrdinal > 0) return match
  const client = bytes[start] === 0 ? undefined : payload.direction
  const connection: Connection = { kind: 'http2', client, sides: [undefined, undefined] }
  payload.scratch = connection
  const first = client === undefined ? start : Math.min(end, start + PREFACE.length)
  return match | readSide(payload, connection, first) | MORE
}

function matchPreface({ bytes, start, end }: Payload): number {
  return startsWith(bytes, start, end, PREFACE) ? STRONG | FROM_CLIENT : NO_MATCH
}

/** The server's preface is a SETTINGS frame on stream 0, whose identifiers are 1 to 9. */
function matchSettings(payload: Payload): number {
  const { bytes, start, end, length, peer } = payload
  if (end - start < FRAME_HEADER || bytes[start + 3] !== TYPE_SETTINGS || bytes[start + 1] !== 0)
    return NO_MATCH
  const size = bytes[start + 2]
  if (readI32(bytes, start + 5) !== 0 || bytes[start + 4] > FLAG_ACK || FRAME_HEADER + size > length)
    return NO_MATCH
  if (bytes[start + 4] === FLAG_ACK) return size === 0 && payload.labelSoFar === 'http2' ? WEAK : NO_MATCH
  if (size % SETTING_LENGTH !== 0 || size > MAX_SETTINGS * SETTING_LENGTH) return NO_MATCH
  const stop = Math.min(end, start + FRAME_HEADER + size)
  for (let at = start + FRAME_HEADER; at + SETTING_LENGTH <= stop; at += SETTING_LENGTH) {
    const id = readU16(bytes, at)
    if (id === 0 || id > SETTING_LAST) return NO_MATCH
  }
  const answers = payload.peerLength >= PREFACE.length && readI32(peer, 0) === PRI
  return answers ? STRONG | FROM_SERVER : size > 0 ? STRONG : NO_MATCH
}

/** Several frames, or one whose length is fixed by its type, have more than 32 fixed bits; HEADERS or DATA alone fewer. */
function matchFrames(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (end - start < length || !isFrameHeader(bytes, start, end)) return NO_MATCH
  const { all, fixed } = countFrames(bytes, start, end)
  if (all === 0 || repeatsPeer(payload)) return NO_MATCH
  const kind = blockKind(bytes, start, end)
  const role = kind === undefined ? 0 : kind === 'request' ? FROM_CLIENT : FROM_SERVER
  if (fixed > 0 || all > 1) return STRONG | role
  return bytes[start + 3] === TYPE_SETTINGS ? NO_MATCH : WEAK | role
}

/** A later segment of a connection that is known from its start. */
function follow(payload: Payload, connection: Connection): number {
  const { bytes, start, end, direction } = payload
  const { client, sides } = connection
  const begins = sides[direction] === undefined
  const first = begins && startsWith(bytes, start, end, PREFACE) ? start + PREFACE.length : start
  if (begins && first === start && !isFrameHeader(bytes, start, end)) return NO_MATCH
  const known = client === undefined ? 0 : direction === client ? FROM_CLIENT : FROM_SERVER
  const role = readSide(payload, connection, first) | known
  if (!sides[0]?.search.ended || !sides[1]?.search.ended) return STRONG | role | MORE
  payload.scratch = undefined
  return STRONG | role
}

/** Reads the sender's frames from `from` on; returns its role once its first header block is there. */
function readSide(payload: Payload, { client, sides }: Connection, from: number): number {
  const { bytes, end, start, length, direction, tcpSequence } = payload
  const side = sides[direction] ?? { search: startSearch(), next: tcpSequence }
  sides[direction] = side
  const { search } = side
  if (search.ended || isRepeated(payload, side)) return 0
  if (tcpSequence === side.next) searchOn(search, bytes, from, end)
  if (tcpSequence !== side.next || end - start < length) endSearch(search)
  side.next = (tcpSequence + length) | 0
  return search.ended ? report(payload, headerFields(search.block, 0, search.block.length), client) : 0
}

/** The segment brings nothing that is not there. */
function isRepeated({ tcpSequence, length }: Payload, { next }: Side): boolean {
  return ((next - tcpSequence) | 0) >= length
}

/** Section 8.3: what HTTP/1 has in its first line is in fields here. A known client does not answer, nor its server ask. */
function report(payload: Payload, fields: readonly HeaderField[], client: 0 | 1 | undefined): number {
  const values = new Map([...fields].reverse().map(({ name, value }) => [name, value]))
  if (METHOD.test(values.get(':method') ?? ''))
    return client !== 1 - payload.direction ? reportRequest(payload, values) : 0
  return values.has(':status') && client !== payload.direction ? reportResponse(payload, values) : 0
}

function reportRequest(payload: Payload, values: ReadonlyMap<string, string>): number {
  const extra = extraGroup(payload, 'http')
  const host = hostOf(values.get(':authority') ?? values.get('host') ?? '')
  extra.method = values.get(':method')
  // CONNECT has no path: it names a server.
  extra.path = withoutSecrets(values.get(':path') ?? host, true)
  if (host !== '') extra.host = host
  const agent = values.get('user-agent')
  if (agent !== undefined) extra.user_agent = agent
  nameServer(payload, host)
  return FROM_CLIENT
}

function reportResponse(payload: Payload, values: ReadonlyMap<string, string>): number {
  const status = /^[2-9]\d\d$/.test(values.get(':status') ?? '') ? Number(values.get(':status')) : 0
  // An interim response is not the answer yet.
  if (status === 0) return FROM_SERVER
  const extra = extraGroup(payload, 'http')
  extra.status = status
  const type = values.get('content-type')
  if (type !== undefined) extra.content_type = type
  const server = values.get('server')
  if (server !== undefined) extra.server = server
  return FROM_SERVER
}

export const signatures: Signature[] = [
  {
    label: 'http2',
    says: 'starts with the HTTP/2 connection preface or its SETTINGS frame, or consists of HTTP/2 frames',
    protocols: [PROTOCOL_TCP],
    ports: [80, 8080],
    firstBytes: [0x50, 0],
    // The preface, or a frame of at most 65,535 bytes whose type is below 16.
    bits: [
      { offset: 0, mask: 0xffffffff, value: PRI },
      { offset: 0, mask: 0xff0000f0, value: 0 },
    ],
    depth: 12,
    match: matchHttp2,
  },
]
