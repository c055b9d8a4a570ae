/** Automation of buildings: BACnet/IP, KNXnet/IP, CNP/IP of LonWorks (EIA-852), Crestron CIP, Niagara Fox. */
import { PROTOCOL_TCP, readI32, readU16, readU32, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { setExtra } from '../common/extras.ts'
import { onPort, TCP, TCP_UDP, UDP } from '../common/ports.ts'
import { findText } from '../common/text-scan.ts'

const BACNET_PORT = 47808
const BVLL = 0x81
const BVLL_LAST_FUNCTION = 0x0c

/** ASHRAE 135 annex J.2: 81, function, length; the functions that carry an NPDU have its version 1 next. */
function bacnet(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 4 || bytes[start] !== BVLL || bytes[start + 1] > BVLL_LAST_FUNCTION) return NO_MATCH
  if (readU16(bytes, start + 2) !== payload.length) return NO_MATCH
  const operation = bytes[start + 1]
  const carries = operation === 9 || operation === 10 || operation === 11
  const at = start + (operation === 4 ? 10 : 4)
  const npdu = (carries || operation === 4) && at < end && bytes[at] === 1
  if ((carries || operation === 4) && !npdu) return NO_MATCH
  setExtra(payload, 'bacnet', 'function', operation)
  return npdu || onPort(payload, BACNET_PORT) ? STRONG : WEAK
}

const BVLL6 = 0x82
/** Where the functions of BACnet/IPv6 that carry an NPDU have it: unicast, broadcast, forwarded, to be distributed. */
const BVLL6_NPDU: Readonly<Record<number, number>> = { 1: 10, 2: 7, 8: 25, 12: 7 }

/** Annex U.2: 82, function, length, then the sender's virtual address of three bytes. */
function bacnet6(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 7 || bytes[start + 1] > BVLL_LAST_FUNCTION) return NO_MATCH
  if (readU16(bytes, start + 2) !== payload.length || !onPort(payload, BACNET_PORT)) return NO_MATCH
  const npdu = BVLL6_NPDU[bytes[start + 1]]
  if (npdu !== undefined && (start + npdu >= end || bytes[start + npdu] !== 1)) return NO_MATCH
  setExtra(payload, 'bacnet', 'function', bytes[start + 1])
  return npdu === undefined ? WEAK : STRONG
}

const KNX_HEADER = 0x0610

/** ISO 22510: header length 06, version 10, service, total length; over TCP one frame follows another. */
function knx(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (end - start < 6 || readU16(bytes, start) !== KNX_HEADER) return NO_MATCH
  const size = readU16(bytes, start + 4)
  const next = start + size
  const follows = payload.protocol === PROTOCOL_TCP && next + 2 <= end && readU16(bytes, next) === KNX_HEADER
  if (size !== length && (size < 6 || !follows)) return NO_MATCH
  const service = readU16(bytes, start + 2)
  const family = service >> 8
  // Core, devices, tunnels, routing; diagnosis and configuration; objects; secure; objects of old.
  const known = (family >= 2 && family <= 9) || family === 0xf0
  if (!known) return NO_MATCH
  setExtra(payload, 'knxnet_ip', 'service', service)
  return STRONG
}

const CNP_HEADER = 20
/** Data, registration, members, routing, acknowledgement, list; requests and answers of configuration; segment. */
const CNP_TYPES: readonly number[] = [
  0x01, 0x03, 0x04, 0x06, 0x07, 0x08, 0x60, 0x63, 0x64, 0x66, 0x67, 0x68, 0x70, 0x71, 0x72, 0x7f,
]

/** Of the flags: the protocol is EIA 709.1 or 600, the packet signed or not. */
const CNP_FLAGS = 0x21

/** Length, version 1, type, extended header, flags, vendor 0 (standard), session (not 0), sequence, time. */
function cnpIp({ bytes, start, end, length }: Payload): number {
  if (end - start < CNP_HEADER || readU16(bytes, start) !== length) return NO_MATCH
  const plain =
    bytes[start + 4] === 0 && (bytes[start + 5] & ~CNP_FLAGS) === 0 && readU16(bytes, start + 6) === 0
  if (!plain || readU32(bytes, start + 8) === 0) return NO_MATCH
  return CNP_TYPES.includes(bytes[start + 3]) ? STRONG : NO_MATCH
}

const CIP_READY = 0x0f000102
/** Keep-alive and its answer: length 2, 0. */
const CIP_ALIVE = 0x0d000200
const CIP_ALIVE_ANSWER = 0x0e000200

/** Type, length, content: the processor is ready, the panel says who it is, both show that they live. */
function crestron({ bytes, start, end, length }: Payload): number {
  const word = readI32(bytes, start)
  if (length === 4) return word === CIP_READY ? STRONG | FROM_SERVER : NO_MATCH
  if (length !== 5 || end - start < 5 || bytes[start + 4] !== 0) return NO_MATCH
  if (word === CIP_ALIVE) return STRONG | FROM_CLIENT
  return word === CIP_ALIVE_ANSWER ? STRONG | FROM_SERVER : NO_MATCH
}

const CRESTRON_QUESTION = 0x14

/** Who is there? 14 (the answer 15), 0, 1, 04 00 03 00 00, a name. */
function crestronDiscovery({ bytes, start, end }: Payload): number {
  if (end - start < 10 || readI32(bytes, start + 4) !== 0x01040003 || readU16(bytes, start + 8) !== 0)
    return NO_MATCH
  if (readU16(bytes, start + 1) !== 0 || bytes[start + 3] !== 0) return NO_MATCH
  return STRONG | (bytes[start] === CRESTRON_QUESTION ? FROM_CLIENT : FROM_SERVER)
}

/** "fox", type, numbers, channel "fox", command and an opening brace. */
function fox({ bytes, start, end }: Payload): number {
  if (!startsWith(bytes, start, end, 'fox ') || end - start < 10 || bytes[start + 5] !== 0x20) return NO_MATCH
  const head = Math.min(end, start + 64)
  const greeting = startsWith(bytes, start, end, 'fox a ')
  const rest = findText(bytes, start, head, ' fox hello')
  return greeting && rest > 0 ? STRONG : findText(bytes, start, head, '\n{') > 0 ? STRONG : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'bacnet',
    says: 'holds a BACnet/IP header (81) with known function and agreeing length',
    protocols: UDP,
    ports: [BACNET_PORT],
    firstBytes: [BVLL],
    match: bacnet,
  },
  {
    label: 'bacnet',
    says: 'holds a BACnet/IPv6 header (82) with known function and agreeing length, on port 47808',
    protocols: UDP,
    ports: [BACNET_PORT],
    firstBytes: [BVLL6],
    portsOnly: true,
    match: bacnet6,
  },
  {
    label: 'knxnet-ip',
    says: 'holds a KNXnet/IP header (06 10) with known service and agreeing length',
    protocols: TCP_UDP,
    ports: [3671],
    firstBytes: [6],
    match: knx,
  },
  {
    label: 'lontalk',
    says: 'holds a CNP/IP header (EIA-852) of version 1 with agreeing length and known type',
    protocols: UDP,
    ports: [1628, 1629],
    bits: { offset: 2, mask: 0xff80ff00 | 0, value: 0x01000000 },
    match: cnpIp,
  },
  {
    label: 'crestron-cip',
    says: 'is the greeting or a keep-alive of Crestron CIP',
    protocols: TCP,
    ports: [41794],
    firstBytes: [0x0d, 0x0e, 0x0f],
    bits: { offset: 0, mask: 0x00fffcfd, value: 0 },
    match: crestron,
  },
  {
    label: 'crestron-cip',
    says: 'asks for Crestron devices, or is the answer',
    protocols: UDP,
    ports: [41794],
    firstBytes: [CRESTRON_QUESTION, 0x15],
    bits: { offset: 4, mask: -1, value: 0x01040003 },
    match: crestronDiscovery,
  },
  {
    label: 'niagara-fox',
    says: 'starts with "fox", a message type and a channel of Niagara Fox',
    protocols: TCP,
    ports: [1911],
    firstBytes: [0x66],
    bits: { offset: 0, mask: -1, value: 0x666f7820 },
    match: fox,
  },
]
