/**
 * Citrix: ICA's six opening bytes, CGP's greeting, and EDT's handshake (UDT version 4 on the ports of ICA and CGP).
 */
import { PROTOCOL_TCP, PROTOCOL_UDP, readI32, startsWith } from '../../bytes.ts'
import { FROM_SERVER, NO_MATCH, type Payload, type Signature, STRONG } from '../payload.ts'
import { isPort } from './reader.ts'

const PORT_ICA = 1494
const PORT_CGP = 2598
const ICA = '\x7f\x7fICA\0'
const CGP = '\x1aCGP/01'

/** Server first; the client echoes it. */
function matchIca(payload: Payload): number {
  const { bytes, start, end } = payload
  if (!startsWith(bytes, start, end, ICA)) return NO_MATCH
  return payload.ordinal === 0 && payload.peerOrdinal === 0 ? STRONG | FROM_SERVER : STRONG
}

function matchCgp(payload: Payload): number {
  return startsWith(payload.bytes, payload.start, payload.end, CGP) ? STRONG : NO_MATCH
}

/** UDT control packet: flag and type 0, information, time, destination; then version 4, socket type 0 or 1. */
const UDT_HEADER = 16
const UDT_HANDSHAKE = 0x80000000 | 0
const UDT_VERSION = 4
const UDT_HANDSHAKE_LENGTH = 64

function matchEdt(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (end - start < UDT_HEADER + 8 || length < UDT_HANDSHAKE_LENGTH) return NO_MATCH
  if (!isPort(payload, PORT_ICA) && !isPort(payload, PORT_CGP)) return NO_MATCH
  if (readI32(bytes, start) !== UDT_HANDSHAKE || readI32(bytes, start + UDT_HEADER) !== UDT_VERSION)
    return NO_MATCH
  const socketType = readI32(bytes, start + UDT_HEADER + 4)
  return socketType === 0 || socketType === 1 ? STRONG : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'ica',
    says: 'starts with the ICA detection string 7f 7f "ICA" 00',
    protocols: [PROTOCOL_TCP],
    ports: [PORT_ICA],
    firstBytes: [0x7f],
    match: matchIca,
  },
  {
    label: 'cgp',
    says: 'starts with the CGP greeting 1a "CGP/01"',
    protocols: [PROTOCOL_TCP],
    ports: [PORT_CGP],
    firstBytes: [0x1a],
    match: matchCgp,
  },
  {
    label: 'edt',
    says: 'is a UDT handshake on a port of ICA or CGP, as EDT opens',
    protocols: [PROTOCOL_UDP],
    ports: [PORT_ICA, PORT_CGP],
    firstBytes: [0x80],
    match: matchEdt,
  },
]
