/** Printers and scanners: Canon BJNP, SANE, Epson ENPC, announcements of CUPS. */
import { readI32, readU32, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { bitsOf } from '../common/beginnings.ts'
import { firstBytesWhere } from '../common/byte-scan.ts'
import { onPort, TCP, UDP } from '../common/ports.ts'
import { isDigit, printableRun, SPACE } from '../common/text-scan.ts'

const BJNP_HEADER = 16
const FROM_DEVICE = 0x80
const BJNP_PORTS = [8611, 8612, 8613, 8614]
const BJNP_LETTERS = new Set([...'BJMNPF'].map((letter) => letter.charCodeAt(0)))

/**
 * "BJNP" ("MFNP" of multifunction devices, "BJNB" and "BNJB" of Canon's own driver that looks for printers), kind of device with
 * a bit for answers, command, error, sequence, session, length of the rest.
 */
function bjnp({ bytes, start, end, length }: Payload): number {
  if (end - start < BJNP_HEADER) return NO_MATCH
  const kind = bytes[start + 4] & ~FROM_DEVICE
  if (kind < 1 || kind > 3) return NO_MATCH
  const rest = readU32(bytes, start + 12)
  if (rest > 0xffff || (rest + BJNP_HEADER < length && length > BJNP_HEADER)) return NO_MATCH
  return STRONG | (bytes[start + 4] & FROM_DEVICE ? FROM_SERVER : FROM_CLIENT)
}

/** Further names of the same letters, as drivers look for devices with: "BNNB", "PNJB". */
function bjnpByLetters(payload: Payload): number {
  const { bytes, start, srcPort, dstPort } = payload
  const match = bjnp(payload)
  if (match === NO_MATCH || !(BJNP_PORTS.includes(srcPort) || BJNP_PORTS.includes(dstPort))) return NO_MATCH
  for (let at = start; at < start + 4; at++) if (!BJNP_LETTERS.has(bytes[at])) return NO_MATCH
  return match
}

/** Major version 1, any minor one, protocol 2 or 3. */
const SANE_MAJOR = 0x01000002
const SANE_FIXED = 0xff00fffe | 0
const SANE_TEXT = 12
const MAX_USER = 256

function isSaneStart(bytes: Uint8Array, at: number): boolean {
  return readI32(bytes, at) === 0 && (readI32(bytes, at + 4) & SANE_FIXED) === SANE_MAJOR
}

/** SANE network protocol: INIT (0), version, name of the user with NUL; the answer is a status (0) and a version. */
function sane({ bytes, start, end, length, peer, peerLength }: Payload): number {
  if (end - start < 8 || !isSaneStart(bytes, start)) return NO_MATCH
  if (length === 8) return peerLength > SANE_TEXT && isSaneStart(peer, 0) ? STRONG | FROM_SERVER : NO_MATCH
  if (end - start < SANE_TEXT + 1) return NO_MATCH
  const name = readU32(bytes, start + 8)
  if (name < 1 || name > MAX_USER || name + SANE_TEXT !== length || start + length > end) return NO_MATCH
  return printableRun(bytes, start + SANE_TEXT, end) === end - 1 && bytes[end - 1] === 0
    ? STRONG | FROM_CLIENT
    : NO_MATCH
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

/** States of a printer (RFC 8011 section 5.4.11): idle, processing, stopped. */
const STATE_IDLE = 0x33
const STATE_STOPPED = 0x35
const MAX_TYPE = 8

/** As printf's %x writes it. */
function isHexDigit(byte: number): boolean {
  return isDigit(byte) || (byte >= 0x61 && byte <= 0x66)
}

/** CUPS up to 1.5: type of the printer in hexadecimal, state, address; names in quotes may follow. */
function cups({ bytes, start, end }: Payload): number {
  let at = start
  while (at < end && at - start < MAX_TYPE && isHexDigit(bytes[at])) at++
  if (at === start || at + 3 > end || bytes[at] !== SPACE || bytes[at + 2] !== SPACE) return NO_MATCH
  const state = bytes[at + 1]
  if (state < STATE_IDLE || state > STATE_STOPPED) return NO_MATCH
  return startsWith(bytes, at + 3, end, 'ipp://') ? STRONG : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'bjnp',
    says: 'starts with "BJNP", "BJNB", "BNJB" or "MFNP", a kind of device and agreeing length',
    protocols: UDP,
    ports: BJNP_PORTS,
    bits: [bitsOf('BJNP'), bitsOf('BJNB'), bitsOf('BNJB'), bitsOf('MFNP')],
    match: bjnp,
  },
  {
    label: 'bjnp',
    says: 'starts with four letters of those names, a kind of device and agreeing length, on a port of BJNP',
    protocols: UDP,
    ports: BJNP_PORTS,
    portsOnly: true,
    firstBytes: [...BJNP_LETTERS],
    bits: { offset: 0, mask: 0xe0e0e0e0 | 0, value: 0x40404040 },
    match: bjnpByLetters,
  },
  {
    label: 'sane',
    says: "is INIT of SANE with version 1 and the user's name to its end, or the answer with a version",
    protocols: TCP,
    ports: [6566],
    firstBytes: [0],
    bits: { offset: 4, mask: SANE_FIXED, value: SANE_MAJOR },
    match: sane,
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
    label: 'ipp',
    says: 'announces a printer as CUPS did: type, state and its ipp address',
    protocols: UDP,
    ports: [631],
    firstBytes: firstBytesWhere(isHexDigit),
    match: cups,
  },
]
