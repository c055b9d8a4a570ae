/**
 * DNS SRV records (RFC 2782): "_ldap._tcp.example.org is served by dc1.example.org, port 389". In: a message whose
 * structure fits. Out: an announcement for each target that serves something we have a name for, and to the name
 * cache the targets' addresses that came along in the additional section. Not supported: mDNS, whose answers nobody
 * confirms.
 */
import { PROTOCOL_TCP, PROTOCOL_UDP, readU16 } from '../../../bytes.ts'
import { categoryOf } from '../../categories.data.ts'
import type { Payload } from '../../inspect/payload.ts'
import { GRACE_SEC } from '../../names.ts'
import { registryLabel } from '../../ports/registry-labels.data.ts'
import { looksLikeHost } from '../common/urls.ts'
import { type DnsRecord, readOneName } from './dns-message.ts'

export const TYPE_SRV = 33
/** Priority, weight, port, target. */
const PORT_AT = 4
const TARGET_AT = 6
const OWNER = /^_([a-z\d-]{1,32})\._(tcp|udp)\./i

/** Services that are not, or not so, in IANA's registry. */
const LABELS: ReadonlyMap<string, string> = new Map([
  ['gc', 'ldap'],
  ['jabber', 'xmpp'],
  ['kerberos-master', 'kerberos'],
  ['ts3', 'teamspeak'],
  ['caldavs', 'tls'],
  ['carddavs', 'tls'],
  ['autodiscover', 'tls'],
  ['sipfederationtls', 'tls'],
  ['turns', 'tls'],
  ['vlmcs', 'dcerpc'],
])

/** The label of the service that `owner`, the name of an SRV record, asks for; '' for what we have no name for. */
function serviceLabel(owner: string): { label: string; transport: string } {
  const [, service, transport] = OWNER.exec(owner)?.map((part) => part.toLowerCase()) ?? []
  if (service === undefined) return { label: '', transport: '' }
  const label = LABELS.get(service) ?? registryLabel(service, transport)
  return { label: categoryOf(label) === undefined ? '' : label, transport }
}

/** Announces the service of one SRV record; returns the target's name, '' for none. */
export function announceServer(
  payload: Payload,
  record: DnsRecord,
  owner: string,
  messageAt: number,
): string {
  const { bytes } = payload
  const { dataAt, dataEnd, ttlSec } = record
  if (dataEnd - dataAt <= TARGET_AT) return ''
  const port = readU16(bytes, dataAt + PORT_AT)
  const { label, transport } = serviceLabel(owner)
  const name = label === '' ? '' : readOneName(bytes, dataAt + TARGET_AT, payload.end, messageAt)
  // A target "." says that the service is not offered.
  if (label === '' || port === 0 || !looksLikeHost(name)) return ''
  const protocol = transport === 'tcp' ? PROTOCOL_TCP : PROTOCOL_UDP
  const through = 'a DNS SRV answer'
  payload.announce({ label, protocol, port, name, through, lifetimeSec: ttlSec + GRACE_SEC })
  return name
}
