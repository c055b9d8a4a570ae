/** Databases whose first message names them: Bolt, ClickHouse, Firebird, RethinkDB, Tarantool, Aerospike, Hadoop, HBase. */
import { readI32, readU16, readU32, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import {
  answerTo,
  type Beginnings,
  bitsOfBeginnings,
  bitsOfWords,
  oneOf,
  wordOf,
} from '../common/beginnings.ts'
import { fills, findByte, findText, printableRun, TCP, tellText, zeroWords } from '../common/shape.ts'

const BOLT_MAGIC = 0x6060b017
const BOLT_HELLO = 20
const BOLT_SUCCESS = 0x70
const BOLT_FAILURE = 0x7f

/** Neo4j Bolt: magic and four versions of the client; the version chosen; then chunks that hold a structure. */
function bolt(payload: Payload): number {
  const { bytes, start, end, peer, peerLength, length } = payload
  if (end - start < 4) return NO_MATCH
  if (readI32(bytes, start) === BOLT_MAGIC) return length >= BOLT_HELLO ? STRONG | FROM_CLIENT : NO_MATCH
  const asked = peerLength >= BOLT_HELLO && readI32(peer, 0) === BOLT_MAGIC
  if (asked) return length === 4 && readU16(bytes, start) === 0 ? STRONG | FROM_SERVER : NO_MATCH
  return boltMessage(payload)
}

/** A chunk that ends with the packet (two zeros behind it) and holds HELLO or an answer: a structure of one map. */
function boltMessage({ bytes, start, end, length }: Payload): number {
  if (end - start < 6 || bytes[start + 2] !== 0xb1 || readU16(bytes, start) + 4 !== length) return NO_MATCH
  const tag = bytes[start + 3]
  const map = bytes[start + 4]
  if (map < 0xa1 || (map > 0xaf && map !== 0xd8) || (map < 0xb0 && bytes[start + 5] < 0x81)) return NO_MATCH
  if (tag === 1) return findText(bytes, start, end, 'user_agent') > 0 ? STRONG | FROM_CLIENT : NO_MATCH
  if (tag === BOLT_FAILURE) return findText(bytes, start, end, 'Neo.') > 0 ? STRONG | FROM_SERVER : NO_MATCH
  const named = tag === BOLT_SUCCESS && findText(bytes, start, end, 'Neo4j/') > 0
  return named ? STRONG | FROM_SERVER : NO_MATCH
}

/** Packet 0 of client and server: a name with its length. */
const CLICKHOUSE: Beginnings = [
  ['\x00\x11ClickHouse client', STRONG | FROM_CLIENT],
  ['\x00\x0aClickHouse', STRONG | FROM_SERVER],
]
const CLICKHOUSE_EXCEPTION = 2

/** Other programs call themselves otherwise, in either case; an exception names itself "DB::". */
function clickhouse(payload: Payload): number {
  const known = answerTo(payload, CLICKHOUSE)
  if (known !== NO_MATCH) return known
  const { bytes, start, end, ordinal } = payload
  if (bytes[start] === CLICKHOUSE_EXCEPTION)
    return startsWith(bytes, start + 5, end, '\x0dDB::Exception') ? STRONG | FROM_SERVER : NO_MATCH
  const stop = start + 2 + bytes[start + 1]
  if (ordinal > 0 || stop + 4 > end || bytes[start + 1] < 10 || bytes[start + 1] > 100) return NO_MATCH
  if (printableRun(bytes, start + 2, stop) !== stop) return NO_MATCH
  return findText(bytes, start + 2, stop, 'lickHouse') > 0 ||
    findText(bytes, start + 2, stop, 'lickhouse') > 0
    ? STRONG | FROM_CLIENT
    : NO_MATCH
}

const FIREBIRD_ATTACH = 19
const FIREBIRD_ACCEPT: readonly number[] = [3, 94, 98]
const FIREBIRD_DATABASE = 20

/**
 * Firebird's wire protocol, words of XDR: connect (1), attach (19), version of the connect, architecture, file; or
 * accept with a version of the protocol (10, or from 11 on with its bit 15, as a negative word), architecture, type.
 */
function firebird(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 16) return NO_MATCH
  const word = readI32(bytes, start)
  const second = readI32(bytes, start + 4)
  const third = readU32(bytes, start + 8)
  if (word === 1) {
    const connects =
      second === FIREBIRD_ATTACH && (third === 2 || third === 3) && readU32(bytes, start + 12) <= 64
    if (!connects) return NO_MATCH
    tellDatabase(payload)
    return STRONG | FROM_CLIENT
  }
  if (!FIREBIRD_ACCEPT.includes(word) || third === 0 || third > 64) return NO_MATCH
  const version = second >>> 8 === 0xffff80 ? second & 0xff : 0
  const known = version >= 11 && version < 32 && (readU32(bytes, start + 12) & ~0x100) < 6
  return known ? STRONG | FROM_SERVER : NO_MATCH
}

function tellDatabase(payload: Payload): void {
  const { bytes, start, end } = payload
  if (end - start < FIREBIRD_DATABASE) return
  const from = start + FIREBIRD_DATABASE
  const stop = from + readU32(bytes, from - 4)
  if (stop <= end) tellText(payload, 'firebird', 'database', [from, stop])
}

/** Versions of the client protocol, as little-endian words: V0_1 to V0_4 and V1_0. */
const RETHINKDB_VERSIONS: readonly number[] = [0x36ba613f, 0xe1813072, 0x3ee8755f, 0x202d0c40, 0xc3bdc234]
const RETHINKDB: Beginnings = [
  ['{"max_protocol_version":', STRONG | FROM_SERVER],
  ['{"protocol_version":0,"authentication_method":', STRONG | FROM_CLIENT],
  ['RethinkDB cluster\n', STRONG],
]

/** The version may be followed by the client's first JSON, or by its key and an encoding. */
function rethinkdb(payload: Payload): number {
  const { bytes, start, end, ordinal } = payload
  if (end - start < 4) return NO_MATCH
  if (RETHINKDB_VERSIONS.includes(readU32(bytes, start)))
    return ordinal === 0 ? STRONG | FROM_CLIENT : NO_MATCH
  return answerTo(payload, RETHINKDB)
}

const TARANTOOL_GREETING = 128
/** A number of four bytes follows. */
const WIDE = 0xce
const TARANTOOL_LAST_TYPE = 0x60

/** The greeting of 128 bytes; answers: length, then a map of type, sync and version of the schema as wide integers. */
function tarantool(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (bytes[start] === 0x54) {
    if (length !== TARANTOOL_GREETING || !startsWith(bytes, start, end, 'Tarantool ')) return NO_MATCH
    const space = findByte(bytes, start + 10, end, 0x20)
    if (space > 0) tellText(payload, 'tarantool', 'version', [start + 10, space])
    return STRONG | FROM_SERVER
  }
  if (end - start < 23 || bytes[start] !== WIDE || !fills(payload, readU32(bytes, start + 1) + 5))
    return NO_MATCH
  if (bytes[start + 5] === 0x83)
    return readU16(bytes, start + 6) === 0x00ce && readU16(bytes, start + 12) === 0x01cf
      ? STRONG | FROM_SERVER
      : NO_MATCH
  // A request: sync, type and perhaps more in a map whose keys are small numbers.
  const type = bytes[start + 5] === 0x82 && bytes[start + 6] === 0 && bytes[start + 7] <= TARANTOOL_LAST_TYPE
  return type && readU16(bytes, start + 8) === 0x01cf ? STRONG | FROM_CLIENT : NO_MATCH
}

const AEROSPIKE_VERSION = 2
const AEROSPIKE_INFO = 1
const AEROSPIKE_ADMIN = 2
const AEROSPIKE_ADMIN_HEADER = 16
const AEROSPIKE_MESSAGE = 3
const AEROSPIKE_HEADER = 22

/**
 * Aerospike: version 2, type, length in six bytes; information as lines of text, messages with a header of 22 bytes, who
 * logs in with one of 16: 0, result, command, fields and zeros.
 */
function aerospike(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 9 || bytes[start] !== AEROSPIKE_VERSION || readU16(bytes, start + 2) !== 0)
    return NO_MATCH
  const length = readU32(bytes, start + 4)
  if (length === 0 || !fills(payload, length + 8)) return NO_MATCH
  if (bytes[start + 1] === AEROSPIKE_MESSAGE) {
    if (end - start < 8 + AEROSPIKE_HEADER || bytes[start + 8] !== AEROSPIKE_HEADER) return NO_MATCH
    return STRONG
  }
  if (bytes[start + 1] === AEROSPIKE_ADMIN) {
    const room = bytes[start + 8] === 0 && end - start >= 8 + AEROSPIKE_ADMIN_HEADER
    return room && zeroWords(bytes, start + 12, 3) ? STRONG : NO_MATCH
  }
  if (bytes[start + 1] !== AEROSPIKE_INFO) return NO_MATCH
  // "build\n" is asked for, "build\t6.0\n" told.
  const stop = Math.min(end, start + 64)
  const name = printableRun(bytes, start + 8, stop)
  if (name === start + 8) return NO_MATCH
  if (name === stop) return STRONG
  if (bytes[name] === 0x0a) return STRONG | FROM_CLIENT
  return bytes[name] === 0x09 ? STRONG | FROM_SERVER : NO_MATCH
}

const HADOOP_VERSIONS = 4
const HADOOP_LAST = 9

/** Hadoop: "hrpc", version, service class, authentication (0 or -33). */
function hadoop({ bytes, start, end }: Payload): number {
  if (end - start < 7 || !startsWith(bytes, start, end, 'hrpc')) return NO_MATCH
  const version = bytes[start + 4]
  const known = version >= HADOOP_VERSIONS && version <= HADOOP_LAST
  return known && (bytes[start + 6] === 0 || bytes[start + 6] === 0xdf || version < 9)
    ? STRONG | FROM_CLIENT
    : NO_MATCH
}

const HBASE: Beginnings = [['HBas\x00', STRONG | FROM_CLIENT]]

export const signatures: Signature[] = [
  {
    label: 'bolt',
    says: 'starts with the magic 6060b017 of Bolt, answers it, or is a chunk with a message that names Neo4j',
    protocols: TCP,
    ports: [7687],
    bits: [
      ...bitsOfWords([BOLT_MAGIC]),
      { offset: 0, mask: 0xfffff0f0 | 0, value: 0 },
      { offset: 0, mask: 0xff00, value: 0xb100 },
    ],
    match: bolt,
  },
  {
    label: 'clickhouse',
    says: 'holds the hello of a ClickHouse client or server with its name, or its exception',
    protocols: TCP,
    ports: [9000],
    // Both names begin with a letter; an exception has a number of four bytes.
    bits: [
      { offset: 0, mask: 0xff804000 | 0, value: 0x4000 },
      { offset: 4, mask: 0xffffff, value: 0x0d4442 },
    ],
    firstBytes: [0, CLICKHOUSE_EXCEPTION],
    match: clickhouse,
  },
  {
    label: 'firebird',
    says: 'is a Firebird connect with attach, or accepts one with a version of its protocol',
    protocols: TCP,
    ports: [3050],
    bits: bitsOfWords([1, ...FIREBIRD_ACCEPT]),
    match: firebird,
  },
  {
    label: 'rethinkdb',
    says: 'starts with a version number of RethinkDB, or what either side says about versions',
    protocols: TCP,
    ports: [28015, 29015],
    bits: [...bitsOfWords(RETHINKDB_VERSIONS), ...bitsOfBeginnings(RETHINKDB)],
    match: rethinkdb,
  },
  {
    label: 'tarantool',
    says: 'is the greeting of Tarantool, or a request or answer with agreeing length',
    protocols: TCP,
    ports: [3301],
    bits: [...bitsOfWords([wordOf('Tara')]), { offset: 2, mask: 0xfe, value: 0x82 }],
    firstBytes: [0x54, 0xce],
    match: tarantool,
  },
  {
    label: 'aerospike',
    says: 'holds an Aerospike header with agreeing length, and information, a login or a message',
    protocols: TCP,
    ports: [3000],
    bits: bitsOfWords([0x02010000, 0x02020000, 0x02030000]),
    match: aerospike,
  },
  {
    label: 'hadoop-rpc',
    says: 'starts with "hrpc", a version and an authentication of Hadoop',
    protocols: TCP,
    ports: [8020, 9000],
    bits: bitsOfWords([wordOf('hrpc')]),
    match: hadoop,
  },
  {
    label: 'hbase',
    says: 'starts with "HBas" and version 0, the preamble of HBase',
    protocols: TCP,
    ports: [16000, 16020],
    ...oneOf(HBASE),
  },
]
