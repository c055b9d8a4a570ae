/**
 * RTP and RTCP (RFC 3550), SRTP and SRTCP (RFC 3711), over UDP and framed over TCP (RFC 4571).
 * A single RTP packet has two fixed bits, so a match needs two: the same synchronisation source, the next sequence
 * number, a timestamp nearby. RTCP needs lengths that lead exactly to the end of the datagram. SRTP differs from
 * RTP only in that its RTCP is encrypted: that is what is looked for once a stream is found.
 * Not supported: streams of which one packet was captured.
 */
import { PROTOCOL_TCP, PROTOCOL_UDP, readI32, readU16 } from '../../../bytes.ts'
import { LATER, MORE, NO_MATCH, type Payload, type Signature, STRONG, WEAK } from '../../inspect/payload.ts'
import { extraGroup } from '../common/extras.ts'

/** RFC 3550 section 5.1: V P X CC, M PT, sequence (2), timestamp (4), SSRC (4). */
const HEADER = 12
const VERSION_MASK = 0xc0
const VERSION_2 = 0x80
const SOURCES_MASK = 0x0f
const FLAG_PADDING = 0x20
const FLAG_EXTENSION = 0x10
/** RFC 3551 section 6. */
const STATIC_TYPE_LAST = 34
const DYNAMIC_TYPE_FIRST = 96
const SEQUENCE_AT = 2
const TIMESTAMP_AT = 4
const SSRC_AT = 8
/** A lost packet or two between the ones compared. */
const MAX_SEQUENCE_STEP = 4
/** About 45 s at 90 kHz; video frames may also go back a little. */
const MAX_TIMESTAMP_STEP = 1 << 22

/** RFC 3550 section 6.4: V P count, type, length in words less one, SSRC. */
const RTCP_HEADER = 8
const RTCP_FIRST = 200
const RTCP_LAST = 207
const RTCP_SENDER_REPORT = 200
const RTCP_RECEIVER_REPORT = 201
const MAX_COMPOUND = 16
/** RFC 3711 section 3.4: E flag and index (4), tag (10). */
const SRTCP_TAG = 10
const SRTCP_INDEX = 4
/** Sender information (RFC 3550 section 6.4.1) and one report block. */
const SENDER_INFO_WORDS = 6
const REPORT_BLOCK_WORDS = 6

function isRtcpType(type: number): boolean {
  return type >= RTCP_FIRST && type <= RTCP_LAST
}

/** Header, contributing sources, extension and padding fit into the packet at..at+length-1. */
function isRtpShape(bytes: Uint8Array, at: number, end: number, length: number): boolean {
  if (length < HEADER || end - at < HEADER || (bytes[at] & VERSION_MASK) !== VERSION_2) return false
  if (isRtcpType(bytes[at + 1])) return false
  let size = HEADER + (bytes[at] & SOURCES_MASK) * 4
  if ((bytes[at] & FLAG_EXTENSION) !== 0) {
    if (at + size + 4 <= end) size += 4 + readU16(bytes, at + size + 2) * 4
    else size += 4
  }
  if (size > length) return false
  if ((bytes[at] & FLAG_PADDING) === 0 || end - at < length) return true
  const padding = bytes[at + length - 1]
  // SRTP encrypts the padding count, so an impossible one proves nothing on its own.
  return padding <= length || length > size
}

/**
 * The packet at `at` goes on from the one whose first bytes are `before`, from `beforeAt` on. A source of 0 counts
 * only behind a framing length: zeros are too common.
 */
function continues(bytes: Uint8Array, at: number, before: Uint8Array, beforeAt: number): boolean {
  if ((before[beforeAt] & VERSION_MASK) !== VERSION_2 || isRtcpType(before[beforeAt + 1])) return false
  const source = readI32(bytes, at + SSRC_AT)
  if (source !== readI32(before, beforeAt + SSRC_AT) || (source === 0 && beforeAt === 0)) return false
  const step = (readU16(bytes, at + SEQUENCE_AT) - readU16(before, beforeAt + SEQUENCE_AT)) & 0xffff
  if (step === 0 || step > MAX_SEQUENCE_STEP) return false
  const time = (readI32(bytes, at + TIMESTAMP_AT) - readI32(before, beforeAt + TIMESTAMP_AT)) | 0
  return Math.abs(time) <= MAX_TIMESTAMP_STEP
}

/** Headers of the streams that take turns on one pair of ports, newest over oldest; both directions. */
interface Streams {
  kind: 'rtp'
  headers: Uint8Array
  used: number
}
const MAX_STREAMS = 4

function isStreams(scratch: unknown): scratch is Streams {
  return typeof scratch === 'object' && scratch !== null && (scratch as Streams).kind === 'rtp'
}

/** Keeps the header at `at`, in the place of the same source's where there is one. */
function keepStream(streams: Streams, bytes: Uint8Array, at: number): void {
  const { headers } = streams
  let slot = streams.used
  for (let i = 0; i < streams.used; i++)
    if (readI32(headers, i * HEADER + SSRC_AT) === readI32(bytes, at + SSRC_AT)) slot = i
  if (slot === MAX_STREAMS) slot = 0
  headers.set(bytes.subarray(at, at + HEADER), slot * HEADER)
  if (slot === streams.used) streams.used++
}

function matchRtp(payload: Payload): number {
  const { bytes, start, end, length, previous } = payload
  if (!isRtpShape(bytes, start, end, length)) return NO_MATCH
  const goesOn =
    payload.previousLength >= HEADER && (continues(bytes, start, previous, 0) || continuesAnother(payload))
  if (!goesOn) return payload.labelSoFar === '' && isUsual(bytes, start) ? LATER : NO_MATCH
  report(payload, start)
  return STRONG | MORE
}

/** As most streams begin: no padding, no contributing sources, a payload type of RFC 3551's table or a dynamic one. */
function isUsual(bytes: Uint8Array, at: number): boolean {
  const type = bytes[at + 1] & 0x7f
  return (
    (bytes[at] & (FLAG_PADDING | SOURCES_MASK)) === 0 &&
    (type <= STATIC_TYPE_LAST || type >= DYNAMIC_TYPE_FIRST)
  )
}

/** Sound and picture may take turns, so that two packets in a row never belong together. */
function continuesAnother(payload: Payload): boolean {
  const { bytes, start, previous, scratch } = payload
  if ((previous[0] & VERSION_MASK) !== VERSION_2 || payload.labelSoFar !== '') return false
  const streams: Streams = isStreams(scratch)
    ? scratch
    : { kind: 'rtp', headers: new Uint8Array(HEADER * MAX_STREAMS), used: 0 }
  for (let i = 0; i < streams.used; i++)
    if (continues(bytes, start, streams.headers.subarray(i * HEADER, (i + 1) * HEADER), 0)) {
      payload.scratch = undefined
      return true
    }
  if (!isStreams(scratch)) {
    if (scratch !== undefined) return false
    payload.scratch = streams
    keepStream(streams, previous, 0)
  }
  keepStream(streams, bytes, start)
  return false
}

function report(payload: Payload, at: number): void {
  if (payload.exchangeSeen && payload.labelSoFar === 'rtp') return
  const extra = extraGroup(payload, 'rtp')
  if (extra.ssrc !== undefined) return
  extra.payload_type = payload.bytes[at + 1] & 0x7f
  extra.ssrc = `0x${(readI32(payload.bytes, at + SSRC_AT) >>> 0).toString(16).padStart(8, '0')}`
}

/** RFC 4571: a length of two bytes before each packet. */
function matchFramedRtp(payload: Payload): number {
  const { bytes, start, end, length, previous } = payload
  if (end - start < HEADER + 2 || readU16(bytes, start) + 2 !== length) return NO_MATCH
  if ((bytes[start + 2] & VERSION_MASK) !== VERSION_2 || payload.previousLength < HEADER + 2) return NO_MATCH
  if (!isRtpShape(bytes, start + 2, end, length - 2) || !continues(bytes, start + 2, previous, 2))
    return NO_MATCH
  report(payload, start + 2)
  return STRONG
}

/** Number of RTCP packets that chain exactly to `length`, or 0. */
function compoundCount(bytes: Uint8Array, at: number, end: number, length: number): number {
  let next = at
  for (let n = 1; n <= MAX_COMPOUND; n++) {
    if (next + 4 > end || (bytes[next] & VERSION_MASK) !== VERSION_2 || !isRtcpType(bytes[next + 1])) return 0
    next += (readU16(bytes, next + 2) + 1) * 4
    if (next - at === length) return n
    if (next - at > length) return 0
  }
  return 0
}

/** A report's length agrees with its count of report blocks; profile extensions may follow. */
function isReportShape(bytes: Uint8Array, at: number): boolean {
  const blocks = (bytes[at] & 0x1f) * REPORT_BLOCK_WORDS
  const words = readU16(bytes, at + 2)
  if (bytes[at + 1] === RTCP_SENDER_REPORT) return words >= SENDER_INFO_WORDS + blocks && words < 64 + blocks
  return bytes[at + 1] === RTCP_RECEIVER_REPORT && words >= 1 + blocks && words < 64 + blocks
}

function hasSource(bytes: Uint8Array, at: number, before: Uint8Array, beforeLength: number): boolean {
  if (beforeLength < RTCP_HEADER || (before[0] & VERSION_MASK) !== VERSION_2) return false
  const beforeAt = isRtcpType(before[1]) ? 4 : SSRC_AT
  return readI32(bytes, at + 4) !== 0 && readI32(bytes, at + 4) === readI32(before, beforeAt)
}

/** Compound packets start with a report (RFC 3550 section 6.1); reduced ones (RFC 5506) need a known source. */
function matchRtcp(payload: Payload): number {
  const { bytes, start, end, length, previous } = payload
  if (end - start < RTCP_HEADER || !isRtcpType(bytes[start + 1])) return NO_MATCH
  const count = compoundCount(bytes, start, end, length)
  if (count === 0) return NO_MATCH
  if (hasSource(bytes, start, previous, payload.previousLength)) return STRONG
  if (!isReportShape(bytes, start)) return NO_MATCH
  return count > 1 ? STRONG : WEAK
}

/** An RTCP report whose first packet is followed by bytes that are none, and by the E flag and a low index. */
function matchSrtcp(payload: Payload): number {
  const { bytes, start, end, length, previous } = payload
  if (end - start < length || length < RTCP_HEADER + SRTCP_INDEX) return NO_MATCH
  if (!MEDIA_LABELS.includes(payload.labelSoFar)) return NO_MATCH
  if (bytes[start + 1] !== RTCP_SENDER_REPORT && bytes[start + 1] !== RTCP_RECEIVER_REPORT) return NO_MATCH
  if ((readU16(bytes, start + 2) + 1) * 4 > length || compoundCount(bytes, start, end, length) > 0)
    return NO_MATCH
  const known = hasSource(bytes, start, previous, payload.previousLength)
  const tagged = isEncryptedIndex(bytes, end - SRTCP_TAG - SRTCP_INDEX, start)
  // AEAD (RFC 7714 section 9.2) puts the index last.
  const last = isEncryptedIndex(bytes, end - SRTCP_INDEX, start)
  return known && (tagged || last) ? STRONG : NO_MATCH
}

function isEncryptedIndex(bytes: Uint8Array, at: number, start: number): boolean {
  return at >= start + RTCP_HEADER && bytes[at] === 0x80 && bytes[at + 1] === 0 && bytes[at + 2] === 0
}

/** What a flow may be before its media: nothing known, media, or what sets them up (RFC 5764, RFC 8445). */
const MEDIA_LABELS: readonly string[] = ['', 'rtp', 'rtcp', 'srtp', 'stun', 'turn', 'dtls']

const DEPTH = 10
const FIRST_BYTES = Array.from({ length: 64 }, (_, i) => VERSION_2 + i)

export const signatures: Signature[] = [
  {
    label: 'rtcp',
    says: 'is an RTCP report whose lengths lead exactly to its end',
    protocols: [PROTOCOL_UDP],
    firstBytes: FIRST_BYTES,
    depth: DEPTH,
    weight: 70,
    bits: { offset: 0, mask: 0x00f80000, value: 0x00c80000 },
    match: matchRtcp,
  },
  {
    label: 'srtp',
    says: 'carries an encrypted RTCP report with its index',
    protocols: [PROTOCOL_UDP],
    firstBytes: FIRST_BYTES,
    depth: DEPTH,
    weight: 95,
    bits: { offset: 0, mask: 0x00fe0000, value: 0x00c80000 },
    match: matchSrtcp,
  },
  {
    label: 'rtp',
    says: 'goes on from an RTP packet with the same source and the next sequence number',
    protocols: [PROTOCOL_UDP],
    firstBytes: FIRST_BYTES,
    depth: DEPTH,
    match: matchRtp,
  },
  {
    label: 'rtp',
    says: 'goes on from an RTP packet behind a length that fits, with the same source and the next sequence number',
    protocols: [PROTOCOL_TCP],
    bits: { offset: 0, mask: 0xc000, value: 0x8000 },
    match: matchFramedRtp,
  },
]
