/** What a ClientHello or ServerHello tells, put into a flow's extras and hostname: the same for TLS, DTLS and QUIC. */
import type { FieldsOf } from '../../../protocol-fields.ts'
import type { HostnameSource, Payload } from '../../inspect/payload.ts'
import { extraGroup } from '../common/extras.ts'
import { looksLikeHost } from '../common/urls.ts'
import type { ClientHello, ServerHello } from './client-hello.ts'
import { ja4, offeredVersion } from './ja4.ts'
import { cipherName, tlsVersionName } from './tls-names.ts'

/** `group`: tls, dtls or quic. The ServerHello's version wins over the one offered, whichever came first. */
export function reportClientHello(
  payload: Payload,
  hello: ClientHello,
  group: 'tls' | 'dtls' | 'quic',
  hostSource: HostnameSource,
): void {
  const extra: FieldsOf<'tls'> = extraGroup(payload, group)
  if (hello.sni !== '') {
    extra.sni = hello.sni
    if (looksLikeHost(hello.sni)) payload.hostname(hello.sni, hostSource)
  }
  if (hello.alpn.length > 0) extra.alpn = hello.alpn
  if (hello.alpnTotal > hello.alpn.length) extra.alpn_total = hello.alpnTotal
  if (group !== 'quic' && extra.cipher === undefined) extra.version = tlsVersionName(offeredVersion(hello))
  if (hello.complete) extra.ja4 = ja4(hello, group === 'tls' ? 't' : group === 'dtls' ? 'd' : 'q')
}

export function reportServerHello(payload: Payload, hello: ServerHello, group: 'tls' | 'dtls'): void {
  const extra = extraGroup(payload, group)
  extra.version = tlsVersionName(hello.version)
  extra.cipher = cipherName(hello.cipher)
  if (hello.alpn !== '') extra.alpn_selected = hello.alpn
}
