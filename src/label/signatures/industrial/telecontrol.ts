/** Telecontrol of power grids and waterworks: DNP3 (IEEE 1815) and IEC 60870-5-104. */
import { readU16, readU16LE } from '../../../bytes.ts'
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
import { onPort, roleByPort, TCP, TCP_UDP } from '../common/ports.ts'

const DNP3_START = 0x0564

/** CRC of DNP3 (polynomial 3d65, reflected, inverted), IEEE 1815 section 9.2. */
function dnp3Checksum(bytes: Uint8Array, at: number, count: number): number {
  let crc = 0
  for (let i = at; i < at + count; i++) {
    crc ^= bytes[i]
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa6bc : crc >>> 1
  }
  return ~crc & 0xffff
}

/** IEEE 1815 section 9.2.4: 05 64, length of at least 5, control, destination, source, checksum of these. */
function dnp3(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 10 || readU16(bytes, start) !== DNP3_START || bytes[start + 2] < 5) return NO_MATCH
  if (dnp3Checksum(bytes, start, 8) !== readU16LE(bytes, start + 8)) {
    return onPort(payload, 20000) ? WEAK : NO_MATCH
  }
  setExtra(payload, 'dnp3', 'destination', readU16LE(bytes, start + 4))
  setExtra(payload, 'dnp3', 'source', readU16LE(bytes, start + 6))
  return STRONG | (bytes[start + 3] & 0x80 ? FROM_CLIENT : FROM_SERVER)
}

const IEC104_PORT = 2404
const IEC104_START = 0x68
const MAX_NUMBER_STEP = 32

/** Frame format by the control field (IEC 60870-5-104 section 5): 2 for U and S whose bits are fixed, 1 for I, 0 wrong. */
function apciKind(bytes: Uint8Array, at: number, length: number): number {
  const control = bytes[at]
  if ((control & 1) === 0) return length >= 10 && (bytes[at + 2] & 1) === 0 ? 1 : 0
  if (length !== 4 || bytes[at + 1] !== 0) return 0
  if (control === 1) return (bytes[at + 2] & 1) === 0 ? 2 : 0
  const function_ = control === 7 || control === 0x0b || control === 0x13 || control === 0x23
  if (!function_ && control !== 0x43 && control !== 0x83) return 0
  return bytes[at + 2] === 0 && bytes[at + 3] === 0 ? 2 : 0
}

/** Numbers of frames sent, 15 bits: this packet's first is one of the next after the previous packet's first. */
function goesOn({ bytes, start, previous, previousLength }: Payload): boolean {
  if (previousLength < 6 || previous[0] !== IEC104_START || (previous[2] & 1) !== 0) return false
  const step = ((readU16LE(bytes, start + 2) >> 1) - (readU16LE(previous, 2) >> 1)) & 0x7fff
  return (bytes[start + 2] & 1) === 0 && step > 0 && step <= MAX_NUMBER_STEP
}

/**
 * A chain of frames (68, length, control field) from the first byte of the packet to its end. One frame of format I
 * has few fixed bits: it is strong only where it goes on from another.
 */
function iec104(payload: Payload): number {
  const { bytes, start, end } = payload
  let at = start
  let fixed = false
  let frames = 0
  const stop = start + payload.length
  while (at < stop && frames < 64) {
    if (at + 6 > end) {
      if (frames === 0) return NO_MATCH
      break
    }
    const length = bytes[at + 1]
    if (bytes[at] !== IEC104_START || length < 4 || length > 253) return NO_MATCH
    const kind = apciKind(bytes, at + 2, length)
    if (kind === 0) return NO_MATCH
    if (kind === 2) fixed = true
    frames++
    at += 2 + length
  }
  const whole = at === stop
  if (!onPort(payload, IEC104_PORT)) return fixed && whole ? STRONG : NO_MATCH
  const strong = whole ? fixed || frames > 1 || goesOn(payload) : fixed && frames > 1
  return (strong ? STRONG : WEAK) | roleByPort(payload, IEC104_PORT)
}

export const signatures: Signature[] = [
  {
    label: 'dnp3',
    says: 'starts with 05 64 and a DNP3 header whose checksum agrees',
    protocols: TCP_UDP,
    ports: [20000],
    firstBytes: [5],
    match: dnp3,
  },
  {
    label: 'iec104',
    says: 'is a chain of IEC 60870-5-104 frames with valid control fields',
    protocols: TCP,
    ports: [IEC104_PORT],
    firstBytes: [IEC104_START],
    match: iec104,
  },
]
