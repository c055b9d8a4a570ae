/**
 * RTSP (RFC 7826, RFC 2326): request line, status line, or interleaved media behind a dollar sign.
 * RTSP tunnelled in HTTP stands in http.ts.
 */
import { PROTOCOL_TCP, readU16, startsWith } from '../../bytes.ts'
import { packetString } from '../../text.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  MORE,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../payload.ts'
import * as reader from './reader.ts'

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
const DOLLAR = 0x24
const INTERLEAVED_HEADER = 4
const RTP_VERSION = 2

function matchRtsp(payload: Payload): number {
  const { bytes, start, end } = payload
  if (bytes[start] === DOLLAR) return matchInterleaved(payload)
  if (!reader.mayBeMethod(bytes, start, end)) return NO_MATCH
  if (startsWith(bytes, start, end, 'RTSP/')) return matchStatus(payload)
  for (const method of METHODS) {
    if (bytes[start] !== method.charCodeAt(0) || !startsWith(bytes, start, end, method)) continue
    if (bytes[start + method.length] !== reader.SPACE) continue
    return matchRequest(payload, method.length)
  }
  return NO_MATCH
}

function matchRequest(payload: Payload, method: number): number {
  const { bytes, start, end } = payload
  const target = start + method + 1
  const stop = reader.lineEnd(bytes, target, Math.min(end, start + MAX_LINE))
  const versioned = stop >= target + 9 && startsWith(bytes, stop - 9, end, ' RTSP/')
  if (!versioned && !reader.startsWithAnyCase(bytes, target, end, 'rtsp://')) return NO_MATCH
  const extra = reader.extraGroup(payload, 'rtsp')
  if (extra.method === undefined) extra.method = packetString(bytes, start, start + method)
  const url = packetString(bytes, target, versioned ? stop - 9 : stop < 0 ? end : stop)
  if (extra.url === undefined) extra.url = url
  const host = /^rtspu?:\/\/(?:[^/@]*@)?([^/:]+)/i.exec(url)?.[1]
  if (host !== undefined && /[a-z]/i.test(host) && reader.looksLikeHost(host)) payload.hostname(host, 'rtsp')
  const headers = reader.nextLine(bytes, target, end)
  const agent = headers < 0 ? undefined : reader.headerText(bytes, headers, end, 'user-agent')
  if (agent !== undefined) extra.user_agent = agent
  return STRONG | FROM_CLIENT | MORE
}

function matchStatus(payload: Payload): number {
  const { bytes, start, end } = payload
  const status = reader.threeDigits(bytes, start + 9, end)
  if (status < 0) return NO_MATCH
  const extra = reader.extraGroup(payload, 'rtsp')
  if (extra.status === undefined) extra.status = status
  return STRONG | FROM_SERVER
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
    match: matchRtsp,
  },
]
