/**
 * What finds devices and services on a local network: SSDP, WS-Discovery, SLP, XDMCP, NAT-PMP and PCP,
 * Spotify and Dropbox LAN discovery, Epson ENPC, Apple Remote Desktop.
 */
import { readU16, readU32, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { findText, lineEnd, onPort, roleByPort, TCP, TCP_UDP, tell, tellText, UDP } from '../common/shape.ts'

/** How far text is searched for a name. */
const SEARCH = 1024
const SPACE = 0x20

/** A server that announces itself to one host; a group is nobody's client. */
function announcer(payload: Payload): number {
  return payload.toGroup ? 0 : FROM_SERVER
}

/** UPnP Device Architecture 1.1 section 1: HTTP messages over UDP. */
function ssdp(payload: Payload): number {
  const { bytes, start, end } = payload
  const stop = Math.min(end, start + SEARCH)
  if (startsWith(bytes, start, end, 'M-SEARCH * HTTP/1.')) {
    const target = findText(bytes, start, stop, '\r\nST:')
    if (target >= 0) {
      const value = bytes[target + 5] === SPACE ? target + 6 : target + 5
      tellText(payload, 'ssdp', 'search_target', [value, lineEnd(bytes, value, end)])
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
  tell(payload, 'slp', 'version', version)
  tell(payload, 'slp', 'function', operation)
  const reply = operation === 2 || operation === 5 || operation === 7 || operation === 10
  return matched | (reply ? FROM_SERVER : FROM_CLIENT)
}

/** X Display Manager Control Protocol 1.1: version 1, opcode 1-14, length of what follows. */
function xdmcp(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 6 || readU16(bytes, start) !== 1 || bytes[start + 2] !== 0) return NO_MATCH
  const opcode = bytes[start + 3]
  if (opcode < 1 || opcode > 14 || readU16(bytes, start + 4) !== payload.length - 6) return NO_MATCH
  if (!onPort(payload, 177)) return NO_MATCH
  tell(payload, 'xdmcp', 'opcode', opcode)
  return STRONG
}

const NAT_PMP_PORT = 5351
const RESPONSE = 0x80

/** RFC 6886 section 3: version 0, operation 0-2, answers with bit 7; PCP (RFC 6887 section 7) is version 2. */
function natPmp(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (!onPort(payload, NAT_PMP_PORT) && payload.srcPort !== 5350 && payload.dstPort !== 5350) return NO_MATCH
  if (end - start < 2 || bytes[start] !== 0) return NO_MATCH
  const operation = bytes[start + 1]
  if (operation < RESPONSE) {
    const fits = operation === 0 ? length === 2 : operation <= 2 && length === 12
    return fits ? WEAK | FROM_CLIENT : NO_MATCH
  }
  const expected = operation === RESPONSE ? 12 : operation <= RESPONSE + 2 ? 16 : 0
  if (length !== expected || end - start < 8 || readU16(bytes, start + 2) > 5) return NO_MATCH
  return (
    (payload.peerLength > 1 && payload.peer[1] === (operation & 0x7f) ? STRONG : WEAK) | announcer(payload)
  )
}

function pcp(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (!onPort(payload, NAT_PMP_PORT) || end - start < 24 || length % 4 !== 0) return NO_MATCH
  if (bytes[start] !== 2) return NO_MATCH
  const operation = bytes[start + 1] & 0x7f
  if (operation > 3 || length > 1100 || bytes[start + 2] !== 0) return NO_MATCH
  return WEAK | (bytes[start + 1] & RESPONSE ? announcer(payload) : FROM_CLIENT)
}

/** "SpotUdp": the announcement that Spotify clients broadcast on port 57621. */
function spotify(payload: Payload): number {
  return startsWith(payload.bytes, payload.start, payload.end, 'SpotUdp') ? STRONG : NO_MATCH
}

/** Spotify's access point: version 4, length of the whole in four bytes, then field 10 of the client's hello (52). */
function spotifyConnection(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 9 || readU16(bytes, start) !== 4 || bytes[start + 6] !== 0x52) return NO_MATCH
  return readU32(bytes, start + 2) === payload.length ? STRONG | FROM_CLIENT : NO_MATCH
}

/** Dropbox LAN sync announces itself as JSON that names host_int and namespaces or version, in any order. */
function dropbox(payload: Payload): number {
  const { bytes, start, end } = payload
  const stop = Math.min(end, start + SEARCH)
  const near = onPort(payload, 17500) ? stop : Math.min(end, start + 80)
  if (findText(bytes, start, near, '"host_int"') < 0) return NO_MATCH
  const known =
    findText(bytes, start, stop, '"version"') >= 0 || findText(bytes, start, stop, '"namespaces"') >= 0
  return known ? STRONG : NO_MATCH
}

/** Dropbox's command bus on its LAN port: the name stands within the first bytes of each message. */
function dropboxBus(payload: Payload): number {
  if (!onPort(payload, 17500)) return NO_MATCH
  const stop = Math.min(payload.end, payload.start + 64)
  return findText(payload.bytes, payload.start, stop, 'Bus17Cmd') >= 0 ? STRONG : NO_MATCH
}

/** ENPC: "EPSON" and the packet type P, Q, C or N. */
function enpc(payload: Payload): number {
  const { bytes, start, end } = payload
  if (!startsWith(bytes, start, end, 'EPSON') || end - start < 6) return NO_MATCH
  const type = bytes[start + 5]
  if (type !== 0x50 && type !== 0x51 && type !== 0x43 && type !== 0x4e && type !== 0x70 && type !== 0x71) {
    return onPort(payload, 3289) ? STRONG : NO_MATCH
  }
  return STRONG
}

const APPLE_REMOTE_DESKTOP_PORT = 3283

const ARD_REQUEST = 0x14
const ARD_ANSWER = 0x01

/** Command and length of the rest as words: the request is 00 14 00 01 xx (or 00 14 00 00), its answer 00 01 … */
function appleRemoteDesktop(payload: Payload): number {
  const { bytes, start, end, peer } = payload
  if (!onPort(payload, APPLE_REMOTE_DESKTOP_PORT) || end - start < 4 || bytes[start] !== 0) return NO_MATCH
  if (readU16(bytes, start + 2) !== payload.length - 4) return NO_MATCH
  const command = bytes[start + 1]
  if (command === ARD_REQUEST) return STRONG | roleByPort(payload, APPLE_REMOTE_DESKTOP_PORT)
  const asked = payload.peerLength >= 4 && peer[0] === 0 && peer[1] === ARD_REQUEST
  return asked && command === ARD_ANSWER ? STRONG | FROM_SERVER : WEAK
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
  {
    label: 'xdmcp',
    says: 'holds an XDMCP version 1 header with known opcode and agreeing length, on port 177',
    protocols: UDP,
    ports: [177],
    firstBytes: [0],
    portsOnly: true,
    match: xdmcp,
  },
  {
    label: 'nat-pmp',
    says: 'is a NAT-PMP request or answer of the right length, on port 5351',
    protocols: UDP,
    ports: [NAT_PMP_PORT],
    firstBytes: [0],
    match: natPmp,
  },
  {
    label: 'pcp',
    says: 'holds a PCP version 2 header, on port 5351',
    protocols: UDP,
    ports: [NAT_PMP_PORT],
    firstBytes: [2],
    portsOnly: true,
    match: pcp,
  },
  {
    label: 'spotify',
    says: 'starts with "SpotUdp", the announcement of Spotify clients',
    protocols: UDP,
    ports: [57621],
    firstBytes: [0x53],
    match: spotify,
  },
  {
    label: 'spotify',
    says: 'is the hello of a Spotify client to its access point, with agreeing length',
    protocols: TCP,
    ports: [4070],
    firstBytes: [0],
    match: spotifyConnection,
  },
  {
    label: 'dropbox',
    says: 'is a Dropbox LAN announcement: JSON with host_int and version',
    protocols: UDP,
    ports: [17500],
    firstBytes: [0x7b],
    match: dropbox,
  },
  {
    label: 'dropbox',
    says: 'names Bus17Cmd within its first bytes, on the Dropbox LAN port 17500',
    protocols: UDP,
    ports: [17500],
    portsOnly: true,
    match: dropboxBus,
  },
  {
    label: 'enpc',
    says: 'starts with "EPSON" and an ENPC packet type',
    protocols: UDP,
    ports: [3289],
    firstBytes: [0x45],
    match: enpc,
  },
  {
    label: 'apple-remote-desktop',
    says: 'holds an Apple Remote Desktop command with agreeing length, on port 3283',
    protocols: UDP,
    ports: [APPLE_REMOTE_DESKTOP_PORT],
    firstBytes: [0],
    portsOnly: true,
    match: appleRemoteDesktop,
  },
]
