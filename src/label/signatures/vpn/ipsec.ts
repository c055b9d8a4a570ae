/**
 * IPsec over UDP: IKE (RFC 2408, RFC 7296) on 500 and 4500, ESP in UDP and keep-alives (RFC 3948) on 4500.
 * ESP and AH as IP protocols are in network.ts; all share the label ipsec.
 */
import { readI32, readU32 } from '../../../bytes.ts'
import { NO_MATCH, type Payload, type Signature, STRONG, WEAK } from '../../inspect/payload.ts'
import { setExtra } from '../common/extras.ts'
import { onPort, UDP } from '../common/ports.ts'

const IKE_PORT = 500
const NAT_PORT = 4500
const IKE_HEADER = 28
/** RFC 3948 section 2.2: four zero bytes where ESP has its SPI. */
const NON_ESP_MARKER = 4

/** Main, quick and extended mode and notify of AuthIP, which Windows offers before IKE (MS-AIPS section 2.2.1). */
function isAuthIp(exchange: number): boolean {
  return exchange >= 243 && exchange <= 246
}

/** RFC 7296 section 3.1: SPIs, next payload, version, exchange, flags, message id; the length is the caller's. */
function ikeHeader(payload: Payload, at: number): boolean {
  const { bytes, end } = payload
  if (end - at < IKE_HEADER) return false
  const version = bytes[at + 17]
  const exchange = bytes[at + 18]
  if (version === 0x10) {
    if (!(exchange <= 6 || exchange === 32 || exchange === 33 || isAuthIp(exchange))) return false
    if (bytes[at + 16] > 30 && bytes[at + 16] < 128) return false
  } else if (version === 0x20) {
    if (exchange < 34 || exchange > 44 || (bytes[at + 16] !== 0 && bytes[at + 16] < 33)) return false
    if ((bytes[at + 19] & 0xc7) !== 0) return false
  } else return false
  return (readI32(bytes, at) | readI32(bytes, at + 4)) !== 0
}

function ike(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < IKE_HEADER) return NO_MATCH
  const at = readI32(bytes, start) === 0 ? start + NON_ESP_MARKER : start
  const version = at + 17 < end ? bytes[at + 17] : 0
  if ((version !== 0x10 && version !== 0x20) || !ikeHeader(payload, at)) return NO_MATCH
  // On IKE's own port a message that is damaged further on is likely.
  if (readU32(bytes, at + 24) !== payload.length - (at - start))
    return onPort(payload, IKE_PORT) ? WEAK : NO_MATCH
  setExtra(payload, 'ike', 'version', version >> 4)
  setExtra(payload, 'ike', 'exchange_type', bytes[at + 18])
  return STRONG
}

/** RFC 3948 section 2.1: ESP behind a UDP header; the same SPI twice with a sequence that goes on is enough. */
function espInUdp(payload: Payload): number {
  const { bytes, start, end, previous } = payload
  if (!onPort(payload, NAT_PORT) || onPort(payload, IKE_PORT)) return NO_MATCH
  if (payload.length === 1) return bytes[start] === 0xff ? WEAK : NO_MATCH
  if (end - start < 24 || readU32(bytes, start) <= 255) return NO_MATCH
  const sequence = readU32(bytes, start + 4)
  if (payload.previousLength >= 24 && readU32(bytes, start) === readU32(previous, 0)) {
    const step = sequence - readU32(previous, 4)
    if (step > 0 && step < 256) return STRONG
  }
  return sequence > 0 && sequence < 0x10000 ? WEAK : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'ipsec',
    says: 'holds an IKE header whose length field equals the datagram length',
    protocols: UDP,
    ports: [IKE_PORT, NAT_PORT],
    // Version 1.0 or 2.0, as it stands or behind the marker.
    bits: [17, 17 + NON_ESP_MARKER].flatMap((offset) => [
      { offset, mask: 0xff000000, value: 0x10000000 },
      { offset, mask: 0xff000000, value: 0x20000000 },
    ]),
    match: ike,
  },
  {
    label: 'ipsec',
    says: 'carries ESP in UDP on port 4500: one SPI and a sequence number that counts up',
    protocols: UDP,
    ports: [NAT_PORT],
    portsOnly: true,
    match: espInUdp,
  },
]
