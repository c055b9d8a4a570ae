/** Neo4j: its protocol Bolt. */
import { readI32, readU16 } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { bitsOfWords } from '../common/beginnings.ts'
import { TCP } from '../common/ports.ts'
import { findText } from '../common/text-scan.ts'

const BOLT_MAGIC = 0x6060b017
const BOLT_HELLO = 20
const BOLT_SUCCESS = 0x70
const BOLT_FAILURE = 0x7f

/** Neo4j Bolt: magic and four versions of the client; the version chosen; then chunks that hold a structure. */
function bolt(payload: Payload): number {
  const { bytes, start, end, peer, peerLength, length } = payload
  if (end - start < 4) return NO_MATCH
  if (readI32(bytes, start) === BOLT_MAGIC) return length >= BOLT_HELLO ? STRONG | FROM_CLIENT : NO_MATCH
  const asked = peerLength >= BOLT_HELLO && readI32(peer, 0) === BOLT_MAGIC
  if (asked) return length === 4 && readU16(bytes, start) === 0 ? STRONG | FROM_SERVER : NO_MATCH
  return boltMessage(payload)
}

/** A chunk that ends with the packet (two zeros behind it) and holds HELLO or an answer: a structure of one map. */
function boltMessage({ bytes, start, end, length }: Payload): number {
  if (end - start < 6 || bytes[start + 2] !== 0xb1 || readU16(bytes, start) + 4 !== length) return NO_MATCH
  const tag = bytes[start + 3]
  const map = bytes[start + 4]
  if (map < 0xa1 || (map > 0xaf && map !== 0xd8) || (map < 0xb0 && bytes[start + 5] < 0x81)) return NO_MATCH
  if (tag === 1) return findText(bytes, start, end, 'user_agent') > 0 ? STRONG | FROM_CLIENT : NO_MATCH
  if (tag === BOLT_FAILURE) return findText(bytes, start, end, 'Neo.') > 0 ? STRONG | FROM_SERVER : NO_MATCH
  const named = tag === BOLT_SUCCESS && findText(bytes, start, end, 'Neo4j/') > 0
  return named ? STRONG | FROM_SERVER : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'bolt',
    says: 'starts with the magic 6060b017 of Bolt, answers it, or is a chunk with a message that names Neo4j',
    protocols: TCP,
    ports: [7687],
    bits: [
      ...bitsOfWords([BOLT_MAGIC]),
      { offset: 0, mask: 0xfffff0f0 | 0, value: 0 },
      { offset: 0, mask: 0xff00, value: 0xb100 },
    ],
    match: bolt,
  },
]
