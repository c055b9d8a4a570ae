/**
 * Proxies and caches: ICP (RFC 2186), HTCP (RFC 2756), WCCP, ICAP (RFC 3507), the header of the PROXY protocol, SAP's
 * router.
 */
import { readI32, readU16, readU32 } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  MORE,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { type Beginnings, bitsOfWords, oneOf, opening } from '../common/beginnings.ts'
import { firstBytesWhere } from '../common/byte-scan.ts'
import { TCP, UDP } from '../common/ports.ts'
import { findText, printableRun } from '../common/text-scan.ts'

const ICP_HEADER = 20
const ICP_QUERY = 1
const ICP_PORT_ANSWERS: readonly number[] = [2, 3, 4, 10, 11, 21, 22, 23]

/** RFC 2186: opcode, version 2 or 3, length, request number, options, sender; a URL with NUL behind it. */
function icp(payload: Payload): number {
  const { bytes, start, end, peer, peerLength, length } = payload
  if (end - start < ICP_HEADER + 2 || readU16(bytes, start + 2) !== length) return NO_MATCH
  const version = bytes[start + 1]
  if (version !== 2 && version !== 3) return NO_MATCH
  const query = bytes[start] === ICP_QUERY
  if (!query && !ICP_PORT_ANSWERS.includes(bytes[start])) return NO_MATCH
  const url = start + ICP_HEADER + (query ? 4 : 0)
  const nul = printableRun(bytes, url, end)
  if (nul - url < 5 || nul >= end || bytes[nul] !== 0) return NO_MATCH
  if (query) return nul + 1 === end && findText(bytes, url, nul, ':') > 0 ? STRONG | FROM_CLIENT : NO_MATCH
  const asked = peerLength > ICP_HEADER && peer[0] === ICP_QUERY
  if (asked && readI32(peer, 4) === readI32(bytes, start + 4)) return STRONG | FROM_SERVER
  return findText(bytes, url, nul, ':/') > 0 ? STRONG | FROM_SERVER : NO_MATCH
}

const HTCP_HEADER = 4
const HTCP_DATA = 8

/** RFC 2756 section 3: length of all, version 0, length of the data, transaction, then the length of the signature. */
function htcp({ bytes, start, end, length }: Payload): number {
  if (end - start < HTCP_HEADER + HTCP_DATA + 2 || readU16(bytes, start) !== length) return NO_MATCH
  if (bytes[start + 2] !== 0 || bytes[start + 3] > 1) return NO_MATCH
  const data = readU16(bytes, start + HTCP_HEADER)
  const signature = start + HTCP_HEADER + data
  if (data < HTCP_DATA || signature + 2 > end || length > end - start) return NO_MATCH
  const rest = readU16(bytes, signature)
  // Opcode and response are four bits each, in an order that implementations disagree on.
  return rest >= 2 && HTCP_HEADER + data + rest === length && isHtcpBody(bytes, start, data)
    ? STRONG
    : NO_MATCH
}

/** NOP has no body; TST, MON, SET and CLR hold counted strings, the first shorter than the rest. */
function isHtcpBody(bytes: Uint8Array, start: number, data: number): boolean {
  const opcode = bytes[start + 6]
  if (opcode >> 4 > 5 || (opcode & 15) > 5 || (bytes[start + 7] & 0x3c) !== 0) return false
  return data === HTCP_DATA || readU16(bytes, start + HTCP_HEADER + HTCP_DATA) + HTCP_DATA < data + 2
}

const WCCP_FIRST = 10
const WCCP_LAST = 13
const WCCP_PORT = 2048
const WCCP_OLD_FIRST = 7
const WCCP_OLD_LAST = 9

/** WCCP 2: type, version 2.0 or 2.1, length of the components, of which the first has a length of its own. */
function wccp(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (end - start < 12) return NO_MATCH
  const type = readU32(bytes, start)
  if (type >= WCCP_OLD_FIRST && type <= WCCP_OLD_LAST)
    return readI32(bytes, start + 4) === 4 && payload.dstPort === WCCP_PORT
      ? STRONG | wccpRole(type, 8)
      : NO_MATCH
  if (type < WCCP_FIRST || type > WCCP_LAST || (readU16(bytes, start + 4) & ~1) !== 0x0200) return NO_MATCH
  if (readU16(bytes, start + 6) + 8 !== length || readU16(bytes, start + 8) > 32) return NO_MATCH
  return readU16(bytes, start + 10) + 12 <= length ? STRONG | wccpRole(type, 11) : NO_MATCH
}

/** The cache says "here I am", the router "I see you". */
function wccpRole(type: number, answer: number): number {
  return type === answer ? FROM_SERVER : FROM_CLIENT
}

const ICAP: Beginnings = [
  ['OPTIONS icap', STRONG | FROM_CLIENT],
  ['REQMOD icap', STRONG | FROM_CLIENT],
  ['RESPMOD icap', STRONG | FROM_CLIENT],
  ['ICAP/1.0 ', STRONG | FROM_SERVER],
]
/** Of the same text, HTTP's method OPTIONS is less. */
const ICAP_WEIGHT = 90

/** Version 1 is a line of text, version 2 begins with twelve bytes that no other protocol sends. */
const PROXY_HEADERS: Beginnings = [
  ['PROXY TCP4 ', STRONG | FROM_CLIENT | MORE],
  ['PROXY TCP6 ', STRONG | FROM_CLIENT | MORE],
  ['PROXY UNKNOWN', STRONG | FROM_CLIENT | MORE],
  ['\r\n\r\n\x00\r\nQUIT\n', STRONG | FROM_CLIENT | MORE],
]
/** What comes behind the header says more. */
const PROXY_WEIGHT = 50

export const signatures: Signature[] = [
  {
    label: 'icp',
    says: 'holds an ICP header with version 2 or 3 and agreeing length, and a URL that NUL ends',
    protocols: UDP,
    ports: [3130],
    bits: [
      { offset: 0, mask: 0xe0ff0000 | 0, value: 0x00020000 },
      { offset: 0, mask: 0xe0ff0000 | 0, value: 0x00030000 },
    ],
    match: icp,
  },
  {
    label: 'htcp',
    says: 'holds an HTCP header whose three lengths lead to the end of the packet',
    protocols: UDP,
    ports: [4827],
    bits: { offset: 2, mask: 0xfffef800 | 0, value: 0 },
    firstBytes: firstBytesWhere((byte) => byte < 8),
    match: htcp,
  },
  {
    label: 'wccp',
    says: 'is a WCCP message of known type and version with agreeing length',
    protocols: UDP,
    ports: [WCCP_PORT],
    bits: [...bitsOfWords([WCCP_OLD_FIRST]), ...bitsOfWords([8], ~7)],
    match: wccp,
  },
  {
    label: 'icap',
    says: 'starts with an ICAP request for a service, or with "ICAP/1.0"',
    protocols: TCP,
    ports: [1344],
    weight: ICAP_WEIGHT,
    ...oneOf(ICAP),
  },
  {
    label: 'proxy-protocol',
    says: 'starts with a header of the PROXY protocol, version 1 or 2',
    protocols: TCP,
    weight: PROXY_WEIGHT,
    ...oneOf(PROXY_HEADERS),
  },
  opening({
    label: 'saprouter',
    says: 'holds a length and "NI_ROUTE", the way that a SAP router shall take',
    protocols: TCP,
    ports: [3299],
    firstBytes: [0],
    text: 'NI_ROUTE\0',
    at: 4,
    role: FROM_CLIENT,
  }),
]
