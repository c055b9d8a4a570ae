/** XMPP (RFC 6120), also inside TLS. */
import { startsWith } from '../../../bytes.ts'
import { MORE, NO_MATCH, type Payload, type Signature, STRONG, WEAK } from '../../inspect/payload.ts'
import { setExtraText } from '../common/extras.ts'
import { onPort, TCP } from '../common/ports.ts'
import { findText } from '../common/text-scan.ts'
import { tlsInside } from '../tls/tls.ts'

/** RFC 6120 section 4: the stream header with its namespace; stanzas when seen in midstream. */
function xmpp(payload: Payload): number {
  const { bytes, start, end } = payload
  if (startsWith(bytes, start, end, '</stream:stream>')) return STRONG
  const stop = Math.min(end, start + 512)
  if (startsWith(bytes, start, end, '<?xml') || startsWith(bytes, start, end, '<stream:')) {
    const stream = findText(bytes, start, stop, '<stream:')
    if (stream >= 0) {
      tellDomain(payload, stream, stop)
      return STRONG | MORE
    }
    return onPort(payload, 5222) || onPort(payload, 5269) ? WEAK : NO_MATCH
  }
  if (startsWith(bytes, start, end, '<open ') || startsWith(bytes, start, end, '<starttls ')) {
    return findText(bytes, start, stop, 'urn:ietf:params:xml:ns:xmpp') >= 0 ? STRONG | MORE : NO_MATCH
  }
  if (!stanza(payload)) return NO_MATCH
  const known =
    findText(bytes, start, stop, 'jabber:') >= 0 ||
    findText(bytes, start, stop, 'urn:xmpp:') >= 0 ||
    findText(bytes, start, stop, 'jabber.org/protocol') >= 0
  return known ? STRONG : onPort(payload, 5222) ? WEAK : NO_MATCH
}

function stanza(payload: Payload): boolean {
  const { bytes, start, end } = payload
  return (
    startsWith(bytes, start, end, '<iq ') ||
    startsWith(bytes, start, end, '<message') ||
    startsWith(bytes, start, end, '<presence')
  )
}

function tellDomain(payload: Payload, from: number, stop: number): void {
  const { bytes } = payload
  const at = findText(bytes, from, stop, ' to=')
  if (at < 0 || at + 6 >= stop) return
  const quote = bytes[at + 4]
  let close = at + 5
  while (close < stop && bytes[close] !== quote) close++
  if (close < stop) setExtraText(payload, 'xmpp', 'domain', [at + 5, close])
}

export const signatures: Signature[] = [
  {
    label: 'xmpp',
    says: 'is an XMPP stream header or a stanza with an XMPP namespace',
    protocols: TCP,
    ports: [5222, 5269],
    firstBytes: [0x3c],
    match: xmpp,
  },
  tlsInside('xmpp'),
]
