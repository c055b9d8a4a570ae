/**
 * DNSCrypt version 1 and 2: the certificate question (TXT for 2.dnscrypt-cert.…) and its answer look like DNS,
 * encrypted answers start with a fixed magic. Over TCP two length bytes come first.
 */
import { PROTOCOL_TCP, readU16, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { setExtra } from '../common/extras.ts'
import { TCP_UDP } from '../common/ports.ts'
import { readName } from './dns-message.ts'

const RESOLVER_MAGIC = 'r6fnvWj8'
const DNS_HEADER = 12
const CERTIFICATE_NAME = '\x012\x0ddnscrypt-cert'

/** DNS header with one question, whose name starts with the labels "2" and "dnscrypt-cert". */
function certificate(payload: Payload, at: number): number {
  const { bytes, end } = payload
  if (end - at < DNS_HEADER + CERTIFICATE_NAME.length || readU16(bytes, at + 4) !== 1) return NO_MATCH
  if (!startsWith(bytes, at + DNS_HEADER, end, CERTIFICATE_NAME)) return NO_MATCH
  // The rest of the name says whose certificate it is.
  const provider = readName(bytes, at + DNS_HEADER + CERTIFICATE_NAME.length, end, at)
  if (provider !== '.') setExtra(payload, 'dnscrypt', 'provider', provider)
  return STRONG | (bytes[at + 2] & 0x80 ? FROM_SERVER : FROM_CLIENT)
}

function dnscrypt(payload: Payload): number {
  const { bytes, start, end } = payload
  const at = payload.protocol === PROTOCOL_TCP ? start + 2 : start
  if (end - at < DNS_HEADER) return NO_MATCH
  if (bytes[at] === 0x72 && startsWith(bytes, at, end, RESOLVER_MAGIC)) return STRONG | FROM_SERVER
  if (bytes[at + DNS_HEADER] !== 1 || end - at < DNS_HEADER + 4) return NO_MATCH
  return certificate(payload, at)
}

export const signatures: Signature[] = [
  {
    label: 'dnscrypt',
    says: 'asks for or brings a DNSCrypt certificate, or starts with the magic of encrypted answers',
    protocols: TCP_UDP,
    ports: [443, 53, 5353, 8443, 5443],
    weight: 90,
    // The magic, or the start of the question's name; over TCP two bytes later.
    bits: [
      { offset: 0, mask: 0xffffffff, value: 0x7236666e },
      { offset: 2, mask: 0xffffffff, value: 0x7236666e },
      { offset: 12, mask: 0xffffffff, value: 0x01320d64 },
      { offset: 14, mask: 0xffffffff, value: 0x01320d64 },
    ],
    match: dnscrypt,
  },
]
