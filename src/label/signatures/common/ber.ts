/** Length fields of BER (ITU-T X.690 section 8.1.3). Nothing is read at `end` or beyond. */

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
