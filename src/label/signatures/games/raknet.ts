/** RakNet, which carries Minecraft (Bedrock) and other games: offline messages, acknowledgements and data. */
import { readU16 } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { bytesAt, firstBytesWhere } from '../common/byte-scan.ts'
import { setExtraText } from '../common/extras.ts'
import { UDP } from '../common/ports.ts'

/** Identifier of every offline message of RakNet. */
const RAKNET_MAGIC = new Uint8Array([
  0x00, 0xff, 0xff, 0x00, 0xfe, 0xfe, 0xfe, 0xfe, 0xfd, 0xfd, 0xfd, 0xfd, 0x12, 0x34, 0x56, 0x78,
])
/** Where the identifier stands: behind an id, a time, a time and a server id, or a relay's header. */
const RAKNET_OFFSETS: readonly number[] = [1, 9, 17, 32]

function raknet(payload: Payload): number {
  const { bytes, start, end } = payload
  for (let i = 0; i < RAKNET_OFFSETS.length; i++) {
    const at = start + RAKNET_OFFSETS[i]
    if (at + RAKNET_MAGIC.length > end || bytes[at + 1] !== 0xff) continue
    if (!bytesAt(bytes, at, end, RAKNET_MAGIC)) continue
    const id = bytes[start]
    if (id === 0x1c && at + 18 < end) setExtraText(payload, 'raknet', 'server_name', [at + 18, end])
    return (
      STRONG |
      (id === 1 || id === 5 || id === 7 ? FROM_CLIENT : id === 6 || id === 8 || id === 0x1c ? FROM_SERVER : 0)
    )
  }
  return NO_MATCH
}

const RAKNET_ACK = 0xc0
const RAKNET_NAK = 0xa0

/** RakNet in midstream: an acknowledgement whose records (single 4, range 7 bytes) fill it, from both sides. */
function raknetAck(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (end - start < 7 || (bytes[start] !== RAKNET_ACK && bytes[start] !== RAKNET_NAK)) return NO_MATCH
  const records = readU16(bytes, start + 1)
  if (records === 0 || records > 64) return NO_MATCH
  let at = start + 3
  for (let i = 0; i < records; i++) {
    if (at >= end || bytes[at] > 1) return NO_MATCH
    at += bytes[at] === 1 ? 4 : 7
  }
  if (at !== start + length || payload.peerLength === 0) return NO_MATCH
  // Data frames have 80-8f in front and a sequence number that the acknowledgement names.
  if ((payload.peer[0] & 0xf0) !== 0x80) return NO_MATCH
  const same = bytes[start + 4] === payload.peer[1] && bytes[start + 5] === payload.peer[2]
  return same && bytes[start + 6] === payload.peer[3] ? STRONG : NO_MATCH
}

/** Bytes behind flags and length by reliability: index of the message, of the sequence, of the order with its channel. */
const RAKNET_FIELDS: readonly number[] = [0, 7, 3, 7, 10, 0, 3, 7]
const RAKNET_SPLIT = 0x10
const RAKNET_SPLIT_FIELDS = 10
const RAKNET_MAX_STEP = 8

/** RakNet in midstream: data whose encapsulated messages fill it, the next sequence number after the frame before. */
function raknetData(payload: Payload): number {
  const { bytes, start, end, previous } = payload
  if (end - start < 8 || payload.previousLength < 8 || (previous[0] & 0xf0) !== 0x80) return NO_MATCH
  const step = (sequence24(bytes, start + 1) - sequence24(previous, 1)) & 0xffffff
  if (step === 0 || step > RAKNET_MAX_STEP) return NO_MATCH
  const stop = start + payload.length
  let at = start + 4
  while (at < stop) {
    if (at + 3 > end || (bytes[at] & 15) !== 0) return NO_MATCH
    const bits = readU16(bytes, at + 1)
    if (bits === 0 || (bits & 7) !== 0) return NO_MATCH
    const split = (bytes[at] & RAKNET_SPLIT) !== 0 ? RAKNET_SPLIT_FIELDS : 0
    at += 3 + RAKNET_FIELDS[bytes[at] >> 5] + split + (bits >> 3)
  }
  return at === stop ? STRONG : NO_MATCH
}

/** Three bytes, the lowest first. */
function sequence24(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16)
}

export const signatures: Signature[] = [
  {
    label: 'raknet',
    says: 'holds the sixteen-byte identifier of RakNet offline messages',
    protocols: UDP,
    ports: [19132],
    bits: RAKNET_OFFSETS.map((offset) => ({ offset, mask: 0xffffffff, value: 0x00ffff00 })),
    match: raknet,
  },
  {
    label: 'raknet',
    says: 'is a RakNet acknowledgement that names the sequence number of the frame before it',
    protocols: UDP,
    ports: [19132],
    firstBytes: [RAKNET_ACK, RAKNET_NAK],
    match: raknetAck,
  },
  {
    label: 'raknet',
    says: 'is RakNet data that goes on from the frame before, with messages that fill it',
    protocols: UDP,
    ports: [19132],
    firstBytes: firstBytesWhere((byte) => byte >> 4 === 8),
    // Reliability and split flag of the first message stand alone in their byte, its length is whole bytes.
    bits: { offset: 4, mask: 0x0f000700, value: 0 },
    match: raknetData,
  },
]
