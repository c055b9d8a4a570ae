/** Fieldbuses over IP: HART-IP, EtherCAT in UDP, HSE of Foundation Fieldbus. */
import { readU16, readU16LE, readU32 } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { parity } from '../common/checksums.ts'
import { onPort, roleByPort, TCP_UDP, UDP } from '../common/ports.ts'

const HART_PORT = 5094

const HART_HEADER = 8
/** Ids: a session begins, a frame of the serial line. */
const HART_BEGIN = 0
const HART_FRAME = 3
const HART_BEGIN_SIZE = 13
const HART_ANSWER = 1

/**
 * HART-IP header: version 1 or 2, type 0-3 or f, id 0-4, status, sequence, length of the whole. A server may go on at
 * another port than it was called at: there the content must prove it.
 */
function hartIp(payload: Payload): number {
  const { bytes, start, end } = payload
  const type = bytes[start + 1]
  if (end - start < HART_HEADER || type > 15 || bytes[start + 2] > 4) return NO_MATCH
  if (readU16(bytes, start + 6) !== payload.length) return NO_MATCH
  if (onPort(payload, HART_PORT)) return STRONG | roleByPort(payload, HART_PORT)
  if (type > 2 || !hartContent(payload)) return NO_MATCH
  return STRONG | (type === 0 ? FROM_CLIENT : type === HART_ANSWER ? FROM_SERVER : 0)
}

/** Who is primary (0 or 1) and a time; or a frame whose delimiter is known and whose bytes cancel out. */
function hartContent({ bytes, start, end, length }: Payload): boolean {
  const at = start + HART_HEADER
  if (bytes[start + 2] === HART_BEGIN) return length === HART_BEGIN_SIZE && at < end && bytes[at] <= 1
  if (bytes[start + 2] !== HART_FRAME || end - start < length || length < HART_HEADER + 5) return false
  const kind = bytes[at] & 7
  return (kind === 1 || kind === 2 || kind === 6) && parity(bytes, at, end) === 0
}

const ETHERCAT_LENGTH = 0x07ff
const ETHERCAT_COMMANDS = 1
const ETHERCAT_LAST_COMMAND = 14
const ETHERCAT_MORE = 0x8000
/** Header and working counter of a datagram. */
const ETHERCAT_DATAGRAM = 12
const MAX_DATAGRAMS = 32

/** IEC 61158-4-12: length and type 1, then datagrams that fill it; each says whether another follows. */
function etherCat({ bytes, start, end, length }: Payload): number {
  const word = readU16LE(bytes, start)
  const stop = start + 2 + (word & ETHERCAT_LENGTH)
  if (word >> 12 !== ETHERCAT_COMMANDS || stop > start + length || end - start < 2 + ETHERCAT_DATAGRAM)
    return NO_MATCH
  let at = start + 2
  for (let count = 0; count < MAX_DATAGRAMS && at + ETHERCAT_DATAGRAM <= end; count++) {
    const size = readU16LE(bytes, at + 6)
    if (bytes[at] > ETHERCAT_LAST_COMMAND || (size & 0x3800) !== 0) return NO_MATCH
    at += ETHERCAT_DATAGRAM + (size & ETHERCAT_LENGTH)
    if ((size & ETHERCAT_MORE) === 0) return at === stop ? STRONG : NO_MATCH
  }
  return NO_MATCH
}

const HSE_HEADER = 12
/** Kinds are request, answer, error; services from 80 on are answered. */
const HSE_ERROR = 2
const HSE_CONFIRMED = 0x80

/** Foundation Fieldbus HSE: version 1, options, protocol and kind, service, address, length of the whole. */
function ffHse({ bytes, start, end, length }: Payload): number {
  if (end - start < HSE_HEADER || readU32(bytes, start + 8) !== length) return NO_MATCH
  const protocol = bytes[start + 2] >> 2
  const kind = bytes[start + 2] & 3
  if (protocol < 1 || protocol > 4 || kind > HSE_ERROR) return NO_MATCH
  if (kind !== 0) return STRONG | FROM_SERVER
  return STRONG | ((bytes[start + 3] & HSE_CONFIRMED) !== 0 ? FROM_CLIENT : 0)
}

export const signatures: Signature[] = [
  {
    label: 'hart-ip',
    says: 'holds a HART-IP header with agreeing length, on port 5094 or with a session or frame in it',
    protocols: TCP_UDP,
    ports: [HART_PORT],
    firstBytes: [1, 2],
    bits: { offset: 0, mask: 0x00f0f800, value: 0 },
    match: hartIp,
  },
  {
    label: 'ethercat',
    says: 'holds an EtherCAT header and datagrams that fill its length',
    protocols: UDP,
    ports: [34980],
    bits: { offset: 0, mask: 0x00f8f000, value: 0x00100000 },
    match: etherCat,
  },
  {
    label: 'ff-hse',
    says: 'holds a header of Foundation Fieldbus HSE with agreeing length',
    protocols: TCP_UDP,
    ports: [1089, 1090, 1091, 3622],
    firstBytes: [1],
    bits: { offset: 8, mask: 0xffff0000 | 0, value: 0 },
    match: ffHse,
  },
]
