/**
 * Citrix: ICA's six opening bytes, CGP's greeting, EDT's handshake (UDT version 4 on the ports of ICA and CGP), and
 * the ICA browser, by which old clients look for servers and published applications.
 */
import { PROTOCOL_TCP, PROTOCOL_UDP, readI32, readU16LE, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { bitsOfWords } from '../common/beginnings.ts'
import { onPort } from '../common/ports.ts'

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
  if (!onPort(payload, PORT_ICA) && !onPort(payload, PORT_CGP)) return NO_MATCH
  if (readI32(bytes, start) !== UDT_HANDSHAKE || readI32(bytes, start + UDT_HEADER) !== UDT_VERSION)
    return NO_MATCH
  const socketType = readI32(bytes, start + UDT_HEADER + 4)
  return socketType === 0 || socketType === 1 ? STRONG : NO_MATCH
}

const PORT_BROWSER = 1604
/** Length, kind, message, then these four bytes. */
const BROWSER_HEADER = 8
const BROWSER_MAGIC = 0x02fda8e3
const BROWSER_MESSAGE = 3

/** A datagram tells its own length. Questions have even numbers, the answer to each is the next odd one. */
function matchBrowser(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (end - start < BROWSER_HEADER || readI32(bytes, start + 4) !== BROWSER_MAGIC) return NO_MATCH
  if (readU16LE(bytes, start) !== length) return NO_MATCH
  return STRONG | ((bytes[start + BROWSER_MESSAGE] & 1) === 0 ? FROM_CLIENT : FROM_SERVER)
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
    portsOnly: true,
    bits: bitsOfWords([UDT_HANDSHAKE]),
    match: matchEdt,
  },
  {
    label: 'icabrowser',
    says: 'is a datagram of the ICA browser: its own length, and 02 fd a8 e3',
    protocols: [PROTOCOL_UDP],
    ports: [PORT_BROWSER],
    bits: { offset: 4, mask: 0xffffffff, value: BROWSER_MAGIC },
    match: matchBrowser,
  },
]
