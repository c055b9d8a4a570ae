/**
 * SIP (RFC 3261) over UDP and TCP: request line or status line, and the headers that name caller and called.
 * In: single messages. Out: label sip, method, status, addresses, user agent. Over TCP a message cut by a segment
 * is read as far as it goes, but a body may come in a segment of its own. Session descriptions announce the media that
 * a call is about.
 */
import { PROTOCOL_TCP, PROTOCOL_UDP, startsWith } from '../../../bytes.ts'
import { packetString } from '../../../text.ts'
import {
  FROM_CLIENT,
  MORE,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { extraGroup } from '../common/extras.ts'
import { headerStart, headerText } from '../common/headers.ts'
import { onPort } from '../common/ports.ts'
import { lineEnd, mayBeMethod, nextLine, SPACE, startsWithAnyCase, threeDigits } from '../common/text-scan.ts'
import { announceFrom, announceMedia } from './sdp.ts'

const METHODS = [
  'INVITE',
  'ACK',
  'BYE',
  'CANCEL',
  'OPTIONS',
  'REGISTER',
  'PRACK',
  'SUBSCRIBE',
  'NOTIFY',
  'PUBLISH',
  'INFO',
  'REFER',
  'MESSAGE',
  'UPDATE',
  'HELLO',
]
const PORT_SIP = 5060
const PORTS = [PORT_SIP, 5061]
const MAX_LINE = 1024
/** A trunk carries one call after another, each with media of its own; those of later calls stand for themselves. */
const DEPTH = 64

function methodLength(bytes: Uint8Array, at: number, end: number): number {
  for (const method of METHODS)
    if (
      bytes[at] === method.charCodeAt(0) &&
      bytes[at + method.length] === SPACE &&
      startsWith(bytes, at, end, method)
    )
      return method.length
  return 0
}

function matchSip(payload: Payload): number {
  const { bytes, start, end } = payload
  const method = mayBeMethod(bytes, start, end) ? methodLength(bytes, start, end) : 0
  if (method === 0)
    return startsWith(bytes, start, end, 'SIP/2.0 ') ? matchStatus(payload) : matchHeaders(payload)
  const uri = start + method + 1
  const limit = Math.min(end, start + MAX_LINE)
  const stop = lineEnd(bytes, uri, limit)
  const versioned = stop >= uri + 8 && startsWith(bytes, stop - 8, end, ' SIP/2.0')
  const known = hasSipUri(bytes, uri, limit)
  if (!versioned && !known) return NO_MATCH
  const extra = extraGroup(payload, 'sip')
  if (extra.method === undefined) extra.method = packetString(bytes, start, start + method)
  reportHeaders(payload)
  announceMedia(payload)
  // Both ends of a call send requests, but only a phone registers.
  return (bytes[start] === 0x52 && method === 8 ? FROM_CLIENT : 0) | STRONG | MORE
}

function hasSipUri(bytes: Uint8Array, at: number, end: number): boolean {
  return (
    startsWithAnyCase(bytes, at, end, 'sip:') ||
    startsWithAnyCase(bytes, at, end, 'sips:') ||
    startsWithAnyCase(bytes, at, end, 'tel:')
  )
}

function matchStatus(payload: Payload): number {
  const { bytes, start, end } = payload
  const status = threeDigits(bytes, start + 8, end)
  if (status < 0) return NO_MATCH
  const extra = extraGroup(payload, 'sip')
  // Provisional answers give way to the final one.
  if (extra.status === undefined || (extra.status as number) < 200) extra.status = status
  reportHeaders(payload)
  announceMedia(payload)
  return STRONG | MORE
}

/** A message whose first line is damaged or belongs to the segment before: on its port a Via header tells. */
function matchHeaders(payload: Payload): number {
  const { bytes, start, end } = payload
  if (!onPort(payload, PORT_SIP) || end - start < 32) return NO_MATCH
  const headers = nextLine(bytes, start, Math.min(end, start + MAX_LINE))
  if (headers < 0) return NO_MATCH
  const via = headerStart(bytes, headers, end, 'via')
  return via >= 0 && startsWith(bytes, via, end, 'SIP/2.0/') ? WEAK : NO_MATCH
}

/** A SIP URI may hold a password behind its user (RFC 3261 section 19.1.1), though it should not. */
function withoutPassword(address: string): string {
  return address.replace(/(sips?:[^:@;>]*):[^@;>]*@/i, '$1@')
}

/** Headers and their compact forms (RFC 3261 section 7.3.3). */
function reportHeaders(payload: Payload): void {
  const { bytes, start, end } = payload
  const extra = extraGroup(payload, 'sip')
  const headers = nextLine(bytes, start, end)
  if (headers < 0) return
  const from = headerText(bytes, headers, end, 'from') ?? headerText(bytes, headers, end, 'f')
  const to = headerText(bytes, headers, end, 'to') ?? headerText(bytes, headers, end, 't')
  const callId = headerText(bytes, headers, end, 'call-id') ?? headerText(bytes, headers, end, 'i')
  const agent = headerText(bytes, headers, end, 'user-agent')
  if (from !== undefined && extra.from === undefined) extra.from = withoutPassword(from)
  if (to !== undefined && extra.to === undefined) extra.to = withoutPassword(to)
  if (callId !== undefined && extra.call_id === undefined) extra.call_id = callId
  if (agent !== undefined && extra.user_agent === undefined) extra.user_agent = agent
}

/** What keeps the way open for SIP over UDP: two line ends, four zeros, and what phones and switches have made up. */
const KEEP_ALIVES = ['\r\n\r\n', '\0\0\0\0', 'jaK\0', 'hello']

function matchKeepAlive(payload: Payload): number {
  const { bytes, start, end, length } = payload
  for (const text of KEEP_ALIVES)
    if (length === text.length && startsWith(bytes, start, end, text)) return WEAK | MORE
  return NO_MATCH
}

/** The body of the message before, which its sender wrote by itself. */
function matchBody(payload: Payload): number {
  const { bytes, start, end, labelSoFar } = payload
  if (labelSoFar !== 'sip' || !startsWith(bytes, start, end, 'v=0')) return NO_MATCH
  announceFrom(payload, start)
  return WEAK | MORE
}

const FIRST_BYTES = [...new Set(METHODS.map((method) => method.charCodeAt(0))), 0x53]

export const signatures: Signature[] = [
  {
    label: 'sip',
    says: 'is a SIP message: a request line with a SIP address or version, or a SIP/2.0 status line',
    protocols: [PROTOCOL_UDP, PROTOCOL_TCP],
    ports: PORTS,
    firstBytes: [...new Set(FIRST_BYTES)],
    depth: DEPTH,
    // Over the STUN that keeps the way open for it (RFC 5626 section 3.5.2).
    weight: 95,
    match: matchSip,
  },
  {
    label: 'sip',
    says: 'keeps the way open for SIP, on its port',
    protocols: [PROTOCOL_UDP],
    ports: [PORT_SIP],
    portsOnly: true,
    firstBytes: KEEP_ALIVES.map((text) => text.charCodeAt(0)),
    depth: DEPTH,
    match: matchKeepAlive,
  },
  {
    label: 'sip',
    says: 'goes on with a session description',
    protocols: [PROTOCOL_TCP],
    // Without ports: tried only in flows that are SIP already.
    portsOnly: true,
    firstBytes: [0x76],
    depth: DEPTH,
    match: matchBody,
  },
]
