/** Modbus: messages over TCP (and, as some have it, UDP), and frames of the serial line as they are in TCP. */
import { PROTOCOL_UDP, readI32, readU16, readU16LE } from '../../../bytes.ts'
import { NO_MATCH, type Payload, type Signature, STRONG, WEAK } from '../../inspect/payload.ts'
import { setExtra } from '../common/extras.ts'
import { onPort, roleByPort, TCP, TCP_UDP } from '../common/ports.ts'

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
  setExtra(payload, 'modbus', 'unit', unit)
  setExtra(payload, 'modbus', 'function', code & 0x7f)
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
]
