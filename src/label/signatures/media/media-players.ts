/** Media players: Spotify, Lenbrook's LSDP, Kodi's event server. */
import { readU16, readU32, startsWith } from '../../../bytes.ts'
import { FROM_CLIENT, NO_MATCH, type Payload, type Signature, STRONG } from '../../inspect/payload.ts'
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
