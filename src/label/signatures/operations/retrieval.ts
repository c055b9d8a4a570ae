/** Z39.50 (ISO 23950): how catalogues of libraries are searched. */
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { berLength, berSize } from '../common/ber.ts'
import { fills } from '../common/length.ts'
import { TCP } from '../common/ports.ts'

const INIT_REQUEST = 0xb4
const INIT_RESPONSE = 0xb5
const REFERENCE = 0x82
const VERSION = 0x83
const OPTIONS = 0x84
const MESSAGE_SIZE = 0x85
/** The version, the options and the sizes are a few bytes each. */
const LONGEST = 5

/** Where the element behind the one at `at` begins; -1 where that has another tag or is longer than `longest`. */
function behind({ bytes, end }: Payload, at: number, tag: number, longest: number): number {
  if (at + 2 > end || bytes[at] !== tag || bytes[at + 1] < 1 || bytes[at + 1] > longest) return -1
  return at + 2 + bytes[at + 1]
}

/** ANSI/NISO Z39.50 section 4.1: init [20] or its answer [21]: perhaps a reference, version, options, two sizes. */
function z3950(payload: Payload): number {
  const { bytes, start, end } = payload
  const length = berLength(bytes, start + 1, end)
  const from = start + 1 + berSize(bytes, start + 1)
  if (length < 0 || !fills(payload, from + length - start)) return NO_MATCH
  const reference = behind(payload, from, REFERENCE, 127)
  const options = behind(payload, reference < 0 ? from : reference, VERSION, LONGEST)
  const size = options < 0 ? -1 : behind(payload, options, OPTIONS, LONGEST)
  if (size < 0 || behind(payload, size, MESSAGE_SIZE, LONGEST) < 0) return NO_MATCH
  return STRONG | (bytes[start] === INIT_REQUEST ? FROM_CLIENT : FROM_SERVER)
}

export const signatures: Signature[] = [
  {
    label: 'z39-50',
    says: 'is the init of Z39.50 or its answer: version, options and message size, with lengths that agree',
    protocols: TCP,
    ports: [210],
    firstBytes: [INIT_REQUEST, INIT_RESPONSE],
    match: z3950,
  },
]
