/** Voice chat: TeamSpeak 2 and 3, the start of Discord's voice (Discord: "IP Discovery"), pings of Mumble servers. */
import { PROTOCOL_TCP, readI32, readU16, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { bitsOfWords, wordOf } from '../common/beginnings.ts'
import { TCP_UDP, UDP } from '../common/ports.ts'
import { printableRun } from '../common/text-scan.ts'

/** TeamSpeak 2: a class (little-endian bef0 to bef4), a type, then session and client, four bytes each. */
const TS2_CLASS = 0xbe
const TS2_RELIABLE = 0xf0
const TS2_ACK = 0xf1
const TS2_CONNECTION = 0xf4
const TS2_LAST_CODEC = 12
const TS2_PING = 1
const TS2_LOGIN_ANSWER = 4
const TS2_SHORTEST = 16

function teamspeak2({ bytes, start, end, length }: Payload): number {
  const kind = bytes[start]
  if (end - start < TS2_SHORTEST || bytes[start + 1] !== TS2_CLASS || kind < TS2_RELIABLE) return NO_MATCH
  const low = bytes[start + 2]
  const high = bytes[start + 3]
  if (kind === TS2_CONNECTION)
    return high === 0 && low >= TS2_PING && low <= TS2_LOGIN_ANSWER
      ? STRONG | (low & 1 ? FROM_CLIENT : FROM_SERVER)
      : NO_MATCH
  if (kind === TS2_ACK) return low === 0 && high === 0 && length === TS2_SHORTEST ? STRONG : NO_MATCH
  if (kind === TS2_RELIABLE) return high === 0 ? WEAK : NO_MATCH
  // Voice: the codec stands in the upper byte.
  return low === 0 && high <= TS2_LAST_CODEC ? WEAK : NO_MATCH
}

/** What consoles greet with: of the server, of a client's add-ons, of a TeamSpeak 2 server. */
const TEAMSPEAK_GREETINGS = ['TS3\n\r', 'TS3 Client\n\r', '[TS]\r\n']

/** TeamSpeak 3: "TS3INIT1" over UDP; over TCP the greeting of a console. */
function teamspeak(payload: Payload): number {
  const { bytes, start, end } = payload
  if (payload.protocol === PROTOCOL_TCP) {
    for (let i = 0; i < TEAMSPEAK_GREETINGS.length; i++)
      if (startsWith(bytes, start, end, TEAMSPEAK_GREETINGS[i])) return STRONG | FROM_SERVER
    return NO_MATCH
  }
  if (startsWith(bytes, start, end, 'TS3INIT1')) {
    return STRONG | (payload.length > 12 && payload.dstPort === 9987 ? FROM_CLIENT : 0)
  }
  return teamspeak2(payload)
}

const ADDRESS_REQUEST = 0x00010046
const ADDRESS_ANSWER = 0x00020046
const ADDRESS_SIZE = 74
/** It says more than RTP, which follows in the same flow. */
const REFINES_RTP = 95

/** Request or answer, length 70, source, the address as text in 64 bytes (zeros where it asks), port. */
function discord({ bytes, start, end, length }: Payload): number {
  if (length !== ADDRESS_SIZE || end - start < ADDRESS_SIZE) return NO_MATCH
  const kind = readI32(bytes, start)
  if (kind !== ADDRESS_REQUEST && kind !== ADDRESS_ANSWER) return NO_MATCH
  const text = printableRun(bytes, start + 8, end)
  for (let at = text; at < start + 72; at++) if (bytes[at] !== 0) return NO_MATCH
  const asks = kind === ADDRESS_REQUEST
  if (asks !== (text === start + 8)) return NO_MATCH
  return STRONG | (asks ? FROM_CLIENT : FROM_SERVER)
}

const DISCORD_ALIVE = 0x1337cafe

/** Both sides: a magic, a counter (little-endian). */
function discordAlive({ bytes, start, end, length }: Payload): number {
  return length === 8 && end - start === 8 && readI32(bytes, start) === DISCORD_ALIVE ? STRONG : NO_MATCH
}

const MUMBLE_QUESTION = 12
const MUMBLE_ANSWER = 24

/** A server tells version (1.x), the question's number, users, most users and bit rate. */
function mumble({ bytes, start, end, length, peer, peerLength }: Payload): number {
  if (length !== MUMBLE_ANSWER || peerLength !== MUMBLE_QUESTION || end - start < MUMBLE_QUESTION)
    return NO_MATCH
  if (readU16(bytes, start) !== 1 || readI32(peer, 0) !== 0) return NO_MATCH
  const echoes =
    readI32(bytes, start + 4) === readI32(peer, 4) && readI32(bytes, start + 8) === readI32(peer, 8)
  return echoes ? STRONG | FROM_SERVER : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'teamspeak',
    says: 'starts with a TeamSpeak greeting or a TeamSpeak 2 header',
    protocols: TCP_UDP,
    ports: [9987, 8767, 10011],
    firstBytes: [0x54, 0x5b, TS2_RELIABLE, TS2_ACK, 0xf2, 0xf3, TS2_CONNECTION],
    bits: [
      ...bitsOfWords([...TEAMSPEAK_GREETINGS, 'TS3I'].map(wordOf)),
      { offset: 0, mask: 0x00ff0000, value: TS2_CLASS << 16 },
    ],
    match: teamspeak,
  },
  {
    label: 'discord',
    says: 'asks which address a Discord client has, or answers, with length 70',
    protocols: UDP,
    bits: [
      { offset: 0, mask: 0xffffffff, value: ADDRESS_REQUEST },
      { offset: 0, mask: 0xffffffff, value: ADDRESS_ANSWER },
    ],
    weight: REFINES_RTP,
    match: discord,
  },
  {
    label: 'discord',
    says: 'is the eight bytes 13 37 ca fe and a counter that keep a Discord voice connection open',
    protocols: UDP,
    bits: { offset: 0, mask: 0xffffffff, value: DISCORD_ALIVE },
    weight: REFINES_RTP,
    match: discordAlive,
  },
  {
    label: 'mumble',
    says: 'is the answer of a Mumble server to a ping, whose number it repeats',
    protocols: UDP,
    ports: [64738],
    bits: { offset: 0, mask: 0xffff0000, value: 0x00010000 },
    match: mumble,
  },
]
