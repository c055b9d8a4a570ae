/**
 * Writes JSON fragments straight into bytes. A `Pen` is a position in a chunk; the caller makes sure of room
 * before it writes (`room` of the chunk's owner), and nothing here checks again: a DataView refuses to write
 * past its end, so a wrong estimate is an exception, never a damaged neighbour.
 *
 * Fixed text is kept as a `Piece`, eight bytes a word, and copied word by word. A copy may write up to seven
 * bytes beyond the piece, which the next one overwrites: hence PEN_SLACK at the end of every chunk. Valid UTF-8
 * never forms a NaN when eight bytes are read as a double (that needs 0x7f after 0xf0..0xff, or 0xff), so
 * doubles carry the bytes unchanged.
 */
import {
  DIGITS_PADDED,
  DIGITS_PLAIN,
  DIGITS_PLAIN_LENGTH,
  HEX_PAIRS,
  IPV4_OCTETS,
  TRAILING_ZEROS,
} from './digits.ts'

export interface Pen {
  bytes: Uint8Array
  view: DataView
  at: number
}

/** Bytes that a write may touch beyond what it counts. */
export const PEN_SLACK = 8

export interface Piece {
  readonly words: Float64Array
  readonly length: number
}

const WORD_BYTES = 8
const DOT = 0x2e
const MINUS = 0x2d
const QUOTE = 0x22
const BACKSLASH = 0x5c
const THOUSAND = 1000
const MILLION = 1_000_000
const BILLION = 1_000_000_000
const encoder = new TextEncoder()
const decoder = new TextDecoder()

export function createPen(size: number): Pen {
  const bytes = new Uint8Array(size)
  return { bytes, view: new DataView(bytes.buffer), at: 0 }
}

/** The text as bytes ready to be put; fields that are left out use the empty piece. */
export function createPiece(text: string): Piece {
  const bytes = encoder.encode(text)
  const padded = new Uint8Array(Math.ceil(bytes.length / WORD_BYTES) * WORD_BYTES)
  padded.set(bytes)
  const view = new DataView(padded.buffer)
  const words = new Float64Array(padded.length / WORD_BYTES)
  for (let i = 0; i < words.length; i++) words[i] = view.getFloat64(i * WORD_BYTES, true)
  return { words, length: bytes.length }
}

export function penText(pen: Pen): string {
  return decoder.decode(pen.bytes.subarray(0, pen.at))
}

export function putPiece(pen: Pen, piece: Piece): void {
  const { words } = piece
  const { view, at } = pen
  for (let i = 0; i < words.length; i++) view.setFloat64(at + i * WORD_BYTES, words[i], true)
  pen.at = at + piece.length
}

/** A non-negative integer up to 2^53. */
export function putInteger(pen: Pen, value: number): void {
  if (value < THOUSAND) {
    pen.view.setInt32(pen.at, DIGITS_PLAIN[value], true)
    pen.at += DIGITS_PLAIN_LENGTH[value]
  } else if (value < MILLION) {
    const thousands = (value / THOUSAND) | 0
    putInteger(pen, thousands)
    pen.view.setInt32(pen.at, DIGITS_PADDED[value - thousands * THOUSAND], true)
    pen.at += 3
  } else if (value < BILLION) {
    const millions = (value / MILLION) | 0
    const rest = value - millions * MILLION
    const thousands = (rest / THOUSAND) | 0
    putInteger(pen, millions)
    pen.view.setInt32(pen.at, DIGITS_PADDED[thousands], true)
    pen.view.setInt32(pen.at + 3, DIGITS_PADDED[rest - thousands * THOUSAND], true)
    pen.at += 6
  } else {
    const billions = Math.floor(value / BILLION)
    putInteger(pen, billions)
    putNineDigits(pen, value - billions * BILLION)
  }
}

/** A number 0..999,999,999 with leading zeros. */
export function putNineDigits(pen: Pen, value: number): void {
  const millions = (value / MILLION) | 0
  const rest = value - millions * MILLION
  const thousands = (rest / THOUSAND) | 0
  const { view, at } = pen
  view.setInt32(at, DIGITS_PADDED[millions], true)
  view.setInt32(at + 3, DIGITS_PADDED[thousands], true)
  view.setInt32(at + 6, DIGITS_PADDED[rest - thousands * THOUSAND], true)
  pen.at = at + 9
}

/** Seconds and nanoseconds (both at least 0) as a decimal number without trailing zeros. */
export function putSeconds(pen: Pen, sec: number, nsec: number): void {
  putInteger(pen, sec)
  if (nsec === 0) return
  pen.bytes[pen.at++] = DOT
  putNineDigits(pen, nsec)
  dropTrailingZeros(pen, nsec)
}

/** The same span in milliseconds. */
export function putMilliseconds(pen: Pen, sec: number, nsec: number): void {
  const whole = (nsec / MILLION) | 0
  const rest = nsec - whole * MILLION
  putInteger(pen, sec * THOUSAND + whole)
  if (rest === 0) return
  pen.bytes[pen.at++] = DOT
  const thousands = (rest / THOUSAND) | 0
  pen.view.setInt32(pen.at, DIGITS_PADDED[thousands], true)
  pen.view.setInt32(pen.at + 3, DIGITS_PADDED[rest - thousands * THOUSAND], true)
  pen.at += 6
  dropTrailingZeros(pen, rest)
}

/** `value` is the number whose digits were written last and is not 0. */
function dropTrailingZeros(pen: Pen, value: number): void {
  let group = value % THOUSAND
  let rest = (value / THOUSAND) | 0
  while (group === 0) {
    pen.at -= 3
    group = rest % THOUSAND
    rest = (rest / THOUSAND) | 0
  }
  pen.at -= TRAILING_ZEROS[group]
}

/** An instant as a decimal number with always nine digits; before 1970 negative. */
export function putEpoch(pen: Pen, sec: number, nsec: number): void {
  if (sec < 0) {
    pen.bytes[pen.at++] = MINUS
    putInteger(pen, nsec === 0 ? -sec : -sec - 1)
  } else putInteger(pen, sec)
  pen.bytes[pen.at++] = DOT
  putNineDigits(pen, sec < 0 && nsec !== 0 ? BILLION - nsec : nsec)
}

/** A 32-bit word as eight lower-case hexadecimal digits. */
export function putHexWord(pen: Pen, word: number): void {
  const { view, at } = pen
  view.setUint16(at, HEX_PAIRS[word >>> 24], true)
  view.setUint16(at + 2, HEX_PAIRS[(word >>> 16) & 255], true)
  view.setUint16(at + 4, HEX_PAIRS[(word >>> 8) & 255], true)
  view.setUint16(at + 6, HEX_PAIRS[word & 255], true)
  pen.at = at + 8
}

export function putIpv4(pen: Pen, word: number): void {
  const { view } = pen
  let at = pen.at
  for (let shift = 24; shift > 0; shift -= 8) {
    const octet = (word >>> shift) & 255
    view.setInt32(at, IPV4_OCTETS[octet], true)
    at += DIGITS_PLAIN_LENGTH[octet] + 1
  }
  view.setInt32(at, DIGITS_PLAIN[word & 255], true)
  pen.at = at + DIGITS_PLAIN_LENGTH[word & 255]
}

/** Room that `putString` may need. */
export function stringRoom(text: string): number {
  return text.length * 6 + 2
}

/** A JSON string with its quotes. */
export function putString(pen: Pen, text: string): void {
  const { bytes } = pen
  let at = pen.at
  bytes[at++] = QUOTE
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x20 || code > 0x7e || code === QUOTE || code === BACKSLASH) {
      putText(pen, JSON.stringify(text))
      return
    }
    bytes[at++] = code
  }
  bytes[at++] = QUOTE
  pen.at = at
}

/** Any text as UTF-8; needs room for three bytes a UTF-16 unit. */
export function putText(pen: Pen, text: string): void {
  pen.at += encoder.encodeInto(text, pen.bytes.subarray(pen.at)).written
}
