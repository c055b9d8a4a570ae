/**
 * Peers among themselves: Soulseek, libp2p, Bitmessage, the kin of Bitcoin, the Raft of Canonical (dqlite), and probes of
 * RIPE Atlas.
 */
import { readU32LE, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { bitsOf, opening } from '../common/beginnings.ts'
import { findByte, printableRun, TCP, TCP_UDP } from '../common/shape.ts'
import { isBitcoinMagic } from './cryptocurrency.ts'

const SOULSEEK_LOGIN = 1
const SOULSEEK_MOST = 256
const SOULSEEK_HASH = 32
const SOULSEEK_SHORTEST = 18
/** Messages, files, the distributed search. */
const SOULSEEK_KINDS = 'PFD'

/** One past the text behind its length (little-endian) at `at`, or -1. */
function afterText(bytes: Uint8Array, at: number, end: number): number {
  if (at + 4 > end) return -1
  const size = readU32LE(bytes, at)
  return size > SOULSEEK_MOST || at + 4 + size > end ? -1 : at + 4 + size
}

/** To the server: length, 1, two texts, a version, the hash of both, a minor version; others may follow. */
function soulseekLogin({ bytes, start, end, length, ordinal, peer, peerLength }: Payload): number {
  if (ordinal > 0 || end - start < 13 || readU32LE(bytes, start + 4) !== SOULSEEK_LOGIN) return NO_MATCH
  const size = readU32LE(bytes, start) + 4
  if (peerLength >= 16 && readU32LE(peer, 4) === SOULSEEK_LOGIN)
    return size <= length && bytes[start + 8] <= 1 && answersLogin(bytes, start + 9, end)
      ? STRONG | FROM_SERVER
      : NO_MATCH
  if (size > length) return NO_MATCH
  const user = afterText(bytes, start + 8, end)
  const secret = user < 0 ? -1 : afterText(bytes, user, end)
  if (secret < 0 || user < start + 13) return NO_MATCH
  const hash = secret + 4
  if (hash + 4 > end || readU32LE(bytes, secret) > 0xffff || readU32LE(bytes, hash) !== SOULSEEK_HASH)
    return NO_MATCH
  return hash + 4 + SOULSEEK_HASH + 4 === start + size ? STRONG | FROM_CLIENT : NO_MATCH
}

/** A greeting, or why not. */
function answersLogin(bytes: Uint8Array, at: number, end: number): boolean {
  return afterText(bytes, at, end) > at + 4 || (at + 4 <= end && readU32LE(bytes, at) === 0)
}

/** To a peer: length, 1 as a byte, a name, a kind of one letter, a token. */
function soulseekPeer({ bytes, start, end, length, ordinal }: Payload): number {
  if (ordinal > 0 || end - start < SOULSEEK_SHORTEST) return NO_MATCH
  const size = readU32LE(bytes, start) + 4
  if (bytes[start + 4] !== 1 || size > length) return NO_MATCH
  const kind = afterText(bytes, start + 5, end)
  if (kind <= start + 9 || kind + 9 > end || readU32LE(bytes, kind) !== 1) return NO_MATCH
  const known = SOULSEEK_KINDS.includes(String.fromCharCode(bytes[kind + 4]))
  return known && kind + 9 === start + size ? STRONG | FROM_CLIENT : NO_MATCH
}

/** Commands that open a connection of Bitcoin's kin, padded with NUL behind whatever magic. */
const BITCOIN_COMMANDS = ['version\0\0\0\0\0', 'verack\0\0\0\0\0\0']
const BITMESSAGE = '\xe9\xbe\xb4\xd9'
const LEDGER_HEADER = 24

/** Magic, command, length, checksum; networks whose magic is known are not asked here. */
function ledger({ bytes, start, end, length }: Payload): number {
  if (length < LEDGER_HEADER || startsWith(bytes, start, end, BITMESSAGE)) return NO_MATCH
  if (isBitcoinMagic(bytes, start)) return NO_MATCH
  for (let i = 0; i < BITCOIN_COMMANDS.length; i++)
    if (startsWith(bytes, start + 4, end, BITCOIN_COMMANDS[i])) return STRONG
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
    label: 'soulseek',
    says: 'is the login of a Soulseek client, whose lengths fill it, or the answer to one',
    protocols: TCP,
    ports: [2242],
    bits: { offset: 4, mask: 0xffffffff, value: 0x01000000 },
    match: soulseekLogin,
  },
  {
    label: 'soulseek',
    says: 'starts a connection between Soulseek peers: a name, a kind and a token that fill it',
    protocols: TCP,
    ports: [2234],
    bits: { offset: 1, mask: 0xffffffff, value: 1 },
    match: soulseekPeer,
  },
  opening({
    label: 'libp2p',
    says: 'starts with a length of 19 and "/multistream/1.0.0"',
    protocols: TCP,
    ports: [4001],
    text: '\x13/multistream/1.0.0\n',
  }),
  opening({
    label: 'bitmessage',
    says: 'starts with e9 be b4 d9, the magic of Bitmessage',
    protocols: TCP,
    ports: [8444],
    text: BITMESSAGE,
    least: LEDGER_HEADER,
  }),
  {
    label: 'bitcoin',
    says: 'holds the command version or verack, padded with NUL, behind a magic of its network',
    protocols: TCP,
    bits: BITCOIN_COMMANDS.map((command) => bitsOf(command, 4)),
    match: ledger,
  },
  {
    label: 'raft',
    firstBytes: [1],
    says: 'is the handshake of a Raft server: protocol 1, its number and its address, eight bytes a word',
    protocols: TCP,
    bits: { offset: 4, mask: 0xffffffff, value: 0 },
    match: raft,
  },
  opening({
    label: 'ripe-atlas',
    says: 'starts with "MGLNDD_", as probes of the scanner of RIPE Atlas do',
    protocols: TCP_UDP,
    text: 'MGLNDD_',
    role: FROM_CLIENT,
  }),
]
