/** What members of a cluster say to each other: Hazelcast, memberlist (Serf, Consul), the Raft of Canonical (dqlite). */
import { readU16, readU32LE, startsWith } from '../../../bytes.ts'
import { FROM_CLIENT, NO_MATCH, type Payload, type Signature, STRONG, WEAK } from '../../inspect/payload.ts'
import { bytesAt, findByte } from '../common/byte-scan.ts'
import { TCP, TCP_UDP } from '../common/ports.ts'
import { printableRun } from '../common/text-scan.ts'

const HAZELCAST_CLIENT = 'CP2'
const HAZELCAST_AUTHENTICATION = 0x000100

/** Hazelcast: members greet each other with "HZC", clients with "CP2" and a message that authenticates them. */
function hazelcast(payload: Payload): number {
  const { bytes, start, end, length, ordinal } = payload
  if (ordinal > 0) return NO_MATCH
  if (length === 3) return startsWith(bytes, start, end, 'HZC') ? WEAK : NO_MATCH
  if (!startsWith(bytes, start, end, HAZELCAST_CLIENT) || end - start < 13) return NO_MATCH
  const type = readU32LE(bytes, start + 9)
  const frame = readU32LE(bytes, start + 3)
  return type >>> 9 === 0 && type >= HAZELCAST_AUTHENTICATION && frame >= 6 && frame < length
    ? STRONG | FROM_CLIENT
    : NO_MATCH
}

const MEMBER_CHECKED = 12
const MEMBER_COMPOUND = 7
/** Behind the type a map, and in it, as short strings, the first field. */
const MEMBER_FIELDS = [
  'Addr',
  'Node',
  'SeqNo',
  'Payload',
  'Incarnation',
  'Algo',
  'Buf',
  'Nodes',
  'Join',
  'Target',
].map((name) => Uint8Array.from([0xa0 | name.length, ...Buffer.from(name)]))

/** Serf's and Consul's memberlist: type of message and a MessagePack map; a checksum or the lengths of several before it. */
function memberlist({ bytes, start, end, length }: Payload): number {
  let at = bytes[start] === MEMBER_CHECKED ? start + 5 : start
  if (end - at < 8) return NO_MATCH
  if (bytes[at] === MEMBER_COMPOUND) {
    const count = bytes[at + 1]
    const first = at + 2 + 2 * count
    let stop = first
    for (let here = at + 2; here < first && here + 2 <= end; here += 2) stop += readU16(bytes, here)
    if (count === 0 || stop !== start + length || first + 8 > end) return NO_MATCH
    at = first
  }
  if (bytes[at] > 11 || (bytes[at + 1] & 0xf0) !== 0x80) return NO_MATCH
  for (let i = 0; i < MEMBER_FIELDS.length; i++)
    if (bytesAt(bytes, at + 2, end, MEMBER_FIELDS[i])) return STRONG
  return NO_MATCH
}

const RAFT_SHORTEST = 32
const RAFT_ADDRESS_AT = 24
const COLON = 0x3a

/** Words of eight bytes, little-endian: protocol 1, number of the sender, length of its address, the address. */
function raft({ bytes, start, end, length }: Payload): number {
  if (length < RAFT_SHORTEST || end - start < RAFT_SHORTEST || readU32LE(bytes, start) !== 1) return NO_MATCH
  if (readU32LE(bytes, start + 4) !== 0 || readU32LE(bytes, start + 20) !== 0) return NO_MATCH
  const size = readU32LE(bytes, start + 16)
  const address = start + RAFT_ADDRESS_AT
  if (size % 8 !== 0 || size > 256 || size + RAFT_ADDRESS_AT > length || address + size > end) return NO_MATCH
  const text = printableRun(bytes, address, address + size)
  if (findByte(bytes, address, text, COLON) < 0) return NO_MATCH
  for (let at = text; at < address + size; at++) if (bytes[at] !== 0) return NO_MATCH
  return STRONG | FROM_CLIENT
}

export const signatures: Signature[] = [
  {
    label: 'hazelcast',
    says: 'is "HZC" alone and first, or "CP2" and a client message of Hazelcast',
    protocols: TCP,
    ports: [5701],
    firstBytes: [0x48, 0x43],
    match: hazelcast,
  },
  {
    label: 'memberlist',
    says: "holds a message of Serf's and Consul's memberlist with the name of a field",
    protocols: TCP_UDP,
    ports: [7946, 8301, 8302],
    bits: [
      { offset: 0, mask: 0xf0f0e000 | 0, value: 0x0080a000 },
      { offset: 5, mask: 0xf0f0e000 | 0, value: 0x0080a000 },
      { offset: 0, mask: 0xff000000 | 0, value: MEMBER_COMPOUND << 24 },
      { offset: 5, mask: 0xff000000 | 0, value: MEMBER_COMPOUND << 24 },
    ],
    firstBytes: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, MEMBER_CHECKED],
    match: memberlist,
  },
  {
    label: 'raft',
    firstBytes: [1],
    says: 'is the handshake of a Raft server: protocol 1, its number and its address, eight bytes a word',
    protocols: TCP,
    bits: { offset: 4, mask: 0xffffffff, value: 0 },
    match: raft,
  },
]
