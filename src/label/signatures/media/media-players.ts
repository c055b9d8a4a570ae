/** Media players: Spotify, Lenbrook's LSDP, Kodi's event server, Snapcast. */
import { readU16, readU16LE, readU32, readU32LE, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { opening } from '../common/beginnings.ts'
import { TCP, UDP } from '../common/ports.ts'

/** "SpotUdp": the announcement that Spotify clients broadcast on port 57621. */
function spotify(payload: Payload): number {
  return startsWith(payload.bytes, payload.start, payload.end, 'SpotUdp') ? STRONG : NO_MATCH
}

/** Spotify's access point: version 4, length of the whole in four bytes, then field 10 of the client's hello (52). */
function spotifyConnection(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 9 || readU16(bytes, start) !== 4 || bytes[start + 6] !== 0x52) return NO_MATCH
  return readU32(bytes, start + 2) === payload.length ? STRONG | FROM_CLIENT : NO_MATCH
}

const SNAPCAST_HEADER = 26
const SNAPCAST_TIME = 4
const SNAPCAST_HELLO = 5
const SNAPCAST_CLIENT_INFO = 7
const SNAPCAST_ERROR = 8
const MICROSECONDS = 1_000_000

/**
 * Snapcast, little-endian: type, id, id that it answers (2 bytes each), when it was sent and received (seconds and
 * microseconds), length of what follows. Clients greet and ask for the time.
 */
function snapcast({ bytes, start, end, length }: Payload): number {
  if (end - start < SNAPCAST_HEADER) return NO_MATCH
  const type = readU16LE(bytes, start)
  if (type < 1 || type > SNAPCAST_ERROR) return NO_MATCH
  const body = readU32LE(bytes, start + 22)
  if (body === 0 || body + SNAPCAST_HEADER !== length) return NO_MATCH
  if (readU32LE(bytes, start + 10) >= MICROSECONDS || readU32LE(bytes, start + 18) >= MICROSECONDS)
    return NO_MATCH
  if (type === SNAPCAST_TIME && body !== 8) return NO_MATCH
  const asks = type === SNAPCAST_TIME && readU16LE(bytes, start + 4) === 0
  const client = asks || type === SNAPCAST_HELLO || type === SNAPCAST_CLIENT_INFO
  return STRONG | (client ? FROM_CLIENT : FROM_SERVER)
}

export const signatures: Signature[] = [
  {
    label: 'spotify',
    says: 'starts with "SpotUdp", the announcement of Spotify clients',
    protocols: UDP,
    ports: [57621],
    firstBytes: [0x53],
    match: spotify,
  },
  {
    label: 'spotify',
    says: 'is the hello of a Spotify client to its access point, with agreeing length',
    protocols: TCP,
    ports: [4070],
    firstBytes: [0],
    match: spotifyConnection,
  },
  {
    label: 'snapcast',
    says: 'holds a header of Snapcast: type, times whose microseconds are below a million, and the length of the rest',
    protocols: TCP,
    ports: [1704],
    firstBytes: [1, 2, 3, 4, 5, 6, 7, 8],
    // The type's second byte.
    bits: { offset: 0, mask: 0x00ff0000, value: 0 },
    match: snapcast,
  },
  opening({
    label: 'lsdp',
    says: 'starts with 06, "LSDP" and version 1',
    protocols: UDP,
    ports: [11430],
    text: '\x06LSDP\x01',
  }),
  opening({
    label: 'kodi',
    says: 'starts with "XBMC" and version 2 of the event server of Kodi',
    protocols: UDP,
    ports: [9777],
    text: 'XBMC\x02\0',
    least: 32,
    role: FROM_CLIENT,
  }),
]
