/**
 * The ClientHello of TLS (RFC 8446 section 4.1.2), DTLS (RFC 6347 section 4.2.1) and QUIC (RFC 9001 section 4.1),
 * and the ServerHello answering it. In: the message's body, possibly cut. Out: what stood there as far as the
 * bytes went, `complete` when that was all of it. Lists are bounded; nothing throws.
 */
import { readU16 } from '../../../bytes.ts'
import { packetString } from '../../../text.ts'

export interface ClientHello {
  /** Every field of the message was there. */
  complete: boolean
  /** legacy_version. */
  version: number
  /** Without GREASE (RFC 8701), in the order sent. */
  ciphers: number[]
  extensions: number[]
  signatureAlgorithms: number[]
  supportedVersions: number[]
  sni: string
  alpn: string[]
  alpnTotal: number
  /** First and last byte of the first ALPN value, -1 when there is none. */
  alpnFirst: number
  alpnLast: number
}

export interface ServerHello {
  /** The version chosen, by supported_versions where present. */
  version: number
  cipher: number
  alpn: string
}

const RANDOM_LENGTH = 32
const EXTENSION_SERVER_NAME = 0
const EXTENSION_SIGNATURE_ALGORITHMS = 13
const EXTENSION_ALPN = 16
const EXTENSION_SUPPORTED_VERSIONS = 43

const MAX_CIPHERS = 512
const MAX_EXTENSIONS = 128
const MAX_LIST = 64
/** As many as a list in a record holds. */
const MAX_ALPN = 100

/** Reserved values 0x0a0a, 0x1a1a, … 0xfafa (RFC 8701). */
export function isGrease(value: number): boolean {
  return (value & 0x0f0f) === 0x0a0a && value >>> 8 === (value & 0xff)
}

function emptyHello(version: number): ClientHello {
  return {
    complete: false,
    version,
    ciphers: [],
    extensions: [],
    signatureAlgorithms: [],
    supportedVersions: [],
    sni: '',
    alpn: [],
    alpnTotal: 0,
    alpnFirst: -1,
    alpnLast: -1,
  }
}

/** The body at..end-1 (after the handshake header) of a ClientHello. `datagram`: DTLS, with a cookie. */
export function parseClientHello(bytes: Uint8Array, at: number, end: number, datagram: boolean): ClientHello {
  const hello = emptyHello(at + 2 <= end ? readU16(bytes, at) : 0)
  let next = skipVector8(bytes, at + 2 + RANDOM_LENGTH, end)
  if (datagram && next >= 0) next = skipVector8(bytes, next, end)
  if (next < 0 || next + 2 > end) return hello
  const ciphersEnd = next + 2 + readU16(bytes, next)
  readU16List(hello.ciphers, MAX_CIPHERS, bytes.subarray(next + 2, Math.min(ciphersEnd, end)))
  if (ciphersEnd > end) return hello
  next = skipVector8(bytes, ciphersEnd, end)
  if (next < 0) return hello
  if (next === end) {
    hello.complete = true
    return hello
  }
  if (next + 2 > end) return hello
  const extensionsEnd = next + 2 + readU16(bytes, next)
  hello.complete =
    readExtensions(hello, bytes, next + 2, Math.min(extensionsEnd, end)) && extensionsEnd <= end
  return hello
}

/** Position after a vector with a one-byte length, or -1 when it does not end before `end`. */
function skipVector8(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return -1
  const next = at + 1 + bytes[at]
  return next > end ? -1 : next
}

function readExtensions(hello: ClientHello, bytes: Uint8Array, at: number, end: number): boolean {
  let next = at
  while (next + 4 <= end && hello.extensions.length < MAX_EXTENSIONS) {
    const type = readU16(bytes, next)
    const bodyEnd = next + 4 + readU16(bytes, next + 2)
    if (bodyEnd > end) return false
    if (!isGrease(type)) hello.extensions.push(type)
    readExtension(hello, type, bytes.subarray(next + 4, bodyEnd))
    next = bodyEnd
  }
  return next === end
}

function readExtension(hello: ClientHello, type: number, body: Uint8Array): void {
  if (type === EXTENSION_SERVER_NAME) hello.sni = readServerName(body)
  else if (type === EXTENSION_ALPN) readAlpn(hello, body)
  else if (type === EXTENSION_SIGNATURE_ALGORITHMS)
    readU16List(hello.signatureAlgorithms, MAX_LIST, body.subarray(2))
  else if (type === EXTENSION_SUPPORTED_VERSIONS)
    readU16List(hello.supportedVersions, MAX_LIST, body.subarray(1))
}

/** RFC 6066 section 3: list length, type 0 (host_name), length, name. */
function readServerName(body: Uint8Array): string {
  if (body.length < 5 || body[2] !== 0) return ''
  return packetString(body, 5, Math.min(body.length, 5 + readU16(body, 3)))
}

/** RFC 7301 section 3.1: list length, then strings with a one-byte length. Those beyond what records list are counted. */
function readAlpn(hello: ClientHello, body: Uint8Array): void {
  let at = 2
  while (at < body.length) {
    const end = at + 1 + body[at]
    if (end > body.length || end === at + 1) return
    if (hello.alpnFirst < 0) {
      hello.alpnFirst = body[at + 1]
      hello.alpnLast = body[end - 1]
    }
    if (hello.alpn.length < MAX_ALPN) hello.alpn.push(packetString(body, at + 1, end))
    hello.alpnTotal++
    at = end
  }
}

function readU16List(into: number[], limit: number, from: Uint8Array): void {
  for (let at = 0; at + 2 <= from.length && into.length < limit; at += 2) {
    const value = readU16(from, at)
    if (!isGrease(value)) into.push(value)
  }
}

/** The body at..end-1 of a ServerHello (RFC 8446 section 4.1.3), or undefined when it is cut before its cipher. */
export function parseServerHello(bytes: Uint8Array, at: number, end: number): ServerHello | undefined {
  const cipherAt = skipVector8(bytes, at + 2 + RANDOM_LENGTH, end)
  if (cipherAt < 0 || cipherAt + 3 > end) return undefined
  const hello = { version: readU16(bytes, at), cipher: readU16(bytes, cipherAt), alpn: '' }
  let next = cipherAt + 3
  if (next + 2 > end) return hello
  const stop = Math.min(end, next + 2 + readU16(bytes, next))
  next += 2
  for (let n = 0; n < MAX_EXTENSIONS && next + 4 <= stop; n++) {
    const type = readU16(bytes, next)
    const bodyEnd = next + 4 + readU16(bytes, next + 2)
    if (bodyEnd > stop) break
    if (type === EXTENSION_SUPPORTED_VERSIONS && bodyEnd === next + 6)
      hello.version = readU16(bytes, next + 4)
    if (type === EXTENSION_ALPN && bodyEnd > next + 7)
      hello.alpn = packetString(bytes, next + 7, Math.min(bodyEnd, next + 7 + bytes[next + 6]))
    next = bodyEnd
  }
  return hello
}
