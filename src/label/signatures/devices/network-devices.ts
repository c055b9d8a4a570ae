/**
 * How network devices are found and managed: Ubiquiti's and MikroTik's discovery, MAC-Telnet, switches of Netgear (NSDP),
 * servers of Digi (ADDP).
 */
import { readI32, readU16, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { bitsOf } from '../common/beginnings.ts'
import { onPort, UDP } from '../common/ports.ts'

const MAX_ITEMS = 64
const UBIQUITI_PORT = 10001

/** Items of type and length lead exactly to `stop`; `wide`: both have two bytes, else the type one. How many, -1: not so. */
function itemsTo(bytes: Uint8Array, from: number, stop: number, wide: boolean): number {
  const header = wide ? 4 : 3
  let at = from
  for (let count = 0; count < MAX_ITEMS; count++) {
    if (at === stop) return count
    if (at + header > stop) return -1
    at += header + readU16(bytes, at + header - 2)
  }
  return -1
}

/** Version, command, length of the rest, then items (type, two bytes of length); a question of version 1 has none. */
function ubiquiti(payload: Payload): number {
  const { bytes, start, end, length } = payload
  const version = bytes[start]
  if (end - start < 4 || (version !== 1 && version !== 2) || readU16(bytes, start + 2) !== length - 4)
    return NO_MATCH
  if (length === 4) {
    const asks = bytes[start + 1] === 0 || bytes[start + 1] === 8
    return asks && onPort(payload, UBIQUITI_PORT) ? WEAK | FROM_CLIENT : NO_MATCH
  }
  if (bytes[start + 1] > 11 || start + length > end) return NO_MATCH
  // The first items are the hardware address, alone or with an IPv4 address.
  const first = readU16(bytes, start + 5)
  const known = (bytes[start + 4] === 1 && first === 6) || (bytes[start + 4] === 2 && first === 10)
  return known && itemsTo(bytes, start + 4, start + length, false) > 1 ? STRONG | FROM_SERVER : NO_MATCH
}

const MIKROTIK_PORT = 5678
/** Hardware address, six bytes. */
const MNDP_FIRST = 0x00010006
/** Two bytes of header, a sequence. */
const MNDP_HEADER = 4

/** MikroTik's announcement: items of types and lengths, the hardware address first. */
function mndp({ bytes, start, end, length }: Payload): number {
  if (end - start < MNDP_HEADER + 10 || readI32(bytes, start + MNDP_HEADER) !== MNDP_FIRST) return NO_MATCH
  const stop = start + length
  return stop <= end && itemsTo(bytes, start + MNDP_HEADER, stop, true) > 1 ? STRONG : NO_MATCH
}

const MAC_TELNET_PORT = 20561
const MAC_TELNET_HEADER = 22
/** In front of each control block of data. */
const MAC_TELNET_CONTROL = 0x563412ff
/** Client type, behind or in front of the session. */
const MAC_TELNET_TYPE = 0x0015

/** Version 1, type, two hardware addresses, session and client type by direction, counter. */
function macTelnet(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (end - start < MAC_TELNET_HEADER || bytes[start] !== 1) return NO_MATCH
  const type = bytes[start + 1]
  if (type > 5 && type !== 0xff) return NO_MATCH
  const server = readU16(bytes, start + 14) === MAC_TELNET_TYPE
  if (!server && readU16(bytes, start + 16) !== MAC_TELNET_TYPE) return NO_MATCH
  const role = server ? FROM_SERVER : FROM_CLIENT
  if (type === 1 && length > 26 && end - start >= 26) {
    if (readI32(bytes, start + MAC_TELNET_HEADER) === MAC_TELNET_CONTROL) return STRONG | role
  }
  if (!onPort(payload, MAC_TELNET_PORT)) return NO_MATCH
  return (length === MAC_TELNET_HEADER || type === 1 ? STRONG : WEAK) | role
}

const NSDP_HEADER = 32
const NSDP_NAME_AT = 24

/** Version 1, read or write (odd) or the answer, …, "NSDP" behind both addresses. */
function nsdp({ bytes, start, end }: Payload): number {
  const operation = bytes[start + 1]
  if (end - start < NSDP_HEADER || operation < 1 || operation > 4) return NO_MATCH
  if (!startsWith(bytes, start + NSDP_NAME_AT, end, 'NSDP')) return NO_MATCH
  return STRONG | (operation & 1 ? FROM_CLIENT : FROM_SERVER)
}

/** "DIGI", what is asked (odd) or the answer, length of the rest. */
function addp({ bytes, start, end, length }: Payload): number {
  if (end - start < 8 || !startsWith(bytes, start, end, 'DIGI')) return NO_MATCH
  const role = bytes[start + 5] & 1 ? FROM_CLIENT : FROM_SERVER
  return readU16(bytes, start + 6) + 8 === length && bytes[start + 4] === 0 ? STRONG | role : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'ubdp',
    says: 'holds a Ubiquiti discovery header and items from a hardware address to the end of the datagram',
    protocols: UDP,
    ports: [UBIQUITI_PORT],
    firstBytes: [1, 2],
    match: ubiquiti,
  },
  {
    label: 'mndp',
    says: 'is a MikroTik announcement: items of types and lengths that begin with a hardware address and fill it',
    protocols: UDP,
    ports: [MIKROTIK_PORT],
    firstBytes: [0],
    bits: { offset: 4, mask: 0xffffffff, value: MNDP_FIRST },
    match: mndp,
  },
  {
    label: 'mactelnet',
    says: 'holds a MAC-Telnet header with client type 15, and a control block (56 34 12 ff) or port 20561',
    protocols: UDP,
    ports: [MAC_TELNET_PORT],
    firstBytes: [1],
    bits: [
      { offset: 14, mask: 0xffff0000, value: MAC_TELNET_TYPE << 16 },
      { offset: 14, mask: 0x0000ffff, value: MAC_TELNET_TYPE },
    ],
    match: macTelnet,
  },
  {
    label: 'nsdp',
    says: 'holds "NSDP" behind version 1, an operation and two addresses, as switches of Netgear do',
    protocols: UDP,
    ports: [63321, 63322, 63323, 63324],
    firstBytes: [1],
    bits: bitsOf('NSDP', NSDP_NAME_AT),
    match: nsdp,
  },
  {
    label: 'addp',
    says: 'starts with "DIGI", a type and agreeing length',
    protocols: UDP,
    ports: [2362],
    bits: bitsOf('DIGI'),
    match: addp,
  },
]
