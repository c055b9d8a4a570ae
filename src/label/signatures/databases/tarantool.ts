/** Tarantool's binary protocol: the greeting, requests and answers. */
import { readU16, readU32, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { bitsOfWords, wordOf } from '../common/beginnings.ts'
import { findByte } from '../common/byte-scan.ts'
import { setExtraText } from '../common/extras.ts'
import { fills } from '../common/length.ts'
import { TCP } from '../common/ports.ts'

const TARANTOOL_GREETING = 128
/** A number of four bytes follows. */
const WIDE = 0xce
const TARANTOOL_LAST_TYPE = 0x60

/** The greeting of 128 bytes; answers: length, then a map of type, sync and version of the schema as wide integers. */
function tarantool(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (bytes[start] === 0x54) {
    if (length !== TARANTOOL_GREETING || !startsWith(bytes, start, end, 'Tarantool ')) return NO_MATCH
    const space = findByte(bytes, start + 10, end, 0x20)
    if (space > 0) setExtraText(payload, 'tarantool', 'version', [start + 10, space])
    return STRONG | FROM_SERVER
  }
  if (end - start < 23 || bytes[start] !== WIDE || !fills(payload, readU32(bytes, start + 1) + 5))
    return NO_MATCH
  if (bytes[start + 5] === 0x83)
    return readU16(bytes, start + 6) === 0x00ce && readU16(bytes, start + 12) === 0x01cf
      ? STRONG | FROM_SERVER
      : NO_MATCH
  // A request: sync, type and perhaps more in a map whose keys are small numbers.
  const type = bytes[start + 5] === 0x82 && bytes[start + 6] === 0 && bytes[start + 7] <= TARANTOOL_LAST_TYPE
  return type && readU16(bytes, start + 8) === 0x01cf ? STRONG | FROM_CLIENT : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'tarantool',
    says: 'is the greeting of Tarantool, or a request or answer with agreeing length',
    protocols: TCP,
    ports: [3301],
    bits: [...bitsOfWords([wordOf('Tara')]), { offset: 2, mask: 0xfe, value: 0x82 }],
    firstBytes: [0x54, 0xce],
    match: tarantool,
  },
]
