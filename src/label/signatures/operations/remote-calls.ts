/** Calls of procedures and objects elsewhere: GIOP of CORBA, Apache Thrift. */
import { readU16, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { printableRun, TCP, TCP_UDP } from '../common/shape.ts'

/** CORBA 3 part 2 section 9.4.1: "GIOP", version 1.0 to 1.3, flags, type 0-7. */
function giop(payload: Payload): number {
  const { bytes, start, end } = payload
  if (!startsWith(bytes, start, end, 'GIOP\x01') || end - start < 8 || bytes[start + 7] > 7) return NO_MATCH
  return STRONG | (bytes[start + 7] === 0 ? FROM_CLIENT : bytes[start + 7] === 1 ? FROM_SERVER : 0)
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

export const signatures: Signature[] = [
  {
    label: 'giop',
    says: 'starts with "GIOP" and version 1',
    protocols: TCP,
    firstBytes: [0x47],
    match: giop,
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
]
