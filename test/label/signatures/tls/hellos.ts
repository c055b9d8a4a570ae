/** ClientHello and ServerHello messages for the tests of TLS, DTLS and QUIC. */
import { bytes, hex, u16, u24 } from '../conversation.ts'

function extension(type: number, ...body: (string | number | readonly number[] | Uint8Array)[]): Uint8Array {
  const content = bytes(...body)
  return bytes(u16(type), u16(content.length), content)
}

/** RFC 6066 section 3. */
export function serverName(name: string): Uint8Array {
  return extension(0, u16(name.length + 3), 0, u16(name.length), name)
}

/** RFC 7301 section 3.1. */
export function alpn(...names: string[]): Uint8Array {
  const list = bytes(...names.flatMap((name) => [name.length, name]))
  return extension(16, u16(list.length), list)
}

export function list16(type: number, ...values: number[]): Uint8Array {
  return extension(type, u16(values.length * 2), values.flatMap(u16))
}

export function supportedVersions(...versions: number[]): Uint8Array {
  return extension(43, versions.length * 2, versions.flatMap(u16))
}

/** As a server answers it. */
export function selectedVersion(version: number): Uint8Array {
  return extension(43, u16(version))
}

export function empty(type: number): Uint8Array {
  return extension(type)
}

export const RANDOM = Uint8Array.from({ length: 32 }, (_, i) => 0xa0 + i)

/** Body of a ClientHello (RFC 8446 section 4.1.2); `cookie` as DTLS has it. */
export function clientHelloBody(options: {
  version?: number
  ciphers: number[]
  extensions: Uint8Array[]
  cookie?: Uint8Array
}): Uint8Array {
  const extensions = bytes(...options.extensions)
  const cookie = options.cookie === undefined ? [] : [options.cookie.length, ...options.cookie]
  return bytes(
    u16(options.version ?? 0x0303),
    RANDOM,
    0, // no session id
    cookie,
    u16(options.ciphers.length * 2),
    options.ciphers.flatMap(u16),
    hex('01 00'), // no compression
    u16(extensions.length),
    extensions,
  )
}

export function serverHelloBody(cipher: number, ...extensions: Uint8Array[]): Uint8Array {
  const joined = bytes(...extensions)
  return bytes(u16(0x0303), RANDOM, 0, u16(cipher), 0, u16(joined.length), joined)
}

export function handshake(type: number, body: Uint8Array): Uint8Array {
  return bytes(type, u24(body.length), body)
}

/** TLS record of version 3.1. */
export function record(type: number, body: Uint8Array): Uint8Array {
  return bytes(type, hex('03 01'), u16(body.length), body)
}

export const GREASE = 0x1a1a

/** A hello like a browser's. */
export const BROWSER_HELLO = clientHelloBody({
  ciphers: [GREASE, 0x1301, 0x1302, 0xc02b],
  extensions: [
    empty(0x3a3a),
    serverName('www.example.org'),
    alpn('h2', 'http/1.1'),
    list16(13, 0x0403, 0x0804),
    supportedVersions(0x2a2a, 0x0304, 0x0303),
  ],
})
