/**
 * Strings from packets made harmless: at most 1,024 bytes, bytes that are not UTF-8 as \xHH, control, DEL, C1,
 * U+2028/9 and bidirectional characters escaped. What leaves here may go to a terminal or into JSON.
 */
import { MAX_PACKET_STRING } from './bytes.ts'

/** Characters that could move a cursor, break a line or reverse the reading order: first and last of each row of them. */
const UNSAFE_ROWS = [
  [0x00, 0x1f],
  [0x7f, 0x9f],
  [0x061c, 0x061c],
  [0x200e, 0x200f],
  [0x2028, 0x202e],
  [0x2066, 0x2069],
  [0xfeff, 0xfeff],
] as const
const UNSAFE = new RegExp(
  `[${UNSAFE_ROWS.map(([first, last]) => `${uEscape(first)}-${uEscape(last)}`).join('')}]`,
  'g',
)
const PRINTABLE_ASCII_LOW = 0x20
const PRINTABLE_ASCII_HIGH = 0x7e

/**
 * The bytes start..end-1 as a safe string; longer input is cut at 1,024 bytes (never inside a UTF-8 character).
 * Made in one piece: a string that grows by one character at a time takes thirty times its length in memory, and strings
 * are kept as long as their flow.
 */
export function packetString(bytes: Uint8Array, start: number, end: number): string {
  const stop = Math.min(end, start + MAX_PACKET_STRING, bytes.length)
  let at = start
  while (at < stop && isPrintable(bytes[at])) at++
  if (at >= stop) return at > start ? asciiText(bytes, start, at) : ''
  buffer.set(bytes.subarray(start, at))
  let length = at - start
  let isAscii = true
  while (at < stop) {
    const width = isPrintable(bytes[at]) ? 1 : utf8Width(bytes, at, Math.min(end, bytes.length))
    if (width > 0 && at + width > stop) break
    const escaping = width === 1 ? '' : escapeAt(bytes, at, width)
    if (escaping !== '') length = putEscape(escaping, length)
    else {
      for (let i = 0; i < width; i++) buffer[length++] = bytes[at + i]
      isAscii &&= width === 1
    }
    at += width || 1
  }
  return buffer.toString(isAscii ? 'latin1' : 'utf8', 0, length)
}

/** Buffer for a string with escapes, which take at most four characters for a byte. */
const buffer = Buffer.alloc(4 * MAX_PACKET_STRING)

/** The escape for a byte that is no UTF-8 (width 0), or for an unsafe character; '' for any other. */
function escapeAt(bytes: Uint8Array, at: number, width: number): string {
  if (width === 0) return hexEscape(bytes[at])
  const code = codeAt(bytes, at, width)
  return isUnsafe(code) ? escaped(code) : ''
}

/** Returns where it ends. */
function putEscape(text: string, at: number): number {
  for (let i = 0; i < text.length; i++) buffer[at + i] = text.charCodeAt(i)
  return at + text.length
}

export function isPrintable(byte: number): boolean {
  return byte >= PRINTABLE_ASCII_LOW && byte <= PRINTABLE_ASCII_HIGH
}

/** The bytes last read, as a Buffer: a batch of packets is read many times in a row. */
let viewed: Uint8Array = new Uint8Array(0)
let view: Buffer = Buffer.alloc(0)

/** Bytes below 0x80 as text, in one piece. */
function asciiText(bytes: Uint8Array, start: number, stop: number): string {
  if (bytes !== viewed) {
    viewed = bytes
    view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  }
  return view.toString('latin1', start, stop)
}

/** Escapes what is unsafe in a string that did not come through packetString (file names, rule labels). */
export function safeText(text: string): string {
  return text.replace(UNSAFE, (character) => escaped(character.charCodeAt(0)))
}

/** For JSON.stringify: every string made safe, as those of records that were read back are not trusted. */
export function safeStrings(_name: string, value: unknown): unknown {
  return typeof value === 'string' ? safeText(value) : value
}

function isUnsafe(code: number): boolean {
  for (let i = 0; i < UNSAFE_ROWS.length && code >= UNSAFE_ROWS[i][0]; i++)
    if (code <= UNSAFE_ROWS[i][1]) return true
  return false
}

function escaped(code: number): string {
  return code < 0x100 ? hexEscape(code) : uEscape(code)
}

function uEscape(code: number): string {
  return `\\u${code.toString(16).padStart(4, '0')}`
}

/** A 64-bit id as 16 hexadecimal digits. */
export function idText(high: number, low: number): string {
  return hexWord(high) + hexWord(low)
}

function hexWord(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0')
}

/** \xHH for every byte, made once: a hostile text is escaped byte by byte. */
const HEX_ESCAPES: readonly string[] = Array.from(
  { length: 0x100 },
  (_, byte) => `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`,
)

function hexEscape(byte: number): string {
  return HEX_ESCAPES[byte]
}

/** Length of the valid UTF-8 character (RFC 3629) of several bytes at `at`, 0 if there is none. */
function utf8Width(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at]
  const width =
    lead >= 0xc2 && lead <= 0xdf ? 2 : lead >= 0xe0 && lead <= 0xef ? 3 : lead >= 0xf0 && lead <= 0xf4 ? 4 : 0
  if (width === 0 || at + width > end) return 0
  for (let i = 1; i < width; i++) if ((bytes[at + i] & 0xc0) !== 0x80) return 0
  const second = bytes[at + 1]
  if (lead === 0xe0 && second < 0xa0) return 0
  if (lead === 0xed && second > 0x9f) return 0
  if (lead === 0xf0 && second < 0x90) return 0
  if (lead === 0xf4 && second > 0x8f) return 0
  return width
}

function codeAt(bytes: Uint8Array, at: number, width: number): number {
  let code = bytes[at] & (0xff >> (width + 1))
  for (let i = 1; i < width; i++) code = (code << 6) | (bytes[at + i] & 0x3f)
  return code
}
