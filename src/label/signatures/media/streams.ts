/**
 * Pictures and sound on their way, beside RTP: MPEG transport streams in UDP (ISO 13818-1), SRT
 * (draft-sharabayko-srt), announcements of sessions (RFC 2974).
 */
import { readI32, readU16, readU32, startsWith } from '../../../bytes.ts'
import {
  FROM_SERVER,
  MORE,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { firstBytesWhere } from '../common/byte-scan.ts'
import { UDP } from '../common/ports.ts'
import { announceFrom } from './sdp.ts'

const TS_PACKET = 188
const TS_SYNC = 0x47
/** So many sync bytes are 32 fixed bits. */
const TS_ENOUGH = 4

/** Transport packets of 188 bytes that fill from..end-1: their number, 0 where they do not. */
function transportPackets({ bytes, start, end, length }: Payload, header: number): number {
  const size = length - header
  if (size <= 0 || size % TS_PACKET !== 0) return 0
  let count = 0
  for (let at = start + header; at + 4 <= end; at += TS_PACKET) {
    // Transport error, or no adaptation field and no payload.
    if (bytes[at] !== TS_SYNC || (bytes[at + 1] & 0x80) !== 0 || (bytes[at + 3] & 0x30) === 0) return 0
    count++
  }
  return count
}

function mpegTs(payload: Payload): number {
  const count = transportPackets(payload, 0)
  if (count >= TS_ENOUGH) return STRONG
  return count >= 2 ? WEAK : NO_MATCH
}

const SRT_HEADER = 16
const SRT_HANDSHAKE = 64
const SRT_INDUCTION = 1
const SRT_CONCLUSION = -1
const SRT_MAGIC = 0x4a17
/** UDT calls its datagrams so, and SRT its first request. */
const UDT_DATAGRAM = 2

/** Section 3.2.1: version, cipher, extension, first number, sizes, type, socket, cookie, address. */
function srtHandshake({ bytes, start, end, length }: Payload): number {
  if (length < SRT_HANDSHAKE || end - start < SRT_HANDSHAKE) return NO_MATCH
  const version = readU32(bytes, start + SRT_HEADER)
  const type = readI32(bytes, start + 36)
  const extension = readU16(bytes, start + 22)
  if ((type !== SRT_INDUCTION && type !== SRT_CONCLUSION) || (bytes[start + 24] & 0x80) !== 0) return NO_MATCH
  if (version === 4) return extension === UDT_DATAGRAM && length === SRT_HANDSHAKE ? WEAK | MORE : NO_MATCH
  if (version !== 5) return NO_MATCH
  return STRONG | (type === SRT_INDUCTION && extension === SRT_MAGIC ? FROM_SERVER : 0)
}

/** Lengths of keep-alive, shutdown, acknowledgement (full, small, light) and its acknowledgement, by type. */
function srtSize(type: number, length: number): boolean {
  if (type === 1 || type === 5) return length === 16 || length === 20
  if (type === 2) return length === 44 || length === 32 || length === 20
  return type === 6 && (length === 16 || length === 20)
}

/** Control: type, subtype 0, and the receiver's socket, which is the same in the packet before. */
function srtControl(payload: Payload): number {
  const { bytes, start, end, length, previous, previousLength } = payload
  if (end - start < SRT_HEADER) return NO_MATCH
  const type = readU16(bytes, start) & 0x7fff
  if (type === 0) return srtHandshake(payload)
  const socket = readI32(bytes, start + 12)
  if (!srtSize(type, length) || socket === 0) return NO_MATCH
  return previousLength >= SRT_HEADER && readI32(previous, 12) === socket ? STRONG : WEAK
}

/** Data: number, position, time, socket; in it transport packets, as nearly everyone sends. */
function srtData(payload: Payload): number {
  if (payload.end - payload.start < SRT_HEADER + 4) return NO_MATCH
  return transportPackets(payload, SRT_HEADER) >= TS_ENOUGH ? STRONG : NO_MATCH
}

const SAP_IPV6 = 0x10
const SAP_TYPE = 'application/sdp\0'
const SDP_START = 'v=0'

/** RFC 2974 section 3: version 1, flags, no signature, a hash, the origin, what it is, the description. */
function sap(payload: Payload): number {
  const { bytes, start, end } = payload
  const at = start + ((bytes[start] & SAP_IPV6) !== 0 ? 20 : 8)
  if (end - start < 12 || bytes[start + 1] !== 0) return NO_MATCH
  const typed = startsWith(bytes, at, end, SAP_TYPE)
  const first = typed ? at + SAP_TYPE.length : at
  // Who takes back what was announced repeats its origin only.
  if (startsWith(bytes, first, end, SDP_START)) announceFrom(payload, first)
  else if (!typed) return NO_MATCH
  return STRONG
}

export const signatures: Signature[] = [
  {
    label: 'mpegts',
    says: 'consists of MPEG transport packets: 188 bytes each, beginning with 47',
    protocols: UDP,
    firstBytes: [TS_SYNC],
    bits: { offset: TS_PACKET, mask: 0xff800000 | 0, value: 0x47000000 },
    match: mpegTs,
  },
  {
    label: 'srt',
    says: 'is an SRT handshake, or a control packet to the same socket as the one before',
    protocols: UDP,
    firstBytes: [0x80],
    bits: { offset: 0, mask: 0xfff8ffff | 0, value: 0x80000000 | 0 },
    match: srtControl,
  },
  {
    label: 'srt',
    says: 'carries MPEG transport packets behind an SRT header of 16 bytes',
    protocols: UDP,
    firstBytes: firstBytesWhere((byte) => byte < 0x80),
    bits: { offset: SRT_HEADER, mask: 0xff800000 | 0, value: 0x47000000 },
    match: srtData,
  },
  {
    label: 'sap',
    says: 'announces a session: SAP version 1 with a description (SDP)',
    protocols: UDP,
    ports: [9875],
    firstBytes: firstBytesWhere((byte) => byte >> 5 === 1 && (byte & 3) === 0),
    bits: [
      // "v=0" or "appl" behind an origin of IPv4 or IPv6 that is not signed.
      { offset: 8, mask: 0xffffff00 | 0, value: 0x763d3000 },
      { offset: 8, mask: -1, value: 0x6170706c },
      { offset: 20, mask: 0xffffff00 | 0, value: 0x763d3000 },
      { offset: 20, mask: -1, value: 0x6170706c },
    ],
    match: sap,
  },
]
