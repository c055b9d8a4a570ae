/** Blizzard's servers: Battle.net (BNCS) and the logon of World of Warcraft. */
import { readI32, readU16LE, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { bitsOf } from '../common/beginnings.ts'
import { TCP } from '../common/ports.ts'

const BNCS = 0xff
const BNCS_PING = 0x25
const BNCS_LOGIN = 0x50
const BNCS_PROTOCOL = 1
/** Windows, and the two Macintoshes, back to front. */
const PLATFORMS = ['68XI', 'CAMP', 'CAMX']

/** A message: ff, its number, length of the whole (little-endian); -1: none here, or it ends behind the packet. */
function afterBncs({ bytes, start, end, length }: Payload, at: number): number {
  if (at + 4 > end || bytes[at] !== BNCS) return -1
  const next = at + readU16LE(bytes, at + 2)
  return next < at + 4 || next > start + length ? -1 : next
}

/** BNETDocs: the byte 01 chooses the protocol; version check with platform; the server pings first. */
function battleNet(payload: Payload): number {
  const { bytes, start, end, length, peer, peerLength } = payload
  const at = bytes[start] === BNCS_PROTOCOL ? start + 1 : start
  const next = afterBncs(payload, at)
  if (next < 0) return NO_MATCH
  if (bytes[at + 1] === BNCS_LOGIN && readI32(bytes, at + 4) === 0 && at + 12 <= end)
    for (let i = 0; i < PLATFORMS.length; i++)
      if (startsWith(bytes, at + 8, end, PLATFORMS[i])) return STRONG | FROM_CLIENT
  const asked = peerLength > 1 && (peer[0] === BNCS_PROTOCOL ? peer[1] === BNCS : peer[0] === BNCS)
  if (!asked || bytes[at + 1] !== BNCS_PING || next !== at + 8) return NO_MATCH
  const whole = next === start + length || afterBncs(payload, next) > 0
  return at === start && whole ? STRONG | FROM_SERVER : NO_MATCH
}

/** Logon challenge: 0, version, size of the rest (little-endian), "WoW", NUL. */
function wow({ bytes, start, end, length }: Payload): number {
  if (!startsWith(bytes, start + 4, end, 'WoW\0') || bytes[start] > 2) return NO_MATCH
  return readU16LE(bytes, start + 2) + 4 === length ? STRONG | FROM_CLIENT : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'battlenet',
    says: 'is the version check of Battle.net with its platform, or the ping of its server',
    protocols: TCP,
    ports: [6112],
    firstBytes: [BNCS_PROTOCOL, BNCS],
    bits: [
      { offset: 0, mask: 0xffffff00, value: 0x01ff5000 },
      { offset: 0, mask: 0xffff0000, value: 0xff500000 },
      { offset: 0, mask: 0xffffffff, value: 0xff250800 },
    ],
    match: battleNet,
  },
  {
    label: 'wow',
    says: 'is a logon challenge of World of Warcraft with agreeing size and "WoW"',
    protocols: TCP,
    ports: [3724],
    firstBytes: [0, 1, 2],
    bits: bitsOf('WoW\0', 4),
    match: wow,
  },
]
