/** Files and devices of other machines: 9P, AFP over DSI, Rx of AFS, Ceph's messenger, Lustre's LNet, SPICE, X through NX. */
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
import { type Beginnings, bitsOfWords, oneOf, wordOf } from '../common/beginnings.ts'
import { fills } from '../common/length.ts'
import { onPort, TCP, UDP } from '../common/ports.ts'
import { findText } from '../common/text-scan.ts'

const NINEP_PORT = 564
const NINEP_VERSION = 100
const NINEP_LAST = 127
const NINEP_ERROR = 7
const NINEP_ERROR_SIZE = 11
const NO_TAG = 0xffff

/**
 * Plan 9 manual section 5: length (little-endian), type, tag. Requests have even types, their answers the odd ones
 * behind. A session begins with the version.
 */
function ninep(payload: Payload): number {
  const { bytes, start, end, peer, peerLength } = payload
  if (end - start < 7 || readU32LE(bytes, start) < 7 || !fills(payload, readU32LE(bytes, start)))
    return NO_MATCH
  const type = bytes[start + 4]
  if (type < 6 || type > NINEP_LAST) return NO_MATCH
  const role = (type & 1) === 0 ? FROM_CLIENT : FROM_SERVER
  if (type === NINEP_VERSION || type === NINEP_VERSION + 1) {
    if (readU16LE(bytes, start + 5) !== NO_TAG || end - start < 13) return NO_MATCH
    const fits = readU16LE(bytes, start + 11) + 13 === payload.length
    return fits && startsWith(bytes, start + 13, end, '9P') ? STRONG | role : NO_MATCH
  }
  // Error 7 answers anything, with a number.
  const error = type === NINEP_ERROR && payload.length === NINEP_ERROR_SIZE
  const answers = (type & 1) === 1 && peerLength >= 7 && (peer[4] === type - 1 || error)
  if (answers && peer[5] === bytes[start + 5] && peer[6] === bytes[start + 6] && readU16LE(peer, 2) === 0)
    return STRONG | role
  return onPort(payload, NINEP_PORT) ? WEAK | role : NO_MATCH
}

const AFP_PORT = 548
const DSI_HEADER = 16
const DSI_STATUS = 3
const DSI_OPEN = 4
const ATTENTION_QUANTUM = 0x0104

/** DSI: request or reply, command, id, error or offset, length, four zeros. A reply repeats command and id. */
function afp(payload: Payload): number {
  const { bytes, start, end, peer, peerLength } = payload
  if (end - start < DSI_HEADER || bytes[start] > 1 || readI32(bytes, start + 12) !== 0) return NO_MATCH
  const command = bytes[start + 1]
  if (command < 1 || command > 8 || command === 7) return NO_MATCH
  const length = readU32(bytes, start + 8)
  if (!fills(payload, length + DSI_HEADER)) return NO_MATCH
  const known = onPort(payload, AFP_PORT)
  if (bytes[start] === 1) {
    const same = peerLength >= DSI_HEADER && peer[0] === 0 && peer[1] === command
    if (same && readU16(peer, 2) === readU16(bytes, start + 2)) return STRONG | FROM_SERVER
    const status = command === DSI_STATUS && findText(bytes, start, Math.min(end, start + 200), 'AFP') > 0
    return status ? STRONG | FROM_SERVER : known ? WEAK | FROM_SERVER : NO_MATCH
  }
  if (
    command === DSI_OPEN &&
    length === 6 &&
    end - start >= 18 &&
    readU16(bytes, start + 16) === ATTENTION_QUANTUM
  )
    return STRONG | FROM_CLIENT
  if (known) return STRONG
  const asks = command === DSI_STATUS && length === 0 && readI32(bytes, start + 4) === 0
  return asks && readU16(bytes, start + 2) !== 0 ? WEAK | FROM_CLIENT : NO_MATCH
}

const RX_HEADER = 28
const RX_DATA = 1
const RX_VERSION = 13
const RX_FROM_CLIENT = 1
const RX_LAST_SECURITY = 5

/**
 * Rx of AFS: epoch, connection, call, sequence, serial, then type, flags, status, security, checksum, service. The
 * other side repeats epoch, connection and call; the first packet of a call is number 1.
 */
function rx(payload: Payload): number {
  const { bytes, start, end, peer, peerLength } = payload
  if (end - start < RX_HEADER) return NO_MATCH
  const type = bytes[start + 20]
  if (type < 1 || type > RX_VERSION || bytes[start + 23] > RX_LAST_SECURITY) return NO_MATCH
  if (readI32(bytes, start) === 0 || readI32(bytes, start + 4) === 0) return NO_MATCH
  const role = (bytes[start + 21] & RX_FROM_CLIENT) !== 0 ? FROM_CLIENT : FROM_SERVER
  if (peerLength >= RX_HEADER && sameHead(bytes, start, peer)) return STRONG | role
  const first = type === RX_DATA && readI32(bytes, start + 12) === 1 && bytes[start + 22] === 0
  const call = readU32(bytes, start + 8)
  const serial = readU32(bytes, start + 16)
  const early = call > 0 && call < 0x10000 && serial > 0 && serial < 0x10000
  return first && early && readU16(bytes, start + 26) !== 0 ? STRONG | role : NO_MATCH
}

/** Epoch, connection and call are those of the other side's packet, whose sequence also is a small number. */
function sameHead(bytes: Uint8Array, start: number, peer: Uint8Array): boolean {
  for (let i = 0; i < 12; i++) if (bytes[start + i] !== peer[i]) return false
  return readU16(bytes, start + 12) === 0 && readU16(peer, 12) === 0 && readI32(peer, 8) !== 0
}

/** Both sides begin with the banner; the second version's is followed by a length. */
const CEPH: Beginnings = [
  ['ceph v027', STRONG],
  ['ceph v2\n', STRONG],
]

const LNET_ACCEPTOR = 0xacce7100
const LNET_HELLO = 0x45726963
const LNET_OLD_HELLO = 0xeebc0ded
/** Behind the hello: kind of message, checksum and two cookies, then network ids, process ids and type of the first. */
const LNET_MESSAGE = 0xc1
const LNET_PROCESS = 40
const LNET_TYPE = 48
const LUSTRE_PROCESS = 12345
const LNET_LAST_TYPE = 4

/** Lustre: magic and version in the byte order of the sender, then the network id of the peer. */
function lnet(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 16) return NO_MATCH
  const word = readU32(bytes, start)
  const big = word === LNET_ACCEPTOR || word === LNET_HELLO || word === LNET_OLD_HELLO
  if (word === LNET_MESSAGE || word >>> 24 === LNET_MESSAGE) return lnetMessage(payload)
  const version = big ? readU32(bytes, start + 4) : readU32LE(bytes, start + 4)
  const magic = big ? word : readU32LE(bytes, start)
  // The old hello has two halves: major 1, minor 0.
  if (magic === LNET_OLD_HELLO) return version === 1 || version === 0x10000 ? STRONG : NO_MATCH
  if (version < 1 || version > 4) return NO_MATCH
  return magic === LNET_ACCEPTOR ? STRONG | FROM_CLIENT : magic === LNET_HELLO ? STRONG : NO_MATCH
}

/** A message of the connection goes to the process that Lustre always is, 12345, and has a known type. */
function lnetMessage({ bytes, start, end }: Payload): number {
  if (end - start < LNET_TYPE + 4) return NO_MATCH
  const read = bytes[start] === 0 ? readU32 : readU32LE
  const known = read(bytes, start + LNET_TYPE) <= LNET_LAST_TYPE
  return known && read(bytes, start + LNET_PROCESS) === LUSTRE_PROCESS ? STRONG : NO_MATCH
}

/** A word as it stands in memory of either byte order. */
function eitherOrder(word: number): number[] {
  const bytes = new DataView(new ArrayBuffer(4))
  bytes.setUint32(0, word)
  return [bytes.getInt32(0), bytes.getInt32(0, true)]
}

const SPICE_HEADER = 16
const SPICE_KEY = 166

/** Link message: "REDQ", major and minor version, size. The server's answer holds an RSA key. */
function spice(payload: Payload): number {
  const { bytes, start, end } = payload
  if (!startsWith(bytes, start, end, 'REDQ') || end - start < SPICE_HEADER) return NO_MATCH
  const version = readU32LE(bytes, start + 4)
  const size = readU32LE(bytes, start + 12)
  if (version < 1 || version > 2 || size < 4 || size > 0x1000) return NO_MATCH
  return STRONG | (size >= SPICE_KEY ? FROM_SERVER : size >= 18 ? FROM_CLIENT : FROM_SERVER)
}

const NX: Beginnings = [['NXPROXY-', STRONG]]

export const signatures: Signature[] = [
  {
    label: '9pfs',
    says: 'holds a 9P version message, or an answer with the tag of its request, and agreeing length',
    protocols: TCP,
    ports: [NINEP_PORT],
    // At most 16 MiB, and types below 128.
    bits: { offset: 3, mask: 0xff800000 | 0, value: 0 },
    match: ninep,
  },
  {
    label: 'afp',
    says: 'holds a DSI header of AFP with agreeing length, a reply that repeats its request, or one that names AFP',
    protocols: TCP,
    ports: [AFP_PORT],
    bits: bitsOfWords([0, 0x01000000], 0xfff00000 | 0),
    match: afp,
  },
  {
    label: 'rx',
    says: 'holds an Rx header of AFS: the first packet of a call, or one that repeats the call of the other side',
    protocols: UDP,
    ports: [7000, 7001, 7002, 7003, 7005, 7007],
    // The sequence is below 65,536.
    bits: { offset: 12, mask: 0xffff0000 | 0, value: 0 },
    match: rx,
  },
  {
    label: 'ceph',
    says: 'starts with the banner of a Ceph messenger',
    protocols: TCP,
    ports: [3300, 6789],
    ...oneOf(CEPH),
  },
  {
    label: 'lnet',
    says: 'starts with a magic number of LNet (Lustre) and a version, or is a message to process 12345',
    protocols: TCP,
    ports: [988],
    bits: bitsOfWords([LNET_ACCEPTOR, LNET_HELLO, LNET_OLD_HELLO, LNET_MESSAGE].flatMap(eitherOrder)),
    match: lnet,
  },
  {
    label: 'spice',
    says: 'starts with "REDQ", a version and a size of SPICE',
    protocols: TCP,
    ports: [5900],
    bits: bitsOfWords([wordOf('REDQ')]),
    match: spice,
  },
  {
    label: 'nx',
    says: 'starts with "NXPROXY-", the greeting of either NX proxy',
    protocols: TCP,
    ports: [4000],
    ...oneOf(NX),
  },
]
