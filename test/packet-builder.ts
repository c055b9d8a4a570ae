/**
 * Frames for tests, built the way they are read: ethernet(ipv4({ src, dst }, udp({ srcPort, dstPort }, 'hello'))).
 * In: fields by name, a payload last (bytes, or a string taken as Latin-1). Out: a Uint8Array with correct lengths
 * and checksums. Each builder remembers which protocol number and EtherType its bytes are, so that the header
 * around them needs no type; every type and length can be overridden to build wrong frames on purpose.
 */
import { address, checksum, concat, hex, NOTHING, type Payload, u8, u16, u32 } from './packet-bytes.ts'

export * from './packet-bytes.ts'
export * from './packet-files.ts'

/** What the bytes are, for the header that will stand before them. */
interface Kind {
  protocol?: number
  etherType?: number
  ppp?: number
}

const kinds = new WeakMap<Uint8Array, Kind>()

function remember(bytes: Uint8Array, kind: Kind): Uint8Array {
  kinds.set(bytes, kind)
  return bytes
}

function kindOf(payload: Payload): Kind {
  return typeof payload === 'string' ? {} : (kinds.get(payload) ?? {})
}

// ---------------------------------------------------------------- link

export interface EthernetOptions {
  src?: string
  dst?: string
  etherType?: number
}

export const MAC_A = '02:00:00:00:00:0a'
export const MAC_B = '02:00:00:00:00:0b'

/** EtherType from the payload; not padded to 60 bytes. */
export function ethernet(payload: Payload, options: EthernetOptions = {}): Uint8Array {
  const etherType = options.etherType ?? kindOf(payload).etherType ?? 0x0800
  return remember(concat(mac(options.dst ?? MAC_B), mac(options.src ?? MAC_A), u16(etherType), payload), {
    etherType: 0x6558,
  })
}

export function mac(text: string): Uint8Array {
  return hex(text.replace(/:/g, ''))
}

/** 802.1Q tag (or another TPID) before the payload. */
export function vlan(
  id: number,
  payload: Payload,
  options: { tpid?: number; priority?: number } = {},
): Uint8Array {
  const etherType = kindOf(payload).etherType ?? 0x0800
  const tag = u16(((options.priority ?? 0) << 13) | id, etherType)
  return remember(concat(tag, payload), { etherType: options.tpid ?? 0x8100 })
}

/** Labels outermost first; the last carries the bottom-of-stack bit. */
export function mpls(labels: number[], payload: Payload): Uint8Array {
  const last = labels.length - 1
  const stack = labels.map((label, i) => ((label << 12) | (i === last ? 0x100 : 0) | 64) >>> 0)
  return remember(concat(u32(...stack), payload), { etherType: 0x8847, protocol: 137 })
}

/** PPP with its two-byte protocol and, where asked for, the HDLC address and control bytes. */
export function ppp(payload: Payload, options: { protocol?: number; hdlc?: boolean } = {}): Uint8Array {
  const protocol = options.protocol ?? kindOf(payload).ppp ?? 0x0021
  return concat(options.hdlc ? hex('ff03') : NOTHING, u16(protocol), payload)
}

export function pppoe(session: number, payload: Payload, options: { protocol?: number } = {}): Uint8Array {
  const inner = ppp(payload, options)
  return remember(concat(hex('11 00'), u16(session, inner.length), inner), { etherType: 0x8864 })
}

/** 802.2 LLC and SNAP header with OUI 0 before an EtherType payload. */
export function snap(payload: Payload): Uint8Array {
  return concat(hex('aaaa03 000000'), u16(kindOf(payload).etherType ?? 0x0800), payload)
}

export function arp(): Uint8Array {
  return remember(
    concat(
      hex('0001 0800 06 04 0001'),
      mac(MAC_A),
      address('10.0.0.1'),
      mac('00:00:00:00:00:00'),
      address('10.0.0.2'),
    ),
    { etherType: 0x0806 },
  )
}

// ---------------------------------------------------------------- net

export interface Ipv4Options {
  src?: string
  dst?: string
  protocol?: number
  ttl?: number
  identification?: number
  moreFragments?: boolean
  dontFragment?: boolean
  /** In bytes, a multiple of 8. */
  fragmentOffset?: number
  /** Header options, padded to four bytes. */
  options?: Uint8Array
  totalLength?: number
  headerLength?: number
}

export function ipv4(options: Ipv4Options, payload: Payload = NOTHING): Uint8Array {
  const src = address(options.src ?? '10.0.0.1')
  const dst = address(options.dst ?? '10.0.0.2')
  const body = concat(payload)
  const protocol = options.protocol ?? kindOf(payload).protocol ?? 17
  if ((options.fragmentOffset ?? 0) === 0 && !options.moreFragments) {
    writeTransportChecksum(protocol, body, concat(src, dst))
  }
  const padded = concat(options.options ?? NOTHING, new Uint8Array(-(options.options?.length ?? 0) & 3))
  const headerLength = options.headerLength ?? 20 + padded.length
  const fragment =
    (options.dontFragment ? 0x4000 : 0) |
    (options.moreFragments ? 0x2000 : 0) |
    ((options.fragmentOffset ?? 0) >> 3)
  const header = concat(
    u8(0x40 | (headerLength >> 2), 0),
    u16(options.totalLength ?? 20 + padded.length + body.length, options.identification ?? 1, fragment),
    u8(options.ttl ?? 64, protocol, 0, 0),
    src,
    dst,
    padded,
  )
  header.set(u16(checksum(header)), 10)
  return remember(concat(header, body), { etherType: 0x0800, protocol: 4, ppp: 0x0021 })
}

/** The datagram cut into fragments of `size` payload bytes (a multiple of 8), in order. */
export function ipv4Fragments(options: Ipv4Options, payload: Uint8Array, size: number): Uint8Array[] {
  const protocol = options.protocol ?? kindOf(payload).protocol ?? 17
  writeTransportChecksum(
    protocol,
    payload,
    concat(address(options.src ?? '10.0.0.1'), address(options.dst ?? '10.0.0.2')),
  )
  const fragments: Uint8Array[] = []
  for (let at = 0; at < payload.length; at += size) {
    const moreFragments = at + size < payload.length
    const part = payload.slice(at, at + size)
    fragments.push(ipv4({ ...options, protocol, moreFragments, fragmentOffset: at }, part))
  }
  return fragments
}

export interface Ipv6Options {
  src?: string
  dst?: string
  nextHeader?: number
  hopLimit?: number
  payloadLength?: number
}

export function ipv6(options: Ipv6Options, payload: Payload = NOTHING): Uint8Array {
  const src = address(options.src ?? '2001:db8::1')
  const dst = address(options.dst ?? '2001:db8::2')
  const body = concat(payload)
  const protocol = options.nextHeader ?? kindOf(payload).protocol ?? 17
  writeTransportChecksum(protocol, body, concat(src, dst))
  const header = concat(
    u32(0x60000000),
    u16(options.payloadLength ?? body.length),
    u8(protocol, options.hopLimit ?? 64),
    src,
    dst,
  )
  return remember(concat(header, body), { etherType: 0x86dd, protocol: 41, ppp: 0x0057 })
}

/** An IPv6 extension header of the given type (0, 43, 60, …): `body` (default 6 zero bytes) is padded to a multiple of 8. */
export function ipv6Extension(
  type: number,
  payload: Payload,
  body: Uint8Array = new Uint8Array(6),
): Uint8Array {
  const padded = concat(body, new Uint8Array(-(body.length + 2) & 7))
  const next = kindOf(payload).protocol ?? 59
  return remember(concat(u8(next, (padded.length + 2) / 8 - 1), padded, payload), { protocol: type })
}

export interface Ipv6FragmentOptions {
  identification?: number
  /** In bytes, a multiple of 8. */
  offset?: number
  more?: boolean
  nextHeader?: number
}

export function ipv6Fragment(options: Ipv6FragmentOptions, payload: Payload): Uint8Array {
  const next = options.nextHeader ?? kindOf(payload).protocol ?? 17
  const fields = u16((options.offset ?? 0) | (options.more ? 1 : 0))
  return remember(concat(u8(next, 0), fields, u32(options.identification ?? 1), payload), { protocol: 44 })
}

// ---------------------------------------------------------------- transport

const CHECKSUM_AT: Record<number, number> = { 6: 16, 17: 6, 58: 2 }

/** Fills the checksum over the pseudo header (RFC 9293 section 3.1, RFC 8200 section 8.1) where it is still 0. */
function writeTransportChecksum(protocol: number, body: Uint8Array, addresses: Uint8Array): void {
  const at = CHECKSUM_AT[protocol]
  if (at === undefined || body.length < at + 2 || body[at] !== 0 || body[at + 1] !== 0) return
  const sum = checksum(addresses, u16(0, protocol), u32(body.length), body)
  body.set(u16(sum === 0 ? 0xffff : sum), at)
}

export interface Ports {
  srcPort: number
  dstPort: number
}

export function udp(options: Ports & { length?: number }, payload: Payload = NOTHING): Uint8Array {
  const body = concat(payload)
  return remember(concat(u16(options.srcPort, options.dstPort, options.length ?? body.length + 8, 0), body), {
    protocol: 17,
  })
}

export function udplite(options: Ports, payload: Payload = NOTHING): Uint8Array {
  return remember(concat(u16(options.srcPort, options.dstPort, 8, 0), payload), { protocol: 136 })
}

export interface TcpOptions extends Ports {
  /** Letters in any order: F S R P A U E C. Default "A". */
  flags?: string
  sequence?: number
  acknowledgement?: number
  window?: number
  /** Header options, padded to four bytes. */
  options?: Uint8Array
  headerLength?: number
}

const TCP_FLAG_LETTERS = 'FSRPAUEC'

export function tcp(options: TcpOptions, payload: Payload = NOTHING): Uint8Array {
  let flags = 0
  for (const letter of options.flags ?? 'A') flags |= 1 << TCP_FLAG_LETTERS.indexOf(letter)
  const padded = concat(options.options ?? NOTHING, new Uint8Array(-(options.options?.length ?? 0) & 3))
  const headerLength = options.headerLength ?? 20 + padded.length
  return remember(
    concat(
      u16(options.srcPort, options.dstPort),
      u32(options.sequence ?? 0, options.acknowledgement ?? 0),
      u8((headerLength >> 2) << 4, flags),
      u16(options.window ?? 0xffff, 0, 0),
      padded,
      payload,
    ),
    { protocol: 6 },
  )
}

/** Common header (RFC 9260 section 3.1) with a zero checksum; the payload is its chunks. */
export function sctp(options: Ports, payload: Payload = NOTHING): Uint8Array {
  return remember(concat(u16(options.srcPort, options.dstPort), u32(1, 0), payload), { protocol: 132 })
}

/** DCCP-Data with a short sequence number (RFC 4340 section 5.1): 12 bytes. */
export function dccp(options: Ports, payload: Payload = NOTHING): Uint8Array {
  return remember(concat(u16(options.srcPort, options.dstPort), u8(3, 0), u16(0), u8(4, 0, 0, 1), payload), {
    protocol: 33,
  })
}

export interface IcmpOptions {
  type: number
  code?: number
  identifier?: number
  sequence?: number
}

/** The second word is identifier and sequence; the payload of an error is the quoted datagram. */
export function icmp(options: IcmpOptions, payload: Payload = NOTHING): Uint8Array {
  const message = icmpMessage(options, payload)
  message.set(u16(checksum(message)), 2)
  return remember(message, { protocol: 1 })
}

export function icmpv6(options: IcmpOptions, payload: Payload = NOTHING): Uint8Array {
  return remember(icmpMessage(options, payload), { protocol: 58 })
}

function icmpMessage(options: IcmpOptions, payload: Payload): Uint8Array {
  const words = u16(0, options.identifier ?? 0, options.sequence ?? 0)
  return concat(u8(options.type, options.code ?? 0), words, payload)
}

// ---------------------------------------------------------------- tunnels

export interface GreOptions {
  protocol?: number
  key?: number
  sequence?: number
  checksum?: boolean
}

/** RFC 2784, RFC 2890. */
export function gre(options: GreOptions, payload: Payload): Uint8Array {
  const flags =
    (options.checksum ? 0x8000 : 0) |
    (options.key !== undefined ? 0x2000 : 0) |
    (options.sequence !== undefined ? 0x1000 : 0)
  return remember(
    concat(
      u16(flags, options.protocol ?? kindOf(payload).etherType ?? 0x0800),
      options.checksum ? u16(0, 0) : NOTHING,
      options.key !== undefined ? u32(options.key) : NOTHING,
      options.sequence !== undefined ? u32(options.sequence) : NOTHING,
      payload,
    ),
    { protocol: 47 },
  )
}

/** UDP 4789 around VXLAN (RFC 7348 section 5) around an Ethernet frame. */
export function vxlan(vni: number, frame: Uint8Array, dstPort = 4789): Uint8Array {
  return udp({ srcPort: 50000, dstPort }, concat(u32(0x08000000, (vni << 8) >>> 0), frame))
}

/** UDP 6081 around GENEVE (RFC 8926 section 3.4); the protocol is the payload's EtherType, 6558 for Ethernet. */
export function geneve(vni: number, payload: Uint8Array, options: { options?: Uint8Array } = {}): Uint8Array {
  const tunnelOptions = options.options ?? NOTHING
  const header = concat(
    u8(tunnelOptions.length >> 2, 0),
    u16(kindOf(payload).etherType ?? 0x6558),
    u32((vni << 8) >>> 0),
  )
  return udp({ srcPort: 50000, dstPort: 6081 }, concat(header, tunnelOptions, payload))
}

/** UDP 2152 around a GTP-U G-PDU (3GPP TS 29.281 section 5.1) around an IP datagram. */
export function gtpu(teid: number, payload: Uint8Array, options: { type?: number } = {}): Uint8Array {
  const header = concat(u8(0x30, options.type ?? 255), u16(payload.length), u32(teid))
  return udp({ srcPort: 2152, dstPort: 2152 }, concat(header, payload))
}
