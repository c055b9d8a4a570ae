/**
 * Industrial control over TCP: Modbus, DNP3 (also UDP), S7comm, IEC 60870-5-104, EtherNet/IP (also UDP), OPC UA.
 * BACnet, KNXnet/IP, CoAP and HART-IP, which live on UDP, are in field.ts.
 */
import { PROTOCOL_UDP, readI32, readU16, readU16LE, readU32LE } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  MORE,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { onPort, roleByPort, TCP, TCP_UDP, tell, tellText } from '../common/shape.ts'

const MODBUS_PORT = 502
const MODBUS_HEADER = 7

/** Requests that are a function code alone: exception status, event counter, event log, server id (sections 6.7 to 6.13). */
const MODBUS_BARE: readonly number[] = [7, 11, 12, 17]

/** Whether a body of `size` bytes (function code included) fits the function, as request or as answer. */
function modbusBody(bytes: Uint8Array, at: number, size: number): boolean {
  const code = bytes[at]
  if (size === 1) return MODBUS_BARE.includes(code)
  if (code >= 0x81) return code <= 0xab && size === 2
  if (code >= 1 && code <= 4) return size === 5 || (size >= 3 && bytes[at + 1] === size - 2)
  if (code === 5 || code === 6) return size === 5
  if (code === 15 || code === 16) return size === 5 || (size >= 7 && bytes[at + 5] === size - 6)
  if (code === 23) return (size >= 12 && bytes[at + 9] === size - 10) || bytes[at + 1] === size - 2
  if (code === 43) return size >= 4 && bytes[at + 1] >= 13 && bytes[at + 1] <= 14
  return MODBUS_BARE.includes(code) || code === 8 || (code >= 20 && code <= 24)
}

/** Modbus messaging on TCP/IP 1.0b section 3.1: transaction, protocol 0, length of the rest, unit, function. */
function modbus(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < MODBUS_HEADER + 1 || readU16(bytes, start + 2) !== 0) return NO_MATCH
  const length = readU16(bytes, start + 4)
  if (length < 2 || length > 254 || length + 6 > payload.length) return NO_MATCH
  const exact = length + 6 === payload.length
  const known = onPort(payload, MODBUS_PORT)
  // Over UDP it is no standard: its port must speak for it, and the other side.
  if (payload.protocol === PROTOCOL_UDP && !(exact && known)) return NO_MATCH
  if ((!exact && !known) || start + 6 + length > end) return NO_MATCH
  const code = bytes[start + MODBUS_HEADER]
  if (!modbusBody(bytes, start + MODBUS_HEADER, length - 1)) {
    // Vendors have functions of their own (65-72, 90, 100-110).
    const vendor = exact && known && code >= 65 && code <= 110
    return vendor ? WEAK | roleByPort(payload, MODBUS_PORT) : NO_MATCH
  }
  const { peer } = payload
  const echoed =
    payload.peerLength > 7 && readI32(peer, 0) === readI32(bytes, start) && peer[6] === bytes[start + 6]
  // Off its port the other side must answer with the same transaction.
  if (!known && !echoed) return NO_MATCH
  tellModbus(payload, bytes[start + 6], code)
  const strength = payload.protocol === PROTOCOL_UDP && !echoed ? WEAK : STRONG
  return strength | (known ? roleByPort(payload, MODBUS_PORT) : 0)
}

function tellModbus(payload: Payload, unit: number, code: number): void {
  tell(payload, 'modbus', 'unit', unit)
  tell(payload, 'modbus', 'function', code & 0x7f)
}

const RTU_MAX = 256
const RTU_LAST_ADDRESS = 247

/** CRC of Modbus over serial line (V1.02 section 6.2.2): polynomial 8005, reflected. */
function rtuChecksum(bytes: Uint8Array, at: number, stop: number): number {
  let crc = 0xffff
  for (let i = at; i < stop; i++) {
    crc ^= bytes[i]
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1
  }
  return crc
}

/** A frame of the serial line in a segment of its own, as serial servers forward it: unit, function, data, checksum. */
function modbusRtu(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (length < 5 || length > RTU_MAX || end - start < length) return NO_MATCH
  const unit = bytes[start]
  if (unit === 0 || unit > RTU_LAST_ADDRESS || !modbusBody(bytes, start + 1, length - 3)) return NO_MATCH
  if (rtuChecksum(bytes, start, end - 2) !== readU16LE(bytes, end - 2)) return NO_MATCH
  const { peer } = payload
  if (payload.peerLength > 4 && peer[0] === unit && (peer[1] & 0x7f) === (bytes[start + 1] & 0x7f))
    tellModbus(payload, unit, bytes[start + 1])
  return WEAK
}

const DNP3_START = 0x0564

/** CRC of DNP3 (polynomial 3d65, reflected, inverted), IEEE 1815 section 9.2. */
function dnp3Checksum(bytes: Uint8Array, at: number, count: number): number {
  let crc = 0
  for (let i = at; i < at + count; i++) {
    crc ^= bytes[i]
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa6bc : crc >>> 1
  }
  return ~crc & 0xffff
}

/** IEEE 1815 section 9.2.4: 05 64, length of at least 5, control, destination, source, checksum of these. */
function dnp3(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 10 || readU16(bytes, start) !== DNP3_START || bytes[start + 2] < 5) return NO_MATCH
  if (dnp3Checksum(bytes, start, 8) !== readU16LE(bytes, start + 8)) {
    return onPort(payload, 20000) ? WEAK : NO_MATCH
  }
  tell(payload, 'dnp3', 'destination', readU16LE(bytes, start + 4))
  tell(payload, 'dnp3', 'source', readU16LE(bytes, start + 6))
  return STRONG | (bytes[start + 3] & 0x80 ? FROM_CLIENT : FROM_SERVER)
}

const TPKT = 0x0300
const COTP_DATA = 0xf0
const S7 = 0x32
const S7_PLUS = 0x72

/** TPKT (RFC 1006), COTP data (02 f0 80), then the protocol identifier. */
function isoPayload(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 10 || readU16(bytes, start) !== TPKT || readU16(bytes, start + 2) > payload.length)
    return 0
  if (bytes[start + 4] !== 2 || bytes[start + 5] !== COTP_DATA || (bytes[start + 6] & 0x7f) !== 0) return 0
  return bytes[start + 7]
}

const COTP_REQUEST = 0xe0
const COTP_CONFIRM = 0xd0
const COTP_LEAST = 7
/** Selectors of both ends, of which RDP has none. */
const COTP_CALLING = 0xc1
const COTP_CALLED = 0xc2

/** RFC 905 section 13.3: connection request or confirmation whose parameters fill it; what uses it comes later. */
function cotpConnects({ bytes, start, end, length }: Payload): number {
  const size = bytes[start + 4]
  const kind = bytes[start + 5] & 0xf0
  if (end - start < length || length < COTP_LEAST + 4 || readU16(bytes, start + 2) !== length) return NO_MATCH
  if (size + 5 !== length || (kind !== COTP_REQUEST && kind !== COTP_CONFIRM)) return NO_MATCH
  let selectors = 0
  let at = start + 4 + COTP_LEAST
  for (; at + 2 <= end; at += 2 + bytes[at + 1])
    if (bytes[at] === COTP_CALLING || bytes[at] === COTP_CALLED) selectors++
  if (at !== end || selectors === 0) return NO_MATCH
  return WEAK | MORE | (kind === COTP_REQUEST ? FROM_CLIENT : FROM_SERVER)
}

function s7comm(payload: Payload): number {
  if (isoPayload(payload) !== S7) return NO_MATCH
  const type = payload.bytes[payload.start + 8]
  if (type !== 1 && type !== 2 && type !== 3 && type !== 7) return NO_MATCH
  tell(payload, 's7comm', 'message_type', type)
  return STRONG | (type === 1 ? FROM_CLIENT : type === 7 ? 0 : FROM_SERVER)
}

function s7commPlus(payload: Payload): number {
  if (isoPayload(payload) !== S7_PLUS) return NO_MATCH
  const version = payload.bytes[payload.start + 8]
  return (version >= 1 && version <= 3) || version >= 0xfd ? STRONG : NO_MATCH
}

/** MMS (ISO 9506) over session and presentation: the ACSE or presentation identifiers stand near the start. */
function mms(payload: Payload): number {
  const first = isoPayload(payload)
  const { bytes, start, end } = payload
  // Session CONNECT (0d), ACCEPT (0e) with MMS's object identifier 1.0.9506.2, or DATA (01 00 01 00) with presentation 61.
  if (first === 0x0d || first === 0x0e) {
    for (let at = start + 9; at + 5 <= end && at < start + 200; at++) {
      if (readI32(bytes, at) === 0x28ca2202) return STRONG | (first === 0x0d ? FROM_CLIENT : FROM_SERVER)
    }
    return NO_MATCH
  }
  return first === 1 &&
    end - start > 12 &&
    readI32(bytes, start + 7) === 0x01000100 &&
    bytes[start + 11] === 0x61
    ? STRONG
    : NO_MATCH
}

const IEC104_PORT = 2404
const IEC104_START = 0x68
const MAX_NUMBER_STEP = 32

/** Frame format by the control field (IEC 60870-5-104 section 5): 2 for U and S whose bits are fixed, 1 for I, 0 wrong. */
function apciKind(bytes: Uint8Array, at: number, length: number): number {
  const control = bytes[at]
  if ((control & 1) === 0) return length >= 10 && (bytes[at + 2] & 1) === 0 ? 1 : 0
  if (length !== 4 || bytes[at + 1] !== 0) return 0
  if (control === 1) return (bytes[at + 2] & 1) === 0 ? 2 : 0
  const function_ = control === 7 || control === 0x0b || control === 0x13 || control === 0x23
  if (!function_ && control !== 0x43 && control !== 0x83) return 0
  return bytes[at + 2] === 0 && bytes[at + 3] === 0 ? 2 : 0
}

/** Numbers of frames sent, 15 bits: this packet's first is one of the next after the previous packet's first. */
function goesOn({ bytes, start, previous, previousLength }: Payload): boolean {
  if (previousLength < 6 || previous[0] !== IEC104_START || (previous[2] & 1) !== 0) return false
  const step = ((readU16LE(bytes, start + 2) >> 1) - (readU16LE(previous, 2) >> 1)) & 0x7fff
  return (bytes[start + 2] & 1) === 0 && step > 0 && step <= MAX_NUMBER_STEP
}

/**
 * A chain of frames (68, length, control field) from the first byte of the packet to its end. One frame of format I
 * has few fixed bits: it is strong only where it goes on from another.
 */
function iec104(payload: Payload): number {
  const { bytes, start, end } = payload
  let at = start
  let fixed = false
  let frames = 0
  const stop = start + payload.length
  while (at < stop && frames < 64) {
    if (at + 6 > end) {
      if (frames === 0) return NO_MATCH
      break
    }
    const length = bytes[at + 1]
    if (bytes[at] !== IEC104_START || length < 4 || length > 253) return NO_MATCH
    const kind = apciKind(bytes, at + 2, length)
    if (kind === 0) return NO_MATCH
    if (kind === 2) fixed = true
    frames++
    at += 2 + length
  }
  const whole = at === stop
  if (!onPort(payload, IEC104_PORT)) return fixed && whole ? STRONG : NO_MATCH
  const strong = whole ? fixed || frames > 1 || goesOn(payload) : fixed && frames > 1
  return (strong ? STRONG : WEAK) | roleByPort(payload, IEC104_PORT)
}

const ENCAPSULATION_HEADER = 24
/** NOP, list services, list identity, list interfaces, register, unregister, send RR data, send unit data, status, cancel. */
const ENIP_COMMANDS: readonly number[] = [0, 4, 0x63, 0x64, 0x65, 0x66, 0x6f, 0x70, 0x72, 0x73]

/** CIP volume 2 section 2-3.1: command, length, session, status, context, options 0, all little-endian. */
function ethernetIp(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < ENCAPSULATION_HEADER) return implicit(payload)
  const command = readU16LE(bytes, start)
  const length = readU16LE(bytes, start + 2)
  const known = ENIP_COMMANDS.includes(command) && (command !== 0 || onPort(payload, 44818))
  if (!known || readI32(bytes, start + 20) !== 0 || readU32LE(bytes, start + 8) > 0x69)
    return implicit(payload)
  if (length + ENCAPSULATION_HEADER > payload.length) return NO_MATCH
  if (length + ENCAPSULATION_HEADER !== payload.length && !onPort(payload, 44818)) return NO_MATCH
  tell(payload, 'ethernet_ip', 'command', command)
  return STRONG | roleByPort(payload, 44818)
}

/** Implicit messages over UDP 2222: two items, the first a sequenced address (8002) of eight bytes. */
function implicit(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 14 || readI32(bytes, start) !== 0x02000280 || readU16LE(bytes, start + 4) !== 8)
    return NO_MATCH
  return onPort(payload, 2222) ? STRONG : NO_MATCH
}

const OPCUA_TYPES = ['HEL', 'ACK', 'OPN', 'MSG', 'CLO', 'ERR', 'RHE']

/** OPC UA part 6 section 7.1.2: three letters, chunk type F, C or A, length. */
function opcua(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 8) return NO_MATCH
  const chunk = bytes[start + 3]
  if (chunk !== 0x46 && chunk !== 0x43 && chunk !== 0x41) return NO_MATCH
  const length = readU32LE(bytes, start + 4)
  if (length < 8 || length > 0x4000000) return NO_MATCH
  for (let i = 0; i < OPCUA_TYPES.length; i++) {
    const name = OPCUA_TYPES[i]
    if (bytes[start] !== name.charCodeAt(0) || bytes[start + 1] !== name.charCodeAt(1)) continue
    if (bytes[start + 2] !== name.charCodeAt(2)) continue
    if (i === 0 && end - start >= 36) tellText(payload, 'opcua', 'endpoint', [start + 32, end])
    return STRONG | (i === 0 ? FROM_CLIENT : i === 1 ? FROM_SERVER : 0)
  }
  return NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'modbus',
    says: 'holds a Modbus header with protocol 0, agreeing length and a body that fits its function',
    protocols: TCP_UDP,
    ports: [MODBUS_PORT],
    bits: { offset: 0, mask: 0xffff, value: 0 },
    match: modbus,
  },
  {
    label: 'modbus',
    says: 'is a Modbus frame of the serial line whose checksum agrees',
    protocols: TCP,
    ports: [MODBUS_PORT],
    // Functions below 24 and their exceptions.
    bits: [
      { offset: 0, mask: 0x00700000, value: 0 },
      { offset: 0, mask: 0x00780000, value: 0x00100000 },
    ],
    // The checksum has 16 bits.
    bothNeeded: true,
    match: modbusRtu,
  },
  {
    label: 'dnp3',
    says: 'starts with 05 64 and a DNP3 header whose checksum agrees',
    protocols: TCP_UDP,
    ports: [20000],
    firstBytes: [5],
    match: dnp3,
  },
  {
    label: 's7comm',
    says: 'is a TPKT with COTP data that holds an S7 header (32)',
    protocols: TCP,
    ports: [102],
    firstBytes: [3],
    match: s7comm,
  },
  {
    label: 's7comm-plus',
    says: 'is a TPKT with COTP data that holds an S7comm-plus header (72)',
    protocols: TCP,
    ports: [102],
    firstBytes: [3],
    match: s7commPlus,
  },
  {
    label: 'mms',
    says: 'is a TPKT with a session of MMS (ISO 9506)',
    protocols: TCP,
    ports: [102],
    firstBytes: [3],
    match: mms,
  },
  {
    label: 'iso-tsap',
    says: 'is a TPKT with a COTP connection request or its confirmation, with selectors',
    protocols: TCP,
    ports: [102],
    firstBytes: [3],
    // Less than anything that uses it.
    weight: 20,
    match: cotpConnects,
  },
  {
    label: 'iec104',
    says: 'is a chain of IEC 60870-5-104 frames with valid control fields',
    protocols: TCP,
    ports: [IEC104_PORT],
    firstBytes: [IEC104_START],
    match: iec104,
  },
  {
    label: 'ethernet-ip',
    says: 'holds an EtherNet/IP encapsulation header with known command, agreeing length and options 0',
    protocols: TCP_UDP,
    ports: [44818, 2222],
    firstBytes: [...ENIP_COMMANDS, 2],
    bits: { offset: 0, mask: 0x00ff0000, value: 0 },
    match: ethernetIp,
  },
  {
    label: 'opcua',
    says: 'starts with an OPC UA message type, chunk type and length',
    protocols: TCP,
    ports: [4840],
    firstBytes: [0x48, 0x41, 0x4f, 0x4d, 0x43, 0x45, 0x52],
    match: opcua,
  },
]
