/** Apache Kafka over TCP: a request names API key, version, correlation and client; an answer echoes the correlation. */
import { readI32, readU16, readU32 } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { setExtra, setExtraText } from '../common/extras.ts'
import { fills } from '../common/length.ts'
import { onPort, TCP } from '../common/ports.ts'
import { printableRun } from '../common/text-scan.ts'

const PORT = 9092
/** API keys and versions in use end well below these. */
const MAX_API_KEY = 100
const MAX_API_VERSION = 20
const REQUEST_HEADER = 14
/** Length of the client's name. */
const NO_CLIENT = 0xffff
const MAX_CLIENT = 255
const MAX_REQUEST = 0x6400000

function request(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < REQUEST_HEADER) return NO_MATCH
  const key = readU16(bytes, start + 4)
  const version = readU16(bytes, start + 6)
  if (key > MAX_API_KEY || version > MAX_API_VERSION) return NO_MATCH
  const length = readU16(bytes, start + 12)
  if (length === NO_CLIENT) return onPort(payload, PORT) ? STRONG : NO_MATCH
  const stop = start + REQUEST_HEADER + length
  if (
    length === 0 ||
    length > MAX_CLIENT ||
    stop > end ||
    printableRun(bytes, start + REQUEST_HEADER, stop) !== stop
  ) {
    return NO_MATCH
  }
  setExtra(payload, 'kafka', 'api_key', key)
  setExtra(payload, 'kafka', 'api_version', version)
  setExtraText(payload, 'kafka', 'client_id', [start + REQUEST_HEADER, stop])
  return STRONG | FROM_CLIENT
}

/** Where one request ends, another of the same client begins: names of equal length. */
function anotherRequest({ bytes, start, end }: Payload, at: number): boolean {
  if (at + REQUEST_HEADER > end || readU16(bytes, at + 4) > MAX_API_KEY) return false
  return readU16(bytes, at + 6) <= MAX_API_VERSION && readU16(bytes, at + 12) === readU16(bytes, start + 12)
}

function kafka(payload: Payload): number {
  const { bytes, start, end, peer } = payload
  if (end - start < 8) return NO_MATCH
  const size = readU32(bytes, start)
  if (size > MAX_REQUEST || size < REQUEST_HEADER - 4) return NO_MATCH
  const several = size + 4 < payload.length && anotherRequest(payload, start + size + 4)
  if (!several && !fills(payload, size + 4)) return NO_MATCH
  const matched = request(payload)
  if (matched !== NO_MATCH) return matched
  if (!onPort(payload, PORT) || !peerRequested(payload)) return NO_MATCH
  return readI32(peer, 8) === readI32(bytes, start + 4) ? STRONG | FROM_SERVER : NO_MATCH
}

/** The other side's latest payload may be a request, by what is kept of it: it names a client, or none. */
function peerRequested({ peer, peerLength }: Payload): boolean {
  if (peerLength < REQUEST_HEADER || readU16(peer, 4) > MAX_API_KEY) return false
  const length = readU16(peer, 12)
  return readU16(peer, 6) <= MAX_API_VERSION && (length === NO_CLIENT || (length > 0 && length <= MAX_CLIENT))
}

export const signatures: Signature[] = [
  {
    label: 'kafka',
    says: 'is a Kafka request of agreeing size with API key, version and client name, or its answer',
    protocols: TCP,
    ports: [PORT],
    firstBytes: [0, 1, 2, 3, 4, 5, 6],
    match: kafka,
  },
]
