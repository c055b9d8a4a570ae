/** How game servers are asked for their state: GameSpy, All-Seeing Eye, SA-MP. Source and Quake have files of their own. */
import { readI32, readU16, readU16LE, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { bitsOf } from '../common/beginnings.ts'
import { UDP } from '../common/ports.ts'
import { findText, printableRun } from '../common/text-scan.ts'

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
]
