/**
 * The start marker of mosh pools. A datagram starts with 64 bits in the clear: bit 63 is the direction (1 from the
 * server), the other 63 the sequence, which every session counts from 0 in each direction.
 */
import { readU32 } from '../../bytes.ts'
import type { Packet } from '../../types.ts'

const NONCE_BYTES = 8
const FROM_SERVER = 0x80000000
const TWO_32 = 2 ** 32

/** No sequence seen yet. */
export const NO_SEQUENCE = -1

/** True when the datagram says that the server sent it. Call only after `sequenceOf` gave a sequence. */
export function isFromServer(packet: Packet, bytes: Uint8Array): boolean {
  return readU32(bytes, packet.payloadStart) >= FROM_SERVER
}

/** The 63-bit sequence (rounded beyond 2^53, which no session reaches), NO_SEQUENCE when the datagram is too short. */
export function sequenceOf(packet: Packet, bytes: Uint8Array): number {
  const at = packet.payloadStart
  if (packet.payloadEnd - at < NONCE_BYTES || packet.payloadEnd > bytes.length) return NO_SEQUENCE
  return (readU32(bytes, at) % FROM_SERVER) * TWO_32 + readU32(bytes, at + 4)
}
