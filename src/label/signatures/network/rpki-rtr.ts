/** RPKI to router (RFC 8210): a router asks a cache which networks may announce which addresses. */
import { readU16, readU32 } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { TCP } from '../common/ports.ts'

const RTR_SERIAL_QUERY = 1
const RTR_RESET_QUERY = 2
const RTR_CACHE_RESPONSE = 3
const RTR_QUERY_SIZE = 8
const RTR_SERIAL_SIZE = 12
const RTR_PORTS: readonly number[] = [323, 8282]

/** RFC 8210 section 5: version, type, session, length of the whole; a cache answers with the version it was asked in. */
function rpkiRouter(payload: Payload): number {
  const { bytes, start, end, length, peer, peerLength } = payload
  if (end - start < RTR_QUERY_SIZE) return NO_MATCH
  const type = bytes[start + 1]
  const size = readU32(bytes, start + 4)
  if (type === RTR_RESET_QUERY)
    return length === size && size === RTR_QUERY_SIZE && readU16(bytes, start + 2) === 0
      ? STRONG | FROM_CLIENT
      : NO_MATCH
  if (type === RTR_SERIAL_QUERY && size === RTR_SERIAL_SIZE)
    return length === size && RTR_PORTS.includes(payload.dstPort) ? STRONG | FROM_CLIENT : NO_MATCH
  const asked = peerLength >= RTR_QUERY_SIZE && peer[0] >= bytes[start]
  const query = peer[1] === RTR_RESET_QUERY || peer[1] === RTR_SERIAL_QUERY
  const answers = type === RTR_CACHE_RESPONSE && size === RTR_QUERY_SIZE && asked && query
  return answers && readU32(peer, 4) === peerLength ? STRONG | FROM_SERVER : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'rpki-rtr',
    says: 'asks a cache of RPKI for all it has, or on its port for what is new, or is the answer to a query',
    protocols: TCP,
    ports: RTR_PORTS,
    firstBytes: [0, 1, 2],
    bits: [
      { offset: 4, mask: -1, value: RTR_QUERY_SIZE },
      { offset: 4, mask: -1, value: RTR_SERIAL_SIZE },
    ],
    match: rpkiRouter,
  },
]
