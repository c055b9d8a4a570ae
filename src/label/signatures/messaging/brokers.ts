/** Queues, jobs and clusters: Pulsar, NSQ, beanstalkd, Gearman, RabbitMQ streams, OpenWire, IBM MQ, Hazelcast, Erlang, memberlist. */
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
import { answerTo, type Beginnings, bitsOfBeginnings, bitsOfWords, wordOf } from '../common/beginnings.ts'
import { digitRun, fills, findByte, onPort, printableRun, TCP } from '../common/shape.ts'

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

const SPACE = 0x20
const CR = 0x0d

/** True when nothing but `count` numbers stands between `at` and the end of the line, each behind one blank. */
function numbersOnly({ bytes, end }: Payload, at: number, count: number): boolean {
  let here = at
  for (let i = 0; i < count; i++) {
    if (i > 0 && bytes[here++] !== SPACE) return false
    here = digitRun(bytes, here, end, 20)
    if (here < 0) return false
  }
  return here + 1 < end && bytes[here] === CR && bytes[here + 1] === 0x0a
}

/** Lines of beanstalkd's protocol that are a word and so many numbers. */
const BEANSTALK: readonly (readonly [text: string, numbers: number, role: number])[] = [
  ['put ', 4, FROM_CLIENT],
  ['reserve-with-timeout ', 1, FROM_CLIENT],
  ['INSERTED ', 1, FROM_SERVER],
  ['RESERVED ', 2, FROM_SERVER],
  ['WATCHING ', 1, FROM_SERVER],
]

function beanstalkd(payload: Payload): number {
  const { bytes, start, end } = payload
  for (let i = 0; i < BEANSTALK.length; i++) {
    const [text, numbers, role] = BEANSTALK[i]
    if (!startsWith(bytes, start, end, text)) continue
    return numbersOnly(payload, start + text.length, numbers) ? STRONG | role : NO_MATCH
  }
  return NO_MATCH
}

const GEARMAN_LAST = 42

/** Gearman: NUL and "REQ" or "RES", type, length of what follows. */
function gearman({ bytes, start, end, length }: Payload): number {
  if (end - start < 12 || bytes[start] !== 0) return NO_MATCH
  const request = startsWith(bytes, start + 1, end, 'REQ')
  if (!request && !startsWith(bytes, start + 1, end, 'RES')) return NO_MATCH
  const type = readU32(bytes, start + 4)
  if (type < 1 || type > GEARMAN_LAST) return NO_MATCH
  const fits = readU32(bytes, start + 8) + 12 <= length || length > 500
  if (!fits) return NO_MATCH
  return STRONG | (request ? FROM_CLIENT : FROM_SERVER)
}

const STREAM_PROPERTIES = 0x11
const STREAM_SASL = 0x12
const STREAM_LAST = 0x20
const STREAM_RESPONSE = 0x8000

/** RabbitMQ streams: length, key (answers with bit 15), version 1, number that the answer repeats. */
function rabbitmqStream(payload: Payload): number {
  const { bytes, start, end, peer, peerLength } = payload
  if (end - start < 12 || !fills(payload, readU32(bytes, start) + 4) || readU16(bytes, start + 6) !== 1)
    return NO_MATCH
  const key = readU16(bytes, start + 4)
  if ((key & 0x7fff) === 0 || (key & 0x7fff) > STREAM_LAST) return NO_MATCH
  if ((key & STREAM_RESPONSE) !== 0) {
    const asked = peerLength >= 12 && readU16(peer, 4) === (key & 0x7fff) && readU16(peer, 6) === 1
    return asked && readI32(peer, 8) === readI32(bytes, start + 8) ? STRONG | FROM_SERVER : NO_MATCH
  }
  if (key === STREAM_SASL)
    return onPort(payload, 5552) && payload.length === 12 ? STRONG | FROM_CLIENT : NO_MATCH
  // Properties: how many, then the first one's name.
  if (key !== STREAM_PROPERTIES || end - start < 20 || readU32(bytes, start + 12) > 64) return NO_MATCH
  const stop = start + 18 + readU16(bytes, start + 16)
  const name = stop <= end && stop > start + 18 && printableRun(bytes, start + 18, stop) === stop
  return name ? STRONG | FROM_CLIENT : NO_MATCH
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

const EPMD_PORT = 4369
const ALIVE = 0x78
const PORT_PLEASE = 0x7a
const NAMES = 0x6e
const PORT_ANSWER = 0x77
const NODE_TYPES: readonly number[] = [77, 72, 109, 110]

/** Erlang's port mapper: length and a letter; who registers or is found tells its kind and the versions it speaks. */
function epmd(payload: Payload): number {
  const { bytes, start, end, length, peer, peerLength } = payload
  if (end - start < 3) return NO_MATCH
  if (peerLength === 3 && peer[1] === 1 && peer[2] === NAMES)
    return end - start >= 4 && readU16(bytes, start) === 0 ? STRONG | FROM_SERVER : NO_MATCH
  if (bytes[start] === PORT_ANSWER) {
    if (end - start < 12 || bytes[start + 1] !== 0) return NO_MATCH
    return isNode(bytes, start + 4) && readU16(bytes, start + 10) + 14 <= length
      ? STRONG | FROM_SERVER
      : NO_MATCH
  }
  if (readU16(bytes, start) + 2 !== length) return NO_MATCH
  const letter = bytes[start + 2]
  if (letter === ALIVE) return end - start >= 13 && isNode(bytes, start + 5) ? STRONG | FROM_CLIENT : NO_MATCH
  if (letter === NAMES) return length === 3 ? WEAK | FROM_CLIENT : NO_MATCH
  if (letter !== PORT_PLEASE || length < 4 || length > 258) return NO_MATCH
  const named = printableRun(bytes, start + 3, end) === end
  return named ? (onPort(payload, EPMD_PORT) ? STRONG : WEAK) | FROM_CLIENT : NO_MATCH
}

/** Kind of node, protocol 0 (TCP), highest and lowest version: 5 or 6. */
function isNode(bytes: Uint8Array, at: number): boolean {
  if (!NODE_TYPES.includes(bytes[at]) || bytes[at + 1] !== 0) return false
  const high = readU16(bytes, at + 2)
  const low = readU16(bytes, at + 4)
  return (high === 5 || high === 6) && (low === 5 || low === 6)
}

const OLD_NAME = 0x6e
const NEW_NAME = 0x4e
const STATUS: readonly number[] = [0x73, 0x6f, 0x6b]
const AT_SIGN = 0x40

/** Erlang's distribution: length, "n" or "N", flags, the sender's name with its host; answered by the status "ok". */
function erlang({ bytes, start, end, length, ordinal }: Payload): number {
  if (ordinal > 1 || end - start < 5 || readU16(bytes, start) + 2 !== length) return NO_MATCH
  if (bytes[start + 2] === STATUS[0])
    return length === 5 && bytes[start + 3] === STATUS[1] && bytes[start + 4] === STATUS[2]
      ? STRONG | FROM_SERVER
      : NO_MATCH
  const old = bytes[start + 2] === OLD_NAME && readU16(bytes, start + 3) === 5
  if (!old && (bytes[start + 2] !== NEW_NAME || end - start < 17)) return NO_MATCH
  if (!old && readU16(bytes, start + 15) + 17 !== length) return NO_MATCH
  const name = start + (old ? 9 : 17)
  return findByte(bytes, name, end, AT_SIGN) > name && printableRun(bytes, name, end) === end
    ? STRONG | FROM_CLIENT
    : NO_MATCH
}

export const signatures: Signature[] = [
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
    label: 'beanstalkd',
    says: 'is a command or answer of beanstalkd with its numbers',
    protocols: TCP,
    ports: [11300],
    bits: bitsOfWords([...new Set(BEANSTALK.map(([text]) => wordOf(text)))]),
    match: beanstalkd,
  },
  {
    label: 'gearman',
    says: 'starts with NUL and "REQ" or "RES", a known type and a length of Gearman',
    protocols: TCP,
    ports: [4730],
    bits: bitsOfWords([wordOf('\x00REQ'), wordOf('\x00RES')]),
    match: gearman,
  },
  {
    label: 'rabbitmq-stream',
    says: 'holds a frame of RabbitMQ streams with agreeing length: properties, or an answer with the number of its request',
    protocols: TCP,
    ports: [5552],
    bits: { offset: 4, mask: 0x7fc0ffff, value: 1 },
    firstBytes: [0],
    match: rabbitmqStream,
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
  {
    label: 'epmd',
    says: "asks Erlang's port mapper or is its answer, with agreeing length",
    protocols: TCP,
    ports: [EPMD_PORT],
    // What asks for names has three bytes, too few for a test of bits.
    firstBytes: [0, 1, PORT_ANSWER],
    match: epmd,
  },
  {
    label: 'erldp',
    says: 'names a node of Erlang that connects to another, with agreeing length, or accepts it',
    protocols: TCP,
    bits: [OLD_NAME, NEW_NAME, STATUS[0]].map((letter) => ({
      offset: 0,
      mask: 0xff00ff00 | 0,
      value: letter << 8,
    })),
    match: erlang,
  },
]
