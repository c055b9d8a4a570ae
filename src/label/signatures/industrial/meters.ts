/**
 * Meters, grids and gauges: DLMS/COSEM (IEC 62056), ANSI C12.22, synchrophasors (IEEE C37.118), M-Bus over TCP and UDP
 * (EN 13757-2), tank gauges of Veeder-Root (and what speaks like them).
 */
import { readU16, readU16LE, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { berLength, berSize } from '../common/ber.ts'
import { crcCcitt, crcHdlc, sum8 } from '../common/checksums.ts'
import { TCP, TCP_UDP } from '../common/ports.ts'
import { digitRun, printableRun } from '../common/text-scan.ts'

const DLMS_PORT = 4059
const WRAPPER = 8
/** What begins a message of the client: associate, release, get, set, action, read, write; and ciphered. */
const DLMS_ASKS: readonly number[] = [0x60, 0x62, 0xc0, 0xc1, 0xc3, 0xc8, 0xc9, 0xcb, 0x05, 0x06]
/** Of the server. */
const DLMS_ANSWERS: readonly number[] = [
  0x61, 0x63, 0xc2, 0xc4, 0xc5, 0xc7, 0xcc, 0xcd, 0xcf, 0xd8, 0x0c, 0x0d, 0x0e, 0x0f,
]
/** General ciphering and block transfer, of either. */
const DLMS_EITHER: readonly number[] = [0xdb, 0xdc, 0xdd, 0xdf, 0xe0]

/** IEC 62056-47: version 1, source and destination (neither 0), length of what follows, which begins with a tag. */
function dlmsWrapper({ bytes, start, end, length }: Payload): number {
  if (end - start <= WRAPPER || readU16(bytes, start + 6) + WRAPPER !== length) return NO_MATCH
  if (readU16(bytes, start + 2) === 0 || readU16(bytes, start + 4) === 0) return NO_MATCH
  const tag = bytes[start + WRAPPER]
  if (DLMS_ASKS.includes(tag)) return STRONG | FROM_CLIENT
  if (DLMS_ANSWERS.includes(tag)) return STRONG | FROM_SERVER
  return DLMS_EITHER.includes(tag) ? STRONG : NO_MATCH
}

const FLAG = 0x7e
const HDLC_LEAST = 9

/** IEC 62056-46: flag, format a and length of eleven bits, addresses, control, content, checksum, flag. */
function dlmsHdlc({ bytes, start, end }: Payload): number {
  const stop = start + 1 + (readU16(bytes, start + 1) & 0x07ff)
  if (end - start < HDLC_LEAST || stop >= end || stop - start < HDLC_LEAST - 1) return NO_MATCH
  if (bytes[stop] !== FLAG) return NO_MATCH
  return crcHdlc(bytes, start + 1, stop - 2) === readU16LE(bytes, stop - 2) ? STRONG : NO_MATCH
}

/** Of ACSE (ISO 8650): context, called title and invocation, calling ones, mechanism, authentication, information. */
const ACSE_CALLED_INVOCATION = 0xa4
const ACSE_CALLING_INVOCATION = 0xa8
const ACSE_INFORMATION = 0xbe
const ACSE_TAGS: readonly number[] = [0xa1, 0xa2, 0xa3, 0xa4, 0xa6, 0xa7, 0xa8, 0x8b, 0xab, 0xac, 0xbe]
/** IEEE 1703 section 5.3.2: user information is EXTERNAL, with EPSEM as an octet string in it. */
const EXTERNAL = 0x28
const OCTET_STRING = 0x81

/** Elements that fill the message, the last of which carries EPSEM; what answers names whose invocation. */
function c1222({ bytes, start, end, length }: Payload): number {
  const size = berLength(bytes, start + 1, end)
  if (size < 0) return NO_MATCH
  let at = start + 1 + berSize(bytes, start + 1)
  const stop = at + size
  if (stop !== start + length) return NO_MATCH
  let called = false
  let calling = false
  for (let count = 0; count < 12 && at < stop; count++) {
    const inner = berLength(bytes, at + 1, end)
    if (inner < 0 || !ACSE_TAGS.includes(bytes[at])) return NO_MATCH
    if (bytes[at] === ACSE_INFORMATION) {
      const role = called ? FROM_SERVER : FROM_CLIENT
      return calling && isEpsem(bytes, at + 1 + berSize(bytes, at + 1), end) ? STRONG | role : NO_MATCH
    }
    called ||= bytes[at] === ACSE_CALLED_INVOCATION
    calling ||= bytes[at] === ACSE_CALLING_INVOCATION
    at += 1 + berSize(bytes, at + 1) + inner
  }
  return NO_MATCH
}

function isEpsem(bytes: Uint8Array, at: number, end: number): boolean {
  const size = berLength(bytes, at + 1, end)
  if (size < 0 || bytes[at] !== EXTERNAL) return false
  const octets = at + 1 + berSize(bytes, at + 1)
  return octets < end && bytes[octets] === OCTET_STRING && berLength(bytes, octets + 1, end) >= 0
}

const PHASOR_LEAST = 16
const PHASOR_COMMAND = 4
const PHASOR_LAST_TYPE = 5

/** IEEE C37.118.2 section 6.2: aa, type and version, length, id, time; the checksum at the end. */
function synchrophasor({ bytes, start, end, length }: Payload): number {
  if (end - start < PHASOR_LEAST) return NO_MATCH
  const type = (bytes[start + 1] >> 4) & 7
  const version = bytes[start + 1] & 15
  const size = readU16(bytes, start + 2)
  const stop = start + size
  if (type > PHASOR_LAST_TYPE || version < 1 || version > 3 || size < PHASOR_LEAST) return NO_MATCH
  if (size > length || stop > end) return NO_MATCH
  if (crcCcitt(bytes, start, stop - 2, 0xffff) !== readU16(bytes, stop - 2)) return NO_MATCH
  return STRONG | (type === PHASOR_COMMAND ? FROM_CLIENT : FROM_SERVER)
}

const MBUS_START = 0x68
const MBUS_STOP = 0x16
/** Of EN 13757-3 where IEC 60870-5-101, whose frames look the same, has no types: reset, send, select, answers. */
const MBUS_CONTENT: readonly number[] = [0x50, 0x51, 0x52, 0x54, 0x55, 0x56, 0x5a, 0x5b, 0x72, 0x73, 0x76]

/** Long frame: 68, length twice, 68, control, address, what it is, data, sum, 16. */
function mBus({ bytes, start, end, length }: Payload): number {
  const size = bytes[start + 1]
  if (length !== size + 6 || end - start < length || size < 3 || bytes[start + 2] !== size) return NO_MATCH
  if (bytes[end - 1] !== MBUS_STOP || !MBUS_CONTENT.includes(bytes[start + 6])) return NO_MATCH
  if (sum8(bytes, start + 4, end - 2) !== bytes[end - 2]) return NO_MATCH
  // The bit of control that only who asks has.
  return STRONG | ((bytes[start + 4] & 0x40) !== 0 ? FROM_CLIENT : FROM_SERVER)
}

const SOH = 0x01
const CR = 0x0d
/** Inventory, alarms, deliveries: I asks for text, S sets, lower case is for computers; then three digits and the tank. */
const GAUGE_ANSWER = '\x01\r\nI'
const GAUGE_REFUSAL = '\x019999FF1B\x03'
/** Year to minute, two digits each. */
const GAUGE_TIME = 10
const LETTER_I = 0x69

function isGaugeCommand(bytes: Uint8Array, at: number, end: number): boolean {
  const letter = bytes[at] | 0x20
  if (letter !== 0x69 && letter !== 0x73) return false
  return digitRun(bytes, at + 1, end, 5) === at + 6
}

/** SOH, command of six characters; the answer repeats it behind a line end, or before the time, for computers. */
function tankGauge({ bytes, start, end, length }: Payload): number {
  if (startsWith(bytes, start, end, GAUGE_REFUSAL)) return STRONG | FROM_SERVER
  if (startsWith(bytes, start, end, GAUGE_ANSWER))
    return isGaugeCommand(bytes, start + 3, end) ? STRONG | FROM_SERVER : NO_MATCH
  if (!isGaugeCommand(bytes, start + 1, end)) return NO_MATCH
  if (length === 7) return WEAK | FROM_CLIENT
  const data = start + 7
  if (bytes[start + 1] === LETTER_I && digitRun(bytes, data, end, GAUGE_TIME) === data + GAUGE_TIME)
    return STRONG | FROM_SERVER
  const next = printableRun(bytes, data, end)
  return length <= 64 && next < end && (bytes[next] === CR || bytes[next] === 0x0a)
    ? STRONG | FROM_CLIENT
    : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'dlms-cosem',
    says: 'holds a wrapper of DLMS/COSEM with agreeing length and a known tag',
    protocols: TCP_UDP,
    ports: [DLMS_PORT],
    firstBytes: [0],
    bits: { offset: 0, mask: 0xffff0000 | 0, value: 0x00010000 },
    match: dlmsWrapper,
  },
  {
    label: 'dlms-cosem',
    says: 'is a frame of HDLC as DLMS/COSEM has it, whose checksum agrees',
    protocols: TCP_UDP,
    ports: [DLMS_PORT],
    firstBytes: [FLAG],
    bits: { offset: 0, mask: 0xfff00000 | 0, value: 0x7ea00000 },
    match: dlmsHdlc,
  },
  {
    label: 'c1222-acse',
    says: 'is an association of ANSI C12.22: elements of ACSE that fill it, with EPSEM',
    protocols: TCP_UDP,
    ports: [1153],
    firstBytes: [0x60],
    match: c1222,
  },
  {
    label: 'synchrophasor',
    says: 'is a frame of IEEE C37.118 with agreeing length and checksum',
    protocols: TCP_UDP,
    ports: [4712, 4713],
    firstBytes: [0xaa],
    match: synchrophasor,
  },
  {
    label: 'm-bus',
    says: 'is a long frame of M-Bus with its length twice and an agreeing sum',
    protocols: TCP_UDP,
    firstBytes: [MBUS_START],
    bits: { offset: 0, mask: 0xff0000ff | 0, value: 0x68000068 },
    match: mBus,
  },
  {
    label: 'atg',
    says: 'is a command to a tank gauge (SOH, letter, five digits), or the answer',
    protocols: TCP,
    ports: [10001],
    firstBytes: [SOH],
    bits: [
      { offset: 0, mask: 0xffd5f0f0 | 0, value: 0x01413030 },
      { offset: 0, mask: -1, value: 0x010d0a49 },
      { offset: 0, mask: -1, value: 0x01393939 },
      { offset: 0, mask: 0xffd5f0f0 | 0, value: 0x01513030 },
    ],
    match: tankGauge,
  },
]
