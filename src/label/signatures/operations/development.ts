/**
 * Programs under development: Java RMI and its debugger, those of Android, gdb and PHP (DBGp), compilers at work
 * elsewhere, CVS.
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
import { type Beginnings, bitsOfWords, oneOf, wordOf } from '../common/beginnings.ts'
import { firstBytesWhere } from '../common/byte-scan.ts'
import { fills } from '../common/length.ts'
import { TCP } from '../common/ports.ts'
import { digitRun, findText } from '../common/text-scan.ts'

const RMI_PROTOCOLS = 'KLM'
const RMI_ACKNOWLEDGED = 0x4e
const JAVA_STREAM = 0xaced0005 | 0
const RMI_CALL = 0x50
const RMI_RETURN = 0x51

/** Java RMI section 10.2: "JRMI", version, protocol; acknowledged with the client's address; calls are Java streams. */
function javaRmi(payload: Payload): number {
  const { bytes, start, end, peer, peerLength } = payload
  if (bytes[start] === 0x4a) {
    if (end - start < 7 || !startsWith(bytes, start, end, 'JRMI\x00') || bytes[start + 5] > 2) return NO_MATCH
    return RMI_PROTOCOLS.includes(String.fromCharCode(bytes[start + 6])) ? STRONG | FROM_CLIENT : NO_MATCH
  }
  if (bytes[start] === RMI_ACKNOWLEDGED) {
    const asked = peerLength >= 7 && readI32(peer, 0) === wordOf('JRMI')
    return asked && end - start > 7 && readU16(bytes, start + 1) + 7 === payload.length
      ? STRONG | FROM_SERVER
      : NO_MATCH
  }
  if (end - start < 5 || readI32(bytes, start + 1) !== JAVA_STREAM) return NO_MATCH
  if (bytes[start] !== RMI_CALL && bytes[start] !== RMI_RETURN) return NO_MATCH
  return STRONG | (bytes[start] === RMI_CALL ? FROM_CLIENT : FROM_SERVER)
}

const JDWP_HANDSHAKE = 'JDWP-Handshake'
const JDWP_HEADER = 11
const JDWP_REPLY = 0x80

/** JDWP: both sides send the handshake; a reply is as long as it says and repeats the id of the command. */
function jdwp(payload: Payload): number {
  const { bytes, start, end, peer, peerLength, length } = payload
  if (bytes[start] !== 0) {
    if (length !== JDWP_HANDSHAKE.length || !startsWith(bytes, start, end, JDWP_HANDSHAKE)) return NO_MATCH
    // The debugger speaks first, whichever side it is that listens.
    return STRONG
  }
  if (end - start < JDWP_HEADER || peerLength < JDWP_HEADER || bytes[start + 8] !== JDWP_REPLY)
    return NO_MATCH
  if (!fills(payload, readU32(bytes, start)) || readU32(peer, 0) !== peerLength) return NO_MATCH
  return peer[8] === 0 && readI32(peer, 4) === readI32(bytes, start + 4) ? STRONG : NO_MATCH
}

const ADB_HEADER = 24
const ADB_COMMANDS = ['CNXN', 'AUTH', 'STLS', 'OPEN', 'OKAY', 'CLSE', 'WRTE', 'SYNC'].map(wordOf)

/** Android's debug bridge: command, two arguments, length, checksum, and the command's complement. */
function adb({ bytes, start, end }: Payload): number {
  if (end - start < ADB_HEADER) return NO_MATCH
  return readI32(bytes, start) === ~readI32(bytes, start + 20) ? STRONG : NO_MATCH
}

/** Value of four hexadecimal digits, or -1. */
function hexadecimal(bytes: Uint8Array, at: number): number {
  let value = 0
  for (let i = at; i < at + 4; i++) {
    const digit = hexDigit(bytes[i])
    if (digit < 0) return -1
    value = value * 16 + digit
  }
  return value
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}

/** What a client of adb asks the server of its own machine: four digits of length, then the service. */
function adbServer({ bytes, start, end, length }: Payload): number {
  if (end - start < 9 || hexadecimal(bytes, start) !== length - 4) return NO_MATCH
  return startsWith(bytes, start + 4, end, 'host') ? STRONG | FROM_CLIENT : NO_MATCH
}

const DOLLAR = 0x24
const PLUS = 0x2b
const HASH = 0x23
const LONGEST_SUMMED = 2048
const GDB: Beginnings = [
  ['$qSupported:', STRONG | FROM_CLIENT],
  ['+$qSupported:', STRONG | FROM_CLIENT],
  ['$PacketSize=', STRONG | FROM_SERVER],
  ['+$PacketSize=', STRONG | FROM_SERVER],
  ['$QStartNoAckMode#b0', STRONG | FROM_CLIENT],
  ['+$QStartNoAckMode#b0', STRONG | FROM_CLIENT],
]

/** gdb's remote protocol: "$", data, "#" and two digits, the sum of the data modulo 256; "+" acknowledges. */
function gdb(payload: Payload): number {
  const { bytes, start, end, length } = payload
  const data = bytes[start] === PLUS ? start + 2 : start + 1
  if (bytes[data - 1] !== DOLLAR || end - data < 3 || length > end - start) return NO_MATCH
  if (bytes[end - 3] !== HASH || end - start > LONGEST_SUMMED) return NO_MATCH
  let sum = 0
  for (let at = data; at < end - 3; at++) sum += bytes[at]
  const high = hexDigit(bytes[end - 2])
  const low = hexDigit(bytes[end - 1])
  return high >= 0 && low >= 0 && (sum & 0xff) === high * 16 + low ? WEAK : NO_MATCH
}

/** distcc's protocol: a name of four letters and a number of eight digits, again and again. */
function distcc({ bytes, start, end }: Payload): number {
  const request = startsWith(bytes, start, end, 'DIST0000000')
  if (!request && !startsWith(bytes, start, end, 'DONE0000000')) return NO_MATCH
  const version = bytes[start + 11]
  if (end - start < 12 || version < 0x31 || version > 0x33) return NO_MATCH
  return STRONG | (request ? FROM_CLIENT : FROM_SERVER)
}

const CVS: Beginnings = [
  ['BEGIN AUTH REQUEST\n', STRONG | FROM_CLIENT],
  ['BEGIN VERIFICATION REQUEST\n', STRONG | FROM_CLIENT],
  ['BEGIN GSSAPI REQUEST\n', STRONG | FROM_CLIENT],
  ['I LOVE YOU\n', STRONG | FROM_SERVER],
  ['I HATE YOU\n', STRONG | FROM_SERVER],
]

/** Length in digits, NUL, XML: who is debugged connects and says init. */
function dbgp({ bytes, start, end }: Payload): number {
  const stop = digitRun(bytes, start, end, 5)
  if (stop < 0 || !startsWith(bytes, stop, end, '\0<?xml')) return NO_MATCH
  return findText(bytes, stop, Math.min(end, stop + 256), 'urn:debugger_protocol_v1') < 0
    ? NO_MATCH
    : STRONG | FROM_CLIENT
}

export const signatures: Signature[] = [
  {
    label: 'java-rmi',
    says: 'starts a Java RMI connection, acknowledges it, or is a call or return as a Java stream',
    protocols: TCP,
    ports: [1099, 1098],
    bits: [
      ...bitsOfWords([wordOf('JRMI')]),
      { offset: 0, mask: 0xff000000 | 0, value: RMI_ACKNOWLEDGED << 24 },
      ...bitsOfWords([0x50aced00, 0x51aced00]),
    ],
    match: javaRmi,
  },
  {
    label: 'jdwp',
    says: 'is "JDWP-Handshake" alone, or a JDWP reply with the id of its command',
    protocols: TCP,
    ports: [8000, 5005],
    bits: [...bitsOfWords([wordOf('JDWP')]), { offset: 5, mask: 0xff, value: JDWP_REPLY }],
    firstBytes: [0x4a, 0],
    match: jdwp,
  },
  {
    label: 'adb',
    says: 'holds a header of the Android debug bridge with the complement of its command',
    protocols: TCP,
    ports: [5555],
    bits: bitsOfWords(ADB_COMMANDS),
    match: adb,
  },
  {
    label: 'adb',
    says: 'asks the local server of the Android debug bridge, with agreeing length',
    protocols: TCP,
    ports: [5037],
    bits: { offset: 4, mask: -1, value: wordOf('host') },
    firstBytes: [0x30],
    match: adbServer,
  },
  {
    label: 'gdb',
    says: "starts with what gdb's remote protocol says first: what is supported, or no acknowledgements",
    protocols: TCP,
    ports: [2345, 1234],
    ...oneOf(GDB),
  },
  {
    label: 'gdb',
    says: "is a packet of gdb's remote protocol whose sum agrees",
    protocols: TCP,
    ports: [2345, 1234],
    bits: [
      { offset: 0, mask: 0xff000000 | 0, value: DOLLAR << 24 },
      { offset: 0, mask: 0xffff0000 | 0, value: (PLUS << 24) | (DOLLAR << 16) },
    ],
    bothNeeded: true,
    match: gdb,
  },
  {
    label: 'distcc',
    says: 'starts with the name and version of a distcc request or answer',
    protocols: TCP,
    ports: [3632],
    bits: bitsOfWords([wordOf('DIST'), wordOf('DONE')]),
    match: distcc,
  },
  {
    label: 'cvspserver',
    says: 'starts with what a CVS client and server say to log in',
    protocols: TCP,
    ports: [2401],
    ...oneOf(CVS),
  },
  {
    label: 'dbgp',
    says: 'is a length and the first XML of a debugger engine (DBGp)',
    protocols: TCP,
    ports: [9003, 9000],
    firstBytes: firstBytesWhere((byte) => byte >= 0x30 && byte <= 0x39),
    bits: [2, 3, 4].map((offset) => ({ offset, mask: -1, value: 0x003c3f78 })),
    match: dbgp,
  },
]
