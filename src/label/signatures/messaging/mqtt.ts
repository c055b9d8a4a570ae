/** MQTT (OASIS 3.1.1 and 5.0) and MQTT-SN 1.2. */
import { readU16, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { firstBytesWhere } from '../common/byte-scan.ts'
import { setExtra, setExtraText } from '../common/extras.ts'
import { fills } from '../common/length.ts'
import { onPort, TCP, UDP } from '../common/ports.ts'
import { printableRun } from '../common/text-scan.ts'

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
  setExtra(payload, 'mqtt', 'protocol_level', bytes[level])
  // Level 5 has properties before the client identifier; theirs is skipped when the length is one byte.
  const skip = bytes[level] === 5 && level + 4 < end && bytes[level + 4] < 0x80 ? 1 + bytes[level + 4] : 0
  const client = level + 4 + skip
  if (client + 2 <= end) {
    const length = readU16(bytes, client)
    if (client + 2 + length <= end)
      setExtraText(payload, 'mqtt', 'client_id', [client + 2, client + 2 + length])
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

const SN_CONNECT = 4
const SN_CONNACK = 5
const SN_PROTOCOL = 1

/** MQTT-SN 1.2 section 5.4.4: length, type, flags, protocol 1, duration, client id. */
function snConnect({ bytes, start, end, length }: Payload): number {
  if (end - start < 8 || bytes[start] !== length || bytes[start + 1] !== SN_CONNECT) return NO_MATCH
  // Of the flags only "will" and "clean session" may be set.
  if (bytes[start + 3] !== SN_PROTOCOL || (bytes[start + 2] & 0xf3) !== 0) return NO_MATCH
  return printableRun(bytes, start + 6, end) === start + length ? STRONG | FROM_CLIENT : NO_MATCH
}

/** Section 5.4.5: a return code, in answer to CONNECT. */
function snConnack({ bytes, start, end, length, peer, peerLength }: Payload): number {
  if (length !== 3 || end - start < 3 || bytes[start] !== 3 || bytes[start + 1] !== SN_CONNACK)
    return NO_MATCH
  const asked = peerLength >= 7 && peer[0] === peerLength && peer[1] === SN_CONNECT
  return asked && peer[3] === SN_PROTOCOL && bytes[start + 2] <= 3 ? STRONG | FROM_SERVER : NO_MATCH
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
    label: 'mqtt-sn',
    says: 'is CONNECT of MQTT-SN: its own length, protocol 1 and a client id to its end',
    protocols: UDP,
    ports: [1883, 10000],
    bits: { offset: 0, mask: 0x00fff3ff, value: 0x00040001 },
    match: snConnect,
  },
  {
    label: 'mqtt-sn',
    says: 'is CONNACK of MQTT-SN in answer to CONNECT',
    protocols: UDP,
    ports: [1883, 10000],
    firstBytes: [3],
    match: snConnack,
  },
]
