/** Bytes for tests: hexadecimal, text, integers, addresses, joined in reading order. */
import { parseAddress } from '../src/address.ts'

/** Bytes, or a string taken as Latin-1. */
export type Payload = Uint8Array | string

export const NOTHING = new Uint8Array(0)

/** "de ad be ef" or "deadbeef": pairs of hexadecimal digits, white space ignored. */
export function hex(text: string): Uint8Array {
  const digits = text.replace(/\s+/g, '')
  if (digits.length % 2 !== 0 || /[^0-9a-fA-F]/.test(digits)) throw new Error(`not hexadecimal: ${text}`)
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

/** Latin-1. */
export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}

export function concat(...parts: Payload[]): Uint8Array {
  const arrays = parts.map((part) => (typeof part === 'string' ? ascii(part) : part))
  const joined = new Uint8Array(arrays.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of arrays) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

export function u8(...values: number[]): Uint8Array {
  return Uint8Array.from(values)
}

export function u16(...values: number[]): Uint8Array {
  return Uint8Array.from(values.flatMap((value) => [value >>> 8, value]))
}

export function u32(...values: number[]): Uint8Array {
  return Uint8Array.from(values.flatMap((value) => [value >>> 24, value >>> 16, value >>> 8, value]))
}

/** Bytes of an IPv4 or IPv6 address as text. */
export function address(text: string): Uint8Array {
  const parsed = parseAddress(text)
  if (parsed === undefined) throw new Error(`not an address: ${text}`)
  return parsed.version === 4 ? u32(parsed.words[3]) : u32(...parsed.words)
}

/** Internet checksum (RFC 1071). */
export function checksum(...parts: Uint8Array[]): number {
  let sum = 0
  for (const part of parts) {
    for (let i = 0; i < part.length; i += 2) sum += (part[i] << 8) | (i + 1 < part.length ? part[i + 1] : 0)
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000)
  return ~sum & 0xffff
}
