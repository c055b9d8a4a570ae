/** X11: connection setup and its answer (X Window System Protocol, section 8). */
import { PROTOCOL_TCP, readU16, readU16LE } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'

const MSB_FIRST = 0x42
const LSB_FIRST = 0x6c
const SETUP_HEADER = 12
const MAJOR = 11
const PORT_FIRST = 6000
const PORT_LAST = 6063
const REPLY_HEADER = 8
const REPLY_SUCCESS = 1

function pad(length: number): number {
  return (length + 3) & ~3
}

function isDisplayPort(port: number): boolean {
  return port >= PORT_FIRST && port <= PORT_LAST
}

function matchX11(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (bytes[start] <= REPLY_SUCCESS) return matchReply(payload)
  if (end - start < SETUP_HEADER) return NO_MATCH
  const read = bytes[start] === LSB_FIRST ? readU16LE : readU16
  if (read(bytes, start + 2) !== MAJOR || read(bytes, start + 4) !== 0) return NO_MATCH
  const size = SETUP_HEADER + pad(read(bytes, start + 6)) + pad(read(bytes, start + 8))
  return size === length ? STRONG | FROM_CLIENT : NO_MATCH
}

/** Success (1) or failure (0), reason length, version 11.0, length of the rest in words. */
function matchReply(payload: Payload): number {
  const { bytes, start, end, length, peer } = payload
  if (end - start < REPLY_HEADER || payload.peerLength < SETUP_HEADER) return NO_MATCH
  if (peer[0] !== LSB_FIRST && peer[0] !== MSB_FIRST) return NO_MATCH
  const read = peer[0] === LSB_FIRST ? readU16LE : readU16
  if (read(bytes, start + 2) !== MAJOR || read(bytes, start + 4) !== 0) return NO_MATCH
  const size = REPLY_HEADER + read(bytes, start + 6) * 4
  if (size === length) return STRONG | FROM_SERVER
  return size > length && isDisplayPort(payload.srcPort) ? WEAK | FROM_SERVER : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'x11',
    says: 'starts with an X11 connection setup whose lengths fit, or its answer',
    protocols: [PROTOCOL_TCP],
    ports: Array.from({ length: 16 }, (_, display) => PORT_FIRST + display),
    firstBytes: [0, REPLY_SUCCESS, MSB_FIRST, LSB_FIRST],
    match: matchX11,
  },
]
