/** Soulseek: the login to its server, and connections between peers. */
import { readU32LE } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { TCP } from '../common/ports.ts'

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
]
