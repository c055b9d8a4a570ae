/** Calls of procedures and objects elsewhere: GIOP and MIOP of CORBA, Apache Thrift, WebLogic T3, ZeroC Ice, Dubbo. */
import { readU16, readU32, readU32LE, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { bitsOf } from '../common/beginnings.ts'
import { fills } from '../common/length.ts'
import { TCP, TCP_UDP, UDP } from '../common/ports.ts'
import { digitRun, findText, isDigit, printableRun } from '../common/text-scan.ts'

/** CORBA 3 part 2 section 9.4.1: "GIOP", version 1.0 to 1.3, flags, type 0-7. */
function giop(payload: Payload): number {
  const { bytes, start, end } = payload
  if (!startsWith(bytes, start, end, 'GIOP\x01') || end - start < 8 || bytes[start + 7] > 7) return NO_MATCH
  return STRONG | (bytes[start + 7] === 0 ? FROM_CLIENT : bytes[start + 7] === 1 ? FROM_SERVER : 0)
}

const MIOP_HEADER = 16
const MIOP_VERSION = 0x10
const MIOP_LITTLE = 1

/** OMG MIOP 1.0 section 29.3: "MIOP", version 1.0, flags, length, number of the packet and how many there are. */
function miop({ bytes, start, end }: Payload): number {
  if (end - start < MIOP_HEADER || bytes[start + 4] !== MIOP_VERSION) return NO_MATCH
  const read = (bytes[start + 5] & MIOP_LITTLE) !== 0 ? readU32LE : readU32
  const count = read(bytes, start + 12)
  return count === 0 || read(bytes, start + 8) < count ? STRONG : NO_MATCH
}

/** Apache Thrift's binary protocol: 80 01 00 type, length of the method's name, its text. */
function thrift(payload: Payload): number {
  const { bytes, start, end } = payload
  const framed = bytes[start] === 0
  const at = framed ? start + 4 : start
  if (end - at < 12 || readU16(bytes, at) !== 0x8001 || bytes[at + 2] !== 0) return NO_MATCH
  const type = bytes[at + 3]
  const length = readU16(bytes, at + 6)
  if (type < 1 || type > 4 || readU16(bytes, at + 4) !== 0 || length === 0 || length > 200) return NO_MATCH
  const stop = at + 8 + length
  if (stop > end || printableRun(bytes, at + 8, stop) !== stop) return NO_MATCH
  return STRONG | (type === 1 || type === 4 ? FROM_CLIENT : FROM_SERVER)
}

const COMPACT = 0x8201
const MAX_VARINT = 5
const MAX_NAME = 100
const SHORT_NAME = 4
const TELLING_NAME = 8

/** Thrift's compact protocol: 82, type above version 1, number as a varint, length of the method's name, its text. */
function thriftCompact(payload: Payload): number {
  const { bytes, start, end } = payload
  const framed = bytes[start] === 0
  const at = framed ? start + 4 : start
  if (end - at < 4 || (readU16(bytes, at) & 0xff1f) !== COMPACT) return NO_MATCH
  const type = bytes[at + 1] >> 5
  if (type < 1 || type > 4 || (framed && !fills(payload, readU32(bytes, start) + 4))) return NO_MATCH
  let name = at + 2
  while (name < end && bytes[name] >= 0x80 && name < at + 1 + MAX_VARINT) name++
  if (name + 1 >= end || bytes[name] >= 0x80) return NO_MATCH
  const length = bytes[name + 1]
  const stop = name + 2 + length
  if (length < SHORT_NAME || length > MAX_NAME || stop > end || !isMethod(bytes, name + 2, stop))
    return NO_MATCH
  const strength = framed || length >= TELLING_NAME ? STRONG : WEAK
  return strength | (type === 1 || type === 4 ? FROM_CLIENT : FROM_SERVER)
}

/** Letters, digits, _, and what stands between the names of a service and its method. */
function isMethod(bytes: Uint8Array, at: number, stop: number): boolean {
  for (let i = at; i < stop; i++) {
    const byte = bytes[i]
    const letter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a
    if (!letter && !isDigit(byte) && byte !== 0x5f && byte !== 0x2e && byte !== 0x3a) return false
  }
  return true
}

/** "t3", a version and lines of two letters; the answer is HELO, a version and the same. */
function weblogic({ bytes, start, end }: Payload): number {
  const asks = startsWith(bytes, start, end, 't3 ')
  const at = start + (asks ? 3 : 5)
  if ((!asks && !startsWith(bytes, start, end, 'HELO:')) || digitRun(bytes, at, end, 2) < 0) return NO_MATCH
  const line = findText(bytes, at, Math.min(end, at + 32), '\nAS:')
  return line < 0 ? NO_MATCH : STRONG | (asks ? FROM_CLIENT : FROM_SERVER)
}

const ICE_HEADER = 14
const ICE_LAST = 4
const ICE_VALIDATE = 3
const ICE_REPLY = 2

/** "IceP", protocol 1.0, encoding 1.x, type, compression, size of the whole; the server's first validates. */
function iceP(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (end - start < ICE_HEADER || !startsWith(bytes, start, end, 'IceP\x01\0\x01')) return NO_MATCH
  const type = bytes[start + 8]
  const size = readU32LE(bytes, start + 10)
  if (type > ICE_LAST || bytes[start + 9] > 2 || size < ICE_HEADER) return NO_MATCH
  if (size > length && !fills(payload, size)) return NO_MATCH
  if (type === ICE_VALIDATE || type === ICE_REPLY) return STRONG | FROM_SERVER
  return STRONG | (type === ICE_LAST ? 0 : FROM_CLIENT)
}

const DUBBO = 0xdabb
const DUBBO_HEADER = 16
const DUBBO_REQUEST = 0x80
const DUBBO_OK = 20
const DUBBO_LAST_STATUS = 100

/** da bb, request or not and how it is written, status of an answer, number, length of the rest. */
function dubbo(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (end - start < DUBBO_HEADER || readU16(bytes, start) !== DUBBO) return NO_MATCH
  const size = readU32(bytes, start + 12) + DUBBO_HEADER
  const follows = size < length && start + size + 2 <= end && readU16(bytes, start + size) === DUBBO
  if (!follows && !fills(payload, size)) return NO_MATCH
  const status = bytes[start + 3]
  if ((bytes[start + 2] & DUBBO_REQUEST) !== 0) return status === 0 ? STRONG | FROM_CLIENT : NO_MATCH
  return status >= DUBBO_OK && status <= DUBBO_LAST_STATUS ? STRONG | FROM_SERVER : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'giop',
    says: 'starts with "GIOP" and version 1',
    protocols: TCP,
    firstBytes: [0x47],
    match: giop,
  },
  {
    label: 'giop',
    says: 'starts with "MIOP", version 1.0 and a packet among as many as it counts: GIOP for groups',
    protocols: UDP,
    bits: bitsOf('MIOP'),
    match: miop,
  },
  {
    label: 'thrift',
    says: 'is a Thrift message in binary encoding that names its method',
    protocols: TCP_UDP,
    ports: [9090],
    firstBytes: [0, 0x80],
    bits: [
      { offset: 0, mask: 0xffffff00 | 0, value: 0x80010000 | 0 },
      { offset: 4, mask: 0xffffff00 | 0, value: 0x80010000 | 0 },
    ],
    match: thrift,
  },
  {
    label: 'thrift',
    says: 'is a Thrift message in compact encoding that names its method',
    protocols: TCP_UDP,
    ports: [9090, 6831],
    firstBytes: [0, 0x82],
    bits: [
      { offset: 0, mask: 0xff1f0000 | 0, value: (COMPACT << 16) | 0 },
      { offset: 4, mask: 0xff1f0000 | 0, value: (COMPACT << 16) | 0 },
    ],
    match: thriftCompact,
  },
  {
    label: 't3',
    says: 'is the hello of a client of WebLogic T3 with its version, or the answer',
    protocols: TCP,
    ports: [7001],
    firstBytes: [0x74, 0x48],
    bits: [
      { offset: 0, mask: 0xffffff00 | 0, value: 0x74332000 },
      { offset: 0, mask: -1, value: 0x48454c4f },
    ],
    match: weblogic,
  },
  {
    label: 'ice',
    says: 'holds a header of ZeroC Ice, protocol 1.0, with known type and a size that fits',
    protocols: TCP_UDP,
    ports: [4061],
    bits: { offset: 0, mask: -1, value: 0x49636550 },
    match: iceP,
  },
  {
    label: 'dubbo',
    says: 'holds a header of Dubbo (da bb) with agreeing length',
    protocols: TCP,
    ports: [20880],
    bits: { offset: 0, mask: 0xffff0000 | 0, value: DUBBO << 16 },
    match: dubbo,
  },
]
