/** SNMP v1, v2c (RFC 1157, RFC 1901) and v3 (RFC 3412): BER messages over UDP, rarely TCP. */
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { berLength, berSize } from '../common/ber.ts'
import { setExtra } from '../common/extras.ts'
import { TCP_UDP } from '../common/ports.ts'

const SEQUENCE = 0x30
const INTEGER = 0x02
const OCTET_STRING = 0x04
const VERSION_3 = 3
const MAX_COMMUNITY = 255
const GET_REQUEST = 0xa0
const REPORT = 0xa8
const RESPONSE = 0xa2
/** RFC 3412 section 6.4. */
const REPORTABLE = 4

/** RFC 1157 section 4: community, then a PDU (context tags 0-8) that ends where the message ends. */
function community(payload: Payload, at: number, stop: number): number {
  const { bytes, end } = payload
  if (at + 2 > end || bytes[at] !== OCTET_STRING) return NO_MATCH
  const length = berLength(bytes, at + 1, end)
  if (length < 0 || length > MAX_COMMUNITY) return NO_MATCH
  const pdu = at + 1 + berSize(bytes, at + 1) + length
  if (pdu + 2 > end) return NO_MATCH
  const type = bytes[pdu]
  if (type < GET_REQUEST || type > REPORT) return NO_MATCH
  const size = berLength(bytes, pdu + 1, end)
  if (size < 0 || pdu + 1 + berSize(bytes, pdu + 1) + size !== stop) return NO_MATCH
  // The community is a password: it is not told.
  setExtra(payload, 'snmp', 'pdu_type', type & 15)
  // Traps and informs go to the manager; there the agent starts.
  return STRONG | (type === RESPONSE || type === REPORT ? FROM_SERVER : FROM_CLIENT)
}

/** RFC 3412 section 6: header data (id, size, one flags byte, model) in a sequence of its own. */
function version3(payload: Payload, at: number, stop: number): number {
  const { bytes, end } = payload
  if (at + 2 > end || bytes[at] !== SEQUENCE) return NO_MATCH
  const length = berLength(bytes, at + 1, end)
  if (length < 10 || length > 32) return NO_MATCH
  const next = at + 1 + berSize(bytes, at + 1) + length
  if (next >= stop || next + 1 > end || bytes[next] !== OCTET_STRING) return NO_MATCH
  return bytes[at + 2] === INTEGER ? STRONG | role3(bytes, at + 2, next) : NO_MATCH
}

/** The flags follow id and size. Who asks wants to be told of errors; answers, reports and traps must not say so. */
function role3(bytes: Uint8Array, at: number, stop: number): number {
  const size = at + 2 + bytes[at + 1]
  const flags = size + 2 + bytes[size + 1]
  const found = flags + 2 < stop && bytes[flags] === OCTET_STRING && bytes[flags + 1] === 1
  return found && (bytes[flags + 2] & REPORTABLE) !== 0 ? FROM_CLIENT : 0
}

function snmp(payload: Payload): number {
  const { bytes, start, end } = payload
  const length = berLength(bytes, start + 1, end)
  if (length < 8 || bytes[start] !== SEQUENCE) return NO_MATCH
  const at = start + 1 + berSize(bytes, start + 1)
  const stop = at + length
  if (stop !== start + payload.length || at + 3 > end) return NO_MATCH
  if (bytes[at] !== INTEGER || bytes[at + 1] !== 1) return NO_MATCH
  const version = bytes[at + 2]
  const matched =
    version === VERSION_3
      ? version3(payload, at + 3, stop)
      : version <= 1
        ? community(payload, at + 3, stop)
        : NO_MATCH
  if (matched !== NO_MATCH) {
    setExtra(payload, 'snmp', 'version', version === 0 ? '1' : version === 1 ? '2c' : '3')
  }
  return matched
}

export const signatures: Signature[] = [
  {
    label: 'snmp',
    says: 'is a BER message with SNMP version, community or security header, and lengths that agree',
    protocols: TCP_UDP,
    ports: [161, 162],
    firstBytes: [SEQUENCE],
    match: snmp,
  },
]
