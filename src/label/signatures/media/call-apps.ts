/**
 * Voice and meetings whose media is not told by SIP: the start of Discord's voice (Discord: "IP Discovery"), Zoom's
 * media transport (Michel et al., IMC 2022), Agora's SD-RTN, pings of Mumble servers.
 */
import { readI32, readU16, readU16LE, startsWith } from '../../../bytes.ts'
import { packetString } from '../../../text.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  PREFIX_BYTES,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { bitsOf, opening } from '../common/beginnings.ts'
import { printableRun, UDP } from '../common/shape.ts'

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

const ZOOM_PORTS = [8801, 8802, 8803, 8804, 8805, 8806, 8807, 8808, 8809, 8810]
const ZOOM_FIRST_ANSWER = 2
const ZOOM_LAST_ANSWER = 4
const ZOOM_PROBE = 13
const ZOOM_COOKIE_AT = 3

/** Behind the first byte of hello, its answer, and probe. */
const ZOOM_HELLO = 0x0002
const ZOOM_HELLO_ANSWER = 0x0001
const ZOOM_COUNT_HIGH = 0x0000

/** The second message names the cookie of the first, the fourth repeats the third. */
function zoomAnswer({ bytes, start, end, length, peer, peerLength }: Payload): number {
  const kind = bytes[start]
  if (end - start < ZOOM_PROBE || peerLength < ZOOM_PROBE || peer[0] !== kind - 1) return NO_MATCH
  const mark = readU16(bytes, start + 1)
  const asked = readU16(peer, 1)
  const hello =
    kind === ZOOM_FIRST_ANSWER && mark === ZOOM_HELLO_ANSWER && asked === ZOOM_HELLO && length >= 30
  const probe = kind === ZOOM_LAST_ANSWER && mark === ZOOM_COUNT_HIGH && length === peerLength
  if (!hello && !probe) return NO_MATCH
  const stop = hello ? Math.min(length, peerLength, PREFIX_BYTES, end - start) : ZOOM_PROBE
  let distinct = 0
  for (let i = hello ? ZOOM_COOKIE_AT : 1; i < stop; i++) {
    if (bytes[start + i] !== peer[i]) return NO_MATCH
    if (bytes[start + i] !== bytes[start + i - 1]) distinct++
  }
  // Counters and zeros are alike in many protocols.
  return distinct >= 4 ? STRONG | (hello ? FROM_SERVER : 0) : NO_MATCH
}

/** Media by its type: where RTP begins behind the header of eight bytes. */
const ZOOM_AUDIO = 15
const ZOOM_VIDEO = 16
const ZOOM_SCREEN = 13
const ZOOM_HEADER = 8
/** Payload types of Zoom's RTP: video, screen, error correction, silence, audio. */
const ZOOM_PAYLOADS: readonly number[] = [98, 99, 110, 112, 113]
const RTP_VERSION = 0x80

/** Header of the server (05 … direction), header of the media, then RTP. */
function zoomMedia({ bytes, start, end }: Payload): number {
  if (end - start < 48 || bytes[start] !== 5) return NO_MATCH
  const direction = bytes[start + 7]
  if (direction !== 0 && direction !== 4) return NO_MATCH
  const type = bytes[start + ZOOM_HEADER]
  const behind = type === ZOOM_AUDIO ? 19 : type === ZOOM_VIDEO ? 24 : type === ZOOM_SCREEN ? 27 : 0
  const rtp = start + ZOOM_HEADER + behind
  if (behind === 0 || (bytes[rtp] & 0xc0) !== RTP_VERSION) return NO_MATCH
  return ZOOM_PAYLOADS.includes(bytes[rtp + 1] & 0x7f) ? WEAK : NO_MATCH
}

const AGORA_TAG_AT = 13
const AGORA_NAME_AT = 19
const AGORA_NAMES = ['.agora.io', '.sd-rtn.com']

/** Tags as in the first QUIC: the client's begin with the server's name ("SNI", NUL, length). */
function agora(payload: Payload): number {
  const { bytes, start, end } = payload
  if (!startsWith(bytes, start + AGORA_TAG_AT, end, 'SNI\0')) return NO_MATCH
  const size = readU16LE(bytes, start + AGORA_TAG_AT + 4)
  const name = start + AGORA_NAME_AT
  const stop = name + size
  if (size > 255 || stop > end || printableRun(bytes, name, stop) !== stop) return NO_MATCH
  if (!AGORA_NAMES.some((each) => startsWith(bytes, stop - each.length, stop, each))) return NO_MATCH
  payload.hostname(packetString(bytes, name, stop), 'sni')
  return STRONG | FROM_CLIENT
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
    label: 'zoom',
    says: "is an answer of Zoom's media transport that repeats what was asked",
    protocols: UDP,
    ports: ZOOM_PORTS,
    firstBytes: [ZOOM_FIRST_ANSWER, ZOOM_LAST_ANSWER],
    depth: 4,
    match: zoomAnswer,
  },
  {
    label: 'zoom',
    says: "holds the headers of Zoom's media transport and RTP with a payload type of Zoom behind them",
    protocols: UDP,
    ports: ZOOM_PORTS,
    // Direction 0 or 4, then media 13 to 16.
    bits: { offset: 7, mask: 0xfbe00000, value: 0 },
    firstBytes: [5],
    depth: 6,
    match: zoomMedia,
  },
  {
    label: 'sd-rtn',
    says: 'names a server of Agora (agora.io, sd-rtn.com) behind the tag "SNI"',
    protocols: UDP,
    firstBytes: [0],
    bits: bitsOf('SNI\0', AGORA_TAG_AT),
    match: agora,
  },
  opening({
    label: 'sd-rtn',
    says: 'holds the tag "PEID" of Agora\'s transport at its place',
    protocols: UDP,
    text: 'PEID',
    at: AGORA_TAG_AT,
    firstBytes: [0],
    least: 64,
    role: FROM_SERVER,
  }),
  {
    label: 'mumble',
    says: 'is the answer of a Mumble server to a ping, whose number it repeats',
    protocols: UDP,
    ports: [64738],
    bits: { offset: 0, mask: 0xffff0000, value: 0x00010000 },
    match: mumble,
  },
]
