/**
 * Databases with small headers: Oracle TNS, MongoDB, Cassandra, Elasticsearch's transport, ZooKeeper, DRDA (Db2, Derby).
 * HTTP interfaces stay http.
 */
import { readI32, readU16, readU32, readU32LE, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { ASCII, bitsOfWords } from '../common/beginnings.ts'
import { fills, findByte, findText, firstBytesWhere, onPort, TCP, tell, tellText } from '../common/shape.ts'

const TNS_CONNECT = 1
const TNS_RESEND = 11
const TNS_LAST_TYPE = 15

const TNS_PORT = 1521

/** Oracle Net: length, checksum 0, type, flags, header checksum 0; a connect holds "(DESCRIPTION=". */
function tns(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 8 || readU16(bytes, start + 6) !== 0) return NO_MATCH
  const type = bytes[start + 4]
  if (type < 1 || type > TNS_LAST_TYPE) return NO_MATCH
  const long = readU16(bytes, start) === 0
  // Once both sides agreed on version 315 or later, four bytes of length and no checksum.
  if (long) {
    const follows = type !== TNS_CONNECT && onPort(payload, TNS_PORT) && fills(payload, readU32(bytes, start))
    return follows ? STRONG : NO_MATCH
  }
  if (readU16(bytes, start + 2) !== 0 || readU16(bytes, start) !== payload.length) return NO_MATCH
  if (type === TNS_CONNECT) {
    if (end - start < 34) return NO_MATCH
    const version = readU16(bytes, start + 8)
    const at = readU16(bytes, start + 26)
    if (version < 300 || version > 330 || at < 34 || at > payload.length) return NO_MATCH
    tell(payload, 'tns', 'version', version)
    tellService(payload)
    return STRONG | FROM_CLIENT
  }
  if (type === TNS_RESEND) return payload.length === 8 ? STRONG | FROM_SERVER : NO_MATCH
  return onPort(payload, TNS_PORT) ? STRONG : NO_MATCH
}

function tellService(payload: Payload): void {
  const { bytes, start } = payload
  const stop = Math.min(payload.end, start + 1024)
  const at = findText(bytes, start, stop, '(SERVICE_NAME=')
  if (at < 0) return
  const close = findByte(bytes, at + 14, stop, 0x29)
  if (close > 0) tellText(payload, 'tns', 'service_name', [at + 14, close])
}

/** OP_REPLY 1, OP_UPDATE … OP_KILL_CURSORS 2001-2007, OP_COMMAND 2010-2011, OP_COMPRESSED 2012, OP_MSG 2013. */
function mongoOperation(code: number): boolean {
  return code === 1 || (code >= 2001 && code <= 2007) || (code >= 2010 && code <= 2013)
}

/** OP_REPLY: flags (4 bits), cursor, first document, number of documents. */
function isReplyAlone({ bytes, start, end, srcPort }: Payload): boolean {
  if (srcPort !== 27017 || readU32LE(bytes, start + 8) === 0 || start + 36 > end) return false
  return readU32LE(bytes, start + 16) < 16 && readU32LE(bytes, start + 32) < 0x10000
}

/** MongoDB wire protocol: length, request id, response to, operation, all little-endian. */
function mongodb(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 16) return NO_MATCH
  const code = readU32LE(bytes, start + 12)
  if (!mongoOperation(code)) return NO_MATCH
  const length = readU32LE(bytes, start)
  if (length < 16 || length > 0x3000000) return NO_MATCH
  if (!fills(payload, length) && !(length < payload.length && onPort(payload, 27017))) return NO_MATCH
  // An old-style reply has few fixed bits: it names the request that the other side just sent, or comes from the port.
  const answers = payload.peerLength >= 16 && readI32(payload.peer, 4) === readI32(bytes, start + 8)
  if (code === 1 && !answers && !isReplyAlone(payload)) return NO_MATCH
  tell(payload, 'mongodb', 'operation', code)
  const answer = readU32LE(bytes, start + 8) !== 0
  return STRONG | (answer || code === 1 ? FROM_SERVER : FROM_CLIENT)
}

const CQL_PORT = 9042
/** Before version 3 a stream is one byte. */
const CQL_OLD_HEADER = 8
const CQL_HEADER = 9
const CQL_ERROR = 0
const CQL_PROTOCOL_ERROR = 0x0a
const CQL_STARTUP = 1
const CQL_OPTIONS = 5
const CQL_LAST_OPCODE = 0x10
/** Node to node, since version 4. */
const CASSANDRA_MAGIC = 0xca552dfa | 0

/** CQL binary protocol: version and direction, flags, stream, opcode, length. */
function cassandra(payload: Payload): number {
  const { bytes, start, end } = payload
  if (bytes[start] === 0xca)
    return end - start >= 8 && readI32(bytes, start) === CASSANDRA_MAGIC ? STRONG : NO_MATCH
  const version = bytes[start] & 0x7f
  if (version < 1 || version > 5) return NO_MATCH
  const header = version < 3 ? CQL_OLD_HEADER : CQL_HEADER
  if (end - start < header || bytes[start + 1] > 0x1f) return NO_MATCH
  const body = start + header
  const opcode = bytes[body - 5]
  const length = readU32(bytes, body - 4)
  if (opcode > CQL_LAST_OPCODE || length + header !== payload.length) return NO_MATCH
  const startup = opcode === CQL_STARTUP && findText(bytes, body, end, 'CQL_VERSION') >= 0
  const known = startup || (opcode === CQL_OPTIONS && length === 0) || isOtherVersion(payload, body)
  if (!known && !onPort(payload, CQL_PORT)) return NO_MATCH
  tell(payload, 'cassandra', 'version', version)
  return STRONG | (bytes[start] & 0x80 ? FROM_SERVER : FROM_CLIENT)
}

/** An answer of opcode error, "protocol error", and the text to who speaks another version or another protocol. */
function isOtherVersion({ bytes, start, end }: Payload, body: number): boolean {
  if (bytes[start] < 0x80 || bytes[body - 5] !== CQL_ERROR || end - body < 4) return false
  const refused = readU32(bytes, body) === CQL_PROTOCOL_ERROR
  return refused && findText(bytes, body, end, 'nsupported protocol version') >= 0
}

const ELASTIC_HEADER = 19

/** Transport: "ES", length of the rest, request id, status, version (6.8.0 is 6080099). */
function elasticsearch(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 6 || bytes[start] !== 0x45 || bytes[start + 1] !== 0x53) return NO_MATCH
  const length = readI32(bytes, start + 2)
  if (length === -1) return payload.length === 6 ? STRONG : NO_MATCH
  if (length < 13 || length > 0x7000000 || end - start < ELASTIC_HEADER) return NO_MATCH
  const version = readU32(bytes, start + 15)
  if (bytes[start + 14] > 15 || version < 100000 || version > 20000000) return NO_MATCH
  // Later packets of one message start anywhere; this one starts with a header, so the rest may be longer.
  return STRONG | (bytes[start + 14] & 1 ? FROM_SERVER : FROM_CLIENT)
}

const ZOOKEEPER_PORT = 2181
const ZK_WORDS = [
  'ruok',
  'stat',
  'srvr',
  'mntr',
  'conf',
  'cons',
  'dump',
  'envi',
  'wchs',
  'isro',
  'imok',
  'srst',
]

/** Connect request and response: length, protocol version 0, timeout, session and a password of 16 bytes; pings. */
function zookeeper(payload: Payload): number {
  const { bytes, start, end } = payload
  if (startsWith(bytes, start, end, 'Zookeeper version: ')) return STRONG | FROM_SERVER
  if (bytes[start] !== 0) {
    if (payload.length !== 4 || end - start < 4 || !onPort(payload, ZOOKEEPER_PORT)) return NO_MATCH
    for (let i = 0; i < ZK_WORDS.length; i++) {
      if (findText(bytes, start, end, ZK_WORDS[i]) === start) return STRONG
    }
    return NO_MATCH
  }
  if (end - start < 12) return NO_MATCH
  const length = readU32(bytes, start)
  if (length + 4 !== payload.length) return NO_MATCH
  // Ping: transaction id -2, type 11.
  if (length === 8)
    return readI32(bytes, start + 4) === -2 && readI32(bytes, start + 8) === 11 ? STRONG : NO_MATCH
  if (readI32(bytes, start + 4) !== 0) return NO_MATCH
  const request = length === 44 || length === 45
  if (!request && length !== 36 && length !== 37) return NO_MATCH
  const password = start + (request ? 28 : 20)
  if (password + 4 > end || readI32(bytes, password) !== 16) return NO_MATCH
  return STRONG | (request ? FROM_CLIENT : FROM_SERVER)
}

const DDM_MAGIC = 0xd0
const EXCHANGE_ATTRIBUTES = 0x1041
const EXCHANGE_REPLY = 0x1443

/** DDM: length, d0, format, correlation, length again (six less), code point. */
function drda(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 10 || bytes[start + 2] !== DDM_MAGIC) return NO_MATCH
  const length = readU16(bytes, start)
  if (length < 10 || length > payload.length || readU16(bytes, start + 6) !== length - 6) return NO_MATCH
  const format = bytes[start + 3] & 15
  if (format < 1 || format > 5) return NO_MATCH
  const code = readU16(bytes, start + 8)
  if (code === EXCHANGE_ATTRIBUTES) return STRONG | FROM_CLIENT
  if (code === EXCHANGE_REPLY) return STRONG | FROM_SERVER
  return onPort(payload, 50000) || onPort(payload, 1527) || onPort(payload, 446) ? STRONG : WEAK
}

export const signatures: Signature[] = [
  {
    label: 'tns',
    says: 'holds an Oracle Net header with agreeing length and zero checksums',
    protocols: TCP,
    ports: [TNS_PORT],
    firstBytes: firstBytesWhere((byte) => byte < 0x20),
    bits: { offset: 4, mask: 0xf000ffff | 0, value: 0 },
    match: tns,
  },
  {
    label: 'mongodb',
    says: 'holds a MongoDB header with agreeing length and known operation',
    protocols: TCP,
    ports: [27017],
    bits: { offset: 12, mask: 0xffff, value: 0 },
    match: mongodb,
  },
  {
    label: 'cassandra',
    says: 'holds a CQL frame header with agreeing length, or the magic of node traffic',
    protocols: TCP,
    ports: [CQL_PORT, 7000],
    firstBytes: [1, 2, 3, 4, 5, 0x81, 0x82, 0x83, 0x84, 0x85, 0xca],
    bits: [{ offset: 0, mask: 0x00e00000, value: 0 }, ...bitsOfWords([CASSANDRA_MAGIC])],
    match: cassandra,
  },
  {
    label: 'elasticsearch',
    says: 'starts with "ES", a length, a request id and a version number of Elasticsearch',
    protocols: TCP,
    ports: [9300],
    firstBytes: [0x45],
    match: elasticsearch,
  },
  {
    label: 'zookeeper',
    says: 'is a ZooKeeper connect request or answer, a ping, its version, or a four-letter word on port 2181',
    protocols: TCP,
    ports: [ZOOKEEPER_PORT],
    firstBytes: [0, 0x5a, 0x72, 0x73, 0x6d, 0x63, 0x64, 0x65, 0x77, 0x69],
    bits: ASCII,
    match: zookeeper,
  },
  {
    label: 'drda',
    says: 'holds a DDM header of DRDA: d0 and two lengths that agree',
    protocols: TCP,
    ports: [50000, 1527, 446],
    firstBytes: firstBytesWhere((byte) => byte < 0x80),
    bits: { offset: 0, mask: 0xff00, value: 0xd000 },
    match: drda,
  },
]
