/**
 * Projectors, receivers and controllers of rooms: PJLink, ESC/VP.net, eISCP, AMX and Control4 discovery; Wake-on-LAN;
 * how switches of Netgear, servers of Digi and cameras (GigE Vision) are found.
 */
import { readI32, readU16, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { type Beginnings, bitsOf, oneOf, opening } from '../common/beginnings.ts'
import { TCP, TCP_UDP, UDP } from '../common/shape.ts'

/** Security off, a number of eight digits for the password's hash, or no. */
const PJLINK: Beginnings = [
  ['PJLINK 0\r', STRONG | FROM_SERVER],
  ['PJLINK 1 ', STRONG | FROM_SERVER],
  ['PJLINK ERRA\r', STRONG | FROM_SERVER],
]

const SDDP: Beginnings = [
  ['SEARCH * SDDP/1.', STRONG | FROM_CLIENT],
  ['NOTIFY ALIVE SDDP/1.', STRONG | FROM_SERVER],
  ['NOTIFY OFFLINE SDDP/1.', STRONG | FROM_SERVER],
  ['NOTIFY IDENTIFY SDDP/1.', STRONG | FROM_SERVER],
  ['SDDP/1.0 200 OK\r\n', STRONG | FROM_SERVER],
]

const MAC = 6
const WAKE = 17 * MAC

/** Six ff, then sixteen times the address of who shall wake up, maybe a password of four or six bytes. */
function wakeOnLan({ bytes, start, end, length }: Payload): number {
  if (end - start < WAKE || (length !== WAKE && length !== WAKE + 4 && length !== WAKE + MAC)) return NO_MATCH
  if (readI32(bytes, start) !== -1 || readU16(bytes, start + 4) !== 0xffff) return NO_MATCH
  for (let at = start + 2 * MAC; at < start + WAKE; at++) if (bytes[at] !== bytes[at - MAC]) return NO_MATCH
  const address = readI32(bytes, start + MAC)
  return address !== -1 && address !== 0 ? STRONG | FROM_CLIENT : NO_MATCH
}

/** Magic, size of the header, size of the data (below 64 KiB), version 1. */
function eIscp({ bytes, start, end }: Payload): number {
  if (end - start < 16 || !startsWith(bytes, start, end, 'ISCP\0\0\0\x10')) return NO_MATCH
  return readU16(bytes, start + 8) === 0 && bytes[start + 12] === 1 ? STRONG : NO_MATCH
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

const GVCP_HEADER = 8
const GVCP_KEY = 0x42
/** Discovery, address, resend, registers, memory, events, action; answers are one more. */
const GVCP_COMMANDS: readonly number[] = [0x02, 0x04, 0x40, 0x80, 0x82, 0x84, 0x86, 0x88, 0xc0, 0xc2, 0x100]

/** GigE Vision: 42, flags, command, length of the rest, number; the answer is status 0, command and number of what was asked. */
function gvcp({ bytes, start, end, length, peer, peerLength }: Payload): number {
  if (end - start < GVCP_HEADER || readU16(bytes, start + 4) + GVCP_HEADER !== length) return NO_MATCH
  const command = readU16(bytes, start + 2)
  const number = readU16(bytes, start + 6)
  if (number === 0) return NO_MATCH
  if (bytes[start] === GVCP_KEY) return GVCP_COMMANDS.includes(command) ? STRONG | FROM_CLIENT : NO_MATCH
  const asked = peerLength >= GVCP_HEADER && peer[0] === GVCP_KEY && readU16(peer, 2) + 1 === command
  return asked && readU16(bytes, start) === 0 && readU16(peer, 6) === number ? STRONG | FROM_SERVER : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'pjlink',
    says: 'starts with the greeting of a projector that speaks PJLink',
    protocols: TCP,
    ports: [4352],
    ...oneOf(PJLINK),
  },
  opening({
    label: 'escvpnet',
    says: 'starts with "ESC/VP.net", as Epson\'s projectors and who controls them do',
    protocols: TCP_UDP,
    ports: [3629],
    text: 'ESC/VP.net\x10',
  }),
  {
    label: 'eiscp',
    says: 'starts with "ISCP", a header size of 16 and version 1, as receivers of Onkyo do',
    protocols: TCP_UDP,
    ports: [60128],
    bits: bitsOf('ISCP'),
    match: eIscp,
  },
  opening({
    label: 'dddp',
    says: 'is a beacon of Dynamic Device Discovery: "AMXB" and fields in angle brackets',
    protocols: UDP,
    ports: [9131],
    text: 'AMXB<-',
    role: FROM_SERVER,
  }),
  {
    label: 'sddp',
    says: 'searches for devices of Control4 or announces one (SDDP 1)',
    protocols: UDP,
    ports: [1902],
    ...oneOf(SDDP),
  },
  {
    label: 'wol',
    says: 'is a magic packet of Wake-on-LAN: six ff and sixteen times the same address',
    protocols: UDP,
    ports: [9, 7],
    firstBytes: [0xff],
    bits: { offset: 0, mask: -1, value: -1 },
    match: wakeOnLan,
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
  {
    label: 'gvcp',
    says: 'is a command of GigE Vision with agreeing length, or the answer to one',
    protocols: UDP,
    ports: [3956],
    firstBytes: [0, GVCP_KEY],
    bits: { offset: 2, mask: 0xfe00f000 | 0, value: 0 },
    match: gvcp,
  },
]
