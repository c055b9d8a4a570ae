/**
 * Cryptocurrencies: Bitcoin's peer protocol and its kin, Ethereum's discovery (discv4) and transport (RLPx), Monero,
 * Stratum mining; and Bitmessage, whose messages have Bitcoin's header.
 */
import { readI32, readU16, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { bitsOf, bitsOfWords, opening } from '../common/beginnings.ts'
import { setExtra, setExtraText } from '../common/extras.ts'
import { onPort, TCP, UDP } from '../common/ports.ts'
import { findText } from '../common/text-scan.ts'

/** Network magics of Bitcoin: main, testnet 3, testnet 4, regtest, signet; the others are Bitcoin's kin. */
const MAGICS: readonly number[] = [
  0xf9beb4d9, 0x0b110907, 0x1c163f28, 0xfabfb5da, 0x0a03cf40, 0xf9beb4fe, 0xfbc0b6db, 0xc0c0c0c0, 0xe3e1f3e8,
].map((magic) => magic | 0)
const BITCOIN_HEADER = 24

/** A network magic that is known stands at `at`. */
function isBitcoinMagic(bytes: Uint8Array, at: number): boolean {
  return MAGICS.includes(readI32(bytes, at))
}

const COMMAND_BYTES = 12

/** Magic, command (lower-case letters and digits, padded with NUL), length, checksum. */
function bitcoin(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 16 || !isBitcoinMagic(bytes, start)) return NO_MATCH
  let at = start + 4
  const stop = at + COMMAND_BYTES
  while (at < stop && ((bytes[at] >= 0x61 && bytes[at] <= 0x7a) || (bytes[at] >= 0x30 && bytes[at] <= 0x39)))
    at++
  const command = at
  while (at < stop && bytes[at] === 0) at++
  if (command === start + 4 || at !== stop || payload.length < BITCOIN_HEADER) return NO_MATCH
  setExtraText(payload, 'bitcoin', 'command', [start + 4, command])
  return STRONG
}

/** Commands that open a connection of Bitcoin's kin, padded with NUL behind whatever magic. */
const BITCOIN_COMMANDS = ['version\0\0\0\0\0', 'verack\0\0\0\0\0\0']
const BITMESSAGE = '\xe9\xbe\xb4\xd9'

/** Magic, command, length, checksum; networks whose magic is known are not asked here. */
function ledger({ bytes, start, end, length }: Payload): number {
  if (length < BITCOIN_HEADER || startsWith(bytes, start, end, BITMESSAGE)) return NO_MATCH
  if (isBitcoinMagic(bytes, start)) return NO_MATCH
  for (let i = 0; i < BITCOIN_COMMANDS.length; i++)
    if (startsWith(bytes, start + 4, end, BITCOIN_COMMANDS[i])) return STRONG
  return NO_MATCH
}

const DISCOVERY_TYPE = 97
const DISCOVERY_DATA = 98
/** Datagrams of discovery are at most this long. */
const MAX_DISCOVERY = 1280
/** Items of a discovery packet: the specification has four, later ones may follow. */
const MAX_ITEMS = 16

/** Length of the RLP list at `at` with its prefix, or -1. */
function rlpList(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return -1
  const first = bytes[at]
  if (first >= 0xc0 && first <= 0xf7) return 1 + first - 0xc0
  if (first === 0xf8 && at + 2 <= end) return bytes[at + 1] > 55 ? 2 + bytes[at + 1] : -1
  if (first === 0xf9 && at + 3 <= end) return bytes[at + 1] !== 0 ? 3 + readU16(bytes, at + 1) : -1
  return -1
}

/** Bytes of content of a list of `size` bytes that begins with `first`. */
function rlpContent(first: number, size: number): number {
  return size - (first <= 0xf7 ? 1 : first - 0xf7 + 1)
}

/** Position after the RLP item at `at`; -1: its length has more than two bytes, or was not captured. */
function afterRlpItem(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at]
  if (first < 0x80) return at + 1
  const size = first - (first >= 0xc0 ? 0xc0 : 0x80)
  if (size <= 55) return at + 1 + size
  if (size === 56) return at + 2 <= end ? at + 2 + bytes[at + 1] : -1
  return size === 57 && at + 3 <= end ? at + 3 + readU16(bytes, at + 1) : -1
}

/** How the first item of each packet type begins: ping a version, pong and neighbours a list, … (EIP-868 for 5 and 6). */
function firstItemFits(type: number, bytes: Uint8Array, at: number): boolean {
  const first = bytes[at]
  if (type === 1) return first < 0x10 && bytes[at + 1] >= 0xc0
  if (type === 2 || type === 4) return first >= 0xc0
  if (type === 3) return first === 0xb8 && bytes[at + 1] === 64
  return first === (type === 5 ? 0x84 : 0xa0)
}

/** The items of the list at from..stop-1 lead exactly to its end, as far as captured. */
function itemsFill(bytes: Uint8Array, from: number, stop: number, end: number): boolean {
  let at = from
  for (let count = 0; count < MAX_ITEMS && at >= 0; count++) {
    if (at >= Math.min(stop, end)) return at === stop || (at < stop && stop > end)
    at = afterRlpItem(bytes, at, end)
  }
  return false
}

/** discv4: hash (32), signature (65, its last byte 0 or 1), packet type 1-6, an RLP list. */
function discovery(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < DISCOVERY_DATA + 2 || bytes[start + 96] > 1 || payload.length > MAX_DISCOVERY)
    return NO_MATCH
  const type = bytes[start + DISCOVERY_TYPE]
  if (type < 1 || type > 6) return NO_MATCH
  const size = rlpList(bytes, start + DISCOVERY_DATA, end)
  if (size < 0) return NO_MATCH
  const total = DISCOVERY_DATA + size
  const first = start + total - rlpContent(bytes[start + DISCOVERY_DATA], size)
  if (first + 2 > end || !firstItemFits(type, bytes, first)) return NO_MATCH
  if (!itemsFill(bytes, first, start + total, end)) return NO_MATCH
  // EIP-8 allows more data behind the list.
  if (total > payload.length || (total < payload.length && !onPort(payload, 30303))) return NO_MATCH
  setExtra(payload, 'ethereum', 'discovery_type', type)
  return total === payload.length ? STRONG : WEAK
}

/** Bytes that a message of the EIP-8 handshake has, 0 when it is none: its size in two bytes, then an uncompressed curve point (04). */
function handshake(first: Uint8Array, at: number): number {
  const size = readU16(first, at) + 2
  return size >= 300 && size < 1200 && first[at + 2] === 4 ? size : 0
}

/**
 * RLPx: the initiator's message, and the answer to it, which the first frames may follow at once; the former alone has
 * 24 fixed bits, both together are beyond chance.
 */
function rlpx(payload: Payload): number {
  const { bytes, start, end, length, peer, peerLength } = payload
  if (end - start < 16 || payload.ordinal > 0) return NO_MATCH
  const size = handshake(bytes, start)
  if (peerLength > 0)
    return size > 0 && size <= length && handshake(peer, 0) === peerLength ? STRONG : NO_MATCH
  return size === length ? WEAK | FROM_CLIENT : NO_MATCH
}

/** Levin, the peer protocol of Monero and its kin: 01 21 01 01 01 01 01 01, body length, … (little-endian). */
function levin(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 16 || readI32(bytes, start) !== 0x01210101) return NO_MATCH
  return readI32(bytes, start + 4) === 0x01010101 ? STRONG : NO_MATCH
}

/** Values of "method" that only miners and pools use. */
const METHODS = ['mining.', 'eth_submit', 'eth_getWork', 'keepalived']
const COLON = 0x3a
const SPACE = 0x20
const QUOTE = 0x22

/** Offset of the text of the string value behind a key that ends at `at`, or -1. */
function stringValue(bytes: Uint8Array, at: number, end: number): number {
  let here = at
  while (here < end && (bytes[here] === COLON || bytes[here] === SPACE)) here++
  return here < end && bytes[here] === QUOTE ? here + 1 : -1
}

/** Stratum: JSON-RPC, a message a line, with mining methods; Monero pools log in with an agent and send jobs. */
function stratum(payload: Payload): number {
  const { bytes, start, end } = payload
  const early = bytes[start + 1]
  if (end - start < 20 || bytes[start] !== 0x7b || (early !== QUOTE && early !== SPACE && early !== 0x0a))
    return NO_MATCH
  const stop = Math.min(end, start + 600)
  const key = findText(bytes, start, stop, '"method"')
  if (key >= 0) {
    const value = stringValue(bytes, key + 8, end)
    if (value < 0) return NO_MATCH
    for (let i = 0; i < METHODS.length; i++) if (startsWith(bytes, value, end, METHODS[i])) return STRONG
    const login = startsWith(bytes, value, end, 'login"') && findText(bytes, start, stop, '"agent"') >= 0
    return login ? STRONG | FROM_CLIENT : NO_MATCH
  }
  if (payload.peerLength < 2 || payload.peer[0] !== 0x7b) return NO_MATCH
  const job = findText(bytes, start, stop, '"job_id"') >= 0 && findText(bytes, start, stop, '"blob"') >= 0
  return job ? STRONG | FROM_SERVER : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'bitcoin',
    says: 'starts with a network magic of Bitcoin and a command padded with NUL',
    protocols: TCP,
    ports: [8333],
    firstBytes: [0xf9, 0x0b, 0x1c, 0xfa, 0x0a, 0xfb, 0xc0, 0xe3],
    bits: bitsOfWords(MAGICS),
    match: bitcoin,
  },
  {
    label: 'ethereum',
    says: 'is an Ethereum discovery packet: signature, packet type and an RLP list that ends with the datagram',
    protocols: UDP,
    ports: [30303],
    // The signature's last byte, the packet type, and a list.
    bits: { offset: 96, mask: 0xfef8c000, value: 0x0000c000 },
    match: discovery,
  },
  {
    label: 'ethereum',
    says: 'starts with an RLPx handshake: its size and an uncompressed curve point',
    protocols: TCP,
    ports: [30303],
    firstBytes: [1, 2, 3, 4],
    match: rlpx,
  },
  {
    label: 'monero',
    says: 'starts with the signature of Levin, the peer protocol of Monero',
    protocols: TCP,
    ports: [18080],
    firstBytes: [1],
    match: levin,
  },
  {
    label: 'stratum',
    says: 'is a JSON message with a mining method of Stratum',
    protocols: TCP,
    ports: [3333, 4444, 14444],
    firstBytes: [0x7b],
    match: stratum,
  },
  opening({
    label: 'bitmessage',
    says: 'starts with e9 be b4 d9, the magic of Bitmessage',
    protocols: TCP,
    ports: [8444],
    text: BITMESSAGE,
    least: BITCOIN_HEADER,
  }),
  {
    label: 'bitcoin',
    says: 'holds the command version or verack, padded with NUL, behind a magic of its network',
    protocols: TCP,
    bits: BITCOIN_COMMANDS.map((command) => bitsOf(command, 4)),
    match: ledger,
  },
]
