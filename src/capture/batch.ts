/**
 * The batch a source fills over and over. One batch is at most BATCH_CAPACITY packets and never crosses the
 * window's current bytes; its columns (27 bytes a packet) stay in the processor's cache.
 */
import type { PacketBatch } from '../types.ts'

export const BATCH_CAPACITY = 4096

/** Why the function that fills the batch (walkPcap, walkPcapng) stopped. */
export const WALK_FULL = 0
/** It needs bytes that the window does not hold yet. Never returned once the window has ended. */
export const WALK_MORE = 1
/** All bytes of the input are used up. */
export const WALK_END = 2
/** Damage that cannot be read past; bytes remain unread. */
export const WALK_STOPPED = 3

/** The longest captured packet accepted, in bytes. A longer record is damage. */
export const MAX_CAPTURED_LENGTH = 262_144

/** Packet type of Linux sockaddr_ll (linux/if_packet.h): sent by this host. */
export const PACKET_OUTGOING = 4

const EMPTY = new Uint8Array(0)

/** `capacity`: the most packets that it holds. */
export function createBatch(capacity = BATCH_CAPACITY): PacketBatch {
  return {
    bytes: EMPTY,
    count: 0,
    firstFrame: 1,
    start: new Uint32Array(capacity),
    capturedLength: new Uint32Array(capacity),
    originalLength: new Uint32Array(capacity),
    timeSec: new Float64Array(capacity),
    timeNsec: new Uint32Array(capacity),
    linkType: new Uint16Array(capacity),
    flags: new Uint8Array(capacity),
  }
}

/** Starts the next batch over `bytes`; frame numbers continue where the last batch ended. */
export function restartBatch(batch: PacketBatch, bytes: Uint8Array): void {
  batch.firstFrame += batch.count
  batch.count = 0
  batch.bytes = bytes
}
