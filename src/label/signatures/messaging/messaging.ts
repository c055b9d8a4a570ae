/**
 * Message queues and chat: MQTT (OASIS 3.1.1, 5.0), AMQP (0-9-1 and 1.0), NATS, STOMP, ZMTP, XMPP (RFC 6120).
 * Kafka is in kafka.ts.
 */
import { readI32, readU16, readU32, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  MORE,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { bitsOf } from '../common/beginnings.ts'
import {
  fills,
  findText,
  firstBytesWhere,
  lineEnd,
  onPort,
  printableRun,
  TCP,
  tell,
  tellText,
} from '../common/shape.ts'
import { tlsInside } from '../tls/tls.ts'

const MQTT_PORT = 1883
const CONNECT = 1
const CONNACK = 2
const PUBLISH = 3
const SUBSCRIBE = 8
const SUBACK = 9

/** MQTT 3.1.1 section 3.1: protocol name, level, flags, keep-alive, client identifier. */
function mqttConnect(payload: Payload, at: number): number {
  const { bytes, end } = payload
  const current = startsWith(bytes, at, end, '\0\x04MQTT')
  if (!current && !startsWith(bytes, at, end, '\0\x06MQIsdp')) return NO_MATCH
  const level = at + (current ? 6 : 8)
  if (level + 4 > end) return STRONG | FROM_CLIENT
  tell(payload, 'mqtt', 'protocol_level', bytes[level])
  // Level 5 has properties before the client identifier; theirs is skipped when the length is one byte.
  const skip = bytes[level] === 5 && level + 4 < end && bytes[level + 4] < 0x80 ? 1 + bytes[level + 4] : 0
  const client = level + 4 + skip
  if (client + 2 <= end) {
    const length = readU16(bytes, client)
    if (client + 2 + length <= end) tellText(payload, 'mqtt', 'client_id', [client + 2, client + 2 + length])
  }
  return STRONG | FROM_CLIENT
}

/** Bytes of the remaining length read last. */
let lengthBytes = 0

/** The remaining length at `at`, one to four bytes with seven bits each (section 2.2.3), or -1. */
function remainingLength(bytes: Uint8Array, at: number, end: number): number {
  let remaining = 0
  for (lengthBytes = 0; lengthBytes < 4 && at + lengthBytes < end; ) {
    const byte = bytes[at + lengthBytes]
    remaining |= (byte & 0x7f) << (7 * lengthBytes++)
    if (byte < 0x80) return remaining
  }
  return -1
}

const MAX_CONTROL_PACKETS = 32

/** Whole control packets lead from `at` to the end of the segment, or the last one goes on in the next. */
function leadsToEnd(payload: Payload, from: number): boolean {
  const { bytes, start, end } = payload
  const stop = start + payload.length
  let at = from
  for (let count = 0; at < stop && at + 1 < end && count < MAX_CONTROL_PACKETS; count++) {
    const remaining = remainingLength(bytes, at + 1, end)
    if (remaining < 0 || bytes[at] < 0x20) return false
    at += 1 + lengthBytes + remaining
  }
  // Short of the end only where the snaplen took the next header.
  return at === stop || (at > stop ? fills(payload, at - start) : end < stop)
}

/** Fixed header: type and flags, remaining length (section 2.2). */
function mqtt(payload: Payload): number {
  const { bytes, start, end } = payload
  const remaining = remainingLength(bytes, start + 1, end)
  if (remaining < 0) return NO_MATCH
  const at = start + 1 + lengthBytes
  const type = bytes[start] >> 4
  if (type === CONNECT && bytes[start] === 0x10) return mqttConnect(payload, at)
  if (!onPort(payload, MQTT_PORT) && payload.labelSoFar !== 'mqtt') return NO_MATCH
  if (!leadsToEnd(payload, at + remaining)) return NO_MATCH
  if (type === PUBLISH) {
    const topic = at + 2 <= end ? readU16(bytes, at) : 0
    const stop = at + 2 + topic
    if (topic === 0 || stop > end || topic + 2 > remaining) return NO_MATCH
    return printableRun(bytes, at + 2, stop) === stop ? STRONG : NO_MATCH
  }
  const flags = bytes[start] & 15
  if (flags !== (type === 6 || type === SUBSCRIBE || type === 10 ? 2 : 0) || type === 0 || type === 15) {
    return NO_MATCH
  }
  if (type === CONNACK) return remaining >= 2 && at < end && bytes[at] <= 1 ? WEAK | FROM_SERVER : NO_MATCH
  if (type >= 12) return remaining === 0 || type === 14 ? WEAK : NO_MATCH
  if (type === SUBSCRIBE || type === SUBACK) return remaining >= 3 ? WEAK : NO_MATCH
  return remaining >= 2 ? WEAK : NO_MATCH
}

const AMQP_FRAME_END = 0xce
const AMQP_FRAME_HEADER = 7

/** AMQP 0-9-1 section 2.3: type, channel, size, payload, end byte ce. Class and method follow in method frames. */
function amqpFrame(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < AMQP_FRAME_HEADER + 1) return NO_MATCH
  const type = bytes[start]
  const size = readU32(bytes, start + 3)
  const last = start + AMQP_FRAME_HEADER + size
  if (size > 0x20000 || last - start >= payload.length + 1 || last >= end) return NO_MATCH
  if (bytes[last] !== AMQP_FRAME_END) return NO_MATCH
  if (type === 8) return size === 0 ? (onPort(payload, 5672) ? STRONG : WEAK) : NO_MATCH
  if (size < 4) return NO_MATCH
  const classId = readU16(bytes, start + AMQP_FRAME_HEADER)
  const known = classId >= 10 && classId <= 120 && classId % 5 === 0
  return (type === 1 && known) || (type === 2 && classId === 60) || onPort(payload, 5672) ? STRONG : NO_MATCH
}

/** AMQP 1.0 section 2.3.1: size, data offset of at least 2, type, channel; the body is a described type (00 53). */
function amqpFrame1(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 11) return NO_MATCH
  const size = readU32(bytes, start)
  if (size < 8 || size > payload.length || bytes[start + 4] !== 2 || bytes[start + 5] > 1) return NO_MATCH
  return bytes[start + 8] === 0 && bytes[start + 9] === 0x53 ? STRONG : NO_MATCH
}

function amqp(payload: Payload): number {
  const { bytes, start, end } = payload
  if (bytes[start] === 0x41) {
    if (!startsWith(bytes, start, end, 'AMQP') || payload.length !== 8 || end - start < 8) return NO_MATCH
    tell(payload, 'amqp', 'version', `${bytes[start + 5]}.${bytes[start + 6]}.${bytes[start + 7]}`)
    return STRONG | FROM_CLIENT
  }
  if (bytes[start] === 0) return amqpFrame1(payload)
  return amqpFrame(payload)
}

/** How far JSON is searched: its fields stand in any order. */
const NATS_SEARCH = 1024
const PUBLISHING = ['PUB ', 'HPUB ']
const DELIVERING = ['MSG ', 'HMSG ']

/** A message whose line ends with the number of bytes (headers included) that follow it, and CR LF behind them. */
function natsMessage(payload: Payload): boolean {
  const { bytes, start, end } = payload
  const line = lineEnd(bytes, start, end)
  let digits = line
  while (digits > start && bytes[digits - 1] >= 0x30 && bytes[digits - 1] <= 0x39) digits--
  if (digits === line || line - digits > 8 || bytes[digits - 1] !== 0x20) return false
  let size = 0
  for (let at = digits; at < line; at++) size = size * 10 + bytes[at] - 0x30
  const stop = line + 2 + size
  return stop + 2 <= end && startsWith(bytes, line, end, '\r\n') && startsWith(bytes, stop, end, '\r\n')
}

/** NATS client protocol: text verbs; INFO and CONNECT carry JSON. */
function nats(payload: Payload): number {
  const { bytes, start, end } = payload
  if (startsWith(bytes, start, end, 'INFO {')) {
    return findText(bytes, start, Math.min(end, start + NATS_SEARCH), '"server_') >= 0
      ? STRONG | FROM_SERVER
      : NO_MATCH
  }
  if (startsWith(bytes, start, end, 'CONNECT {')) return STRONG | FROM_CLIENT
  for (const verb of PUBLISHING)
    if (startsWith(bytes, start, end, verb) && natsMessage(payload)) return STRONG | FROM_CLIENT
  for (const verb of DELIVERING)
    if (startsWith(bytes, start, end, verb) && natsMessage(payload)) return STRONG | FROM_SERVER
  if (!onPort(payload, 4222)) return NO_MATCH
  if (startsWith(bytes, start, end, 'PING\r\n') || startsWith(bytes, start, end, 'PONG\r\n')) return WEAK
  if (startsWith(bytes, start, end, 'PUB ') || startsWith(bytes, start, end, 'SUB '))
    return WEAK | FROM_CLIENT
  return startsWith(bytes, start, end, 'MSG ') ? WEAK | FROM_SERVER : NO_MATCH
}

/** How far headers are searched: the host may stand first. */
const STOMP_SEARCH = 600

/** A frame's command, ended by LF or CR LF (section "Augmented BNF" of STOMP 1.2). */
function stompCommand({ bytes, start, end }: Payload, command: string): boolean {
  if (!startsWith(bytes, start, end, command)) return false
  const at = start + command.length
  return startsWith(bytes, at, end, '\n') || startsWith(bytes, at, end, '\r\n')
}

/** STOMP 1.2: a command line, headers; CONNECT names accept-version, CONNECTED names version. */
function stomp(payload: Payload): number {
  const { bytes, start, end } = payload
  const stop = Math.min(end, start + STOMP_SEARCH)
  if (stompCommand(payload, 'CONNECTED')) {
    return findText(bytes, start, stop, '\nversion:') >= 0 ? STRONG | FROM_SERVER : WEAK | FROM_SERVER
  }
  if (stompCommand(payload, 'ERROR')) return stompError(payload, stop)
  if (!stompCommand(payload, 'CONNECT') && !stompCommand(payload, 'STOMP')) return NO_MATCH
  return findText(bytes, start, stop, '\naccept-version:') >= 0 ||
    findText(bytes, start, stop, '\nlogin:') >= 0
    ? STRONG | FROM_CLIENT
    : NO_MATCH
}

const STOMP_HEADERS = ['\nmessage:', '\nversion:', '\nreceipt-id:', '\ncontent-type:', '\ncontent-length:']

/** A frame with a header line that is known; the NUL that ends it makes it sure. */
function stompError({ bytes, start, end, length }: Payload, stop: number): number {
  if (!STOMP_HEADERS.some((header) => findText(bytes, start, stop, header) > 0)) return NO_MATCH
  const whole = end - start === length && bytes[end - 1] === 0
  return (whole ? STRONG : WEAK) | FROM_SERVER
}

/** ZMTP 3.1 section 3.2: ff, eight bytes of padding, 7f, version; the older form has a length in the padding. */
function zmtp(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 10 || bytes[start] !== 0xff || bytes[start + 9] !== 0x7f) return NO_MATCH
  return readI32(bytes, start + 1) === 0 && payload.length <= 64 ? STRONG : NO_MATCH
}

/** RFC 6120 section 4: the stream header with its namespace; stanzas when seen in midstream. */
function xmpp(payload: Payload): number {
  const { bytes, start, end } = payload
  if (startsWith(bytes, start, end, '</stream:stream>')) return STRONG
  const stop = Math.min(end, start + 512)
  if (startsWith(bytes, start, end, '<?xml') || startsWith(bytes, start, end, '<stream:')) {
    const stream = findText(bytes, start, stop, '<stream:')
    if (stream >= 0) {
      tellDomain(payload, stream, stop)
      return STRONG | MORE
    }
    return onPort(payload, 5222) || onPort(payload, 5269) ? WEAK : NO_MATCH
  }
  if (startsWith(bytes, start, end, '<open ') || startsWith(bytes, start, end, '<starttls ')) {
    return findText(bytes, start, stop, 'urn:ietf:params:xml:ns:xmpp') >= 0 ? STRONG | MORE : NO_MATCH
  }
  if (!stanza(payload)) return NO_MATCH
  const known =
    findText(bytes, start, stop, 'jabber:') >= 0 ||
    findText(bytes, start, stop, 'urn:xmpp:') >= 0 ||
    findText(bytes, start, stop, 'jabber.org/protocol') >= 0
  return known ? STRONG : onPort(payload, 5222) ? WEAK : NO_MATCH
}

function stanza(payload: Payload): boolean {
  const { bytes, start, end } = payload
  return (
    startsWith(bytes, start, end, '<iq ') ||
    startsWith(bytes, start, end, '<message') ||
    startsWith(bytes, start, end, '<presence')
  )
}

function tellDomain(payload: Payload, from: number, stop: number): void {
  const { bytes } = payload
  const at = findText(bytes, from, stop, ' to=')
  if (at < 0 || at + 6 >= stop) return
  const quote = bytes[at + 4]
  let close = at + 5
  while (close < stop && bytes[close] !== quote) close++
  if (close < stop) tellText(payload, 'xmpp', 'domain', [at + 5, close])
}

export const signatures: Signature[] = [
  {
    label: 'mqtt',
    says: 'is an MQTT CONNECT with its protocol name',
    protocols: TCP,
    ports: [MQTT_PORT],
    firstBytes: [CONNECT << 4],
    match: mqtt,
  },
  {
    label: 'mqtt',
    says: 'is an MQTT control packet of agreeing length, behind a CONNECT or on port 1883',
    protocols: TCP,
    ports: [MQTT_PORT],
    portsOnly: true,
    firstBytes: firstBytesWhere((byte) => byte >> 4 === PUBLISH || (byte >= 0x20 && (byte & 0x0d) === 0)),
    match: mqtt,
  },
  {
    label: 'amqp',
    says: 'starts with "AMQP" and a version, or is a frame whose end byte stands where its size says',
    protocols: TCP,
    ports: [5672],
    firstBytes: [0, 1, 2, 3, 8, 0x41],
    bits: [
      bitsOf('AMQP'),
      { offset: 0, mask: 0xff, value: 0 },
      { offset: 4, mask: 0xfffe0000 | 0, value: 0x02000000 },
    ],
    match: amqp,
  },
  {
    label: 'nats',
    says: 'is a NATS INFO or CONNECT with JSON, a message of agreeing size, or a NATS verb on port 4222',
    protocols: TCP,
    ports: [4222],
    firstBytes: [0x49, 0x43, 0x48, 0x50, 0x53, 0x4d],
    match: nats,
  },
  {
    label: 'stomp',
    says: 'is a STOMP frame: CONNECT, CONNECTED, or ERROR with known headers',
    protocols: TCP,
    ports: [61613],
    firstBytes: [0x43, 0x45, 0x53],
    match: stomp,
  },
  {
    label: 'zmtp',
    says: 'is a ZMTP greeting: signature ff … 7f',
    protocols: TCP,
    firstBytes: [0xff],
    match: zmtp,
  },
  {
    label: 'xmpp',
    says: 'is an XMPP stream header or a stanza with an XMPP namespace',
    protocols: TCP,
    ports: [5222, 5269],
    firstBytes: [0x3c],
    match: xmpp,
  },
  tlsInside('xmpp'),
]
