/**
 * Block storage over the network: iSCSI (RFC 7143) and its name service (RFC 4171), NVMe/TCP, Fibre Channel over IP
 * (RFC 3821, RFC 4172), NBD, DRBD, and the control of backups by NDMP.
 */
import { readI32, readU16, readU16LE, readU32, readU32LE } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { bitsOfWords, wordOf } from '../common/beginnings.ts'
import { findByte, zeroWords } from '../common/byte-scan.ts'
import { setExtraText } from '../common/extras.ts'
import { fills } from '../common/length.ts'
import { TCP, TCP_UDP } from '../common/ports.ts'
import { findText } from '../common/text-scan.ts'

const ISCSI_HEADER = 48
const DIGEST = 4
const NOBODY = -1
const LOGIN_REQUEST = 0x43
const LOGIN_RESPONSE = 0x23
const SCSI_COMMAND = 0x01
const SCSI_RESPONSE = 0x21
const DATA_OUT = 0x05
const DATA_IN = 0x25
const READY = 0x31
const IMMEDIATE = 0x40
const MAX_KEYS = 1024

/** Header, no further headers, and data padded to four bytes fill the packet, maybe with a digest of the header. */
function iscsiFills(payload: Payload): boolean {
  const { bytes, start } = payload
  if (bytes[start + 4] !== 0) return false
  const total = ISCSI_HEADER + ((readU32(bytes, start + 4) + 3) & ~3)
  return fills(payload, total) || fills(payload, total + DIGEST)
}

/** RFC 7143 section 11: opcode, flags, version, lengths, logical unit or session, task tag; 48 bytes in all. */
function iscsi(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < ISCSI_HEADER || !iscsiFills(payload)) return NO_MATCH
  const opcode = bytes[start]
  if (opcode === LOGIN_REQUEST || opcode === LOGIN_RESPONSE) return iscsiLogin(payload, opcode)
  // A logical unit of one level: its last six bytes are zero.
  if (readU16(bytes, start + 10) !== 0 || readI32(bytes, start + 12) !== 0) return NO_MATCH
  return iscsiTask(payload, opcode) ? STRONG | ((opcode & 0x20) !== 0 ? FROM_SERVER : FROM_CLIENT) : NO_MATCH
}

/** Sections 11.12 and 11.13: stages, versions 0, and 16 or 10 reserved bytes at the end of the header. */
function iscsiLogin(payload: Payload, opcode: number): number {
  const { bytes, start, end } = payload
  if ((bytes[start + 1] & 0x30) !== 0 || readU16(bytes, start + 2) !== 0) return NO_MATCH
  if (opcode === LOGIN_RESPONSE) {
    const known = bytes[start + 36] < 4 && readI32(bytes, start + 20) === 0
    return known && zeroWords(bytes, start + 40, 2) ? STRONG | FROM_SERVER : NO_MATCH
  }
  if (readU16(bytes, start + 22) !== 0 || !zeroWords(bytes, start + 32, 4)) return NO_MATCH
  const keys = [start + ISCSI_HEADER, Math.min(end, start + ISCSI_HEADER + MAX_KEYS)] as const
  tellKey(payload, 'initiator', 'InitiatorName=', keys)
  tellKey(payload, 'target', 'TargetName=', keys)
  return STRONG | FROM_CLIENT
}

function tellKey(
  payload: Payload,
  field: 'initiator' | 'target',
  key: string,
  [from, to]: readonly [from: number, to: number],
): void {
  const at = findText(payload.bytes, from, to, key)
  if (at < 0) return
  const stop = findByte(payload.bytes, at, to, 0)
  setExtraText(payload, 'iscsi', field, [at + key.length, stop < 0 ? to : stop])
}

/** What comes behind the login. */
function iscsiTask({ bytes, start }: Payload, opcode: number): boolean {
  const flags = bytes[start + 1]
  const third = bytes[start + 2]
  const fourth = bytes[start + 3]
  if (opcode === SCSI_COMMAND || opcode === (SCSI_COMMAND | IMMEDIATE))
    return (
      (flags & 0x98) === 0x80 && (flags & 7) < 5 && (third | fourth) === 0 && isCommand(bytes, start + 32)
    )
  if (opcode === SCSI_RESPONSE)
    return (flags & 0xe1) === 0x80 && third < 2 && fourth <= 0x40 && readU16(bytes, start + 8) === 0
  if (opcode === DATA_OUT) return (flags & 0x7f) === 0 && isDataOut(bytes, start)
  if (opcode === READY)
    return flags === 0x80 && readI32(bytes, start + 4) === 0 && readU32(bytes, start + 36) < 0x10000
  if (opcode === DATA_IN) return (flags & 0x38) === 0 && readI32(bytes, start + 20) === NOBODY
  // NOP and text, either way: a tag of one side only.
  if ((flags & 0x3f) !== 0 || (third | fourth) !== 0) return false
  return readI32(bytes, start + 16) === NOBODY || readI32(bytes, start + 20) === NOBODY
}

/** There is data, and the reserved words before its numbers are zero. */
function isDataOut(bytes: Uint8Array, start: number): boolean {
  const reserved = readI32(bytes, start + 24) | readI32(bytes, start + 32)
  return reserved === 0 && readI32(bytes, start + 4) !== 0
}

/** A SCSI command of 6 or 10 bytes leaves the rest of its 16 empty; of the longer ones the common. */
function isCommand(bytes: Uint8Array, at: number): boolean {
  const group = bytes[at] >> 5
  if (group === 0) return readU16(bytes, at + 6) === 0 && zeroWords(bytes, at + 8, 2)
  if (group < 3) return readU16(bytes, at + 10) === 0 && readI32(bytes, at + 12) === 0
  return group === 5 ? readI32(bytes, at + 12) === 0 : group === 4 && bytes[at + 15] === 0
}

const ISCSI_OPCODES = [0x43, 0x23, 0x01, 0x41, 0x21, 0x00, 0x40, 0x20, 0x04, 0x44, 0x24, 0x05, 0x25, 0x31]

/** Length of the header by type of PDU; 0: no such type. */
const NVME_HEADERS: readonly number[] = [128, 128, 24, 24, 72, 24, 24, 24, 0, 24]
const NVME_CAPSULE = 4
const NVME_RESPONSE = 5
const NVME_READY = 9

/** NVM Express TCP transport 1.0 section 3.6: type, flags, length of the header, offset of data, length (little-endian). */
function nvme(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 24) return NO_MATCH
  const type = bytes[start]
  const header = type < NVME_HEADERS.length ? NVME_HEADERS[type] : 0
  if (header === 0 || bytes[start + 2] !== header) return NO_MATCH
  const total = readU32LE(bytes, start + 4)
  const role = (type & 1) === 0 ? FROM_CLIENT : FROM_SERVER
  if (type < 2) {
    const plain = bytes[start + 1] === 0 && bytes[start + 3] === 0 && readU16(bytes, start + 8) === 0
    return plain && total === header && payload.length === total && zeroWords(bytes, start + 16, 2)
      ? STRONG | role
      : NO_MATCH
  }
  if (bytes[start + 1] > 0x0f) return NO_MATCH
  // Digests add four bytes each.
  if (type === NVME_RESPONSE || type === NVME_READY)
    return bytes[start + 3] === 0 && (total === header || total === header + 4) ? STRONG | role : NO_MATCH
  if (bytes[start + 3] !== 0 && bytes[start + 3] < header) return NO_MATCH
  if (type === NVME_CAPSULE) return fills(payload, total) ? STRONG | role : NO_MATCH
  const data = bytes[start + 3] >= header && total > header && readU16(bytes, start + 10) === 0
  const fits = data && readU32LE(bytes, start + 16) + bytes[start + 3] <= total
  return type >= 6 && fits && readI32(bytes, start + 20) === 0 ? STRONG | role : NO_MATCH
}

const ISNS_HEADER = 12

/** RFC 4171 section 5.1: version 1, function (answers have bit 15), length, flags of sender and of the sequence, ids. */
function isns(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < ISNS_HEADER || readU16(bytes, start) !== 1) return NO_MATCH
  const answer = bytes[start + 2] === 0x80
  if ((!answer && bytes[start + 2] !== 0) || bytes[start + 3] === 0 || bytes[start + 3] > 0x0e)
    return NO_MATCH
  if (readU16(bytes, start + 4) + ISNS_HEADER !== payload.length) return NO_MATCH
  const flags = readU16(bytes, start + 6)
  const sender = flags & 0xc000
  // Attributes have lengths of whole words; a message in one piece is number 0, first and last.
  if ((flags & 0x0fff) !== 0x0c00 || (payload.length & 3) !== 0 || readU16(bytes, start + 10) !== 0)
    return NO_MATCH
  if (sender !== 0x8000 && sender !== 0x4000) return NO_MATCH
  return STRONG | (sender === 0x8000 ? FROM_CLIENT : FROM_SERVER)
}

const NDMP_HEADER = 28
const NDMP_CONNECTED = 0x502

/** NDMP 4 section 2.3 behind a record mark: sequence, time, request or reply, message, what it replies to, error. */
function ndmp(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < NDMP_HEADER || bytes[start] !== 0x80) return NO_MATCH
  if (!fills(payload, (readU32(bytes, start) & 0xffffff) + 4)) return NO_MATCH
  const kind = readI32(bytes, start + 12)
  const message = readU32(bytes, start + 16)
  if ((kind !== 0 && kind !== 1) || message < 0x100 || message > 0xbff || (message & 0xff) > 0x20)
    return NO_MATCH
  // Portmapper calls look alike, but their second word is the direction and their third version 2.
  if (readU32(bytes, start + 8) < 0x10000000 || readU32(bytes, start + 24) > 0xff) return NO_MATCH
  const answersTo = readI32(bytes, start + 20)
  if (kind === 1) return answersTo !== 0 ? STRONG | (message < 0x500 ? FROM_SERVER : 0) : NO_MATCH
  if (answersTo !== 0 || readI32(bytes, start + 24) !== 0) return NO_MATCH
  return STRONG | (message === NDMP_CONNECTED ? FROM_SERVER : message < 0x500 ? FROM_CLIENT : 0)
}

const FCIP_WORD = 0x0101fefe
const IFCP_WORD = 0x0201fdfe

/** RFC 3643 section 3: protocol and version, flags and length, both with their complements. */
function fibreChannel({ bytes, start, end }: Payload, word: number): number {
  if (end - start < 28 || readI32(bytes, start) !== word) return NO_MATCH
  return (readU16(bytes, start + 12) ^ readU16(bytes, start + 14)) === 0xffff ? STRONG : NO_MATCH
}

const NBD_MAGIC = wordOf('NBDM')
const NBD_OPTION = wordOf('IHAV')
const NBD_OPTION_REPLY = 0x0003e889
const NBD_REQUEST = 0x25609513
const NBD_REPLY = 0x67446698
const NBD_CHUNK = 0x668e33ef
const NBD_LONG_REQUEST = 0x21e41c71
const NBD_LONG_CHUNK = 0x6e8a278c

/** The protocol's documents name a magic number for each message; the negotiation's have 64 bits. */
function nbd(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 16) return NO_MATCH
  // The client's flags may stand before its first option.
  const flags = readU32(bytes, start) < 4 ? 4 : 0
  const at = start + flags
  const word = readI32(bytes, at)
  const next = readI32(bytes, at + 4)
  if (word === NBD_MAGIC) return next === wordOf('AGIC') && flags === 0 ? STRONG | FROM_SERVER : NO_MATCH
  if (word === NBD_OPTION) return next === wordOf('EOPT') ? STRONG | FROM_CLIENT : NO_MATCH
  if (flags !== 0) return NO_MATCH
  if (word === NBD_OPTION_REPLY) return next === 0x045565a9 ? STRONG | FROM_SERVER : NO_MATCH
  if (word === NBD_REQUEST || word === NBD_LONG_REQUEST)
    return readU16(bytes, start + 6) < 16 ? STRONG | FROM_CLIENT : NO_MATCH
  if (word === NBD_REPLY) return readU32(bytes, start + 4) < 0x80 ? STRONG | FROM_SERVER : NO_MATCH
  return word === NBD_CHUNK || word === NBD_LONG_CHUNK ? STRONG | FROM_SERVER : NO_MATCH
}

const DRBD_80 = 0x83740267
const DRBD_100 = 0x8620ec20
const DRBD_95 = 0x835a

/** Magic numbers of the three headers; the lengths behind them agree, or the packet goes on. */
function drbd(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 8) return NO_MATCH
  const word = readI32(bytes, start)
  if (word === (DRBD_80 | 0)) return readU16(bytes, start + 6) + 8 <= payload.length ? STRONG : NO_MATCH
  if (word === (DRBD_100 | 0))
    return end - start >= 16 && readI32(bytes, start + 12) === 0 ? STRONG : NO_MATCH
  const large = word >>> 16 === DRBD_95 && readU16LE(bytes, start + 2) !== 0
  return large && fills(payload, readU32(bytes, start + 4) + 8) ? STRONG : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'iscsi',
    says: 'holds an iSCSI header of 48 bytes with agreeing lengths and its reserved fields zero',
    protocols: TCP,
    ports: [3260, 860],
    bits: bitsOfWords(
      ISCSI_OPCODES.map((opcode) => opcode << 24),
      0xff00fe00 | 0,
    ),
    match: iscsi,
  },
  {
    label: 'nvme',
    says: 'holds an NVMe/TCP header whose type, header length and length agree',
    protocols: TCP,
    ports: [4420, 8009],
    bits: bitsOfWords(
      NVME_HEADERS.flatMap((header, type) => (header === 0 ? [] : [(type << 24) | (header << 8)])),
      0xfff0ff00 | 0,
    ),
    match: nvme,
  },
  {
    label: 'isns',
    says: 'holds an iSNS header with version 1, agreeing length and flags of one sender',
    protocols: TCP_UDP,
    ports: [3205],
    bits: bitsOfWords([0x00010000, 0x00018000], 0xfffffff0 | 0),
    match: isns,
  },
  {
    label: 'ndmp',
    says: 'holds an NDMP header behind a record mark that agrees with the length',
    protocols: TCP,
    ports: [10000],
    bits: { offset: 12, mask: -2, value: 0 },
    firstBytes: [0x80],
    match: ndmp,
  },
  {
    label: 'fcip',
    says: 'starts with a Fibre Channel frame encapsulation of FCIP and its complements',
    protocols: TCP,
    ports: [3225],
    bits: bitsOfWords([FCIP_WORD]),
    match: (payload) => fibreChannel(payload, FCIP_WORD),
  },
  {
    label: 'ifcp',
    says: 'starts with a Fibre Channel frame encapsulation of iFCP and its complements',
    protocols: TCP,
    ports: [3420],
    bits: bitsOfWords([IFCP_WORD]),
    match: (payload) => fibreChannel(payload, IFCP_WORD),
  },
  {
    label: 'nbd',
    says: 'starts with a magic number of NBD',
    protocols: TCP,
    ports: [10809],
    bits: [
      ...bitsOfWords([NBD_MAGIC, NBD_OPTION, NBD_OPTION_REPLY, NBD_REQUEST, NBD_REPLY, NBD_CHUNK]),
      ...bitsOfWords([NBD_LONG_REQUEST, NBD_LONG_CHUNK]),
      { offset: 4, mask: -1, value: NBD_OPTION },
    ],
    match: nbd,
  },
  {
    label: 'drbd',
    says: 'starts with a magic number of DRBD and a length that fits',
    protocols: TCP,
    ports: [7788, 7789],
    bits: [...bitsOfWords([DRBD_80, DRBD_100]), { offset: 0, mask: 0xffff0000 | 0, value: DRBD_95 << 16 }],
    match: drbd,
  },
]
