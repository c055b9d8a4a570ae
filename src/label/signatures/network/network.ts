/**
 * Protocols that sit directly on IP and are told by its protocol number: ICMP, IGMP, OSPF, PIM, VRRP, CARP, EIGRP, RSVP,
 * GRE, ESP, AH and SCTP. A well-formed header is a strong match; the bare protocol number with something else
 * behind it a weak one.
 */
import { PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_SCTP, readU16, readU32 } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  MORE,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { setExtra } from '../common/extras.ts'

const PROTOCOL_IGMP = 2
const PROTOCOL_RSVP = 46
const PROTOCOL_GRE = 47
const PROTOCOL_ESP = 50
const PROTOCOL_AH = 51
const PROTOCOL_EIGRP = 88
const PROTOCOL_OSPF = 89
const PROTOCOL_PIM = 103
/** Carries a packet, which is not in the checksum. */
const PIM_REGISTER = 1
const PIM_REGISTER_HEADER = 8
const PROTOCOL_VRRP = 112

/** The decoder has read the ICMP header (type, code, checksum, rest) before it hands out a payload. */
function icmp(): number {
  return STRONG
}

/** The internet checksum (RFC 1071) over a whole captured message, or its first bytes, comes out as zero. */
function checksumAgrees(payload: Payload, length = payload.length): boolean {
  const end = payload.start + length
  if (payload.end < end) return false
  let sum = 0
  for (let at = payload.start; at < end; at += 2) {
    sum += (payload.bytes[at] << 8) | (at + 1 < end ? payload.bytes[at + 1] : 0)
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return sum === 0xffff
}

/** RFC 3376 section 4: type, maximum response, checksum, group. */
function igmp(payload: Payload): number {
  if (payload.length < 8) return WEAK
  return checksumAgrees(payload) ? STRONG : WEAK
}

/** RFC 2328 appendix A.3.1, RFC 5340 appendix A.3.1: version, type 1-5, packet length. */
function ospf(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 16) return WEAK
  const version = bytes[start]
  const type = bytes[start + 1]
  const length = readU16(bytes, start + 2)
  if ((version !== 2 && version !== 3) || type < 1 || type > 5) return WEAK
  if (length < 16 || length > payload.length) return WEAK
  setExtra(payload, 'ospf', 'version', version)
  setExtra(payload, 'ospf', 'area', readU32(bytes, start + 8))
  return STRONG
}

/** RFC 7761 section 4.9: version 2 in the high nibble, checksum over all but Register's data. */
function pim(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 4 || bytes[start] >> 4 !== 2) return WEAK
  if (end - start >= PIM_REGISTER_HEADER && (bytes[start] & 15) === PIM_REGISTER)
    return checksumAgrees(payload, PIM_REGISTER_HEADER) || checksumAgrees(payload) ? STRONG : WEAK
  return checksumAgrees(payload) || (bytes[start + 1] === 0 && payload.ipVersion === 6) ? STRONG : WEAK
}

const CARP = 0x21
const CARP_LENGTH = 36
/** Words of its digest and counter. */
const CARP_WORDS = 7

/** CARP of OpenBSD shares VRRP's number: version 2, type 1, host, skew, words that follow, demotion, interval, checksum. */
function carp(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (end - start < CARP_LENGTH || length !== CARP_LENGTH || bytes[start] !== CARP) return NO_MATCH
  return bytes[start + 3] === CARP_WORDS && checksumAgrees(payload) ? STRONG : NO_MATCH
}

/** RFC 3768 section 5.1 and RFC 5798 section 5.1: version and type in the first byte, count of addresses. */
function vrrp(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 8) return WEAK
  const version = bytes[start] >> 4
  const addresses = bytes[start + 3] * (payload.ipVersion === 6 ? 16 : 4)
  const size = 8 + addresses + (version === 2 ? 8 : 0)
  if ((version !== 2 && version !== 3) || (bytes[start] & 15) !== 1 || size !== payload.length) return WEAK
  setExtra(payload, 'vrrp', 'virtual_router', bytes[start + 1])
  setExtra(payload, 'vrrp', 'priority', bytes[start + 2])
  return STRONG
}

/** RFC 7868 section 6.2: version 2, opcode, checksum. */
function eigrp(payload: Payload): number {
  if (payload.end - payload.start < 20 || payload.bytes[payload.start] !== 2) return WEAK
  return checksumAgrees(payload) ? STRONG : WEAK
}

/** RFC 2205 section 3.1.1: version 1, message type, length. */
function rsvp(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 8 || bytes[start] >> 4 !== 1) return WEAK
  return readU16(bytes, start + 6) === payload.length ? STRONG : WEAK
}

/** RFC 2784, RFC 2890, RFC 2637: what the decoder did not open (keep-alives, unknown protocols). */
function gre(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 4) return WEAK
  return (bytes[start + 1] & 7) <= 1 ? STRONG : WEAK
}

/** RFC 4303 section 2: SPI, of which 1 to 255 are reserved but found where keys are set by hand, and sequence number; a second packet of the same SPI settles it. */
function esp(payload: Payload): number {
  const { bytes, start, end, previous } = payload
  if (end - start < 8 || readU32(bytes, start) === 0) return NO_MATCH
  if (payload.previousLength < 8) return WEAK
  const step = readU32(bytes, start + 4) - readU32(previous, 4)
  return readU32(bytes, start) === readU32(previous, 0) && step >= 0 && step < 4096 ? STRONG : WEAK
}

/** RFC 4302 section 2: next header, length in words less two, reserved zero. */
function ah(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 12 || readU16(bytes, start + 2) !== 0) return WEAK
  return (bytes[start + 1] + 2) * 4 <= payload.length ? STRONG : WEAK
}

const INIT = 1
const INIT_ACK = 2
const MAX_CHUNKS = 16
/** Packets of a direction among which data is looked for: two set up the association, some may be heartbeats. */
const DATA_DEPTH = 6

/** RFC 9260 section 3.3.1: what the first DATA chunk of the packet carries (46 Diameter, 18 S1AP, 3 M3UA, …), or -1. */
function payloadProtocol({ bytes, start, end }: Payload): number {
  let at = start
  for (let n = 0; n < MAX_CHUNKS && at + 4 <= end; n++) {
    const length = readU16(bytes, at + 2)
    if (bytes[at] === 0 && length >= 16 && at + 16 <= end) return readU32(bytes, at + 12)
    if (length < 4) return -1
    at += (length + 3) & ~3
  }
  return -1
}

/** RFC 9260 section 3.2: the payload starts with a chunk (type, flags, length of at least 4). */
function sctp(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 4) return WEAK
  const type = bytes[start]
  const length = readU16(bytes, start + 2)
  const known = type <= 15 || type === 64 || type === 128 || type === 130 || type === 192 || type === 193
  if (!known || length < 4 || length > payload.length) return WEAK
  const role = type === INIT ? FROM_CLIENT : type === INIT_ACK ? FROM_SERVER : 0
  const carried = payloadProtocol(payload)
  if (carried < 0) return STRONG | role | (payload.ordinal < DATA_DEPTH ? MORE : 0)
  setExtra(payload, 'sctp', 'payload_protocol', carried)
  return STRONG | role
}

export const signatures: Signature[] = [
  { label: 'icmp', says: 'is IP protocol 1 with an ICMP header', protocols: [PROTOCOL_ICMP], match: icmp },
  {
    label: 'icmpv6',
    says: 'is IP protocol 58 with an ICMPv6 header',
    protocols: [PROTOCOL_ICMPV6],
    match: icmp,
  },
  { label: 'igmp', says: 'is IP protocol 2 with an IGMP message', protocols: [PROTOCOL_IGMP], match: igmp },
  { label: 'rsvp', says: 'is IP protocol 46 with an RSVP header', protocols: [PROTOCOL_RSVP], match: rsvp },
  { label: 'gre', says: 'is IP protocol 47 with a GRE header', protocols: [PROTOCOL_GRE], match: gre },
  {
    label: 'ipsec',
    says: 'is IP protocol 50 (ESP) with a valid security parameters index',
    protocols: [PROTOCOL_ESP],
    match: esp,
  },
  {
    label: 'ipsec',
    says: 'is IP protocol 51 (AH) with an authentication header',
    protocols: [PROTOCOL_AH],
    match: ah,
  },
  {
    label: 'eigrp',
    says: 'is IP protocol 88 with an EIGRP version 2 header',
    protocols: [PROTOCOL_EIGRP],
    match: eigrp,
  },
  { label: 'ospf', says: 'is IP protocol 89 with an OSPF header', protocols: [PROTOCOL_OSPF], match: ospf },
  {
    label: 'pim',
    says: 'is IP protocol 103 with a PIM version 2 header',
    protocols: [PROTOCOL_PIM],
    match: pim,
  },
  {
    label: 'carp',
    says: 'is IP protocol 112 with a CARP advertisement whose checksum agrees',
    protocols: [PROTOCOL_VRRP],
    firstBytes: [CARP],
    match: carp,
  },
  {
    label: 'vrrp',
    says: 'is IP protocol 112 with a VRRP advertisement',
    protocols: [PROTOCOL_VRRP],
    match: vrrp,
  },
  {
    label: 'sctp',
    says: 'is IP protocol 132 with an SCTP chunk',
    protocols: [PROTOCOL_SCTP],
    match: sctp,
  },
]
