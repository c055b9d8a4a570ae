/** ICY: what SHOUTcast and Icecast send to those who listen, and what a sender of a stream says to them. */
import { startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { answerTo, type Beginnings, bitsOfBeginnings, bitsOfWords, wordOf } from '../common/beginnings.ts'
import { TCP } from '../common/ports.ts'

const CR = 0x0d

/** To who listens: an answer with headers; to who sends a stream: the first of them, and the one of its own that comes first. */
const ICY: Beginnings = [
  ['ICY 404 Resource Not Found', STRONG | FROM_SERVER],
  ['OK2\r\nicy-caps:', STRONG | FROM_SERVER],
  ['icy-name:', STRONG | FROM_CLIENT],
]
const ICY_ANSWER = 'ICY 200 OK\r\n'
/** The request before it is HTTP's. */
const ICY_WEIGHT = 90

/** "ICY 200 OK" and headers: alone it may as well be an NTRIP caster's. */
function icy(payload: Payload): number {
  const { bytes, start, end } = payload
  if (!startsWith(bytes, start, end, ICY_ANSWER)) return answerTo(payload, ICY)
  const headers = start + ICY_ANSWER.length
  if (headers === end || bytes[headers] === CR || startsWith(bytes, headers, end, 'Server: NTRIP'))
    return NO_MATCH
  return STRONG | FROM_SERVER
}

export const signatures: Signature[] = [
  {
    label: 'icy',
    says: 'starts with "ICY 200" and headers, or what else a SHOUTcast server and a sender to it say first',
    protocols: TCP,
    ports: [8000, 8001],
    bits: [...bitsOfBeginnings(ICY), ...bitsOfWords([wordOf(ICY_ANSWER)])],
    weight: ICY_WEIGHT,
    match: icy,
  },
]
