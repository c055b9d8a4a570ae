/**
 * Overlay networks and small VPNs: Tailscale's discovery, ZeroTier, Nebula, n2n, fastd, VTun, Yggdrasil, tinc. WireGuard,
 * OpenVPN and IPsec have signatures elsewhere.
 */
import { PROTOCOL_UDP, readI32, readU16, readU32, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  LATER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { findByte } from '../common/byte-scan.ts'
import { onPort, TCP, UDP } from '../common/ports.ts'
import { lineStop, printableRun } from '../common/text-scan.ts'

/** "TS" and the speech balloon U+1F4AC. */
const DISCO = 0x5453f09f | 0
const DISCO_REST = 0x92ac
/** Magic, the sender's key, nonce, and a box with two bytes and its tag. */
const DISCO_LEAST = 6 + 32 + 24 + 16 + 2

function disco({ bytes, start, end, length }: Payload): number {
  if (end - start < 6 || length < DISCO_LEAST) return NO_MATCH
  return readI32(bytes, start) === DISCO && readU16(bytes, start + 4) === DISCO_REST ? STRONG : NO_MATCH
}

/** Number of packet, to whom, from whom (five bytes each), flags with cipher and hops, tag. */
const ZEROTIER_TO = 8
const ZEROTIER_FROM = 13
const ZEROTIER_FLAGS = 18
const ZEROTIER_VERB = 27
const ZEROTIER_LEAST = 28
/** Where the identity stands that a hello tells: behind the verb, four bytes of versions, the time. */
const ZEROTIER_IDENTITY = ZEROTIER_VERB + 1 + 5 + 8
const ZEROTIER_HELLO = 1
const ZEROTIER_PORT = 9993
/** Of the flags: what it is encrypted with. */
const ZEROTIER_CIPHER = 0x30

/** Five bytes, an address. */
function same(one: Uint8Array, at: number, other: Uint8Array, from: number): boolean {
  for (let i = 0; i < 5; i++) if (one[at + i] !== other[from + i]) return false
  return true
}

/** Addresses of nodes: neither begins with 0 or ff, and they are of two nodes. */
function zeroTierAddresses({ bytes, start, end, length }: Payload): boolean {
  if (end - start < ZEROTIER_FLAGS + 1 || length < ZEROTIER_LEAST) return false
  const to = bytes[start + ZEROTIER_TO]
  const from = bytes[start + ZEROTIER_FROM]
  if (to === 0 || to === 0xff || from === 0 || from === 0xff) return false
  return !same(bytes, start + ZEROTIER_TO, bytes, start + ZEROTIER_FROM)
}

/** A hello is not encrypted and has the sender's address twice. */
function zeroTierHello(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start <= ZEROTIER_IDENTITY + 5 || (bytes[start + ZEROTIER_FLAGS] & ZEROTIER_CIPHER) !== 0)
    return NO_MATCH
  if (!zeroTierAddresses(payload)) return NO_MATCH
  return same(bytes, start + ZEROTIER_FROM, bytes, start + ZEROTIER_IDENTITY) ? STRONG : NO_MATCH
}

/** Other packets show who answers whom; of the peer's sender three bytes are kept. */
function zeroTierAnswer(payload: Payload): number {
  const { bytes, start, peer, peerLength } = payload
  if (peerLength < ZEROTIER_LEAST || !zeroTierAddresses(payload)) return NO_MATCH
  const answers = same(bytes, start + ZEROTIER_FROM, peer, ZEROTIER_TO)
  if (!answers || readU16(bytes, start + ZEROTIER_TO) !== readU16(peer, ZEROTIER_FROM)) return NO_MATCH
  return bytes[start + ZEROTIER_TO + 2] === peer[ZEROTIER_FROM + 2] ? STRONG : NO_MATCH
}

const NEBULA_HEADER = 16
const NEBULA_HANDSHAKE = 0
const NEBULA_LAST_TYPE = 6
/** So many packets may be between two of a flow. */
const MAX_STEP = 1024

/** Version 1 and type, subtype, reserved, the receiver's index, a counter: zero and one where a handshake begins. */
function nebula({ bytes, start, end, previous, previousLength }: Payload): number {
  if (end - start < NEBULA_HEADER || readU16(bytes, start + 2) !== 0) return NO_MATCH
  const type = bytes[start] & 15
  const index = readU32(bytes, start + 4)
  const counter = readU32(bytes, start + 12)
  if (type > NEBULA_LAST_TYPE || bytes[start + 1] > 1 || readI32(bytes, start + 8) !== 0) return NO_MATCH
  if (type === NEBULA_HANDSHAKE) {
    if (index === 0) return counter === 1 ? STRONG | FROM_CLIENT : NO_MATCH
    return counter === 2 ? STRONG | FROM_SERVER : NO_MATCH
  }
  if (index === 0 || counter === 0) return NO_MATCH
  const same = previousLength >= NEBULA_HEADER && readU32(previous, 4) === index
  const step = counter - readU32(previous, 12)
  return same && previous[0] >> 4 === 1 && step > 0 && step < MAX_STEP ? STRONG : LATER
}

const N2N_COMMUNITY = 4
/** Of versions 1 to 3. */
const N2N_ROOM: readonly number[] = [0, 16, 16, 20]
const N2N_HEADER = 24
const N2N_LAST_TYPE = 12
/** What of the community is kept of the peer's last packet. */
const N2N_KEPT = 12

/** Bytes of the community's name, which ends with a zero byte; 0: it is none. */
function communityLength(bytes: Uint8Array, at: number, room: number): number {
  let length = 0
  while (length < room && bytes[at + length] > 0x20 && bytes[at + length] < 0x7f) length++
  return length < room && bytes[at + length] === 0 ? length : 0
}

/** Version and the first `count` bytes of the name are those of the other side's last packet. */
function isCommunityOfPeer({ bytes, start, peer, peerLength }: Payload, count: number): boolean {
  if (peerLength < N2N_HEADER || peer[0] !== bytes[start]) return false
  for (let i = N2N_COMMUNITY; i < N2N_COMMUNITY + count; i++) if (bytes[start + i] !== peer[i]) return false
  return true
}

/** Version, type or lifetime, flags, name of the community; versions 2 and 3 fill its room with zeros. */
function n2n(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < N2N_HEADER) return NO_MATCH
  const version = bytes[start]
  const at = start + N2N_COMMUNITY
  const flags = bytes[start + 3]
  const header =
    version === 1
      ? bytes[start + 1] >= 1 && bytes[start + 1] <= 5 && bytes[start + 2] <= 1 && flags <= 1
      : bytes[start + 1] >= 1 &&
        bytes[start + 1] <= 8 &&
        (flags & 0x1f) >= 1 &&
        (flags & 0x1f) <= N2N_LAST_TYPE
  const name = header ? communityLength(bytes, at, N2N_ROOM[version]) : 0
  if (name === 0) return NO_MATCH
  if (name > 2 && isCommunityOfPeer(payload, Math.min(name + 1, N2N_KEPT))) return STRONG
  if (version === 1) return name > 2 ? WEAK : NO_MATCH
  for (let i = name; i < N2N_ROOM[version]; i++) if (bytes[at + i] !== 0) return NO_MATCH
  return STRONG
}

/** Type of the handshake, one byte long (little-endian), is its first field. */
const FASTD_FIRST = 0x00000100
/** Behind a header of L2TP, since version 22. */
const FASTD_L2TP = 0xc803000c | 0
const FASTD_ANSWER = 2
const FASTD_LAST = 3

/** A handshake: 1, reserved, length of the fields, which begin with its number 1 to 3. */
function fastd({ bytes, start, end, length }: Payload): number {
  const at = start + 12 <= end && readI32(bytes, start) === FASTD_L2TP ? start + 12 : start
  if (at + 9 > end || readU16(bytes, at) !== 0x0100 || readI32(bytes, at + 4) !== FASTD_FIRST) return NO_MATCH
  const number = bytes[at + 8]
  if (number < 1 || number > FASTD_LAST || readU16(bytes, at + 2) + 4 !== length - (at - start))
    return NO_MATCH
  return STRONG | (number === FASTD_ANSWER ? FROM_SERVER : FROM_CLIENT)
}

const VTUN_MESSAGE = 50

/** Lines in 50 bytes, the rest of which is zero: the server's greeting, who the client is, challenge and answer. */
function vtun({ bytes, start, end, length }: Payload): number {
  if (length !== VTUN_MESSAGE || end - start < VTUN_MESSAGE || bytes[end - 1] !== 0) return NO_MATCH
  if (startsWith(bytes, start, end, 'VTUN server ver ')) return STRONG | FROM_SERVER
  if (startsWith(bytes, start, end, 'OK CHAL: <') || startsWith(bytes, start, end, 'OK FLAGS: <'))
    return STRONG | FROM_SERVER
  if (startsWith(bytes, start, end, 'HOST: ') || startsWith(bytes, start, end, 'CHAL: <'))
    return STRONG | FROM_CLIENT
  return NO_MATCH
}

const YGGDRASIL_META = 0x6d657461
/** With version 0.4 and a key; later versions tell the length. */
const YGGDRASIL_KEY = 38
const YGGDRASIL_VERSION = 4

function yggdrasil({ bytes, start, end, length }: Payload): number {
  if (end - start < 6 || readI32(bytes, start) !== YGGDRASIL_META) return NO_MATCH
  const word = readU16(bytes, start + 4)
  return (length === YGGDRASIL_KEY && word === YGGDRASIL_VERSION) || word + 6 === length ? STRONG : NO_MATCH
}

/** A node's key, its link-local address and its port, to all nodes of the link. */
const BEACON = 32 + 16 + 2

function yggdrasilBeacon({ bytes, start, end, length, toGroup }: Payload): number {
  if (!toGroup || length !== BEACON || end - start < BEACON) return NO_MATCH
  const local = readI32(bytes, start + 32) === (0xfe800000 | 0) && readI32(bytes, start + 36) === 0
  return local && readU16(bytes, start + 48) !== 0 ? STRONG : NO_MATCH
}

const TINC_PORT = 655
const TINC_LIFETIME_SEC = 3600

/** Who answers a greeting takes datagrams at the same port; what they carry shows nothing. */
function announceTunnel(payload: Payload): void {
  const through = 'the answer to a greeting of tinc'
  const port = payload.srcPort
  payload.announce({ label: 'tinc', protocol: PROTOCOL_UDP, port, through, lifetimeSec: TINC_LIFETIME_SEC })
}

/** tinc: "0 name 17.7" in both directions, where 0 is the message ID. */
function tinc(payload: Payload): number {
  const { bytes, start, end } = payload
  if (!startsWith(bytes, start, end, '0 ')) return NO_MATCH
  const line = lineStop(bytes, start, Math.min(end, start + 80))
  if (line >= end || printableRun(bytes, start, line) !== line) return NO_MATCH
  const space = findByte(bytes, start + 2, line, 0x20)
  if (space < 0 || !startsWith(bytes, space, end, ' 17')) return NO_MATCH
  if (payload.peerOrdinal > 0) announceTunnel(payload)
  return onPort(payload, TINC_PORT) ? STRONG : WEAK
}

export const signatures: Signature[] = [
  {
    label: 'tailscale',
    says: 'starts with the magic of Tailscale path discovery, "TS" and U+1F4AC',
    protocols: UDP,
    ports: [41641],
    firstBytes: [0x54],
    bits: { offset: 0, mask: -1, value: DISCO },
    // The same flow carries WireGuard.
    weight: 90,
    match: disco,
  },
  {
    label: 'zerotier',
    says: "is a ZeroTier hello, which has the sender's address twice",
    protocols: UDP,
    ports: [ZEROTIER_PORT],
    // The verb, without the bit for what is compressed and others.
    bits: { offset: ZEROTIER_VERB - 3, mask: 0x1f, value: ZEROTIER_HELLO },
    match: zeroTierHello,
  },
  {
    label: 'zerotier',
    says: 'is an answer between the same two ZeroTier addresses, on port 9993',
    protocols: UDP,
    ports: [ZEROTIER_PORT],
    portsOnly: true,
    match: zeroTierAnswer,
  },
  {
    label: 'nebula',
    says: 'holds a Nebula version 1 header that begins a handshake, or one with index and counter',
    protocols: UDP,
    ports: [4242],
    firstBytes: [0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16],
    bits: { offset: 8, mask: -1, value: 0 },
    match: nebula,
  },
  {
    label: 'n2n',
    says: 'holds an n2n header with the name of a community, filled with zeros or the same in both directions',
    protocols: UDP,
    ports: [7654],
    firstBytes: [1, 2, 3],
    // Lifetime or type below 16, no upper flags; a name begins.
    bits: { offset: 0, mask: 0x00f0fe00, value: 0 },
    match: n2n,
  },
  {
    label: 'fastd',
    says: 'is a fastd handshake with agreeing length, whose first field is its number',
    protocols: UDP,
    ports: [10000],
    firstBytes: [1, 0xc8],
    bits: [
      { offset: 4, mask: -1, value: FASTD_FIRST },
      { offset: 16, mask: -1, value: FASTD_FIRST },
    ],
    match: fastd,
  },
  {
    label: 'vtun',
    says: 'is a line of the VTun handshake in 50 bytes',
    protocols: TCP,
    ports: [5000],
    firstBytes: [0x56, 0x48, 0x4f, 0x43],
    bits: [
      // VTUN, HOST, OK and CHAL.
      { offset: 0, mask: -1, value: 0x5654554e },
      { offset: 0, mask: -1, value: 0x484f5354 },
      { offset: 0, mask: 0xffffff00 | 0, value: 0x4f4b2000 },
      { offset: 0, mask: -1, value: 0x4348414c },
    ],
    match: vtun,
  },
  {
    label: 'yggdrasil',
    says: 'starts with "meta" and the version or length of a Yggdrasil handshake',
    protocols: TCP,
    firstBytes: [0x6d],
    bits: { offset: 0, mask: -1, value: YGGDRASIL_META },
    match: yggdrasil,
  },
  {
    label: 'yggdrasil',
    says: 'is a Yggdrasil beacon: key, link-local address and port, to a group',
    protocols: UDP,
    ports: [9001],
    bits: { offset: 32, mask: -1, value: 0xfe800000 | 0 },
    match: yggdrasilBeacon,
  },
  {
    label: 'tinc',
    says: 'is the greeting of a tinc daemon: message 0, name and protocol version 17',
    protocols: TCP,
    ports: [TINC_PORT],
    firstBytes: [0x30],
    match: tinc,
  },
]
