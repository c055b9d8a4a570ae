/**
 * Tunnels seen from outside, where the decoder did not go in: L2TP (RFC 2661, RFC 3931), PPTP control (RFC 2637),
 * GTP (3GPP TS 29.060, 29.274, 29.281), Teredo (RFC 4380), VXLAN (RFC 7348), GENEVE (RFC 8926), CAPWAP (RFC 5415),
 * LISP (RFC 9300, 9301), SCTP in UDP (RFC 6951).
 */
import { PROTOCOL_TCP, readI32, readU16, readU32, readU32LE } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { bitsOfWords } from '../common/beginnings.ts'
import { firstBytesWhere } from '../common/byte-scan.ts'
import { setExtra } from '../common/extras.ts'
import { onPort, roleByPort, TCP, UDP } from '../common/ports.ts'

const L2TP_PORT = 1701

/** RFC 2661 section 3.1: control has T, L and S set; data messages of version 2 have the version in byte 1. */
function l2tp(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 6) return NO_MATCH
  const version = bytes[start + 1]
  if ((version !== 2 && version !== 3) || (bytes[start] & 0x34) !== 0) return NO_MATCH
  if ((bytes[start] & 0xc8) === 0xc8) {
    if (end - start < 12 || readU16(bytes, start + 2) !== payload.length) return NO_MATCH
    // Off the port the first element must be the message type: mandatory, eight bytes, vendor and type 0.
    const typed =
      end - start >= 20 && readI32(bytes, start + 14) === 0 && readU16(bytes, start + 12) === 0x8008
    if (!typed && !onPort(payload, L2TP_PORT)) return NO_MATCH
    setExtra(payload, 'l2tp', 'version', version)
    return STRONG | roleByPort(payload, L2TP_PORT)
  }
  if (!onPort(payload, L2TP_PORT) || (bytes[start] & 0x80) !== 0) return NO_MATCH
  if (version === 3) return isSession3(payload) ? WEAK : NO_MATCH
  // With the length bit the length must agree; without it only the port and the version speak.
  if (bytes[start] & 0x40) return readU16(bytes, start + 2) === payload.length ? STRONG : NO_MATCH
  return WEAK
}

/** RFC 3931 section 4.1.2.1: data of version 3 has 00 03, sixteen reserved bits, and a session id that is not 0. */
function isSession3({ bytes, start, end }: Payload): boolean {
  return end - start > 8 && readI32(bytes, start) === 0x00030000 && readI32(bytes, start + 4) !== 0
}

const PPTP_COOKIE = 0x1a2b3c4d

/** RFC 2637 section 1.4: length, message type 1, the magic cookie, control message type. */
function pptp(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 12 || readI32(bytes, start + 4) !== PPTP_COOKIE) return NO_MATCH
  if (readU16(bytes, start + 2) !== 1 || readU16(bytes, start) > 220) return NO_MATCH
  const type = readU16(bytes, start + 8)
  setExtra(payload, 'pptp', 'control_type', type)
  return STRONG | (type === 1 || type === 7 ? FROM_CLIENT : type === 2 || type === 8 ? FROM_SERVER : 0)
}

const GTP_CONTROL = 2123
const GTP_USER = 2152
const GTP_PRIME = 3386

/**
 * Version 2 at `at`, up to `stop`: spare bits zero, TEID present or not, spare byte behind the sequence number zero
 * (or a priority), then elements; a piggybacked message may follow the first. TS 29.274 sections 5.1 and 5.5.1.
 */
function gtpVersion2({ bytes, end }: Payload, at: number, stop: number): boolean {
  const header = (bytes[at] & 8) !== 0 ? 12 : 8
  if (at + header > end || (bytes[at] & 3) !== 0 || bytes[at + 1] === 0) return false
  const next = at + 4 + readU16(bytes, at + 2)
  if (next < at + header || next > stop) return false
  if ((bytes[at + header - 1] & ((bytes[at] & 4) !== 0 ? 0x0f : 0xff)) !== 0) return false
  const element = at + header
  if (element + 4 <= Math.min(next, end) && element + 4 + readU16(bytes, element + 1) > next) return false
  return next === stop || ((bytes[at] & 0x10) !== 0 && next + 4 <= end && bytes[next] >> 5 === 2)
}

/** GTP' (TS 32.295 section 6.1.1): protocol type 0, three spare bits set, length of what follows six (or twenty) bytes. */
function gtpPrime(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (end - start < 6 || !onPort(payload, GTP_PRIME)) return NO_MATCH
  const type = bytes[start + 1]
  const known = (type >= 1 && type <= 7) || type === 240 || type === 241
  if (bytes[start] >> 5 > 2 || (bytes[start] & 0x1e) !== 0x0e || !known) return NO_MATCH
  const size = readU16(bytes, start + 2)
  if (size + 6 !== length && size + 20 !== length) {
    // Over TCP one message follows another.
    const next = start + 6 + size
    if (payload.protocol !== PROTOCOL_TCP || next >= end || bytes[next] !== bytes[start]) return NO_MATCH
  }
  setExtra(payload, 'gtp', 'version', bytes[start] >> 5)
  setExtra(payload, 'gtp', 'message_type', type)
  return STRONG
}

/** GSM 09.60 section 6: version 0, spare bits set, length of what follows twenty bytes, three spare bytes ff. */
function gtpVersion0(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (end - start < 20 || bytes[start] >> 1 !== 0x0f || readU16(bytes, start + 2) + 20 !== length)
    return NO_MATCH
  if (bytes[start + 9] !== 0xff || readU16(bytes, start + 10) !== 0xffff) return NO_MATCH
  setExtra(payload, 'gtp', 'version', 0)
  setExtra(payload, 'gtp', 'message_type', bytes[start + 1])
  return STRONG
}

/** Version in the top three bits; the length field counts what follows the first eight (version 2: four) bytes. */
function gtp(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (end - start < 8 || (!onPort(payload, GTP_CONTROL) && !onPort(payload, GTP_USER)))
    return onPort(payload, GTP_PRIME) && (bytes[start] & 0x10) !== 0
      ? gtpVersion0(payload)
      : gtpPrime(payload)
  const version = bytes[start] >> 5
  const size = readU16(bytes, start + 2)
  const type = bytes[start + 1]
  let strength = NO_MATCH
  if (version === 2) {
    if (onPort(payload, GTP_CONTROL) && gtpVersion2(payload, start, start + length)) strength = STRONG
  } else if (version === 1) {
    const plain = (bytes[start] & 0x10) !== 0 && (bytes[start] & 8) === 0
    // Any of the flags E, S and PN adds four bytes.
    const fields = (bytes[start] & 7) !== 0 ? 4 : 0
    if (plain && size + 8 === length && size >= fields && type > 0) strength = STRONG
  } else if (version === 0 && type > 0) {
    if (size + 20 === length || size + 6 === length) strength = WEAK
  }
  if (strength === NO_MATCH) return NO_MATCH
  setExtra(payload, 'gtp', 'version', version)
  setExtra(payload, 'gtp', 'message_type', type)
  return strength
}

const SCTP_PORT = 9899
const SCTP_HEADER = 12

/** CRC-32C of each byte: polynomial 1edc6f41, reflected. */
const CRC32C = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  return crc
})

/** CRC-32C of RFC 9260 appendix A, over bytes from..stop-1 with the checksum's own as 0. */
function crc32c(bytes: Uint8Array, from: number, stop: number): number {
  const field = from + 8
  let crc = -1
  for (let at = from; at < stop; at++) {
    const byte = at >= field && at < field + 4 ? 0 : bytes[at]
    crc = CRC32C[(crc ^ byte) & 0xff] ^ (crc >>> 8)
  }
  return ~crc
}

/** Chunks of which each leads to the next (padded to four bytes, the last perhaps not), up to the end. */
function chunksFill(bytes: Uint8Array, from: number, stop: number): boolean {
  let at = from
  while (at + 4 <= stop) {
    const length = readU16(bytes, at + 2)
    if (length < 4 || at + length > stop) return false
    at += (length + 3) & ~3
  }
  return at >= stop
}

/** RFC 6951: SCTP's header (ports, tag, checksum) and chunks in UDP. */
function sctpInUdp(payload: Payload): number {
  const { bytes, start, end } = payload
  if (!onPort(payload, SCTP_PORT) || end - start < SCTP_HEADER + 4 || end - start < payload.length)
    return NO_MATCH
  if (!chunksFill(bytes, start + SCTP_HEADER, end)) return NO_MATCH
  return crc32c(bytes, start, end) === (readU32LE(bytes, start + 8) | 0) ? STRONG : NO_MATCH
}

const TEREDO_PORT = 3544
const IPV6_HEADER = 40
/** Hop-by-hop options, TCP, UDP, fragment, ESP, ICMPv6, none. */
const INNER_PROTOCOLS: readonly number[] = [0, 6, 17, 44, 50, 58, 59]
/** 2001:0::/32, the prefix of Teredo addresses: RFC 4380 section 2.6. */
const TEREDO_PREFIX = 0x20010000

/** Optional authentication (00 01) and origin indication (00 00), then a whole IPv6 packet: RFC 4380 section 5.1.1. */
function teredo(payload: Payload): number {
  const { bytes, start, end, length } = payload
  let at = start
  if (end - at >= 13 && readU16(bytes, at) === 1) {
    const skip = 13 + bytes[at + 2] + bytes[at + 3]
    if (skip >= end - at) return NO_MATCH
    at += skip
  }
  if (end - at >= 8 && readU16(bytes, at) === 0) at += 8
  if (end - at < IPV6_HEADER || bytes[at] >> 4 !== 6) return NO_MATCH
  if (readU16(bytes, at + 4) !== length - (at - start) - IPV6_HEADER) {
    // Bubbles with trailers (RFC 6081) are longer than their inner packet.
    if (!onPort(payload, TEREDO_PORT) || readU16(bytes, at + 4) > length) return NO_MATCH
  }
  const teredoAddress = readI32(bytes, at + 8) === TEREDO_PREFIX || readI32(bytes, at + 24) === TEREDO_PREFIX
  if (teredoAddress) return STRONG | roleByPort(payload, TEREDO_PORT)
  const plausible = onPort(payload, TEREDO_PORT) && isIpv6InUse(bytes, at)
  return plausible ? STRONG | roleByPort(payload, TEREDO_PORT) : NO_MATCH
}

/** RFC 4291 section 2.4: both addresses global unicast, link-local or multicast; an inner protocol that hosts speak. */
function isIpv6InUse(bytes: Uint8Array, at: number): boolean {
  return (
    INNER_PROTOCOLS.includes(bytes[at + 6]) && isAddressInUse(bytes, at + 8) && isAddressInUse(bytes, at + 24)
  )
}

function isAddressInUse(bytes: Uint8Array, at: number): boolean {
  const first = bytes[at]
  return first >> 5 === 1 || first === 0xff || (first === 0xfe && bytes[at + 1] === 0x80)
}

/** RFC 7348 section 5: flag I alone, reserved bytes zero. */
function vxlan(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 22 || readI32(bytes, start) !== 0x08000000 || bytes[start + 7] !== 0) return NO_MATCH
  if (payload.dstPort !== 4789 && payload.dstPort !== 8472) return NO_MATCH
  setExtra(payload, 'vxlan', 'vni', readU32(bytes, start + 4) >>> 8)
  return STRONG
}

/** RFC 8926 section 3.4: version 0, option length, protocol type, VNI, reserved zero. */
function geneve(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 16 || payload.dstPort !== 6081 || bytes[start] >> 6 !== 0) return NO_MATCH
  if (bytes[start + 7] !== 0 || (bytes[start + 1] & 0x3f) !== 0) return NO_MATCH
  const type = readU16(bytes, start + 2)
  if (type !== 0x6558 && type !== 0x0800 && type !== 0x86dd) return NO_MATCH
  setExtra(payload, 'geneve', 'vni', readU32(bytes, start + 4) >>> 8)
  return STRONG
}

const CAPWAP_CONTROL = 5246
const CAPWAP_DATA = 5247

/** RFC 5415 section 4.3: preamble 0 (or 1 with DTLS, then reserved zero), header length in words, binding. */
function capwap(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 8 || (!onPort(payload, CAPWAP_CONTROL) && !onPort(payload, CAPWAP_DATA))) return NO_MATCH
  if (bytes[start] === 1) {
    // A DTLS record inside: content type 20-23, version fe ff or fe fd.
    const dtls = end - start >= 17 && bytes[start + 4] >= 20 && bytes[start + 4] <= 23
    return dtls && bytes[start + 5] === 0xfe ? STRONG : NO_MATCH
  }
  const headerBytes = (bytes[start + 1] >> 3) * 4
  const binding = (bytes[start + 2] >> 1) & 31
  if (bytes[start] !== 0 || headerBytes < 8 || headerBytes > 64 || binding > 3) return NO_MATCH
  if (!onPort(payload, CAPWAP_CONTROL) || start + headerBytes + 8 > end) return WEAK
  // RFC 5415 section 4.5.1: message type, sequence, then the length of what follows the sequence.
  const rest = readU16(bytes, start + headerBytes + 5)
  return rest + headerBytes + 5 === payload.length ? STRONG : WEAK
}

/** RFC 9301 section 4: the control port; type in the high nibble, 8 encapsulates IP, 3 and 4 carry a record count. */
function lisp(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 16) return NO_MATCH
  if (onPort(payload, 4342)) {
    const type = bytes[start] >> 4
    if (type === 8) return lispInner(payload, start + 4)
    return bytes[start + 3] > 0 && bytes[start + 3] < 32 && lispFields(payload, type) ? WEAK : NO_MATCH
  }
  if (payload.dstPort !== 4341 || end - start < 28) return NO_MATCH
  // RFC 9300 section 5.1: eight bytes, then an inner IP header.
  return lispInner(payload, start + 8)
}

const LISP_REQUEST = 1
const LISP_REPLY = 2
const LISP_NOTIFY = 4
/** Address family of LISP's own formats (RFC 8060). */
const AFI_LISP = 16387

/** Behind the nonce: a request names the family of its source, register and notify a key and a digest; a reply has reserved bits before. */
function lispFields({ bytes, start }: Payload, type: number): boolean {
  const word = readU16(bytes, start + 12)
  if (type === LISP_REQUEST) return word <= 2 || word === AFI_LISP
  if (type === LISP_REPLY) return bytes[start + 1] === 0 && bytes[start + 2] === 0
  return type > LISP_REPLY && type <= LISP_NOTIFY && word <= 3 && readU16(bytes, start + 14) <= 64
}

/** An IP header at `at` whose length agrees with the datagram's. */
function lispInner({ bytes, start, length }: Payload, at: number): number {
  const rest = length - (at - start)
  if (bytes[at] === 0x45) return readU16(bytes, at + 2) === rest ? STRONG : NO_MATCH
  return bytes[at] >> 4 === 6 && readU16(bytes, at + 4) === rest - IPV6_HEADER ? STRONG : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'l2tp',
    says: 'holds an L2TP header with agreeing length, or a data header on port 1701',
    protocols: UDP,
    ports: [L2TP_PORT],
    firstBytes: firstBytesWhere((byte) => (byte & 0x34) === 0),
    bits: { offset: 0, mask: 0x00fe0000, value: 0x00020000 },
    match: l2tp,
  },
  {
    label: 'pptp',
    says: 'is a PPTP control message with the magic cookie 1a2b3c4d',
    protocols: TCP,
    ports: [1723],
    firstBytes: [0],
    match: pptp,
  },
  {
    label: 'gtp',
    says: 'holds a GTP header with agreeing length, on a GTP port',
    protocols: UDP,
    ports: [GTP_CONTROL, GTP_USER, GTP_PRIME],
    firstBytes: firstBytesWhere((byte) => byte < 0x60),
    portsOnly: true,
    match: gtp,
  },
  {
    label: 'gtp',
    says: "holds a GTP' header with agreeing length, on port 3386",
    protocols: TCP,
    ports: [GTP_PRIME],
    firstBytes: firstBytesWhere((byte) => byte < 0x60),
    portsOnly: true,
    match: gtpPrime,
  },
  {
    label: 'teredo',
    says: 'carries an IPv6 packet of agreeing length with Teredo addresses or headers',
    protocols: UDP,
    ports: [TEREDO_PORT],
    firstBytes: [0, 0x60],
    bits: [...bitsOfWords([0], 0xfffe0000), ...bitsOfWords([0x60000000], 0xf0000000)],
    match: teredo,
  },
  {
    label: 'sctp',
    says: 'is an SCTP packet in UDP whose checksum agrees, on port 9899',
    protocols: UDP,
    ports: [SCTP_PORT],
    portsOnly: true,
    match: sctpInUdp,
  },
  {
    label: 'vxlan',
    says: 'holds a VXLAN header (flag I, reserved bytes zero), to a VXLAN port',
    protocols: UDP,
    ports: [4789, 8472],
    firstBytes: [8],
    match: vxlan,
  },
  {
    label: 'geneve',
    says: 'holds a GENEVE version 0 header with a known protocol type, to port 6081',
    protocols: UDP,
    ports: [6081],
    firstBytes: firstBytesWhere((byte) => byte < 0x40),
    portsOnly: true,
    match: geneve,
  },
  {
    label: 'capwap',
    says: 'holds a CAPWAP header with plausible length and binding, on port 5246 or 5247',
    protocols: UDP,
    ports: [CAPWAP_CONTROL, CAPWAP_DATA],
    firstBytes: [0, 1],
    portsOnly: true,
    match: capwap,
  },
  {
    label: 'lisp',
    says: 'holds a LISP header, with an inner IP length that agrees for data, on port 4341 or 4342',
    protocols: UDP,
    ports: [4341, 4342],
    portsOnly: true,
    // Registrations go ahead of what answers them.
    depth: 16,
    match: lisp,
  },
]
