/**
 * Game servers found by their queries and greetings: GameSpy, All-Seeing Eye, SA-MP, Source RCON, Battle.net (BNCS),
 * World of Warcraft, Terraria, Minetest, Nintendo. What games are carried by is in reliable-udp.ts.
 */
import { readI32, readU16, readU16LE, readU32LE, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { bitsOf, opening } from '../common/beginnings.ts'
import { digitRun, findText, printableRun, TCP, UDP } from '../common/shape.ts'

const GAMESPY = 0xfefd
const GAMESPY_CHALLENGE = 9
/** Lengths of questions of versions 2 to 4. */
const GAMESPY_LENGTHS: readonly number[] = [7, 10, 11, 15]

/** fe fd, status (0) or challenge (9), the question's number. */
function gamespyQuestion({ bytes, start, end, length }: Payload): number {
  if (end - start < 7 || readU16(bytes, start) !== GAMESPY || !GAMESPY_LENGTHS.includes(length))
    return NO_MATCH
  const kind = bytes[start + 2]
  return kind === 0 || kind === GAMESPY_CHALLENGE ? WEAK | FROM_CLIENT : NO_MATCH
}

/** The kind and number of the question come back. */
function gamespyAnswer({ bytes, start, end, peer, peerLength }: Payload): number {
  if (end - start < 6 || peerLength < 7 || readU16(peer, 0) !== GAMESPY) return NO_MATCH
  return bytes[start] === peer[2] && readI32(bytes, start + 1) === readI32(peer, 3)
    ? STRONG | FROM_SERVER
    : NO_MATCH
}

const BACKSLASH = 0x5c
const GAMESPY_WORDS = ['\\status\\', '\\info\\', '\\basic\\', '\\players\\', '\\rules\\']
const HEARTBEAT = '\\heartbeat\\'

/** Version 1: words between backslashes; answers end with their query's number. */
function gamespyText({ bytes, start, end, peer, peerLength }: Payload): number {
  if (startsWith(bytes, start, end, HEARTBEAT)) return STRONG
  // Keys and values of an answer may begin as a question.
  if (peerLength > 5 && peer[0] === BACKSLASH && bytes[start] === BACKSLASH) {
    const stop = Math.min(end, start + 2048)
    return findText(bytes, start, stop, '\\queryid\\') > 0 ? STRONG | FROM_SERVER : NO_MATCH
  }
  for (let i = 0; i < GAMESPY_WORDS.length; i++)
    if (startsWith(bytes, start, end, GAMESPY_WORDS[i])) return STRONG | FROM_CLIENT
  return NO_MATCH
}

const SAMP_HEADER = 11
/** Information, rules, clients, players, ping, console. */
const SAMP_OPCODES = 'ircdpx'

/** "SAMP", address and port (little-endian) of the server, what is asked for; the answer begins with the same. */
function samp({ bytes, start, end, srcPort, dstPort }: Payload): number {
  if (end - start < SAMP_HEADER || !startsWith(bytes, start, end, 'SAMP')) return NO_MATCH
  if (!SAMP_OPCODES.includes(String.fromCharCode(bytes[start + 10]))) return NO_MATCH
  const port = readU16LE(bytes, start + 8)
  return port === dstPort ? STRONG | FROM_CLIENT : port === srcPort ? STRONG | FROM_SERVER : WEAK
}

const RCON_LOGIN = 3
const RCON_COMMAND = 2
const RCON_HEADER = 12
const RCON_SHORTEST = 14

/** Valve developer wiki, "Source RCON Protocol": size of the rest, id, type (all little-endian), text, two NUL. */
function rcon({ bytes, start, end, length }: Payload): number {
  if (end - start < length || length < RCON_SHORTEST || readU32LE(bytes, start) !== length - 4)
    return NO_MATCH
  const type = readU32LE(bytes, start + 8)
  if ((type !== 0 && type !== RCON_COMMAND && type !== RCON_LOGIN) || readU16(bytes, end - 2) !== 0)
    return NO_MATCH
  for (let at = start + RCON_HEADER; at < end - 2; at++)
    if (bytes[at] < 0x20 && bytes[at] !== 0x0a && bytes[at] !== 0x0d && bytes[at] !== 9) return NO_MATCH
  if (type === RCON_LOGIN) return STRONG | FROM_CLIENT
  // Without text, and of type 0, little but zeros is left.
  if (length === RCON_SHORTEST) return type === RCON_COMMAND ? STRONG : WEAK
  return STRONG | (type === 0 ? FROM_SERVER : 0)
}

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

/** Length of the whole (little-endian), connect (1), length of a text: "Terraria" and a number. */
function terraria({ bytes, start, end, length }: Payload): number {
  if (end - start < 13 || readU16LE(bytes, start) !== length || bytes[start + 2] !== 1) return NO_MATCH
  if (bytes[start + 3] + 4 !== length || !startsWith(bytes, start + 4, end, 'Terraria')) return NO_MATCH
  return digitRun(bytes, start + 12, end, 4) === end ? STRONG | FROM_CLIENT : NO_MATCH
}

const MINETEST = 0x4f457403
const MINETEST_SERVER = 1
const MINETEST_LAST_CHANNEL = 2

/** Protocol id, sender (0 before it has a number, 1 the server), channel. */
function minetest({ bytes, start, end }: Payload): number {
  if (end - start < 7 || readI32(bytes, start) !== MINETEST || bytes[start + 6] > MINETEST_LAST_CHANNEL)
    return NO_MATCH
  return STRONG | (readU16(bytes, start + 4) === MINETEST_SERVER ? FROM_SERVER : FROM_CLIENT)
}

/** "EYE1", then texts behind lengths that count themselves: the game, the port. */
function allSeeingEye({ bytes, start, end }: Payload): number {
  if (end - start < 8 || !startsWith(bytes, start, end, 'EYE1')) return NO_MATCH
  const size = bytes[start + 4]
  const stop = start + 4 + size
  return size > 1 && stop <= end && printableRun(bytes, start + 5, stop) === stop
    ? STRONG | FROM_SERVER
    : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'gamespy',
    says: 'is a GameSpy question: fe fd, status or challenge, and a number',
    protocols: UDP,
    bits: [
      { offset: 0, mask: 0xffffff00, value: 0xfefd0000 },
      { offset: 0, mask: 0xffffff00, value: 0xfefd0900 },
    ],
    match: gamespyQuestion,
  },
  {
    label: 'gamespy',
    says: 'is the answer to a GameSpy question: it repeats kind and number',
    protocols: UDP,
    firstBytes: [0, GAMESPY_CHALLENGE],
    match: gamespyAnswer,
  },
  {
    label: 'gamespy',
    says: 'is a GameSpy question of words between backslashes, or the answer to one',
    protocols: UDP,
    firstBytes: [BACKSLASH],
    match: gamespyText,
  },
  {
    label: 'all-seeing-eye',
    says: 'starts with "EYE1" and the name of a game',
    protocols: UDP,
    bits: bitsOf('EYE1'),
    match: allSeeingEye,
  },
  {
    label: 'samp',
    says: 'starts with "SAMP", an address, a port and the letter of a query',
    protocols: UDP,
    ports: [7777],
    bits: bitsOf('SAMP'),
    match: samp,
  },
  {
    label: 'rcon',
    says: 'is a message of the Source RCON protocol: size of the rest, id, type, text and two NUL',
    protocols: TCP,
    ports: [27015, 25575],
    // Types 0, 2 and 3, little-endian.
    bits: { offset: 8, mask: 0xfcffffff, value: 0 },
    match: rcon,
  },
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
  {
    label: 'terraria',
    says: 'is the first message to a Terraria server: length, 1 and "Terraria" with a number',
    protocols: TCP,
    ports: [7777],
    bits: bitsOf('Terr', 4),
    match: terraria,
  },
  {
    label: 'minetest',
    says: "starts with the id 4f 45 74 03 of Minetest's protocol, sender and channel",
    protocols: UDP,
    ports: [30000],
    bits: { offset: 0, mask: 0xffffffff, value: MINETEST },
    match: minetest,
  },
  opening({
    label: 'nintendo',
    says: 'starts with the magic 32 ab 98 64 of Pia, the transport between Nintendo consoles',
    protocols: UDP,
    text: '\x32\xab\x98\x64',
    least: 24,
  }),
]
