/** What carries games over datagrams beside RakNet: ENet, Photon (its kin), KCP, Hazel, netcode.io. */
import { readI32, readU16, readU32, readU32LE } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { opening } from '../common/beginnings.ts'
import { firstBytesWhere } from '../common/byte-scan.ts'
import { UDP } from '../common/ports.ts'
import { printableRun } from '../common/text-scan.ts'

const ENET_CONNECT = 0x82
const ENET_VERIFY = 0x83
const ENET_CONNECT_SIZE = 48
const ENET_VERIFY_SIZE = 44
/** Sent time stands in the header; a checksum may follow. */
const ENET_HEADERS: readonly number[] = [4, 8]
const ENET_SMALLEST_MTU = 576
const ENET_LARGEST_MTU = 4096
const ENET_WINDOW = 0x10000
const ENET_CHANNELS = 255

/** Connect or its answer at `at`: channel ff, sequence 1, peer, sessions, then MTU, window and channels in range. */
function isEnetConnection(bytes: Uint8Array, at: number): boolean {
  if (readU16(bytes, at + 1) !== 0xff00 || bytes[at + 3] !== 1) return false
  const mtu = readU32(bytes, at + 8)
  const channels = readU32(bytes, at + 16)
  const inRange =
    mtu >= ENET_SMALLEST_MTU && mtu <= ENET_LARGEST_MTU && readU32(bytes, at + 12) <= ENET_WINDOW
  return inRange && channels >= 1 && channels <= ENET_CHANNELS
}

function enet({ bytes, start, end, length }: Payload): number {
  for (let i = 0; i < ENET_HEADERS.length; i++) {
    const at = start + ENET_HEADERS[i]
    if (at + 20 > end) return NO_MATCH
    const connects = bytes[at] === ENET_CONNECT
    if (!connects && bytes[at] !== ENET_VERIFY) continue
    const size = connects ? ENET_CONNECT_SIZE : ENET_VERIFY_SIZE
    // The server acknowledges in the same datagram, behind it.
    if (length < at - start + size || !isEnetConnection(bytes, at)) continue
    return STRONG | (connects ? FROM_CLIENT : FROM_SERVER)
  }
  return NO_MATCH
}

const PHOTON_HEADER = 12
const PHOTON_CHECKSUM = 0xcc
const PHOTON_COMMAND = 12
const PHOTON_CONNECT = 2
const PHOTON_VERIFY = 3
const PHOTON_LAST = 16
const PHOTON_MOST = 32

/** Peer, checksum flag, count, time, challenge, then as many commands, whose lengths lead exactly to the end. */
function photon({ bytes, start, end, length }: Payload): number {
  if (end - start < PHOTON_HEADER + PHOTON_COMMAND) return NO_MATCH
  const checked = bytes[start + 2] === PHOTON_CHECKSUM
  const count = bytes[start + 3]
  if ((!checked && bytes[start + 2] !== 0) || count === 0 || count > PHOTON_MOST) return NO_MATCH
  const stop = start + length
  const first = start + PHOTON_HEADER + (checked ? 4 : 0)
  let at = first
  for (let i = 0; i < count; i++) {
    if (at + PHOTON_COMMAND > end) return NO_MATCH
    const size = readU32(bytes, at + 4)
    if (bytes[at] < 1 || bytes[at] > PHOTON_LAST || size < PHOTON_COMMAND || size > stop - at) return NO_MATCH
    at += size
  }
  if (at !== stop) return NO_MATCH
  return STRONG | photonRole(bytes[first])
}

function photonRole(command: number): number {
  return command === PHOTON_CONNECT ? FROM_CLIENT : command === PHOTON_VERIFY ? FROM_SERVER : 0
}

const KCP_HEADER = 24
const KCP_PUSH = 81
const KCP_LAST = 84
const KCP_MOST = 64

/** A segment at `at`, with `extra` bytes behind its conversation: where the next begins, or -1. */
function afterKcp(bytes: Uint8Array, at: number, extra: number, end: number): number {
  const command = at + 4 + extra
  if (at + KCP_HEADER + extra > end || bytes[command] < KCP_PUSH || bytes[command] > KCP_LAST) return -1
  const size = readU32LE(bytes, command + 16)
  if (size > 0xffff || bytes[command + 1] >= 0x80) return -1
  if (bytes[command] !== KCP_PUSH && (size !== 0 || bytes[command + 1] !== 0)) return -1
  return at + KCP_HEADER + extra + size
}

/** Segments of one conversation (conversation, command 81 to 84, fragment, window, …, length) fill the datagram. */
function kcpChain(payload: Payload, extra: number): number {
  const { bytes, start, end, length, peer, previous } = payload
  const conversation = readI32(bytes, start)
  const stop = start + length
  let at = start
  let data = false
  for (let i = 0; i < KCP_MOST && at < stop; i++) {
    const next = afterKcp(bytes, at, extra, end)
    if (next < 0 || next > stop || readI32(bytes, at) !== conversation) return NO_MATCH
    if (next > at + KCP_HEADER + extra) data = true
    at = next
  }
  if (at !== stop || conversation === 0) return NO_MATCH
  const known =
    (payload.peerLength >= KCP_HEADER && readI32(peer, 0) === conversation) ||
    (payload.previousLength >= KCP_HEADER && readI32(previous, 0) === conversation)
  return data || known ? STRONG : WEAK
}

/** Some have a token of four bytes behind the conversation. */
function kcp(payload: Payload): number {
  if (payload.end - payload.start < KCP_HEADER) return NO_MATCH
  return kcpChain(payload, 0) || kcpChain(payload, 4)
}

/** Command with fragments below 128, behind the conversation and behind a token. */
const KCP_BITS = [4, 8].map((offset) => ({ offset, mask: 0xf8800000, value: 0x50000000 }))

const HAZEL_HELLO = 8
const HAZEL_ACK = 10
const HAZEL_ACK_SIZE = 4

/** Hello: 08, number 1, version 0, the game's version, a name; ack: 0a, the number of what the other side sent. */
function hazel({ bytes, start, end, length, peer, peerLength }: Payload): number {
  if (bytes[start] === HAZEL_ACK) {
    if (length !== HAZEL_ACK_SIZE || end - start < HAZEL_ACK_SIZE || peerLength < 6) return NO_MATCH
    const hello = peer[0] === HAZEL_HELLO && readU16(peer, 1) === 1 && peer[3] === 0
    return hello && readU16(bytes, start + 1) === 1 ? STRONG | FROM_SERVER : NO_MATCH
  }
  if (end - start < 10 || readI32(bytes, start) !== ((HAZEL_HELLO << 24) | 0x100)) return NO_MATCH
  const name = bytes[start + 8]
  const stop = start + 9 + name
  if (name === 0 || name > 40 || stop > end || printableRun(bytes, start + 9, stop) !== stop) return NO_MATCH
  return (stop === start + length ? STRONG : WEAK) | FROM_CLIENT
}

const NETCODE_REQUEST = 1078

export const signatures: Signature[] = [
  opening({
    label: 'netcode',
    says: 'is a connection request of netcode.io: 00 and "NETCODE 1.0"',
    protocols: UDP,
    ports: [40000],
    text: '\0NETCODE 1.0',
    least: NETCODE_REQUEST,
    role: FROM_CLIENT,
  }),
  {
    label: 'enet',
    says: 'is a connect of ENet or its answer: sequence 1, MTU, window and channels in range',
    protocols: UDP,
    // Sent time without compression, whatever session and peer.
    firstBytes: firstBytesWhere((byte) => byte >> 6 === 2),
    bits: ENET_HEADERS.flatMap((offset) => [
      { offset, mask: 0xffffffff, value: 0x82ff0001 },
      { offset, mask: 0xffffffff, value: 0x83ff0001 },
    ]),
    match: enet,
  },
  {
    label: 'photon',
    says: 'holds as many Photon commands as its header counts, which lead exactly to its end',
    protocols: UDP,
    ports: [5055, 5056, 5058],
    // Without and with a checksum; at most 63 commands.
    bits: [
      { offset: 0, mask: 0x0000ffc0, value: 0 },
      { offset: 0, mask: 0x0000ffc0, value: 0x0000cc00 },
    ],
    match: photon,
  },
  {
    label: 'kcp',
    says: 'is made of KCP segments of one conversation whose lengths lead exactly to its end',
    protocols: UDP,
    bits: KCP_BITS,
    match: kcp,
  },
  opening({
    label: 'kcp',
    says: "holds 1,234,567,890 at its place in a handshake around KCP, as HoYoverse's games do",
    protocols: UDP,
    text: '\x49\x96\x02\xd2\xff\xff\xff\xff',
    at: 12,
    firstBytes: [0],
    role: FROM_CLIENT,
  }),
  opening({
    label: 'kcp',
    says: "is the answer in a handshake around KCP, with 1,234,567,890 as HoYoverse's games do",
    protocols: UDP,
    text: '\x49\x96\x02\xd2\x14\x51\x45\x45',
    at: 12,
    firstBytes: [0],
    role: FROM_SERVER,
  }),
  {
    label: 'hazel',
    says: 'is a hello of Hazel with the number 1, a version and a name, or its acknowledgement',
    protocols: UDP,
    ports: [22023],
    bits: [
      { offset: 0, mask: 0xffffffff, value: 0x08000100 },
      { offset: 0, mask: 0xffffffff, value: 0x0a0001ff },
    ],
    match: hazel,
  },
]
