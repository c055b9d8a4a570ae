/** Aerospike's wire protocol: information, logins and messages. */
import { readU16, readU32 } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { bitsOfWords } from '../common/beginnings.ts'
import { zeroWords } from '../common/byte-scan.ts'
import { fills } from '../common/length.ts'
import { TCP } from '../common/ports.ts'
import { printableRun } from '../common/text-scan.ts'

const AEROSPIKE_VERSION = 2
const AEROSPIKE_INFO = 1
const AEROSPIKE_ADMIN = 2
const AEROSPIKE_ADMIN_HEADER = 16
const AEROSPIKE_MESSAGE = 3
const AEROSPIKE_HEADER = 22

/**
 * Aerospike: version 2, type, length in six bytes; information as lines of text, messages with a header of 22 bytes, who
 * logs in with one of 16: 0, result, command, fields and zeros.
 */
function aerospike(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 9 || bytes[start] !== AEROSPIKE_VERSION || readU16(bytes, start + 2) !== 0)
    return NO_MATCH
  const length = readU32(bytes, start + 4)
  if (length === 0 || !fills(payload, length + 8)) return NO_MATCH
  if (bytes[start + 1] === AEROSPIKE_MESSAGE) {
    if (end - start < 8 + AEROSPIKE_HEADER || bytes[start + 8] !== AEROSPIKE_HEADER) return NO_MATCH
    return STRONG
  }
  if (bytes[start + 1] === AEROSPIKE_ADMIN) {
    const room = bytes[start + 8] === 0 && end - start >= 8 + AEROSPIKE_ADMIN_HEADER
    return room && zeroWords(bytes, start + 12, 3) ? STRONG : NO_MATCH
  }
  if (bytes[start + 1] !== AEROSPIKE_INFO) return NO_MATCH
  // "build\n" is asked for, "build\t6.0\n" told.
  const stop = Math.min(end, start + 64)
  const name = printableRun(bytes, start + 8, stop)
  if (name === start + 8) return NO_MATCH
  if (name === stop) return STRONG
  if (bytes[name] === 0x0a) return STRONG | FROM_CLIENT
  return bytes[name] === 0x09 ? STRONG | FROM_SERVER : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'aerospike',
    says: 'holds an Aerospike header with agreeing length, and information, a login or a message',
    protocols: TCP,
    ports: [3000],
    bits: bitsOfWords([0x02010000, 0x02020000, 0x02030000]),
    match: aerospike,
  },
]
