/**
 * Routing and its liveness over TCP and UDP: BGP (RFC 4271), BFD (RFC 5880), RIP (RFC 2453), RIPng (RFC 2080),
 * LDP (RFC 5036), HSRP (RFC 2281 and version 2). Those that sit on IP itself are in network.ts.
 */
import { readI32, readU16, readU32 } from '../../../bytes.ts'
import { NO_MATCH, type Payload, type Signature, STRONG, WEAK } from '../../inspect/payload.ts'
import { setExtra } from '../common/extras.ts'
import { onPort, TCP, TCP_UDP, UDP } from '../common/ports.ts'

const BGP_HEADER = 19
const BGP_MAX = 65535
const BGP_OPEN = 1
const BGP_KEEPALIVE = 4

/** RFC 4271 section 4.1: sixteen bytes ff, length, type 1-5. */
function bgp(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < BGP_HEADER) return NO_MATCH
  for (let at = start; at < start + 16; at += 4) if (readI32(bytes, at) !== -1) return NO_MATCH
  const length = readU16(bytes, start + 16)
  const type = bytes[start + 18]
  if (length < BGP_HEADER || length > BGP_MAX || type < 1 || type > 5) return NO_MATCH
  if (type === BGP_KEEPALIVE && length !== BGP_HEADER) return NO_MATCH
  setExtra(payload, 'bgp', 'message_type', type)
  if (type === BGP_OPEN && end - start >= BGP_HEADER + 10) {
    tellSystem(payload, Math.min(end, start + length))
  }
  return STRONG
}

/** RFC 6793 section 9: stands in OPEN for a number of four bytes, which is in a capability. */
const AS_TRANS = 23456
/** Optional parameter (RFC 5492 section 4) and capability (RFC 6793 section 3). */
const PARAMETER_CAPABILITIES = 2
const CAPABILITY_FOUR_BYTES = 65

/** RFC 4271 section 4.2: version, number of two bytes, hold time, identifier, length of parameters, parameters. */
function tellSystem(payload: Payload, stop: number): void {
  const { bytes, start } = payload
  const short = readU16(bytes, start + BGP_HEADER + 1)
  const system = short === AS_TRANS ? longSystem(bytes, start + BGP_HEADER + 10, stop) : short
  if (system > 0) setExtra(payload, 'bgp', 'autonomous_system', system)
}

/** The number of four bytes among the parameters at from..stop-1, or 0. */
function longSystem(bytes: Uint8Array, from: number, stop: number): number {
  for (let at = from; at + 2 <= stop; at += 2 + bytes[at + 1]) {
    if (bytes[at] !== PARAMETER_CAPABILITIES) continue
    const end = Math.min(stop, at + 2 + bytes[at + 1])
    for (let here = at + 2; here + 6 <= end; here += 2 + bytes[here + 1])
      if (bytes[here] === CAPABILITY_FOUR_BYTES && bytes[here + 1] === 4) return readU32(bytes, here + 2)
  }
  return 0
}

const BFD_CONTROL = 24
const BFD_PORTS: readonly number[] = [3784, 3785, 4784, 6784, 7784]

const BFD_AUTHENTICATED = 4
const BFD_POLL_FINAL = 0x30

/** What a receiver must not discard (RFC 5880 section 6.8.6): length, discriminator, flags that exclude each other. */
function bfdSound({ bytes, start, end }: Payload): boolean {
  const flags = bytes[start + 1]
  const signed = (flags & BFD_AUTHENTICATED) !== 0
  const authentication = signed && start + BFD_CONTROL + 2 <= end ? bytes[start + BFD_CONTROL + 1] : 0
  if (bytes[start + 3] !== BFD_CONTROL + authentication || signed !== authentication > 0) return false
  if (bytes[start + 2] === 0 || (flags & 1) !== 0 || (flags & BFD_POLL_FINAL) === BFD_POLL_FINAL) return false
  if (readI32(bytes, start + 4) === 0) return false
  // Intervals are microseconds: none lasts four minutes, and one of sending is never 0.
  const intervals = bytes[start + 12] | bytes[start + 16] | bytes[start + 20]
  return readI32(bytes, start + 12) !== 0 && (intervals & 0xf0) === 0
}

/** RFC 5880 section 4.1: version 1, diagnostic, state, detect multiplier, length, discriminators, intervals. */
function bfd(payload: Payload): number {
  const { bytes, start, end, peer } = payload
  if (end - start < BFD_CONTROL || bytes[start] >> 5 !== 1 || !bfdSound(payload)) return NO_MATCH
  const length = bytes[start + 3]
  if (length > payload.length) return NO_MATCH
  if (!BFD_PORTS.includes(payload.dstPort) && !BFD_PORTS.includes(payload.srcPort)) return NO_MATCH
  setExtra(payload, 'bfd', 'state', bytes[start + 1] >> 6)
  const echoed = payload.peerLength >= BFD_CONTROL && readI32(bytes, start + 8) === readI32(peer, 4)
  return echoed || length === payload.length ? STRONG : WEAK
}

/** Every entry's address family is IP, "all routes" or the authentication mark: RFC 2453 section 4. */
function ripEntries(payload: Payload): boolean {
  const { bytes, start, end } = payload
  for (let at = start + 4; at + 4 <= end; at += 20) {
    const family = readU16(bytes, at)
    if (family !== 2 && family !== 0 && family !== 0xffff) return false
  }
  return true
}

/** RFC 2453 section 4: command, version, zero, entries of twenty bytes. */
function rip(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (end - start < 24 || !onPort(payload, 520) || bytes[start] < 1 || bytes[start] > 2) return NO_MATCH
  const version = bytes[start + 1]
  if (version !== 1 && version !== 2) return NO_MATCH
  if ((length - 4) % 20 !== 0 || length > 504) return NO_MATCH
  return ripEntries(payload) ? STRONG : NO_MATCH
}

/** RFC 2080 section 2.1: as RIP, version 1, with prefix lengths up to 128 (or a next hop, metric ff). */
function ripng(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (end - start < 24 || !onPort(payload, 521) || (length - 4) % 20 !== 0) return NO_MATCH
  if (bytes[start] < 1 || bytes[start] > 2) return NO_MATCH
  if (bytes[start + 1] !== 1 || readU16(bytes, start + 2) !== 0) return NO_MATCH
  for (let at = start + 4; at + 20 <= end; at += 20) if (bytes[at + 18] > 128) return NO_MATCH
  return STRONG
}

const LDP_HEADER = 10
const LDP_MESSAGE_HEADER = 4

/** RFC 5036 section 3.1: version 1, length of what follows, identifier of six bytes; then a message that is not longer. */
function ldp(payload: Payload): number {
  const { bytes, start, end } = payload
  const message = start + LDP_HEADER
  if (end < message + LDP_MESSAGE_HEADER || readU16(bytes, start) !== 1 || !onPort(payload, 646))
    return NO_MATCH
  const length = readU16(bytes, start + 2) + 4
  if (length > payload.length || readU32(bytes, start + 4) === 0) return NO_MATCH
  return LDP_HEADER + LDP_MESSAGE_HEADER + readU16(bytes, message + 2) <= length ? STRONG : NO_MATCH
}

const HSRP_PORT = 1985
const HSRP_V6_PORT = 2029
const HSRP_LENGTH = 20
const HSRP_ADVERTISE = 3
/** With the authentication that routers add: type 4, 28 bytes. */
const HSRP_SIGNED_LENGTH = 50

/** RFC 2281 section 5.1: version 0, operation 0-2 (3 advertises), state a power of two, password of eight bytes. */
function hsrp(payload: Payload): number {
  const { bytes, start, end } = payload
  if (!onPort(payload, HSRP_PORT) && !onPort(payload, HSRP_V6_PORT)) return NO_MATCH
  if (end - start < 6) return NO_MATCH
  if (bytes[start] === 0) {
    const operation = bytes[start + 1]
    if (operation === HSRP_ADVERTISE) return hsrpAdvertisement(payload)
    const state = bytes[start + 2]
    if (end - start < HSRP_LENGTH || operation > 2 || state > 16 || (state & (state - 1)) !== 0)
      return NO_MATCH
    setExtra(payload, 'hsrp', 'group', bytes[start + 6])
    const exact = payload.length === HSRP_LENGTH || payload.length === HSRP_SIGNED_LENGTH
    return exact && bytes[start + 7] === 0 ? STRONG : WEAK
  }
  return hsrpVersion2(payload)
}

/** Not in RFC 2281: type 1, interface state, and the length from the type on, or of what follows it. */
function hsrpAdvertisement(payload: Payload): number {
  const { bytes, start, length } = payload
  if (length < 16) return NO_MATCH
  const rest = length - readU16(bytes, start + 4)
  return readU16(bytes, start + 2) === 1 && (rest === 2 || rest === 6) ? STRONG : WEAK
}

/** Version 2 is a list of type, length, value that fills the datagram; 1 group state, 2 interface state, 3 text, 4 MD5. */
function hsrpVersion2(payload: Payload): number {
  const { bytes, start, end, length } = payload
  let at = start
  let group = -1
  while (at - start < length) {
    if (at + 2 > end || bytes[at] < 1 || bytes[at] > 4) return NO_MATCH
    if (bytes[at] === 1) {
      const whole = at + 8 <= end && bytes[at + 1] === 40 && bytes[at + 2] === 2
      group = whole ? readU16(bytes, at + 6) : -1
    }
    at += 2 + bytes[at + 1]
  }
  if (at - start !== length) return NO_MATCH
  if (group < 0) return WEAK
  setExtra(payload, 'hsrp', 'group', group)
  return STRONG
}

export const signatures: Signature[] = [
  {
    label: 'bgp',
    says: 'starts with the BGP marker of sixteen bytes ff, a length and a message type',
    protocols: TCP,
    ports: [179],
    firstBytes: [0xff],
    match: bgp,
  },
  {
    label: 'bfd',
    says: 'holds a BFD version 1 control packet with its length and discriminators, on a BFD port',
    protocols: UDP,
    ports: BFD_PORTS,
    firstBytes: [32, 33, 34, 35, 36, 37, 38, 39, 40, 41],
    portsOnly: true,
    match: bfd,
  },
  {
    label: 'rip',
    says: 'holds a RIP header and whole route entries, on port 520',
    protocols: UDP,
    ports: [520],
    firstBytes: [1, 2],
    portsOnly: true,
    match: rip,
  },
  {
    label: 'ripng',
    says: 'holds a RIPng header and whole route entries, on port 521',
    protocols: UDP,
    ports: [521],
    firstBytes: [1, 2],
    portsOnly: true,
    match: ripng,
  },
  {
    label: 'ldp',
    says: 'holds an LDP version 1 header with its length, on port 646',
    protocols: TCP_UDP,
    ports: [646],
    firstBytes: [0],
    portsOnly: true,
    match: ldp,
  },
  {
    label: 'hsrp',
    says: 'is an HSRP hello with known operation and state, or HSRP version 2 fields that fill the datagram',
    protocols: UDP,
    ports: [HSRP_PORT, HSRP_V6_PORT],
    firstBytes: [0, 1, 2, 3, 4],
    portsOnly: true,
    match: hsrp,
  },
]
