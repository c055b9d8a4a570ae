/** Server queries of Quake 3 and its kin. */
import { readI32, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { UDP } from '../common/ports.ts'

/** Connectionless header of Source and Quake: ff ff ff ff. */
export const CONNECTIONLESS = -1

const QUAKE_ANSWERS = [
  'infoResponse',
  'statusResponse',
  'getserversResponse',
  'challengeResponse',
  'connectResponse',
]
const QUAKE_QUERIES = ['getinfo', 'getstatus', 'getservers', 'getchallenge']

/** Quake 3 and its kin: ff ff ff ff and a command word. */
function quake(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 11 || readI32(bytes, start) !== CONNECTIONLESS) return NO_MATCH
  // An answer may begin like its query.
  for (let i = 0; i < QUAKE_ANSWERS.length; i++)
    if (startsWith(bytes, start + 4, end, QUAKE_ANSWERS[i])) return STRONG | FROM_SERVER
  for (let i = 0; i < QUAKE_QUERIES.length; i++)
    if (startsWith(bytes, start + 4, end, QUAKE_QUERIES[i])) return STRONG | FROM_CLIENT
  return NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'quake',
    says: 'is a Quake 3 style query: ff ff ff ff and a command word',
    protocols: UDP,
    ports: [27960],
    firstBytes: [0xff],
    match: quake,
  },
]
