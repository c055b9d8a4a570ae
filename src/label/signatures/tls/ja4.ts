/**
 * JA4, the fingerprint of a ClientHello (github.com/FoxIO-LLC/ja4, technical_details/JA4.md): a readable part,
 * a hash of the sorted ciphers, and a hash of the sorted extensions with the signature algorithms as sent.
 */
import { createHash } from 'node:crypto'
import type { ClientHello } from './client-hello.ts'

const EXTENSION_SERVER_NAME = 0
const EXTENSION_ALPN = 16
const HASH_DIGITS = 12
const NOTHING = '000000000000'

const VERSIONS: Readonly<Record<number, string>> = {
  772: '13',
  771: '12',
  770: '11',
  769: '10',
  768: 's3',
  2: 's2',
  65279: 'd1',
  65277: 'd2',
  65276: 'd3',
}

/** `transport`: t TCP, q QUIC, d DTLS. */
export function ja4(hello: ClientHello, transport: 't' | 'q' | 'd'): string {
  const version = VERSIONS[offeredVersion(hello)] ?? '00'
  const sni = hello.extensions.includes(EXTENSION_SERVER_NAME) ? 'd' : 'i'
  const counts = twoDigits(hello.ciphers.length) + twoDigits(hello.extensions.length)
  return `${transport}${version}${sni}${counts}${alpnMark(hello)}_${cipherHash(hello)}_${extensionHash(hello)}`
}

/** The highest version offered; DTLS counts downwards (RFC 6347 section 4.1). */
export function offeredVersion(hello: ClientHello): number {
  let best = 0
  for (const version of hello.supportedVersions) {
    const higher = version >= 0xfe00 ? best === 0 || version < best : version > best
    if (higher) best = version
  }
  return best === 0 ? hello.version : best
}

function twoDigits(count: number): string {
  return String(Math.min(count, 99)).padStart(2, '0')
}

function alpnMark(hello: ClientHello): string {
  if (hello.alpnFirst < 0) return '00'
  if (isAlphanumeric(hello.alpnFirst) && isAlphanumeric(hello.alpnLast))
    return String.fromCharCode(hello.alpnFirst, hello.alpnLast)
  return (hello.alpnFirst >>> 4).toString(16) + (hello.alpnLast & 15).toString(16)
}

function isAlphanumeric(byte: number): boolean {
  const lower = byte | 0x20
  return (byte >= 0x30 && byte <= 0x39) || (lower >= 0x61 && lower <= 0x7a && byte < 0x80)
}

function hex(value: number): string {
  return value.toString(16).padStart(4, '0')
}

/** Clients of one make send the same lists again and again. */
const hashes = new Map<string, string>()
const MAX_HASHES = 4096

function hash(text: string): string {
  let digest = hashes.get(text)
  if (digest === undefined) {
    digest = createHash('sha256').update(text).digest('hex').slice(0, HASH_DIGITS)
    if (hashes.size >= MAX_HASHES) hashes.clear()
    hashes.set(text, digest)
  }
  return digest
}

function cipherHash(hello: ClientHello): string {
  return hello.ciphers.length === 0 ? NOTHING : hash(hello.ciphers.map(hex).sort().join(','))
}

function extensionHash(hello: ClientHello): string {
  const counted = hello.extensions.filter((type) => type !== EXTENSION_SERVER_NAME && type !== EXTENSION_ALPN)
  if (counted.length === 0) return NOTHING
  const extensions = counted.map(hex).sort().join(',')
  if (hello.signatureAlgorithms.length === 0) return hash(extensions)
  return hash(`${extensions}_${hello.signatureAlgorithms.map(hex).join(',')}`)
}
