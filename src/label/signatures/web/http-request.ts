/** What the first line of an HTTP/1 message is: a status line, or a request to a server, to a proxy, or for a tunnel. */
import { readI32, startsWith } from '../../../bytes.ts'
import type { Payload } from '../../inspect/payload.ts'
import { headerStart } from '../common/headers.ts'
import {
  isText,
  lineEnd,
  mayBeMethod,
  nextLine,
  SPACE,
  startsWithAnyCase,
  threeDigits,
} from '../common/text-scan.ts'

const METHODS = [
  'GET',
  'POST',
  'HEAD',
  'PUT',
  'DELETE',
  'OPTIONS',
  'PATCH',
  'TRACE',
  'CONNECT',
  'PROPFIND',
  'PROPPATCH',
  'MKCOL',
  'COPY',
  'MOVE',
  'LOCK',
  'UNLOCK',
  'REPORT',
  'SEARCH',
  'MERGE',
  'SUBSCRIBE',
  'UNSUBSCRIBE',
  'NOTIFY',
  'RPC_IN_DATA',
  'RPC_OUT_DATA',
  'RPC_CONNECT',
  'CCM_POST',
  'BITS_POST',
  'MKCALENDAR',
  'ACL',
  'PURGE',
]
/** "HTTP" */
const HTTP = 0x48545450
const MAX_REQUEST_LINE = 4096
/** Of a line that the snaplen cut: a method, a space and a slash have 40 bits already. */
const MIN_CUT_LINE = 16

/** A request is for the server itself, for a proxy, or for a tunnel. */
export const KIND_ORIGIN = 1
export const KIND_PROXY = 2
export const KIND_CONNECT = 3
/** The two halves of an RTSP session carried in a GET and a POST, a QuickTime convention. */
export const KIND_RTSP = 4

/** What a proxy is asked to fetch. */
const PROXIED = ['http://', 'https://', 'ftp://']

const RTSP_TUNNELLED = 'application/x-rtsp-tunnelled'

const METHODS_BY_FIRST = new Map<number, string[]>()
for (const method of METHODS) {
  const first = method.charCodeAt(0)
  METHODS_BY_FIRST.set(first, [...(METHODS_BY_FIRST.get(first) ?? []), method])
}

/** Length of the method and its space at `at`, or 0. */
export function methodLength(bytes: Uint8Array, at: number, end: number): number {
  if (!mayBeMethod(bytes, at, end)) return 0
  const candidates = METHODS_BY_FIRST.get(bytes[at])
  if (candidates === undefined) return 0
  for (const method of candidates)
    if (bytes[at + method.length] === SPACE && startsWith(bytes, at, end, method)) return method.length + 1
  return 0
}

export function isStatusLine(bytes: Uint8Array, at: number, end: number): boolean {
  return (
    end - at >= 12 &&
    readI32(bytes, at) === HTTP &&
    bytes[at + 4] === 0x2f &&
    bytes[at + 6] === 0x2e &&
    bytes[at + 8] === SPACE &&
    threeDigits(bytes, at + 9, end) >= 100
  )
}

/** The answer to the last question, for four signatures ask it of each payload. The payload itself is not kept. */
const asked = { serial: 0, kind: 0 }

/** The kind of request that the payload starts with, or 0. */
export function requestKind(payload: Payload): number {
  if (asked.serial !== payload.serial) {
    asked.kind = kindOf(payload)
    asked.serial = payload.serial
  }
  return asked.kind
}

/**
 * The line must end in " HTTP/1.x", or the segment be full of the URL: a target that starts like one and never meets a
 * control character.
 */
function kindOf(payload: Payload): number {
  const { bytes, start, end } = payload
  const skip = methodLength(bytes, start, end)
  if (skip === 0) return 0
  const target = start + skip
  const limit = Math.min(end, start + MAX_REQUEST_LINE)
  const stop = lineEnd(bytes, target, limit)
  const lineStop = stop < 0 ? limit : stop
  if (lineStop === target || !isText(bytes, target, lineStop)) return 0
  const version = lineStop - 9
  const versioned = version >= target && startsWith(bytes, version, end, ' HTTP/1.')
  if (!versioned) {
    const first = bytes[target]
    if (stop >= 0 || (first !== 0x2f && !startsWithAnyCase(bytes, target, limit, 'http'))) return 0
    if (limit - start < MIN_CUT_LINE && end - start < payload.length) return 0
  }
  const headers = stop < 0 ? end : Math.max(stop, nextLine(bytes, stop, end))
  if (isTunnelledRtsp(bytes, headers, end)) return KIND_RTSP
  if (bytes[start] === 0x43 && startsWith(bytes, start, end, 'CONNECT ')) return KIND_CONNECT
  for (const scheme of PROXIED) if (startsWithAnyCase(bytes, target, lineStop, scheme)) return KIND_PROXY
  return headerStart(bytes, headers, end, 'proxy-connection') >= 0 ? KIND_PROXY : KIND_ORIGIN
}

function isTunnelledRtsp(bytes: Uint8Array, headers: number, end: number): boolean {
  const accept = headerStart(bytes, headers, end, 'accept')
  if (accept >= 0 && startsWith(bytes, accept, end, RTSP_TUNNELLED)) return true
  const type = headerStart(bytes, headers, end, 'content-type')
  return type >= 0 && startsWith(bytes, type, end, RTSP_TUNNELLED)
}

/** With what a request begins. */
export const FIRST_BYTES_REQUEST = [...METHODS_BY_FIRST.keys()]
