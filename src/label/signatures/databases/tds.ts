/** Microsoft SQL Server and Sybase: TDS over TCP ([MS-TDS]) and the browser service over UDP ([MC-SQLR]). */
import { readI32, readU16, readU16LE, readU32LE } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { setExtra } from '../common/extras.ts'
import { onPort, TCP, UDP } from '../common/ports.ts'
import { findText } from '../common/text-scan.ts'

const PORT = 1433
const HEADER = 8
const BATCH = 1
const OLD_LOGIN = 2
const RPC = 3
const RESPONSE = 4
const LOGIN7 = 16
const PRELOGIN = 18
const MAX_PACKET = 32767

/** [MS-TDS] section 2.2.6.5: options of five bytes (token, offset, length), closed by ff; VERSION comes first. */
function prelogin(payload: Payload): number {
  const { bytes, start, end } = payload
  let at = start + HEADER
  if (at + 6 > end || bytes[at] !== 0 || readU16(bytes, at + 3) !== 6) return NO_MATCH
  for (let i = 0; i < 12; i++) {
    if (at >= end) return NO_MATCH
    if (bytes[at] === 0xff) return i >= 1 ? STRONG : NO_MATCH
    if (at + 5 > end || readU16(bytes, at + 1) + readU16(bytes, at + 3) > payload.length) return NO_MATCH
    at += 5
  }
  return NO_MATCH
}

/** Section 2.2.6.4: total length, version (71000001 … 74000004). */
function login7(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < HEADER + 36 || readU32LE(bytes, start + HEADER) > MAX_PACKET * 4) return NO_MATCH
  const major = bytes[start + HEADER + 7]
  if (major < 0x70 || major > 0x74) return NO_MATCH
  setExtra(payload, 'tds', 'version', readU32LE(bytes, start + HEADER + 4).toString(16))
  return STRONG | FROM_CLIENT
}

const LOGIN_FIELDS = 4
const LOGIN_FIELD = 31
const LOGIN_PACKET = 512
/** Type 2, not the last packet, 512 bytes. */
const OLD_LOGIN_START = 0x02000200

/**
 * The login before version 7 (Sybase, TDS 4.2 and 5.0): packets of 512 bytes, fields of 30 bytes (host, user, password,
 * process, …) with the used length behind and zeros up to there. Nothing of it is told.
 */
function oldLogin(payload: Payload): boolean {
  const { bytes, start, end } = payload
  if (readI32(bytes, start) !== OLD_LOGIN_START || readI32(bytes, start + 4) !== 0) return false
  if (end - start < LOGIN_PACKET) return false
  for (let field = 0; field < LOGIN_FIELDS; field++) {
    const at = start + HEADER + field * LOGIN_FIELD
    const used = bytes[at + LOGIN_FIELD - 1]
    if (used >= LOGIN_FIELD) return false
    for (let i = used; i < LOGIN_FIELD - 1; i++) if (bytes[at + i] !== 0) return false
  }
  return true
}

/** Section 2.2.3.1: type, status, length (big-endian), SPID, packet id, window 0. */
function tds(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < HEADER + 1 || bytes[start + 1] > 0x1f || bytes[start + 7] !== 0) return NO_MATCH
  const length = readU16(bytes, start + 2)
  const last = (bytes[start + 1] & 1) !== 0
  if (length > payload.length && !(length <= MAX_PACKET && payload.length >= 500)) return NO_MATCH
  if (length < HEADER + 1 || (length < payload.length && last)) return NO_MATCH
  const type = bytes[start]
  if (type === PRELOGIN) return prelogin(payload)
  if (type === LOGIN7) return login7(payload)
  if (type === OLD_LOGIN && oldLogin(payload)) return STRONG | FROM_CLIENT
  if (!onPort(payload, PORT)) return NO_MATCH
  if (type === RESPONSE) {
    // A response of a prelogin looks like its request.
    const matched = prelogin(payload)
    return (matched === NO_MATCH && length !== payload.length ? WEAK : STRONG) | FROM_SERVER
  }
  return (type === BATCH || type === RPC ? STRONG : WEAK) | FROM_CLIENT
}

const BROWSER_PORT = 1434

/** [MC-SQLR] section 2.2: 02, 03, 04+name ask; 05, length, "ServerName;…" answers. */
function browser(payload: Payload): number {
  const { bytes, start, end } = payload
  if (!onPort(payload, BROWSER_PORT) || bytes[start] < 2 || bytes[start] > 5) return NO_MATCH
  if (bytes[start] === 5) {
    if (end - start < 14 || readU16LE(bytes, start + 1) !== payload.length - 3) return NO_MATCH
    return findText(bytes, start + 3, Math.min(end, start + 20), 'ServerName;') >= 0
      ? STRONG | FROM_SERVER
      : NO_MATCH
  }
  if (bytes[start] === 4) return payload.length > 1 && payload.length <= 34 ? WEAK | FROM_CLIENT : NO_MATCH
  return payload.length === 1 ? WEAK | FROM_CLIENT : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'tds',
    says: 'holds a TDS header with agreeing length: prelogin options, a login, or a batch on port 1433',
    protocols: TCP,
    ports: [PORT],
    firstBytes: [BATCH, OLD_LOGIN, RPC, RESPONSE, 6, 7, 14, 15, LOGIN7, 17, PRELOGIN],
    bits: { offset: 4, mask: 0xff, value: 0 },
    match: tds,
  },
  {
    label: 'ms-sql-m',
    says: 'asks or answers the SQL Server browser, on port 1434',
    protocols: UDP,
    ports: [BROWSER_PORT],
    firstBytes: [2, 3, 4, 5],
    portsOnly: true,
    match: browser,
  },
]
