/** Length of a payload against the length that a message states. */
import { PROTOCOL_TCP } from '../../../bytes.ts'
import type { Payload } from '../../inspect/payload.ts'

/** Captured payload bytes. */
export function available(payload: Payload): number {
  return payload.end - payload.start
}

/** True when a message of `total` bytes is exactly this packet, or over TCP fills it and continues in the next one. */
export function fills(payload: Payload, total: number): boolean {
  if (total === payload.length) return true
  return payload.protocol === PROTOCOL_TCP && total > payload.length && payload.length >= SEGMENT_FULL
}

/** A TCP segment of at least this many bytes may be the first part of a longer message (the smallest MSS in use). */
const SEGMENT_FULL = 500
