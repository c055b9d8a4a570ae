/** Hadoop's remote calls, and what stands around it: ZooKeeper and HBase. */
import { readI32, readU32, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { ASCII, type Beginnings, bitsOfWords, oneOf, wordOf } from '../common/beginnings.ts'
import { onPort, TCP } from '../common/ports.ts'
import { findText } from '../common/text-scan.ts'

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
    if (payload.length !== 4 || end - start < 4) return NO_MATCH
    const answers = payload.peerLength === 4 && startsWith(payload.peer, 0, 4, 'ruok')
    if (answers && startsWith(bytes, start, end, 'imok')) return STRONG | FROM_SERVER
    if (!onPort(payload, ZOOKEEPER_PORT)) return NO_MATCH
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
    label: 'zookeeper',
    says: 'is a ZooKeeper connect request or answer, a ping, its version, a four-letter word on port 2181, or imok',
    protocols: TCP,
    ports: [ZOOKEEPER_PORT],
    firstBytes: [0, 0x5a, 0x72, 0x73, 0x6d, 0x63, 0x64, 0x65, 0x77, 0x69],
    bits: ASCII,
    match: zookeeper,
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
