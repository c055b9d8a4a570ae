/** Clock protocols: NTP (RFC 5905, control RFC 9327) and PTP (IEEE 1588-2008 clause 13.3), over UDP. */
import { readU16, readU32 } from '../../../bytes.ts'
import { FROM_SERVER, NO_MATCH, type Payload, type Signature, STRONG, WEAK } from '../../inspect/payload.ts'
import { firstBytesWhere } from '../common/byte-scan.ts'
import { setExtra } from '../common/extras.ts'
import { onPort, roleByPort, UDP } from '../common/ports.ts'

const NTP_PORT = 123
const NTP_HEADER = 48
/** Seconds from 1900, where NTP counts from, to 1970. */
const NTP_EPOCH = 2208988800
const TRANSMIT_SECONDS = 40
const MODE_CONTROL = 6
const MODE_PRIVATE = 7
const DAY = 86400

/** The transmit timestamp is within a day of the packet's own time (era 0 and 1). */
function timeAgrees(payload: Payload): boolean {
  const seconds = readU32(payload.bytes, payload.start + TRANSMIT_SECONDS)
  const expected = (payload.timeSec + NTP_EPOCH) % 4294967296
  return Math.abs(seconds - expected) <= DAY
}

function ntpControl(payload: Payload): number {
  const { bytes, start } = payload
  if (payload.length < 12)
    return payload.length === 8 && (bytes[start] & 7) === MODE_PRIVATE ? WEAK : NO_MATCH
  // RFC 9327 section 2: offset at 8, count at 10; the data is padded to words and may carry a key.
  const count = readU16(bytes, start + 10)
  return 12 + count <= payload.length && payload.length <= 12 + count + 32 ? WEAK : NO_MATCH
}

function ntpPrivate(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 8) return NO_MATCH
  const implementation = bytes[start + 2]
  if (implementation !== 0 && implementation !== 2 && implementation !== 3) return NO_MATCH
  const items = readU16(bytes, start + 4) & 0xfff
  const size = readU16(bytes, start + 6) & 0xfff
  return 8 + items * size <= payload.length ? WEAK : NO_MATCH
}

function ntp(payload: Payload): number {
  const { bytes, start, end } = payload
  if (!onPort(payload, NTP_PORT) || end - start < 8) return NO_MATCH
  const first = bytes[start]
  const version = (first >> 3) & 7
  const mode = first & 7
  if (version < 1 || version > 4) return NO_MATCH
  let strength = NO_MATCH
  if (mode === MODE_CONTROL && end - start >= 12) strength = ntpControl(payload)
  else if (mode === MODE_PRIVATE) strength = ntpPrivate(payload)
  else if (end - start >= NTP_HEADER && payload.length % 4 === 0 && bytes[start + 1] <= 16) {
    strength = timeAgrees(payload) ? STRONG : WEAK
  }
  if (strength === NO_MATCH) return NO_MATCH
  tellNtp(payload)
  return strength | roleByPort(payload, NTP_PORT)
}

function tellNtp(payload: Payload): void {
  const { bytes, start } = payload
  const mode = bytes[start] & 7
  setExtra(payload, 'ntp', 'version', (bytes[start] >> 3) & 7)
  setExtra(payload, 'ntp', 'mode', mode)
  if (mode >= 1 && mode <= 5) setExtra(payload, 'ntp', 'stratum', bytes[start + 1])
}

const MODE_SERVER = 4
const RECEIVE_SECONDS = 32
const MAX_STRATUM = 15
/** Between a request's arrival and its answer. */
const MAX_ANSWERING = 2

/** On any port: an answer that was received and sent at the packet's own time, by a server that has a stratum. */
function ntpAnswer(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < NTP_HEADER || payload.length % 4 !== 0) return NO_MATCH
  const stratum = bytes[start + 1]
  if (stratum === 0 || stratum > MAX_STRATUM || !timeAgrees(payload)) return NO_MATCH
  const taken = readU32(bytes, start + TRANSMIT_SECONDS) - readU32(bytes, start + RECEIVE_SECONDS)
  if (taken < 0 || taken > MAX_ANSWERING) return NO_MATCH
  tellNtp(payload)
  return STRONG | FROM_SERVER
}

const PTP_EVENT_PORT = 319
const PTP_GENERAL_PORT = 320
const PTP_HEADER = 34
const PTP_CUT = 16

/** messageType and versionPTP in the low nibbles, messageLength at 2, reserved at 16. */
function ptp(payload: Payload): number {
  const { bytes, start, end } = payload
  // The snaplen may leave less than the header.
  const cut = end - start < payload.length
  if (end - start < (cut ? PTP_CUT : PTP_HEADER) || (bytes[start + 1] & 15) !== 2) return NO_MATCH
  const type = bytes[start] & 15
  if ((type > 3 && type < 8) || type > 13) return NO_MATCH
  const length = readU16(bytes, start + 2)
  if (length < PTP_HEADER || length > payload.length || payload.length - length > 18) return NO_MATCH
  if (!onPort(payload, PTP_EVENT_PORT) && !onPort(payload, PTP_GENERAL_PORT)) return NO_MATCH
  setExtra(payload, 'ptp', 'message_type', type)
  setExtra(payload, 'ptp', 'domain', bytes[start + 4])
  // Over IPv6 two bytes follow, so that the checksum can be kept while a time is written (annex E.1).
  const exact = length === payload.length || (payload.ipVersion === 6 && length + 2 === payload.length)
  return exact && !cut ? STRONG : WEAK
}

/** IEEE 1588-2002: versionPTP 1 and versionNetwork 1 as words, then the subdomain's name. */
function ptpVersion1(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 40 || readU32(bytes, start) !== 0x00010001) return NO_MATCH
  if (!onPort(payload, PTP_EVENT_PORT) && !onPort(payload, PTP_GENERAL_PORT)) return NO_MATCH
  return bytes[start + 4] === 0x5f ? STRONG : WEAK
}

export const signatures: Signature[] = [
  {
    label: 'ntp',
    says: 'holds an NTP header on port 123, with a transmit time that agrees with the capture when strong',
    protocols: UDP,
    ports: [NTP_PORT],
    firstBytes: firstBytesWhere((byte) => ((byte >> 3) & 7) >= 1 && ((byte >> 3) & 7) <= 4),
    portsOnly: true,
    match: ntp,
  },
  {
    label: 'ntp',
    says: 'is an NTP answer whose receive and transmit times agree with each other and with the capture',
    protocols: UDP,
    firstBytes: firstBytesWhere(
      (byte) => (byte & 7) === MODE_SERVER && ((byte >> 3) & 7) >= 3 && ((byte >> 3) & 7) <= 4,
    ),
    // Strata up to 15.
    bits: { offset: 0, mask: 0x00f00000, value: 0 },
    match: ntpAnswer,
  },
  {
    label: 'ptp',
    says: 'holds a PTP version 2 header with its message length, on port 319 or 320',
    protocols: UDP,
    ports: [PTP_EVENT_PORT, PTP_GENERAL_PORT],
    portsOnly: true,
    match: ptp,
  },
  {
    label: 'ptp',
    says: 'holds a PTP version 1 header, on port 319 or 320',
    protocols: UDP,
    ports: [PTP_EVENT_PORT, PTP_GENERAL_PORT],
    firstBytes: [0],
    portsOnly: true,
    match: ptpVersion1,
  },
]
