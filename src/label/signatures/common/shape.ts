/**
 * What the signatures of infrastructure protocols share: ports as a hint, BER lengths, text scans, the extras group.
 * Everything here takes an `end` and never reads beyond it; nothing allocates but the extras helpers, which are
 * called after a match only.
 */
import { PROTOCOL_TCP, PROTOCOL_UDP } from '../../../bytes.ts'
import type { FieldsOf, ProtocolGroup, TextOf } from '../../../protocol-fields.ts'
import { packetString } from '../../../text.ts'
import { FROM_CLIENT, FROM_SERVER, type Payload } from '../../inspect/payload.ts'
import { extraGroup } from './reader.ts'

export const TCP: readonly number[] = [PROTOCOL_TCP]
export const UDP: readonly number[] = [PROTOCOL_UDP]
export const TCP_UDP: readonly number[] = [PROTOCOL_TCP, PROTOCOL_UDP]

/** Either end uses `port`. */
export function onPort(payload: Payload, port: number): boolean {
  return payload.srcPort === port || payload.dstPort === port
}

/** Who the sender is if the server owns `port`; 0 when the port does not tell. */
export function roleByPort(payload: Payload, port: number): number {
  if (payload.srcPort === payload.dstPort) return 0
  if (payload.dstPort === port) return FROM_CLIENT
  return payload.srcPort === port ? FROM_SERVER : 0
}

/** A server that announces itself to one host; a group is nobody's client. */
export function announcer(payload: Payload): number {
  return payload.toGroup ? 0 : FROM_SERVER
}

/** Captured payload bytes. */
export function available(payload: Payload): number {
  return payload.end - payload.start
}

/** True when a message of `total` bytes is exactly this packet, or over TCP fills it and goes on in the next one. */
export function fills(payload: Payload, total: number): boolean {
  if (total === payload.length) return true
  return payload.protocol === PROTOCOL_TCP && total > payload.length && payload.length >= SEGMENT_FULL
}

/** A TCP segment of at least this many bytes may be the first part of a longer message (the smallest MSS in use). */
const SEGMENT_FULL = 500

/** The content length that a BER length field at `at` states (at most four length bytes, at most 16 MiB), or -1. */
export function berLength(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return -1
  const first = bytes[at]
  if (first < 0x80) return first
  const count = first & 0x7f
  if (count === 0 || count > 4 || at + 1 + count > end) return -1
  let length = 0
  for (let i = 1; i <= count; i++) length = length * 256 + bytes[at + i]
  return length > 0xffffff ? -1 : length
}

/** Bytes the BER length field at `at` takes; call after berLength accepted it. */
export function berSize(bytes: Uint8Array, at: number): number {
  return bytes[at] < 0x80 ? 1 : 1 + (bytes[at] & 0x7f)
}

/** The byte values that satisfy `wanted`: for a signature's firstBytes. */
export function firstBytesWhere(wanted: (byte: number) => boolean): number[] {
  return Array.from({ length: 256 }, (_, byte) => byte).filter(wanted)
}

/** Offset of the first byte that is not printable ASCII in at..end-1, or `end`. */
export function printableRun(bytes: Uint8Array, at: number, end: number): number {
  let here = at
  while (here < end && bytes[here] >= 0x20 && bytes[here] <= 0x7e) here++
  return here
}

/** Offset of `byte` in at..end-1, or -1. */
export function findByte(bytes: Uint8Array, at: number, end: number, byte: number): number {
  for (let here = at; here < end; here++) if (bytes[here] === byte) return here
  return -1
}

/** Offset of the ASCII `text` in at..end-1, or -1. */
export function findText(bytes: Uint8Array, at: number, end: number, text: string): number {
  const first = text.charCodeAt(0)
  const last = end - text.length
  for (let here = at; here <= last; here++) {
    if (bytes[here] !== first) continue
    let i = 1
    while (i < text.length && bytes[here + i] === text.charCodeAt(i)) i++
    if (i === text.length) return here
  }
  return -1
}

/** An ASCII digit. */
export function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}

/** Offset one past a run of ASCII digits of at most `limit`, or -1 when there is none. */
export function digitRun(bytes: Uint8Array, at: number, end: number, limit: number): number {
  let here = at
  while (here < end && here - at < limit && bytes[here] >= 0x30 && bytes[here] <= 0x39) here++
  return here === at ? -1 : here
}

/** True when `bytes` at `at` holds the bytes of `expected` and they end before `end`. */
export function bytesAt(bytes: Uint8Array, at: number, end: number, expected: Uint8Array): boolean {
  if (at + expected.length > end) return false
  for (let i = 0; i < expected.length; i++) if (bytes[at + i] !== expected[i]) return false
  return true
}

/** Sets one extras field of the flow if it is not known yet: the first packet that tells wins. */
export function tell<Group extends ProtocolGroup, Field extends keyof FieldsOf<Group>>(
  payload: Payload,
  group: Group,
  key: Field,
  value: NonNullable<FieldsOf<Group>[Field]>,
): void {
  const fields = extraGroup(payload, group)
  if (fields[key] === undefined) fields[key] = value
}

/** As tell(), with the packet's bytes at..end-1 as a safe string; empty strings are left out. */
export function tellText<Group extends ProtocolGroup>(
  payload: Payload,
  group: Group,
  key: TextOf<Group>,
  span: readonly [at: number, end: number],
): void {
  const end = Math.min(span[1], payload.end)
  if (span[0] >= end) return
  const fields: Record<string, unknown> = extraGroup(payload, group)
  if (fields[key] === undefined) fields[key] = packetString(payload.bytes, span[0], end)
}

/** Where the text of a line ends: at CR, LF or `end`. */
export function lineStop(bytes: Uint8Array, at: number, end: number): number {
  let here = at
  while (here < end && bytes[here] !== 0x0d && bytes[here] !== 0x0a) here++
  return here
}

/** The words of four bytes from `at` on are all zero, `count` of them; the caller has checked the end. */
export function zeroWords(bytes: Uint8Array, at: number, count: number): boolean {
  for (let here = at; here < at + 4 * count; here++) if (bytes[here] !== 0) return false
  return true
}

const DAY = 86400
/** 1990: packets without a time begin at zero, and so do numbers. */
const FIRST_TIME = 631152000

/** The time is at most `span` seconds, by default a day, from the packet's. */
export function isTimely(payload: Payload, seconds: number, span = DAY): boolean {
  return seconds >= FIRST_TIME && Math.abs(seconds - payload.timeSec) <= span
}
