/** Erlang: its port mapper (epmd), and its distribution, in which nodes connect to each other. */
import { readU16 } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { findByte } from '../common/byte-scan.ts'
import { onPort, TCP } from '../common/ports.ts'
import { printableRun } from '../common/text-scan.ts'

const EPMD_PORT = 4369
const ALIVE = 0x78
const PORT_PLEASE = 0x7a
const NAMES = 0x6e
const PORT_ANSWER = 0x77
const NODE_TYPES: readonly number[] = [77, 72, 109, 110]

/** Erlang's port mapper: length and a letter; who registers or is found tells its kind and the versions it speaks. */
function epmd(payload: Payload): number {
  const { bytes, start, end, length, peer, peerLength } = payload
  if (end - start < 3) return NO_MATCH
  if (peerLength === 3 && peer[1] === 1 && peer[2] === NAMES)
    return end - start >= 4 && readU16(bytes, start) === 0 ? STRONG | FROM_SERVER : NO_MATCH
  if (bytes[start] === PORT_ANSWER) {
    if (end - start < 12 || bytes[start + 1] !== 0) return NO_MATCH
    return isNode(bytes, start + 4) && readU16(bytes, start + 10) + 14 <= length
      ? STRONG | FROM_SERVER
      : NO_MATCH
  }
  if (readU16(bytes, start) + 2 !== length) return NO_MATCH
  const letter = bytes[start + 2]
  if (letter === ALIVE) return end - start >= 13 && isNode(bytes, start + 5) ? STRONG | FROM_CLIENT : NO_MATCH
  if (letter === NAMES) return length === 3 ? WEAK | FROM_CLIENT : NO_MATCH
  if (letter !== PORT_PLEASE || length < 4 || length > 258) return NO_MATCH
  const named = printableRun(bytes, start + 3, end) === end
  return named ? (onPort(payload, EPMD_PORT) ? STRONG : WEAK) | FROM_CLIENT : NO_MATCH
}

/** Kind of node, protocol 0 (TCP), highest and lowest version: 5 or 6. */
function isNode(bytes: Uint8Array, at: number): boolean {
  if (!NODE_TYPES.includes(bytes[at]) || bytes[at + 1] !== 0) return false
  const high = readU16(bytes, at + 2)
  const low = readU16(bytes, at + 4)
  return (high === 5 || high === 6) && (low === 5 || low === 6)
}

const OLD_NAME = 0x6e
const NEW_NAME = 0x4e
const STATUS: readonly number[] = [0x73, 0x6f, 0x6b]
const AT_SIGN = 0x40

/** Erlang's distribution: length, "n" or "N", flags, the sender's name with its host; answered by the status "ok". */
function erlang({ bytes, start, end, length, ordinal }: Payload): number {
  if (ordinal > 1 || end - start < 5 || readU16(bytes, start) + 2 !== length) return NO_MATCH
  if (bytes[start + 2] === STATUS[0])
    return length === 5 && bytes[start + 3] === STATUS[1] && bytes[start + 4] === STATUS[2]
      ? STRONG | FROM_SERVER
      : NO_MATCH
  const old = bytes[start + 2] === OLD_NAME && readU16(bytes, start + 3) === 5
  if (!old && (bytes[start + 2] !== NEW_NAME || end - start < 17)) return NO_MATCH
  if (!old && readU16(bytes, start + 15) + 17 !== length) return NO_MATCH
  const name = start + (old ? 9 : 17)
  return findByte(bytes, name, end, AT_SIGN) > name && printableRun(bytes, name, end) === end
    ? STRONG | FROM_CLIENT
    : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'epmd',
    says: "asks Erlang's port mapper or is its answer, with agreeing length",
    protocols: TCP,
    ports: [EPMD_PORT],
    // What asks for names has three bytes, too few for a test of bits.
    firstBytes: [0, 1, PORT_ANSWER],
    match: epmd,
  },
  {
    label: 'erldp',
    says: 'names a node of Erlang that connects to another, with agreeing length, or accepts it',
    protocols: TCP,
    bits: [OLD_NAME, NEW_NAME, STATUS[0]].map((letter) => ({
      offset: 0,
      mask: 0xff00ff00 | 0,
      value: letter << 8,
    })),
    match: erlang,
  },
]
