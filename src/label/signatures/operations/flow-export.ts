/** Telemetry of network devices: sFlow 5, NetFlow 1 to 9 and IPFIX (RFC 7011), over UDP, IPFIX over TCP too. */
import { PROTOCOL_TCP, readI32, readU16, readU32 } from '../../../bytes.ts'
import { FROM_CLIENT, NO_MATCH, type Payload, type Signature, STRONG, WEAK } from '../../inspect/payload.ts'
import { setExtra } from '../common/extras.ts'
import { onPort, TCP_UDP, UDP } from '../common/ports.ts'

const SFLOW_PORT = 6343

/** sFlow 5 section 5: version, kind of the agent's address, address, sub-agent, sequence, uptime, samples. */
function sflow(payload: Payload): number {
  const { bytes, start, end } = payload
  if (payload.length < 28 || end - start < 8 || readI32(bytes, start) !== 5) return NO_MATCH
  const kind = readI32(bytes, start + 4)
  if (kind !== 1 && kind !== 2) return NO_MATCH
  const samples = start + (kind === 1 ? 24 : 36)
  // The snaplen may take what follows version and kind, which have 64 bits.
  if (samples + 4 > end ? end === start + payload.length : readU32(bytes, samples) > 256) return NO_MATCH
  setExtra(payload, 'sflow', 'version', 5)
  return STRONG | FROM_CLIENT
}

/** sFlow 2 and 4 have the same beginning; they need the port. */
function sflowOld(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 24 || !onPort(payload, SFLOW_PORT)) return NO_MATCH
  const version = readI32(bytes, start)
  const kind = readI32(bytes, start + 4)
  return (version === 2 || version === 4) && (kind === 1 || kind === 2) ? STRONG | FROM_CLIENT : NO_MATCH
}

const NETFLOW_PORTS: readonly number[] = [2055, 9995, 9996, 2056, 4739, 9025]
const DAY = 86400

/** Version 8: what is added up (1 to 14) says how long its records are. */
const AGGREGATE_AT = 22
const AGGREGATE_VERSION = 2
const AGGREGATE_HEADER = 28
const AGGREGATE_RECORDS: readonly number[] = [0, 28, 28, 32, 32, 40, 32, 40, 44, 32, 32, 32, 32, 40, 40]

function isAggregate({ bytes, start, end, length }: Payload, count: number): boolean {
  if (end - start < AGGREGATE_HEADER || bytes[start + AGGREGATE_AT + 1] !== AGGREGATE_VERSION) return false
  const size = AGGREGATE_RECORDS[bytes[start + AGGREGATE_AT]] ?? 0
  return size > 0 && length === AGGREGATE_HEADER + size * count
}

/** Version 5: count of records of 48 bytes behind a header of 24. Version 9: RFC 3954 section 5.1, the export time. */
function netflow(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (end - start < 20 || bytes[start] !== 0) return NO_MATCH
  const version = bytes[start + 1]
  const count = readU16(bytes, start + 2)
  if (count === 0 || count > 100) return NO_MATCH
  if (version === 5) return count <= 30 && length === 24 + 48 * count ? STRONG | FROM_CLIENT : NO_MATCH
  if (version === 1) {
    // Records end with four reserved bytes, which some count twice.
    const fits = length === 16 + 48 * count || length === 16 + 52 * count
    return count <= 24 && fits ? STRONG | FROM_CLIENT : NO_MATCH
  }
  if (version === 6 || version === 7)
    return count <= 28 && length === 24 + 52 * count ? STRONG | FROM_CLIENT : NO_MATCH
  if (version === 8) return isAggregate(payload, count) ? STRONG | FROM_CLIENT : NO_MATCH
  if (version !== 9 || end - start < 24) return NO_MATCH
  const timely = Math.abs(readU32(bytes, start + 8) - payload.timeSec) <= DAY
  const set = readU16(bytes, start + 20)
  const fits = readU16(bytes, start + 22) + 20 <= length && (set <= 1 || set >= 256)
  if (!fits) return NO_MATCH
  const port = NETFLOW_PORTS.includes(payload.dstPort)
  return timely ? STRONG | FROM_CLIENT : port ? WEAK | FROM_CLIENT : NO_MATCH
}

/** At `at` another message of the same exporter begins. */
function ipfixFollows({ bytes, start, end }: Payload, at: number): boolean {
  return (
    at > start &&
    at + 16 <= end &&
    readU16(bytes, at) === 10 &&
    readI32(bytes, at + 12) === readI32(bytes, start + 12)
  )
}

/** RFC 7011 section 3.1: version 10, length of the whole message, export time; then a set of at least 4 bytes. */
function ipfix(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 20 || readU16(bytes, start) !== 10) return NO_MATCH
  const length = readU16(bytes, start + 2)
  // Over TCP one message follows another.
  if (
    length !== payload.length &&
    !(payload.protocol === PROTOCOL_TCP && ipfixFollows(payload, start + length))
  )
    return NO_MATCH
  const set = readU16(bytes, start + 16)
  if ((set !== 2 && set !== 3 && set < 256) || readU16(bytes, start + 18) + 16 > length) return NO_MATCH
  return STRONG | FROM_CLIENT
}

export const signatures: Signature[] = [
  {
    label: 'sflow',
    says: 'holds an sFlow version 5 header with an agent address',
    protocols: UDP,
    ports: [SFLOW_PORT],
    firstBytes: [0],
    match: sflow,
  },
  {
    label: 'sflow',
    says: 'holds an sFlow version 2 or 4 header, on port 6343',
    protocols: UDP,
    ports: [SFLOW_PORT],
    firstBytes: [0],
    portsOnly: true,
    match: sflowOld,
  },
  {
    label: 'netflow',
    says: 'holds a NetFlow header whose record count agrees with the length, or with a timely export time',
    protocols: UDP,
    ports: NETFLOW_PORTS,
    firstBytes: [0],
    match: netflow,
  },
  {
    label: 'ipfix',
    says: 'holds an IPFIX version 10 header with agreeing length and a first set',
    protocols: TCP_UDP,
    ports: [4739],
    firstBytes: [0],
    bits: { offset: 0, mask: 0xffff0000, value: 0x000a0000 },
    match: ipfix,
  },
]
