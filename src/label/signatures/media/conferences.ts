/** Conferences whose media is not told by SIP: Zoom's media transport (Michel et al., IMC 2022) and Agora's SD-RTN. */
import { readU16, readU16LE, startsWith } from '../../../bytes.ts'
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
import { UDP } from '../common/ports.ts'
import { printableRun } from '../common/text-scan.ts'

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

export const signatures: Signature[] = [
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
]
