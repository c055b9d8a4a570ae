/**
 * DNS HTTPS records (RFC 9460): "www.example.org serves HTTP over QUIC and TLS, port 443". In: a message whose structure
 * fits. Out: an announcement for each transport that the record names. Not supported: SVCB records of other schemes,
 * and aliases, which say where but not what.
 */
import { PROTOCOL_TCP, PROTOCOL_UDP, readU16 } from '../../../bytes.ts'
import type { Payload } from '../../inspect/payload.ts'
import { GRACE_SEC } from '../../names.ts'
import { looksLikeHost } from '../common/urls.ts'
import { type DnsRecord, readOneName } from './dns-message.ts'

export const TYPE_HTTPS = 65
/** Priority, target name, then parameters of key (2), length (2), value. */
const TARGET_AT = 2
const KEY_ALPN = 1
const KEY_NO_DEFAULT_ALPN = 2
const KEY_PORT = 3
const PORT_HTTPS = 443
const MAX_PARAMETERS = 16
const MAX_PROTOCOLS = 16
const ALIAS_MODE = 0

/** What the parameters say. HTTP over TLS is spoken unless they take the default back (section 7.1.2). */
interface Binding {
  port: number
  quic: boolean
  tls: boolean
  /** A protocol over TLS is named. */
  tlsNamed: boolean
}

/** Announces what one HTTPS record says; `asked` is the name in the question, to which aliases may have led. */
export function announceBinding(payload: Payload, record: DnsRecord, asked: string): void {
  const { bytes } = payload
  const { dataAt, dataEnd } = record
  if (dataEnd - dataAt <= TARGET_AT || readU16(bytes, dataAt) === ALIAS_MODE) return
  // The target is never compressed (section 2.2); "." is the owner, whose address the client gets by the name asked.
  const end = nameEnd(bytes, dataAt + TARGET_AT, dataEnd)
  if (end < 0) return
  const target = readOneName(bytes, dataAt + TARGET_AT, end, dataEnd)
  const name = target === '.' ? asked : target
  const binding = readParameters(bytes, end, dataEnd)
  if (!looksLikeHost(name) || binding === undefined) return
  const { port } = binding
  const rest = { port, name, through: 'a DNS HTTPS answer', lifetimeSec: record.ttlSec + GRACE_SEC }
  if (binding.quic) payload.announce({ label: 'quic', protocol: PROTOCOL_UDP, ...rest })
  if (binding.tls) payload.announce({ label: 'tls', protocol: PROTOCOL_TCP, ...rest })
}

/** Behind the uncompressed name at `at`, or -1. */
function nameEnd(bytes: Uint8Array, at: number, end: number): number {
  for (let next = at; next < end; next += 1 + bytes[next]) {
    if (bytes[next] === 0) return next + 1
    if (bytes[next] > 63) return -1
  }
  return -1
}

/** Keys stand in ascending order. Undefined where the parameters do not lead exactly to the record's end. */
function readParameters(bytes: Uint8Array, at: number, end: number): Binding | undefined {
  const binding: Binding = { port: PORT_HTTPS, quic: false, tls: true, tlsNamed: false }
  let next = at
  for (let n = 0; n < MAX_PARAMETERS && next + 4 <= end; n++) {
    const key = readU16(bytes, next)
    const value = next + 4
    next = value + readU16(bytes, next + 2)
    if (next > end) return undefined
    if (key === KEY_PORT && next === value + 2) binding.port = readU16(bytes, value)
    else if (key === KEY_NO_DEFAULT_ALPN) binding.tls = binding.tlsNamed
    else if (key === KEY_ALPN) readProtocols(bytes, value, next, binding)
  }
  return next === end && binding.port > 0 ? binding : undefined
}

/** Names of protocols, each behind its length: "h3" is HTTP over QUIC, "h2" and "http/1.1" over TLS. */
function readProtocols(bytes: Uint8Array, at: number, end: number, binding: Binding): void {
  for (let n = 0, next = at; n < MAX_PROTOCOLS && next < end; n++) {
    const length = bytes[next]
    // "h3"
    if (length === 2 && next + 2 < end && bytes[next + 1] === 0x68 && bytes[next + 2] === 0x33)
      binding.quic = true
    else binding.tlsNamed = true
    next += 1 + length
  }
}
