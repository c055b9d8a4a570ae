/** Bounded scans of binary protocols. Nothing is read at `end` or beyond, and nothing allocates but firstBytesWhere. */

/** The byte values that satisfy `wanted`: for a signature's firstBytes. */
export function firstBytesWhere(wanted: (byte: number) => boolean): number[] {
  return Array.from({ length: 256 }, (_, byte) => byte).filter(wanted)
}

/** Offset of `byte` in at..end-1, or -1. */
export function findByte(bytes: Uint8Array, at: number, end: number, byte: number): number {
  for (let here = at; here < end; here++) if (bytes[here] === byte) return here
  return -1
}

/** True when `bytes` at `at` holds the bytes of `expected` and they end before `end`. */
export function bytesAt(bytes: Uint8Array, at: number, end: number, expected: Uint8Array): boolean {
  if (at + expected.length > end) return false
  for (let i = 0; i < expected.length; i++) if (bytes[at + i] !== expected[i]) return false
  return true
}

/** The words of four bytes from `at` on are all zero, `count` of them; the caller has checked the end. */
export function zeroWords(bytes: Uint8Array, at: number, count: number): boolean {
  for (let here = at; here < at + 4 * count; here++) if (bytes[here] !== 0) return false
  return true
}
