/**
 * Devices that look for each other, and what one does for the next: Ubiquiti and MikroTik discovery, MAC-Telnet, Canon
 * BJNP, SANE, Lenbrook's LSDP, Kodi's event server, PlayStation discovery, Syncthing's and Resilio's announcements,
 * Synergy and Barrier.
 */
import { readI32, readU16, readU32, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { bitsOf, opening } from '../common/beginnings.ts'
import { onPort, printableRun, TCP, UDP } from '../common/shape.ts'

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

const BJNP_HEADER = 16
const FROM_DEVICE = 0x80

/** "BJNP" (or "MFNP"), kind of device with a bit for answers, command, error, sequence, session, length of the rest. */
function bjnp({ bytes, start, end, length }: Payload): number {
  if (end - start < BJNP_HEADER) return NO_MATCH
  const named = startsWith(bytes, start, end, 'BJNP') || startsWith(bytes, start, end, 'MFNP')
  const kind = bytes[start + 4] & ~FROM_DEVICE
  if (!named || kind < 1 || kind > 3) return NO_MATCH
  const rest = readU32(bytes, start + 12)
  if (rest > 0xffff || (rest + BJNP_HEADER < length && length > BJNP_HEADER)) return NO_MATCH
  return STRONG | (bytes[start + 4] & FROM_DEVICE ? FROM_SERVER : FROM_CLIENT)
}

/** Major version 1, any minor one, protocol 2 or 3. */
const SANE_MAJOR = 0x01000002
const SANE_FIXED = 0xff00fffe | 0
const SANE_TEXT = 12
const MAX_USER = 256

function isSaneStart(bytes: Uint8Array, at: number): boolean {
  return readI32(bytes, at) === 0 && (readI32(bytes, at + 4) & SANE_FIXED) === SANE_MAJOR
}

/** SANE network protocol: INIT (0), version, name of the user with NUL; the answer is a status (0) and a version. */
function sane({ bytes, start, end, length, peer, peerLength }: Payload): number {
  if (end - start < 8 || !isSaneStart(bytes, start)) return NO_MATCH
  if (length === 8) return peerLength > SANE_TEXT && isSaneStart(peer, 0) ? STRONG | FROM_SERVER : NO_MATCH
  if (end - start < SANE_TEXT + 1) return NO_MATCH
  const name = readU32(bytes, start + 8)
  if (name < 1 || name > MAX_USER || name + SANE_TEXT !== length || start + length > end) return NO_MATCH
  return printableRun(bytes, start + SANE_TEXT, end) === end - 1 && bytes[end - 1] === 0
    ? STRONG | FROM_CLIENT
    : NO_MATCH
}

const SYNCTHING = 0x2ea7d90b

/** Local discovery version 4: the magic, then Announce with a device id of 32 bytes as its first field. */
function syncthing({ bytes, start, end }: Payload): number {
  if (end - start < 6 || readI32(bytes, start) !== SYNCTHING) return NO_MATCH
  return readU16(bytes, start + 4) === 0x0a20 ? STRONG : WEAK
}

const RELAY = 0x9e79bc40 | 0
const LAST_RELAY_MESSAGE = 7
const RELAY_HEADER = 12

/** Relay protocol version 1: magic, type of message, length of the rest. */
function syncthingRelay({ bytes, start, end, length }: Payload): number {
  if (end - start < RELAY_HEADER || readI32(bytes, start) !== RELAY) return NO_MATCH
  const fits = readU32(bytes, start + 8) + RELAY_HEADER <= length
  return fits && readU32(bytes, start + 4) <= LAST_RELAY_MESSAGE ? STRONG : NO_MATCH
}

/** Both programs have seven letters: the greeting is these and two versions, eleven bytes. */
const SYNERGY_NAMES = ['Synergy', 'Barrier']
const SYNERGY_GREETING = 11
/** Commands of four letters that either side repeats: alive, nothing, pointer, keys, wheel, screens. */
const SYNERGY_COMMANDS = [
  'CALV',
  'CNOP',
  'CIAK',
  'DMMV',
  'DMRM',
  'DMWM',
  'DKDN',
  'DKUP',
  'QINF',
  'DINF',
  'CINN',
  'COUT',
]

/** Of those that come in a segment of their own, behind that of their length. */
const SYNERGY_ALONE = ['CALV', 'CNOP', 'DMMV', 'DMRM']

/** Length of four bytes, then the greeting with major and minor version (and, from the client, its name) or a command. */
function synergy(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (bytes[start] !== 0) return synergyAlone(payload)
  if (end - start < 8) return NO_MATCH
  const size = readU32(bytes, start)
  if (size < 4 || size + 4 > length || size > 0xffff) return NO_MATCH
  for (let i = 0; i < SYNERGY_NAMES.length; i++) {
    if (!startsWith(bytes, start + 4, end, SYNERGY_NAMES[i]) || end - start < 13 || size + 4 !== length)
      continue
    const major = readU16(bytes, start + SYNERGY_GREETING) === 1
    return major ? STRONG | (size === SYNERGY_GREETING ? FROM_SERVER : FROM_CLIENT) : NO_MATCH
  }
  for (let i = 0; i < SYNERGY_COMMANDS.length; i++)
    if (startsWith(bytes, start + 4, end, SYNERGY_COMMANDS[i])) return size <= 32 ? STRONG : NO_MATCH
  return NO_MATCH
}

/** The segment before was the length, four bytes. */
function synergyAlone({ bytes, start, end, length, previous, previousLength }: Payload): number {
  if (previousLength !== 4 || readU32(previous, 0) > length || readU32(previous, 0) < 4) return NO_MATCH
  for (let i = 0; i < SYNERGY_ALONE.length; i++)
    if (startsWith(bytes, start, end, SYNERGY_ALONE[i])) return STRONG
  return NO_MATCH
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
    label: 'bjnp',
    says: 'starts with "BJNP" or "MFNP", a kind of device and agreeing length',
    protocols: UDP,
    ports: [8611, 8612, 8613],
    bits: [bitsOf('BJNP'), bitsOf('MFNP')],
    match: bjnp,
  },
  {
    label: 'sane',
    says: "is INIT of SANE with version 1 and the user's name to its end, or the answer with a version",
    protocols: TCP,
    ports: [6566],
    firstBytes: [0],
    bits: { offset: 4, mask: SANE_FIXED, value: SANE_MAJOR },
    match: sane,
  },
  opening({
    label: 'lsdp',
    says: 'starts with 06, "LSDP" and version 1',
    protocols: UDP,
    ports: [11430],
    text: '\x06LSDP\x01',
  }),
  opening({
    label: 'kodi',
    says: 'starts with "XBMC" and version 2 of the event server of Kodi',
    protocols: UDP,
    ports: [9777],
    text: 'XBMC\x02\0',
    least: 32,
    role: FROM_CLIENT,
  }),
  {
    label: 'syncthing',
    says: 'starts with 2e a7 d9 0b and a device id of Syncthing',
    protocols: UDP,
    ports: [21027],
    bits: { offset: 0, mask: 0xffffffff, value: SYNCTHING },
    match: syncthing,
  },
  {
    label: 'syncthing',
    says: 'starts with 9e 79 bc 40, a type and the length of a message of the Syncthing relay',
    protocols: TCP,
    ports: [22067],
    bits: { offset: 0, mask: 0xffffffff, value: RELAY },
    match: syncthingRelay,
  },
  opening({
    label: 'resilio',
    says: 'starts with "BSYNC" and a dictionary of BitTorrent',
    protocols: UDP,
    ports: [3838],
    text: 'BSYNC\0d',
  }),
  {
    label: 'synergy',
    says: 'is a length and the greeting of Synergy or Barrier, or one of their commands',
    protocols: TCP,
    ports: [24800],
    firstBytes: [0, 0x43, 0x44],
    bits: [
      ...[...SYNERGY_NAMES, ...SYNERGY_COMMANDS].map((name) => bitsOf(name, 4)),
      ...SYNERGY_ALONE.map((name) => bitsOf(name)),
    ],
    match: synergy,
  },
]
