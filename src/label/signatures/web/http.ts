/**
 * HTTP/1 (RFC 9112): request line or status line, and the headers that name the server. In: the first packets of
 * a TCP flow. Out: http, http-connect (the CONNECT method, RFC 9110 section 9.3.6), http-proxy (an absolute URL
 * in the request line, RFC 9112 section 3.2.2, or a Proxy- header), websocket (RFC 6455 section 4.2.2).
 * A request's header block over several segments is joined up to 8 KiB, see stream.ts.
 */
import { PROTOCOL_TCP } from '../../../bytes.ts'
import type { FieldsOf } from '../../../protocol-fields.ts'
import { packetString } from '../../../text.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  MORE,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { extraGroup } from '../common/extras.ts'
import { headerStart, headerText } from '../common/headers.ts'
import { follow, STOPPED, type Stream, startStream, WAITS } from '../common/stream.ts'
import { CR, LF, lineText, nextLine, startsWithAnyCase, threeDigits } from '../common/text-scan.ts'
import { hostOf, nameServer, withoutSecrets } from '../common/urls.ts'
import { inspectTls } from '../tls/tls.ts'
import {
  FIRST_BYTES_REQUEST,
  isStatusLine,
  KIND_CONNECT,
  KIND_ORIGIN,
  KIND_PROXY,
  KIND_RTSP,
  methodLength,
  requestKind,
} from './http-request.ts'

const MAX_METHOD = 12
/** Bytes that are joined of a request's head in several segments. */
const MAX_HEAD = 8192
/** What ends the request line, and as much of it as a cut line may have. */
const VERSION = / HTTP\/[^ ]*$/
const CUT_VERSION = / (H(T(T(P(\/[^ ]*)?)?)?)?)?$/

/** A request's head as far as it is known. */
interface Head {
  bytes: Uint8Array
  start: number
  end: number
}

/** One that has not yet arrived whole. */
interface PartialHead {
  kind: 'http'
  stream: Stream
}

function isPartialHead(scratch: unknown): scratch is PartialHead {
  return typeof scratch === 'object' && scratch !== null && (scratch as PartialHead).kind === 'http'
}

/** True for the flow's first request. */
function reportRequest(payload: Payload): boolean {
  if (extraGroup(payload, 'http').method !== undefined) return false
  reportRequestHead(payload, payload)
  return true
}

function reportRequestHead(payload: Payload, { bytes, start, end }: Head): void {
  const extra = extraGroup(payload, 'http')
  const target = start + methodLength(bytes, start, end)
  extra.method = packetString(bytes, start, Math.min(target - 1, start + MAX_METHOD))
  const line = lineText(bytes, target, end)
  const version = line.search(nextLine(bytes, target, end) < 0 ? CUT_VERSION : VERSION)
  const url = version < 0 ? line : line.slice(0, version)
  extra.path = extra.method === 'CONNECT' ? hostOf(url) : withoutSecrets(url, version >= 0)
  const headers = nextLine(bytes, target, end)
  if (headers < 0) return
  // The start of a name is another name: of a line that was cut nothing is told.
  const whole = lastLine(bytes, headers, end)
  const agent = headerText(bytes, headers, whole, 'user-agent')
  if (agent !== undefined) extra.user_agent = agent
  const host = hostOf(headerText(bytes, headers, whole, 'host') ?? '')
  if (host !== '') extra.host = host
  // CONNECT names the server in its first line, and some clients nowhere else.
  const server = extra.host ?? (extra.method === 'CONNECT' ? extra.path : undefined)
  if (server === undefined) return
  nameServer(payload, server)
}

/** True when more is to come: an interim response (RFC 9110 section 15.2) is not the answer yet. */
function reportResponse(payload: Payload): boolean {
  const { bytes, start, end } = payload
  const at = behindInterim(bytes, start, end)
  const status = threeDigits(bytes, at + 9, end)
  const extra = extraGroup(payload, 'http')
  if (!(Number(extra.status) >= 200)) reportResponseHead(extra, status, { bytes, start: at, end })
  return status < 200
}

function reportResponseHead(extra: FieldsOf<'http'>, status: number, { bytes, start, end }: Head): void {
  extra.status = status
  const headers = nextLine(bytes, start, end)
  if (headers < 0) return
  const whole = lastLine(bytes, headers, end)
  const type = headerText(bytes, headers, whole, 'content-type')
  if (type !== undefined) extra.content_type = type
  const server = headerText(bytes, headers, whole, 'server')
  if (server !== undefined) extra.server = server
}

/** Keeps a request's head that goes on in the next segment: some write one for every line. */
function keepHead(payload: Payload): void {
  const { bytes, start, end, length } = payload
  if (end - start < length || length >= MAX_HEAD || endsHead(bytes, start, end)) return
  payload.scratch = { kind: 'http', stream: startStream(payload, MAX_HEAD) } satisfies PartialHead
}

function headOf({ bytes, length }: Stream): Head {
  return { bytes, start: 0, end: length }
}

/** Joins the next segment; what the head tells is told anew when it is whole, goes no further, or has not named a host. */
function continueHead(payload: Payload, { stream }: PartialHead, match: Signature['match']): number {
  if (payload.direction !== stream.direction) {
    payload.scratch = undefined
    reportRequestHead(payload, headOf(stream))
    return match(payload)
  }
  const followed = follow(stream, payload, MAX_HEAD)
  if (followed === WAITS) return STRONG | FROM_CLIENT | MORE
  const ends = followed === STOPPED || endsHead(stream.bytes, 0, stream.length)
  if (ends) payload.scratch = undefined
  // The end may never be seen: whom it asks is told at once.
  if (ends || extraGroup(payload, 'http').host === undefined) reportRequestHead(payload, headOf(stream))
  return STRONG | FROM_CLIENT | MORE
}

/** Where the last whole line ends. */
function lastLine(bytes: Uint8Array, start: number, end: number): number {
  let at = end
  while (at > start && bytes[at - 1] !== LF) at--
  return at
}

/** An empty line stands in it. */
function endsHead(bytes: Uint8Array, start: number, end: number): boolean {
  return behindHead(bytes, start, end) >= 0
}

/** What stands behind the empty line, -1 where that is not there. */
function behindHead(bytes: Uint8Array, start: number, end: number): number {
  for (let at = nextLine(bytes, start, end); at >= 0 && at < end; at = nextLine(bytes, at, end))
    if (bytes[at] === LF || bytes[at] === CR) return at + (bytes[at] === LF ? 1 : 2)
  return -1
}

/** Where the response stands that follows interim ones in the same segment. */
function behindInterim(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (threeDigits(bytes, at + 9, end) < 200) {
    const next = behindHead(bytes, at, end)
    if (next < 0 || !isStatusLine(bytes, next, end)) return at
    at = next
  }
  return at
}

/** RFC 6455 section 4.2.2: status 101 and "Upgrade: websocket". */
function isWebSocketUpgrade(payload: Payload): boolean {
  const { bytes, start, end } = payload
  if (threeDigits(bytes, start + 9, end) !== 101) return false
  const headers = nextLine(bytes, start, end)
  const value = headers < 0 ? -1 : headerStart(bytes, headers, end, 'upgrade')
  return value >= 0 && startsWithAnyCase(bytes, value, end, 'websocket')
}

/** What follows a request or a status line in the same direction; of the other nothing is known by that. */
function goesOn(payload: Payload, label: string): boolean {
  return payload.labelSoFar === label && payload.matchedHere()
}

function matchHttp(payload: Payload): number {
  const { bytes, start, end, scratch } = payload
  if (isPartialHead(scratch)) return continueHead(payload, scratch, matchHttp)
  if (isStatusLine(bytes, start, end)) {
    if (payload.labelSoFar.startsWith('http-') || isWebSocketUpgrade(payload)) return NO_MATCH
    return reportResponse(payload) ? STRONG | FROM_SERVER | MORE : STRONG | FROM_SERVER
  }
  const kind = requestKind(payload)
  if (kind === KIND_ORIGIN) {
    if (reportRequest(payload)) keepHead(payload)
    return STRONG | FROM_CLIENT | MORE
  }
  // The rest of a long request: wait for the response, which completes the extras.
  return kind === 0 && goesOn(payload, 'http') ? STRONG | MORE : NO_MATCH
}

function matchHttpProxy(payload: Payload): number {
  const { bytes, start, end, labelSoFar, scratch } = payload
  if (isPartialHead(scratch)) return continueHead(payload, scratch, matchHttpProxy)
  if (labelSoFar === 'http-proxy' && isStatusLine(bytes, start, end)) {
    reportResponse(payload)
    return STRONG | FROM_SERVER
  }
  if (requestKind(payload) !== KIND_PROXY) return goesOn(payload, 'http-proxy') ? STRONG | MORE : NO_MATCH
  if (reportRequest(payload)) keepHead(payload)
  return STRONG | FROM_CLIENT | MORE
}

/** The tunnel's own TLS hellos are read too: they name what lies behind the proxy. */
function matchHttpConnect(payload: Payload): number {
  const { bytes, start, end, labelSoFar } = payload
  if (labelSoFar === 'http-connect') {
    if (isStatusLine(bytes, start, end)) {
      reportResponse(payload)
      return STRONG | FROM_SERVER | MORE
    }
    const tls = inspectTls(payload)
    if ((tls & FROM_SERVER) !== 0) return STRONG | FROM_SERVER
    return payload.matchedHere() ? STRONG | MORE : NO_MATCH
  }
  if (requestKind(payload) !== KIND_CONNECT) return NO_MATCH
  reportRequest(payload)
  return STRONG | FROM_CLIENT | MORE
}

function matchWebSocket(payload: Payload): number {
  const { bytes, start, end } = payload
  if (!isStatusLine(bytes, start, end) || !isWebSocketUpgrade(payload)) return NO_MATCH
  reportResponse(payload)
  return STRONG | FROM_SERVER
}

function matchTunnelledRtsp(payload: Payload): number {
  if (requestKind(payload) !== KIND_RTSP) return NO_MATCH
  reportRequest(payload)
  return STRONG | FROM_CLIENT
}

const FIRST_BYTE_STATUS = 0x48
/** The request, the proxy's answer, and the records of TLS (RFC 8446 section 5.1) that pass through the tunnel. */
const FIRST_BYTES_CONNECT = [0x43, FIRST_BYTE_STATUS, 0x14, 0x15, 0x16, 0x17]
const PORTS = [80, 8080, 8000, 8888, 3128]
const FIRST_BYTES = [...new Set([...FIRST_BYTES_REQUEST, FIRST_BYTE_STATUS])]
/** Payload packets of a direction: a form or a file that is sent up comes before the answer to it. */
const DEPTH = 64

export const signatures: Signature[] = [
  {
    label: 'websocket',
    says: 'is answered by an HTTP 101 that upgrades to websocket',
    protocols: [PROTOCOL_TCP],
    ports: PORTS,
    firstBytes: [FIRST_BYTE_STATUS],
    weight: 95,
    depth: DEPTH,
    match: matchWebSocket,
  },
  {
    label: 'http-connect',
    says: 'starts with an HTTP CONNECT request',
    protocols: [PROTOCOL_TCP],
    ports: PORTS,
    firstBytes: FIRST_BYTES_CONNECT,
    weight: 90,
    depth: DEPTH,
    match: matchHttpConnect,
  },
  {
    label: 'http-proxy',
    says: 'starts with an HTTP request made to a proxy: an absolute URL or a Proxy-Connection header',
    protocols: [PROTOCOL_TCP],
    ports: PORTS,
    firstBytes: FIRST_BYTES_REQUEST,
    weight: 90,
    depth: DEPTH,
    match: matchHttpProxy,
  },
  {
    label: 'rtsp',
    says: 'starts with an HTTP request that tunnels RTSP',
    protocols: [PROTOCOL_TCP],
    ports: [554, 80, 8080],
    firstBytes: [0x47, 0x50],
    weight: 90,
    match: matchTunnelledRtsp,
  },
  {
    label: 'http',
    says: 'starts with an HTTP/1 request line or status line',
    protocols: [PROTOCOL_TCP],
    ports: PORTS,
    firstBytes: FIRST_BYTES,
    depth: DEPTH,
    match: matchHttp,
  },
]
