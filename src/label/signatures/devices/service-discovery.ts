/** What finds devices and services on a local network: SSDP, WS-Discovery, SLP. */
import { readU16, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { setExtra, setExtraText } from '../common/extras.ts'
import { announcer, onPort, TCP_UDP, UDP } from '../common/ports.ts'
import { findText, lineStop } from '../common/text-scan.ts'

/** How far text is searched for a name. */
const SEARCH = 1024
const SPACE = 0x20

/** UPnP Device Architecture 1.1 section 1: HTTP messages over UDP. */
function ssdp(payload: Payload): number {
  const { bytes, start, end } = payload
  const stop = Math.min(end, start + SEARCH)
  if (startsWith(bytes, start, end, 'M-SEARCH * HTTP/1.')) {
    const target = findText(bytes, start, stop, '\r\nST:')
    if (target >= 0) {
      const value = bytes[target + 5] === SPACE ? target + 6 : target + 5
      setExtraText(payload, 'ssdp', 'search_target', [value, lineStop(bytes, value, end)])
    }
    return STRONG | FROM_CLIENT
  }
  if (startsWith(bytes, start, end, 'NOTIFY * HTTP/1.')) return STRONG | announcer(payload)
  if (!startsWith(bytes, start, end, 'HTTP/1.1 200 ')) return NO_MATCH
  const header =
    findText(bytes, start, stop, '\r\nUSN:') >= 0 ||
    findText(bytes, start, stop, '\r\nST:') >= 0 ||
    findText(bytes, start, stop, '\r\nSt:') >= 0 ||
    onPort(payload, 1900)
  if (header) return STRONG | FROM_SERVER
  // The snaplen took the headers: little else answers like HTTP in a datagram.
  return end - start < Math.min(payload.length, SEARCH) ? WEAK | FROM_SERVER : NO_MATCH
}

/** WS-Discovery 1.1 (OASIS) section 3: SOAP envelopes over UDP; the namespace names the protocol. */
function wsDiscovery(payload: Payload): number {
  const { bytes, start, end } = payload
  const stop = Math.min(end, start + 1500)
  const envelope =
    findText(bytes, start, Math.min(end, start + 160), ':Envelope') >= 0 ||
    startsWith(bytes, start, end, '<Envelope')
  if (!envelope) return NO_MATCH
  if (findText(bytes, start, stop, '/ws/2005/04/discovery') >= 0) return STRONG
  if (findText(bytes, start, stop, '/ws-dd/ns/discovery/') >= 0) return STRONG
  return onPort(payload, 3702) ? STRONG : NO_MATCH
}

function letter(byte: number): boolean {
  return (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a)
}

const SLP_PORT = 427
const SLP_V2_HEADER = 14
const SLP_V1_HEADER = 12

/** RFC 2608 section 8: version, function, length of 24 bits, flags, extension offset, XID, language tag. */
function slpVersion2(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < SLP_V2_HEADER + 2 || (readU16(bytes, start + 5) & 0x1fff) !== 0) return NO_MATCH
  const length = (bytes[start + 2] << 16) | readU16(bytes, start + 3)
  const language = readU16(bytes, start + 12)
  if (language < 1 || language > 32 || !letter(bytes[start + SLP_V2_HEADER])) return NO_MATCH
  if (length === payload.length) return STRONG
  return onPort(payload, SLP_PORT) && length >= SLP_V2_HEADER ? WEAK : NO_MATCH
}

/** RFC 2165 section 4: version, function, length of 16 bits, flags, dialect 0, language code, encoding, XID. */
function slpVersion1(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < SLP_V1_HEADER || readU16(bytes, start + 2) !== payload.length) return NO_MATCH
  if (!letter(bytes[start + 6]) || !letter(bytes[start + 7]) || bytes[start + 5] !== 0) return NO_MATCH
  return onPort(payload, SLP_PORT) ? STRONG : NO_MATCH
}

function slp(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < SLP_V1_HEADER) return NO_MATCH
  const version = bytes[start]
  const operation = bytes[start + 1]
  if ((version !== 1 && version !== 2) || operation < 1 || operation > 15) return NO_MATCH
  const matched = version === 2 ? slpVersion2(payload) : slpVersion1(payload)
  if (matched === NO_MATCH) return NO_MATCH
  setExtra(payload, 'slp', 'version', version)
  setExtra(payload, 'slp', 'function', operation)
  const reply = operation === 2 || operation === 5 || operation === 7 || operation === 10
  return matched | (reply ? FROM_SERVER : FROM_CLIENT)
}

export const signatures: Signature[] = [
  {
    label: 'ssdp',
    says: 'is an SSDP search, announcement or answer: HTTP text in a datagram',
    protocols: UDP,
    ports: [1900],
    firstBytes: [0x4d, 0x4e, 0x48],
    match: ssdp,
  },
  {
    label: 'ws-discovery',
    says: 'is a SOAP envelope in a datagram that names the WS-Discovery namespace',
    protocols: UDP,
    ports: [3702],
    firstBytes: [0x3c],
    match: wsDiscovery,
  },
  {
    label: 'slp',
    says: 'holds a Service Location Protocol header with length and language tag',
    protocols: TCP_UDP,
    ports: [SLP_PORT],
    firstBytes: [1, 2],
    bits: { offset: 0, mask: 0x00f00000, value: 0 },
    match: slp,
  },
]
