/** RethinkDB: how its clients and the members of its clusters begin. */
import { readU32 } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { answerTo, type Beginnings, bitsOfBeginnings, bitsOfWords } from '../common/beginnings.ts'
import { TCP } from '../common/ports.ts'

/** Versions of the client protocol, as little-endian words: V0_1 to V0_4 and V1_0. */
const RETHINKDB_VERSIONS: readonly number[] = [0x36ba613f, 0xe1813072, 0x3ee8755f, 0x202d0c40, 0xc3bdc234]
const RETHINKDB: Beginnings = [
  ['{"max_protocol_version":', STRONG | FROM_SERVER],
  ['{"protocol_version":0,"authentication_method":', STRONG | FROM_CLIENT],
  ['RethinkDB cluster\n', STRONG],
]

/** The version may be followed by the client's first JSON, or by its key and an encoding. */
function rethinkdb(payload: Payload): number {
  const { bytes, start, end, ordinal } = payload
  if (end - start < 4) return NO_MATCH
  if (RETHINKDB_VERSIONS.includes(readU32(bytes, start)))
    return ordinal === 0 ? STRONG | FROM_CLIENT : NO_MATCH
  return answerTo(payload, RETHINKDB)
}

export const signatures: Signature[] = [
  {
    label: 'rethinkdb',
    says: 'starts with a version number of RethinkDB, or what either side says about versions',
    protocols: TCP,
    ports: [28015, 29015],
    bits: [...bitsOfWords(RETHINKDB_VERSIONS), ...bitsOfBeginnings(RETHINKDB)],
    match: rethinkdb,
  },
]
