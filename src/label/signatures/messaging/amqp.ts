/** AMQP (0-9-1 and 1.0), and the streams that RabbitMQ has beside it. */
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
import { bitsOf } from '../common/beginnings.ts'
import { setExtra } from '../common/extras.ts'
import { fills } from '../common/length.ts'
import { onPort, TCP } from '../common/ports.ts'
import { printableRun } from '../common/text-scan.ts'

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
    setExtra(payload, 'amqp', 'version', `${bytes[start + 5]}.${bytes[start + 6]}.${bytes[start + 7]}`)
    return STRONG | FROM_CLIENT
  }
  if (bytes[start] === 0) return amqpFrame1(payload)
  return amqpFrame(payload)
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

export const signatures: Signature[] = [
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
    label: 'rabbitmq-stream',
    says: 'holds a frame of RabbitMQ streams with agreeing length: properties, or an answer with the number of its request',
    protocols: TCP,
    ports: [5552],
    bits: { offset: 4, mask: 0x7fc0ffff, value: 1 },
    firstBytes: [0],
    match: rabbitmqStream,
  },
]
