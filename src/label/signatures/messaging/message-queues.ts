/** Message queues: ZeroMQ (ZMTP), Pulsar, NSQ, ActiveMQ (OpenWire), IBM MQ. */
import { readI32, readU32, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { answerTo, type Beginnings, bitsOfBeginnings, bitsOfWords, wordOf } from '../common/beginnings.ts'
import { fills } from '../common/length.ts'
import { TCP } from '../common/ports.ts'

/** ZMTP 3.1 section 3.2: ff, eight bytes of padding, 7f, version; the older form has a length in the padding. */
function zmtp(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 10 || bytes[start] !== 0xff || bytes[start + 9] !== 0x7f) return NO_MATCH
  return readI32(bytes, start + 1) === 0 && payload.length <= 64 ? STRONG : NO_MATCH
}

const PULSAR_CONNECT = 0x08021200
const PULSAR_CONNECTED = 0x08031a00
const PULSAR_PING = 0x08129201
const PULSAR_PONG = 0x08139a01

/** Pulsar: length of all, length of the command, then its type and the field of that number. */
function pulsar({ bytes, start, end, length }: Payload): number {
  if (end - start < 13 || readU32(bytes, start) + 4 !== length) return NO_MATCH
  if (readU32(bytes, start + 4) + 8 !== length) return NO_MATCH
  const word = readI32(bytes, start + 8)
  if (word === PULSAR_PING || word === PULSAR_PONG) return STRONG
  if ((word & ~0xff) === PULSAR_CONNECT) return STRONG | FROM_CLIENT
  return (word & ~0xff) === PULSAR_CONNECTED ? STRONG | FROM_SERVER : NO_MATCH
}

const NSQ_HELLO: Beginnings = [['  V2', STRONG | FROM_CLIENT]]
const NSQ_ERROR = 1
const NSQ_FRAMES = ['OK', '_heartbeat_', 'E_', '{"max_rdy_count"', 'CLOSE_WAIT']

/** NSQ: two blanks and "V2" start a connection; frames of the server have length, type and text. */
function nsq(payload: Payload): number {
  const { bytes, start, end, length, ordinal } = payload
  const hello = answerTo(payload, NSQ_HELLO)
  if (hello !== NO_MATCH) return ordinal === 0 && (length === 4 || isNsqCommand(payload)) ? hello : NO_MATCH
  if (end - start < 10 || readU32(bytes, start) + 4 !== length || readU32(bytes, start + 4) > NSQ_ERROR)
    return NO_MATCH
  for (const text of NSQ_FRAMES) if (startsWith(bytes, start + 8, end, text)) return STRONG | FROM_SERVER
  return NO_MATCH
}

/** Behind the hello, in one segment: a command in capitals. */
function isNsqCommand({ bytes, start, end }: Payload): boolean {
  for (let at = start + 4; at < end && at < start + 7; at++)
    if (bytes[at] < 0x41 || bytes[at] > 0x5a) return false
  return true
}

/** OpenWire: length, WIREFORMAT_INFO (1), "ActiveMQ"; both sides begin with it. */
function openwire({ bytes, start, end, length }: Payload): number {
  if (!startsWith(bytes, start + 5, end, 'ActiveMQ') || bytes[start + 4] !== 1) return NO_MATCH
  return readU32(bytes, start) + 4 <= length ? STRONG : NO_MATCH
}

/** "TSH ", "TSHC" and "TSHM" in ASCII and in EBCDIC. */
const MQ_WORDS: readonly number[] = [0x54534820, 0x54534843, 0x5453484d, 0xe3e2c840, 0xe3e2c8c3, 0xe3e2c8d4]
const MQ_LAST_TYPE = 0x9f
const MQ_MULTIPLEXED = [0x4d, 0xd4]

/** IBM MQ: transmission segment header: its name, length, conversation where multiplexed, byte order, type. */
function ibmMq(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 28 || !MQ_WORDS.includes(readU32(bytes, start))) return NO_MATCH
  if (!fills(payload, readU32(bytes, start + 4))) return NO_MATCH
  const at = start + (MQ_MULTIPLEXED.includes(bytes[start + 3]) ? 16 : 8)
  const order = bytes[at]
  return (order === 1 || order === 2) && bytes[at + 1] <= MQ_LAST_TYPE ? STRONG : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'zmtp',
    says: 'is a ZMTP greeting: signature ff … 7f',
    protocols: TCP,
    firstBytes: [0xff],
    match: zmtp,
  },
  {
    label: 'pulsar',
    says: 'holds two agreeing lengths and a command of Apache Pulsar',
    protocols: TCP,
    ports: [6650],
    bits: [
      ...[PULSAR_CONNECT, PULSAR_CONNECTED].map((value) => ({ offset: 8, mask: ~0xff, value })),
      ...[PULSAR_PING, PULSAR_PONG].map((value) => ({ offset: 8, mask: -1, value })),
    ],
    firstBytes: [0],
    match: pulsar,
  },
  {
    label: 'nsq',
    says: 'starts with "  V2" of NSQ, or is a frame of its server with agreeing length',
    protocols: TCP,
    ports: [4150],
    bits: [...bitsOfBeginnings(NSQ_HELLO), { offset: 4, mask: -2, value: 0 }],
    firstBytes: [0x20, 0],
    match: nsq,
  },
  {
    label: 'openwire',
    says: 'holds a length, type 1 and "ActiveMQ", which starts OpenWire',
    protocols: TCP,
    ports: [61616],
    bits: { offset: 5, mask: -1, value: wordOf('Acti') },
    firstBytes: [0],
    match: openwire,
  },
  {
    label: 'ibm-mq',
    says: 'starts with a transmission segment header of IBM MQ and its length',
    protocols: TCP,
    ports: [1414],
    bits: bitsOfWords(MQ_WORDS),
    match: ibmMq,
  },
]
