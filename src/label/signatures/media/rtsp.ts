/**
 * RTSP (RFC 7826, RFC 2326): request line, status line, or interleaved media behind a dollar sign.
 * Session descriptions and the Transport headers of SETUP announce the media that go over UDP. RTSP tunnelled in HTTP
 * stands in http.ts. Not supported: the Transport parameters of RTSP 2.0 (RFC 7826), which no player met here sends.
 */
import { parseAddress } from '../../../address.ts'
import { PROTOCOL_TCP, PROTOCOL_UDP, readU16, startsWith } from '../../../bytes.ts'
import { packetString } from '../../../text.ts'
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
import { extraGroup } from '../common/extras.ts'
import { headerText } from '../common/headers.ts'
import { lineEnd, mayBeMethod, nextLine, SPACE, startsWithAnyCase, threeDigits } from '../common/text-scan.ts'
import { looksLikeHost, withoutSecrets } from '../common/urls.ts'
import { announceMedia, MEDIA_LIFETIME_SEC } from './sdp.ts'

const METHODS = [
  'OPTIONS',
  'DESCRIBE',
  'ANNOUNCE',
  'SETUP',
  'PLAY',
  'PAUSE',
  'TEARDOWN',
  'GET_PARAMETER',
  'SET_PARAMETER',
  'REDIRECT',
  'RECORD',
]
const PORTS = [554, 8554]
const MAX_LINE = 2048
const MAX_OFFERS = 4
/** Options, description, an authorisation or two, a SETUP for each stream. */
const DEPTH = 16
const DOLLAR = 0x24
const INTERLEAVED_HEADER = 4
const RTP_VERSION = 2

function matchRtsp(payload: Payload): number {
  const { bytes, start, end } = payload
  if (bytes[start] === DOLLAR) return matchInterleaved(payload)
  if (!mayBeMethod(bytes, start, end)) return NO_MATCH
  if (startsWith(bytes, start, end, 'RTSP/')) return matchStatus(payload)
  for (const method of METHODS) {
    if (bytes[start] !== method.charCodeAt(0) || !startsWith(bytes, start, end, method)) continue
    if (bytes[start + method.length] !== SPACE) continue
    return matchRequest(payload, method.length)
  }
  return NO_MATCH
}

function matchRequest(payload: Payload, method: number): number {
  const { bytes, start, end } = payload
  const target = start + method + 1
  const stop = lineEnd(bytes, target, Math.min(end, start + MAX_LINE))
  const versioned = stop >= target + 9 && startsWith(bytes, stop - 9, end, ' RTSP/')
  if (!versioned && !startsWithAnyCase(bytes, target, end, 'rtsp://')) return NO_MATCH
  const extra = extraGroup(payload, 'rtsp')
  if (extra.method === undefined) extra.method = packetString(bytes, start, start + method)
  const requested = packetString(bytes, target, versioned ? stop - 9 : stop < 0 ? end : stop)
  const url = withoutSecrets(requested, stop >= 0)
  if (extra.url === undefined) extra.url = url
  const host = /^rtspu?:\/\/([^/:?#]+)/i.exec(url)?.[1]
  if (host !== undefined && /[a-z]/i.test(host) && looksLikeHost(host)) payload.hostname(host, 'rtsp')
  const headers = nextLine(bytes, target, end)
  const agent = headers < 0 ? undefined : headerText(bytes, headers, end, 'user-agent')
  if (agent !== undefined) extra.user_agent = agent
  if (headers >= 0) announceTransport(payload, headers, CLIENT_PORTS)
  return STRONG | FROM_CLIENT | MORE
}

function matchStatus(payload: Payload): number {
  const { bytes, start, end } = payload
  const status = threeDigits(bytes, start + 9, end)
  if (status < 0) return NO_MATCH
  const extra = extraGroup(payload, 'rtsp')
  if (extra.status === undefined) extra.status = status
  const headers = nextLine(bytes, start, end)
  if (headers >= 0) announceTransport(payload, headers, SERVER_PORTS)
  announceMedia(payload)
  return STRONG | FROM_SERVER | MORE
}

/** What a Transport header (RFC 2326 section 12.39) says of its sender's end: the ports, and the address if not the sender's. */
interface TransportEnd {
  ports: RegExp
  address: RegExp
}
const CLIENT_PORTS: TransportEnd = {
  ports: /;\s*client_port=(\d{1,5})(?:-(\d{1,5}))?/i,
  address: /;\s*destination=([\d.:a-f]+)/i,
}
const SERVER_PORTS: TransportEnd = {
  ports: /;\s*server_port=(\d{1,5})(?:-(\d{1,5}))?/i,
  address: /;\s*source=([\d.:a-f]+)/i,
}
const DATAGRAMS = /^RTP\/(S?)AVPF?(?:\/UDP)?(?:;|$)/i
const PORT_LAST = 65_535

/** A request may offer several transports, the preferred first; an answer has one. */
function announceTransport(payload: Payload, headers: number, of: TransportEnd): void {
  const text = headerText(payload.bytes, headers, payload.end, 'transport')
  for (const offer of text?.split(',', MAX_OFFERS) ?? []) {
    const secure = DATAGRAMS.exec(offer.trim())?.[1]
    const [, low, high] = of.ports.exec(offer) ?? []
    if (secure === undefined || low === undefined) continue
    const address = parseAddress(of.address.exec(offer)?.[1] ?? '')
    const announce = (label: string, port: number) => {
      if (port === 0 || port > PORT_LAST) return
      const lifetimeSec = MEDIA_LIFETIME_SEC
      const through = 'an RTSP Transport header'
      payload.announce({ label, protocol: PROTOCOL_UDP, port, address, through, lifetimeSec })
    }
    announce(secure === '' ? 'rtp' : 'srtp', Number(low))
    if (high !== undefined) announce(secure === '' ? 'rtcp' : 'srtp', Number(high))
  }
}

/** RFC 2326 section 10.12: dollar, channel, length, an RTP or RTCP packet. Met alone only in the middle of a flow. */
function matchInterleaved(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (end - start < INTERLEAVED_HEADER + 8 || bytes[start + 1] > 15) return NO_MATCH
  const size = readU16(bytes, start + 2)
  if (size < 8 || bytes[start + INTERLEAVED_HEADER] >>> 6 !== RTP_VERSION) return NO_MATCH
  const next = start + INTERLEAVED_HEADER + size
  if (size + INTERLEAVED_HEADER === length) return WEAK
  return next + 2 <= end && bytes[next] === DOLLAR && bytes[next + 1] <= 15 ? WEAK : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'rtsp',
    says: 'is an RTSP request or status line, or media interleaved as RTSP does it',
    protocols: [PROTOCOL_TCP],
    ports: PORTS,
    firstBytes: [...new Set([...METHODS.map((method) => method.charCodeAt(0)), 0x52, DOLLAR])],
    depth: DEPTH,
    match: matchRtsp,
  },
]
