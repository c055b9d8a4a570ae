/** PGM (RFC 3208) as an IP protocol, and in UDP as ZeroMQ and others have it. */
import { readU16 } from '../../../bytes.ts'
import { NO_MATCH, type Payload, type Signature, STRONG, WEAK } from '../../inspect/payload.ts'
import { UDP } from '../common/ports.ts'

const PROTOCOL_PGM = 113
const PGM_HEADER = 16
const SPM = 0
const ODATA = 4
const RDATA = 5
/** SPM, POLL, POLR, ODATA, RDATA, NAK, N-NAK, NCF, SPMR, and ACK of PGMCC. */
const PGM_TYPES = 0b11_0111_0011_0111
/** Flags that are defined: parity, its length varies; network-significant, extensions. */
const PGM_FLAGS = 0xc3
/** Where data begins: ports, type, checksum, source, length, number, trailing edge. */
const PGM_DATA = 24

/** Section 8: ports, type, options, checksum, source of six bytes, length of the data. */
function soundHeader({ bytes, start, end }: Payload): boolean {
  if (end - start < PGM_HEADER || bytes[start + 4] > 15) return false
  return ((PGM_TYPES >>> bytes[start + 4]) & 1) !== 0 && (bytes[start + 5] & ~PGM_FLAGS) === 0
}

/** The internet checksum over the whole message, which must be captured. */
function summed({ bytes, start, end, length }: Payload): boolean {
  if (end - start < length) return false
  let sum = 0
  for (let at = start; at < end; at += 2) sum += (bytes[at] << 8) | (at + 1 < end ? bytes[at + 1] : 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return sum === 0xffff
}

/** Only data must have a checksum. */
function pgm(payload: Payload): number {
  const { bytes, start } = payload
  if (!soundHeader(payload)) return WEAK
  const data = bytes[start + 4] === ODATA || bytes[start + 4] === RDATA
  return summed(payload) || (!data && readU16(bytes, start + 6) === 0) ? STRONG : WEAK
}

/** In UDP also the length must agree: of data behind its options, or a path message has an address family. */
function pgmInUdp(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (end - start < PGM_DATA + 4 || !soundHeader(payload)) return NO_MATCH
  const type = bytes[start + 4]
  if (type === SPM) {
    const family = readU16(bytes, start + 28)
    if (end - start < 36 || (family !== 1 && family !== 2) || readU16(bytes, start + 30) !== 0)
      return NO_MATCH
  } else if (type === ODATA || type === RDATA) {
    const rest = length - PGM_DATA - readU16(bytes, start + 14)
    if (rest !== 0 && ((bytes[start + 5] & 1) === 0 || rest < 4)) return NO_MATCH
  } else return NO_MATCH
  return summed(payload) ? STRONG : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'pgm',
    says: 'is IP protocol 113 with a PGM header',
    protocols: [PROTOCOL_PGM],
    match: pgm,
  },
  {
    label: 'pgm',
    says: 'is a PGM packet in UDP: known type, agreeing length and checksum',
    protocols: UDP,
    bits: [
      // Data, sent or again; a path message with its address family.
      { offset: 4, mask: 0xfe3c0000, value: 0x04000000 },
      { offset: 28, mask: 0xfffcffff | 0, value: 0 },
    ],
    match: pgmInUdp,
  },
]
