/** Minecraft, the Java edition: its handshake and the older question for the status. */
import { readI32, readU16 } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { firstBytesWhere } from '../common/byte-scan.ts'
import { setExtra, setExtraText } from '../common/extras.ts'
import { TCP } from '../common/ports.ts'
import { printableRun } from '../common/text-scan.ts'

const MINECRAFT_PORT = 25565

/** Value of the VarInt at `at` (at most three bytes), -1 when longer or not captured. */
function varint(bytes: Uint8Array, at: number, end: number): number {
  let value = 0
  for (let i = 0; i < 3; i++) {
    if (at + i >= end) return -1
    value |= (bytes[at + i] & 0x7f) << (7 * i)
    if (bytes[at + i] < 0x80) return value
  }
  return -1
}

function varintSize(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : 3
}

/** "MC" in UTF-16, of the name "MC|PingHost" behind its length. */
const OLD_PING_NAME = 0x004d0043

/** Who only asks for the status often gives the version -1: ff ff ff ff 0f. */
const ANY_VERSION_SIZE = 5
function isAnyVersion(bytes: Uint8Array, at: number, end: number): boolean {
  return at + ANY_VERSION_SIZE <= end && readI32(bytes, at) === -1 && bytes[at + 4] === 0x0f
}

/** "§1" in UTF-16. */
const OLD_ANSWER = 0x00a70031

/** The answer to the older question: ff, its characters, and "§1" NUL in UTF-16. */
function isOldAnswer({ bytes, start, end, length }: Payload): boolean {
  if (end - start < 9 || readU16(bytes, start + 1) * 2 + 3 !== length) return false
  return readI32(bytes, start + 3) === OLD_ANSWER && readU16(bytes, start + 7) === 0
}

/** Java edition handshake: length, id 0, protocol version, host, port, next state 1-3. Older: fe 01 fa. */
function minecraft(payload: Payload): number {
  const { bytes, start, end } = payload
  if (bytes[start] === 0xfe) {
    if (end - start < 3 || bytes[start + 1] !== 1 || bytes[start + 2] !== 0xfa) return NO_MATCH
    const named = end - start >= 9 && readI32(bytes, start + 5) === OLD_PING_NAME
    return (named ? STRONG : WEAK) | FROM_CLIENT
  }
  if (bytes[start] === 0xff) return isOldAnswer(payload) ? STRONG | FROM_SERVER : NO_MATCH
  const length = varint(bytes, start, end)
  if (length < 8 || length > 300 || length + 1 > payload.length) return NO_MATCH
  let at = start + varintSize(length)
  const stop = at + length
  if (stop > end || bytes[at] !== 0) return NO_MATCH
  const any = isAnyVersion(bytes, at + 1, end)
  const version = any ? -1 : varint(bytes, at + 1, end)
  if (version < 0 && !any) return NO_MATCH
  at += 1 + (any ? ANY_VERSION_SIZE : varintSize(version))
  const host = varint(bytes, at, end)
  if (host < 1 || host > 255) return NO_MATCH
  at += varintSize(host)
  if (at + host + 3 !== stop || bytes[stop - 1] < 1 || bytes[stop - 1] > 3) return NO_MATCH
  const printable = printableRun(bytes, at, at + host)
  if (printable === at) return NO_MATCH
  setExtra(payload, 'minecraft', 'protocol_version', version)
  setExtraText(payload, 'minecraft', 'host', [at, printable])
  const port = readU16(bytes, stop - 3)
  return (port === payload.dstPort || payload.dstPort === MINECRAFT_PORT ? STRONG : WEAK) | FROM_CLIENT
}

export const signatures: Signature[] = [
  {
    label: 'minecraft',
    says: 'is a Minecraft handshake of agreeing length with host, port and next state',
    protocols: TCP,
    ports: [MINECRAFT_PORT],
    firstBytes: firstBytesWhere((byte) => (byte >= 8 && byte < 0x80) || byte >= 0xfe),
    // Packet id 0 behind a length of one or two bytes, or the old ping and its answer.
    bits: [
      { offset: 3, mask: 0xffffffff, value: OLD_ANSWER },
      { offset: 0, mask: 0x80ff0000, value: 0 },
      { offset: 0, mask: 0x8080ff00, value: 0x80000000 },
      { offset: 0, mask: 0xffffff00, value: 0xfe01fa00 },
    ],
    match: minecraft,
  },
]
