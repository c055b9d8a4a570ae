/**
 * Programmable logic controllers: Beckhoff ADS, Omron FINS, Mitsubishi's MELSEC protocol, GE SRTP and EGD, Ether-S-Bus,
 * CODESYS, PC Worx, ProConOS, Red Lion Crimson. Siemens' are in s7comm.ts.
 */
import { readI32, readU16, readU16LE, readU32, readU32LE, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { crcCcitt } from '../common/checksums.ts'
import { fills } from '../common/length.ts'
import { TCP, TCP_UDP, UDP } from '../common/ports.ts'
import { findText } from '../common/text-scan.ts'

const ADS_TCP_HEADER = 6
const ADS_HEADER = 32
const ADS_LAST_COMMAND = 9

/** AMS over TCP: reserved, length; target and source (net id, port), command, state, length of the data, error, id. */
function ads({ bytes, start, end, length }: Payload): number {
  if (end - start < ADS_TCP_HEADER + ADS_HEADER || readU16(bytes, start) !== 0) return NO_MATCH
  const size = readU32LE(bytes, start + 2)
  if (size < ADS_HEADER || size - ADS_HEADER !== readU32LE(bytes, start + 26)) return NO_MATCH
  const command = readU16LE(bytes, start + 22)
  const state = readU16LE(bytes, start + 24)
  // An ADS command, in TCP; whether it answers is the first bit.
  if (command < 1 || command > ADS_LAST_COMMAND || (state & ~1) !== 4) return NO_MATCH
  if (size + ADS_TCP_HEADER < length && !followsAds(bytes, start + ADS_TCP_HEADER + size, end))
    return NO_MATCH
  return STRONG | ((state & 1) === 0 ? FROM_CLIENT : FROM_SERVER)
}

/** The next message of the segment is reserved 0, too. */
function followsAds(bytes: Uint8Array, at: number, end: number): boolean {
  return at + 2 > end || readU16(bytes, at) === 0
}

const ADS_DISCOVERY = 0x71146603
const ADS_ANSWER = 0x80

/** Magic, id, service with bit 31 set in answers, the sender's net id. */
function adsDiscovery({ bytes, start, end }: Payload): number {
  if (end - start < 12 || readI32(bytes, start) !== ADS_DISCOVERY) return NO_MATCH
  return STRONG | (bytes[start + 11] === ADS_ANSWER ? FROM_SERVER : FROM_CLIENT)
}

/** "FINS", length of the rest, command 0 (the client gives its node) to 6, error. */
function finsTcp(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 16 || !startsWith(bytes, start, end, 'FINS')) return NO_MATCH
  const command = readU32(bytes, start + 8)
  const size = readU32(bytes, start + 4) + 8
  if (command > 6 || size < 16 || size > 0x10000) return NO_MATCH
  return STRONG | (command === 0 ? FROM_CLIENT : command === 1 ? FROM_SERVER : 0)
}

const FINS_HEADER = 12
const FINS_ANSWER = 0x40
/** Networks, and nodes of one. */
const FINS_LAST_NETWORK = 127
/** Main codes of requests: memory, parameters, program, mode, unit, clock, messages, access, errors, files, bits. */
const FINS_CODES = 0b0001_0010_1111_1110
const FINS_FIRST_FILES = 0x20
const FINS_LAST_BITS = 0x23

/** Flags, reserved, gateways left, addresses (network, node, unit) of receiver and sender, number, code. */
function finsUdp(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < FINS_HEADER || (bytes[start + 3] | bytes[start + 6]) > FINS_LAST_NETWORK) return NO_MATCH
  const gateways = bytes[start + 2]
  const main = bytes[start + 10]
  const known =
    main < 16 ? ((FINS_CODES >>> main) & 1) !== 0 : main >= FINS_FIRST_FILES && main <= FINS_LAST_BITS
  if ((gateways !== 2 && gateways !== 7) || !known || bytes[start + 11] > 0x53) return NO_MATCH
  const answer = (bytes[start] & FINS_ANSWER) !== 0
  // An answer is at least as long as its end code.
  if (answer && payload.length < FINS_HEADER + 2) return NO_MATCH
  return (answer && answersFins(payload) ? STRONG : WEAK) | (answer ? FROM_SERVER : FROM_CLIENT)
}

/** To whom the peer's request came from, from whom it went to, with its number and code. */
function answersFins({ bytes, start, peer, peerLength }: Payload): boolean {
  if (peerLength < FINS_HEADER || (peer[0] & FINS_ANSWER) !== 0) return false
  for (let i = 3; i < 6; i++) {
    if (bytes[start + i] !== peer[i + 3] || bytes[start + i + 3] !== peer[i]) return false
  }
  for (let i = 9; i < FINS_HEADER; i++) if (bytes[start + i] !== peer[i]) return false
  return true
}

const MELSEC_ASK = 0x50
const MELSEC_ASK_NUMBERED = 0x54
const MELSEC_ANSWER = 0xd0
const MELSEC_ANSWER_NUMBERED = 0xd4
/** Addresses of processors are 03xx. */
const MELSEC_MODULE = 3

/** SLMP, frames 3E and 4E in binary: kind, (number,) network, station, module, length of what follows. */
function melsec({ bytes, start, end, length }: Payload): number {
  if (end - start < 11 || bytes[start + 1] !== 0) return NO_MATCH
  const kind = bytes[start]
  const numbered = kind === MELSEC_ASK_NUMBERED || kind === MELSEC_ANSWER_NUMBERED
  if (numbered && (end - start < 15 || readU16(bytes, start + 4) !== 0)) return NO_MATCH
  const at = start + (numbered ? 6 : 2)
  if (bytes[at + 3] !== MELSEC_MODULE || readU16LE(bytes, at + 5) + (at - start) + 7 !== length)
    return NO_MATCH
  // The own station, or that of another network; a multidrop station is seldom.
  const own = bytes[at] === 0 && bytes[at + 1] === 0xff && bytes[at + 2] === 0xff
  return (own ? STRONG : WEAK) | (kind >= MELSEC_ANSWER ? FROM_SERVER : FROM_CLIENT)
}

/** The same in ASCII: "5000" or "D000" ("5400" or "D400", number and "0000"), own network and station "00FF03FF00". */
function melsecText({ bytes, start, end }: Payload): number {
  const numbered = bytes[start + 1] === 0x34
  if (!startsWith(bytes, start + (numbered ? 12 : 4), end, '00FF03FF00')) return NO_MATCH
  if (numbered && !startsWith(bytes, start + 8, end, '0000')) return NO_MATCH
  if (startsWith(bytes, start, end, numbered ? '5400' : '5000')) return STRONG | FROM_CLIENT
  return startsWith(bytes, start, end, numbered ? 'D400' : 'D000') ? STRONG | FROM_SERVER : NO_MATCH
}

const SRTP_HEADER = 56
const SRTP_ASK = 2
/** Of requests (c0), and of answers: accepted, with data, refused. */
const SRTP_ASKS = 0xc0
const SRTP_ANSWERS: readonly number[] = [0xd4, 0x94, 0xd1]

/**
 * A header of 56 bytes: 2 (request) or 3, number, kind at 31 behind the number again; a request goes to the mailbox of a
 * processor, x0 0e 00 00, packet 1 of 1 (Denton et al., Leveraging the SRTP protocol, 2017).
 */
function geSrtp({ bytes, start, end, peer, peerLength }: Payload): number {
  if (end - start < SRTP_HEADER || bytes[start + 30] !== bytes[start + 2]) return NO_MATCH
  const kind = bytes[start + 31]
  if (bytes[start] !== SRTP_ASK) {
    const answers = peerLength >= SRTP_HEADER && peer[0] === SRTP_ASK && peer[2] === bytes[start + 2]
    return answers && SRTP_ANSWERS.includes(kind) ? STRONG | FROM_SERVER : NO_MATCH
  }
  const mailbox = (readI32(bytes, start + 36) & 0x0fffffff) === 0x000e0000
  return mailbox && kind === SRTP_ASKS && readU16(bytes, start + 40) === 0x0101
    ? STRONG | FROM_CLIENT
    : NO_MATCH
}

const EGD_HEADER = 32
const NANOSECONDS = 1_000_000_000

/** Type 13, version 1, number, producer, exchange, time, state, signature of the configuration, reserved; data. */
function egd({ bytes, start, end }: Payload): number {
  if (end - start < EGD_HEADER || readI32(bytes, start + 28) !== 0) return NO_MATCH
  if (readI32(bytes, start + 4) === 0 || readU32LE(bytes, start + 16) >= NANOSECONDS) return NO_MATCH
  return bytes[start + 22] === 0 && bytes[start + 23] === 0 ? STRONG : NO_MATCH
}

const SBUS_LEAST = 11

/** Length of the whole, version, protocol 0, number, kind (request, answer, acknowledgement), content, checksum. */
function etherSBus({ bytes, start, end, length }: Payload): number {
  if (end - start < length || length < SBUS_LEAST || readU32(bytes, start) !== length) return NO_MATCH
  const kind = bytes[start + 8]
  if (bytes[start + 4] > 1 || bytes[start + 5] !== 0 || kind > 2) return NO_MATCH
  if (crcCcitt(bytes, start, end - 2, 0) !== readU16(bytes, end - 2)) return NO_MATCH
  return STRONG | (kind === 0 ? FROM_CLIENT : FROM_SERVER)
}

const CODESYS_TCP = 0x000117e8
const CODESYS_DATAGRAM = 0xc5

/** Block driver of version 3: magic, length of the whole, and a datagram that begins with c5. */
function codesys(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 8 || readI32(bytes, start) !== CODESYS_TCP) return NO_MATCH
  const size = readU32LE(bytes, start + 4)
  if (size < 8 || (size > payload.length && !fills(payload, size))) return NO_MATCH
  return end - start === 8 || bytes[start + 8] === CODESYS_DATAGRAM ? STRONG : NO_MATCH
}

const PCWORX_HEADER = 14
const PCWORX_ASK = 0x01

/** Request 01 or answer 81, command, length of the whole; a session begins with the interface's name. */
function pcWorx({ bytes, start, end, length, peer, peerLength }: Payload): number {
  if (end - start < PCWORX_HEADER || readU16(bytes, start + 2) !== length) return NO_MATCH
  if (bytes[start] === PCWORX_ASK)
    return startsWith(bytes, start + PCWORX_HEADER, end, 'IBETH01N0_M') ? STRONG | FROM_CLIENT : NO_MATCH
  const answers = peerLength > PCWORX_HEADER && peer[0] === PCWORX_ASK && peer[1] === bytes[start + 1]
  return answers && readU16(peer, 2) === peerLength ? STRONG | FROM_SERVER : NO_MATCH
}

const PROCONOS_ASK = 0xcc0100
const PROCONOS_FRAME = 10

/** cc 01 00, command, 40 or c0, number, length of the data (little-endian), checksum; an answer names the controller. */
function proconOs({ bytes, start, end, length }: Payload): number {
  if (end - start < PROCONOS_FRAME) return NO_MATCH
  const fits = readU16LE(bytes, start + 6) + PROCONOS_FRAME === length && (bytes[start + 4] & 0x7f) === 0x40
  if (fits && readI32(bytes, start) >>> 8 === PROCONOS_ASK) return STRONG | FROM_CLIENT
  const name = findText(bytes, start, Math.min(end, start + 64), 'ProConOS')
  return name > 0 ? STRONG | FROM_SERVER : NO_MATCH
}

const CRIMSON_HEADER = 6

/** Length of the rest, register, operation: who made it (012b) and what model (012a) it is. */
function crimson({ bytes, start, end, length, peer, peerLength }: Payload): number {
  if (end - start < CRIMSON_HEADER || readU16(bytes, start) + 2 !== length) return NO_MATCH
  const register = readU16(bytes, start + 2)
  const maker = register === 0x012b
  if (!maker && register !== 0x012a) return NO_MATCH
  if (length === CRIMSON_HEADER)
    return readU16(bytes, start + 4) === (maker ? 0x1b00 : 0x1a00) ? STRONG | FROM_CLIENT : NO_MATCH
  return peerLength === CRIMSON_HEADER && readU16(peer, 2) === register ? STRONG | FROM_SERVER : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'beckhoff-ads',
    says: 'holds an AMS header of ADS with known command and two lengths that agree',
    protocols: TCP,
    ports: [48898],
    firstBytes: [0],
    // Command 1 to 9, state 4 or 5.
    bits: { offset: 22, mask: 0xf0fffeff | 0, value: 0x00000400 },
    match: ads,
  },
  {
    label: 'beckhoff-ads',
    says: 'starts with the magic 71146603 of ADS discovery',
    protocols: UDP,
    ports: [48899],
    firstBytes: [0x71],
    bits: { offset: 0, mask: -1, value: ADS_DISCOVERY },
    match: adsDiscovery,
  },
  {
    label: 'omron-fins',
    says: 'starts with "FINS" and a length',
    protocols: TCP,
    ports: [9600],
    firstBytes: [0x46],
    bits: { offset: 0, mask: -1, value: 0x46494e53 },
    match: finsTcp,
  },
  {
    label: 'omron-fins',
    says: 'holds an Omron FINS header with known code, or the answer to one',
    protocols: UDP,
    ports: [9600],
    firstBytes: [0x80, 0x81, 0xc0, 0xc1],
    bits: { offset: 0, mask: 0x00fff800, value: 0 },
    match: finsUdp,
  },
  {
    label: 'melsec',
    says: 'is a frame of the MELSEC protocol (SLMP) with agreeing length, to or from a processor',
    protocols: TCP_UDP,
    ports: [5000, 5001, 5006, 5007],
    firstBytes: [MELSEC_ASK, MELSEC_ASK_NUMBERED, MELSEC_ANSWER, MELSEC_ANSWER_NUMBERED],
    bits: { offset: 0, mask: 0x7bff0000, value: 0x50000000 },
    match: melsec,
  },
  {
    label: 'melsec',
    says: 'is a frame of the MELSEC protocol (SLMP) in ASCII',
    protocols: TCP_UDP,
    ports: [5000, 5001, 5006, 5007],
    firstBytes: [0x35, 0x44],
    bits: [4, 12].map((offset) => ({ offset, mask: -1, value: 0x30304646 })),
    match: melsecText,
  },
  {
    label: 'ge-srtp',
    says: 'is a request of GE SRTP to the mailbox of a processor, or the answer',
    protocols: TCP,
    ports: [18245],
    firstBytes: [2, 3],
    bits: { offset: 0, mask: 0x00ff00ff, value: 0 },
    match: geSrtp,
  },
  {
    label: 'egd',
    says: 'holds a header of Ethernet Global Data: type 13, version 1, a time and its reserved word',
    protocols: UDP,
    ports: [18246],
    firstBytes: [13],
    bits: { offset: 0, mask: 0xffff0000 | 0, value: 0x0d010000 },
    match: egd,
  },
  {
    label: 'ether-s-bus',
    says: 'is a telegram of Ether-S-Bus whose length and checksum agree',
    protocols: UDP,
    ports: [5050],
    firstBytes: [0],
    bits: { offset: 2, mask: 0xf000feff | 0, value: 0 },
    match: etherSBus,
  },
  {
    label: 'codesys',
    says: 'starts with the magic 00 01 17 e8 of CODESYS and an agreeing length',
    protocols: TCP,
    ports: [11740],
    firstBytes: [0],
    bits: { offset: 0, mask: -1, value: CODESYS_TCP },
    match: codesys,
  },
  {
    label: 'pcworx',
    says: 'names the interface IBETH01N0_M of PC Worx, or is the answer',
    protocols: TCP,
    ports: [1962],
    firstBytes: [PCWORX_ASK, 0x81],
    bits: { offset: 1, mask: 0xe0f80000 | 0, value: 0 },
    match: pcWorx,
  },
  {
    label: 'proconos',
    says: 'asks a ProConOS controller with agreeing length, or is an answer with its name',
    protocols: TCP,
    ports: [20547],
    firstBytes: [0xcc],
    match: proconOs,
  },
  {
    label: 'crimson',
    says: 'asks a Red Lion device for its maker or model, or is the answer',
    protocols: TCP,
    ports: [789],
    firstBytes: [0],
    bits: { offset: 2, mask: 0xfffe0000 | 0, value: 0x012a0000 },
    match: crimson,
  },
]
