/**
 * What the protocols of mail share: SMTP, POP3 and IMAP are lines of text, and turn to TLS in mid-flow on command. TLS
 * from the first byte on stands in tls.ts.
 */
import { PROTOCOL_TCP } from '../../../bytes.ts'
import { type BitTest, NO_MATCH, type Payload, type Signature, STRONG } from '../../inspect/payload.ts'
import { isText, LF } from '../common/text-scan.ts'
import { inspectTls, isTlsRecord } from '../tls/tls.ts'

/** Of implicit TLS (RFC 8314), where some servers greet in the clear all the same. */
export const PORT_SMTPS = 465
/** Of TLS from the first byte on, which tls.ts reads. */
const PORTS_TLS = [PORT_SMTPS, 993, 995]
const DEPTH = 16
/** The shortcut for a command, or the records behind it: no line is shorter, and the version of TLS is 3. */
export const TEXT_OR_TLS: BitTest = { offset: 0, mask: 0x80808000 | 0, value: 0 }
/** Content type of TLS records that carry a handshake (RFC 8446 section 5.1). */
export const HANDSHAKE = 0x16
/** Over the plain protocol's own evidence. */
const WEIGHT_UPGRADE = 95

export function onPorts(payload: Payload, ports: readonly number[]): boolean {
  return ports.includes(payload.srcPort) || ports.includes(payload.dstPort)
}

/** A flow that spoke in the clear goes on with TLS, though its command to do so was not captured. The hellos are read. */
export function matchUpgraded(payload: Payload, plain: string): number {
  const { bytes, start, end, labelSoFar } = payload
  if (labelSoFar !== plain && (labelSoFar !== `${plain}s` || onPorts(payload, PORTS_TLS))) return NO_MATCH
  const tls = inspectTls(payload)
  return tls === NO_MATCH && isTlsRecord(bytes, start, end) ? STRONG : tls
}

/** The payload is one or more whole lines of text, or was cut. */
export function isLines(payload: Payload): boolean {
  const { bytes, start, end, length } = payload
  const last = bytes[end - 1]
  return (
    (last === LF || end - start < length || length > 1000) && isText(bytes, start, Math.min(end, start + 256))
  )
}

/** The characters as given and, for letters, in the other case. */
export function bytesOf(characters: string): number[] {
  return [...new Set([...characters, ...characters.toLowerCase()])].map((character) =>
    character.charCodeAt(0),
  )
}

interface MailSignature {
  label: string
  says: string
  ports: readonly number[]
  firstBytes: readonly number[]
  bits: BitTest
  match: (payload: Payload) => number
}

export function plain(mail: MailSignature): Signature {
  return { ...mail, protocols: [PROTOCOL_TCP], depth: DEPTH }
}

export function upgrade(mail: MailSignature): Signature {
  return { ...mail, protocols: [PROTOCOL_TCP], depth: DEPTH, weight: WEIGHT_UPGRADE }
}
