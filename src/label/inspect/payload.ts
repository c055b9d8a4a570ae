/**
 * The input of a signature, one packet's payload, and its result. The engine (label/inspect/inspect.ts) owns one Payload
 * and refills it; a signature reads it, allocates nothing unless it matches, keeps nothing, and never throws.
 *
 * A match is an integer: strength, who the sender is, and whether the signature wants later packets too.
 *
 *   0                 no
 *   LATER             not yet: it looks like a first packet that later ones may confirm
 *   WEAK              fits, but fewer than 32 fixed bits: alone it makes a label `likely`, in both directions `confirmed`
 *   STRONG            32 fixed bits or more (or an equally unlikely structure): `confirmed`
 *   | FROM_CLIENT     the sender is the client        | FROM_SERVER   the sender is the server
 *   | MORE            call again for later packets of this flow (to complete extras, or to see an upgrade)
 */
import type { Cidr } from '../../address.ts'
import type { PROTOCOL_TCP, PROTOCOL_UDP } from '../../bytes.ts'
import type { Extras, Packet } from '../../types.ts'

export const NO_MATCH = 0
export const WEAK = 1
export const STRONG = 2
export const FROM_CLIENT = 4
export const FROM_SERVER = 8
export const MORE = 16
export const LATER = 32

/** How many leading bytes of the previous payload of each direction are kept for comparison. */
export const PREFIX_BYTES = 16

/** The protocols that may name a flow's server; the inspector stores an index of four bits. */
export const HOSTNAME_SOURCES = ['sni', 'http', 'quic', 'rtsp', 'smtp', 'socks', 'stun'] as const
export type HostnameSource = (typeof HOSTNAME_SOURCES)[number]

/** A service that a payload announces, as signalling and DNS do: where to expect what. */
export interface Service {
  label: string
  protocol: typeof PROTOCOL_TCP | typeof PROTOCOL_UDP
  port: number
  /** The address announced, or the host name; neither: the sender's address. */
  address?: Cidr
  name?: string
  /** The kind of message that announced it, for the evidence: "SDP", "a DNS SRV answer". */
  through: string
  /** Seconds of packet time for which it holds. */
  lifetimeSec: number
}

/** Receives what payload says about other flows: DNS answers and announced services. */
export interface PayloadEvents {
  answer(client: Packet, name: string, ttlSec: number, words: readonly number[]): void
  announce(packet: Packet, service: Service): void
}

export interface Payload {
  /** Different for each payload of the process, so that signatures may share a result computed from it. Never 0. */
  serial: number
  /** Borrowed. Payload bytes are bytes[start] .. bytes[end - 1]; end - start is at least 1. */
  bytes: Uint8Array
  start: number
  /** One past the last captured byte. */
  end: number
  /** Payload length by the headers; more than end - start when the packet was cut by the snaplen. */
  length: number
  /** IANA protocol number: 6, 17, … */
  protocol: number
  ipVersion: number
  /** The sender's and the receiver's port of this packet. */
  srcPort: number
  dstPort: number
  /** The receiver's address is multicast or broadcast. */
  toGroup: boolean
  /** The sender's or the receiver's address of this packet is in the network. */
  touches(network: Cidr): boolean
  /** 0: same direction as the flow's first packet. */
  direction: 0 | 1
  /** How many payload packets this direction had before this one (counts only packets with payload). */
  ordinal: number
  /** How many payload packets the other direction had. */
  peerOrdinal: number
  /** Leading bytes (up to PREFIX_BYTES) and full length of the previous payload in the same direction; length 0: none yet. */
  previous: Uint8Array
  previousLength: number
  /** The same of the latest payload in the other direction. */
  peer: Uint8Array
  peerLength: number
  /** The label so far with the most payload evidence, '' for none. */
  labelSoFar: string
  /** A signature of that label has matched in this direction before. */
  matchedHere(): boolean
  /** Sequence number of a TCP segment, as a signed word; 0 otherwise. */
  tcpSequence: number
  timeSec: number
  timeNsec: number
  /** Both directions have matched the same label before: the extras of the first request and response are complete. */
  readonly exchangeSeen: boolean
  /** The flow's extras, created on first use: call only after a match. Values must be safe strings: see text.ts. */
  extras(): Extras
  /** Names the flow's server. Call only after a match. `name` must be a safe string. */
  hostname(name: string, source: HostnameSource): void
  /** A DNS answer: the receiver of this packet learnt that `name` has this address for `ttlSec`. Words as in types.ts. */
  answer(name: string, ttlSec: number, w0: number, w1: number, w2: number, w3: number): void
  /** Announces a service (see label/announced.ts). Call only after a match. */
  announce(service: Service): void
  /**
   * State of a signature that must reassemble packets (a TLS ClientHello over two segments): at most 16 KiB a flow,
   * undefined until set. While it is set the signature sees every packet, whatever its first bytes.
   */
  scratch: unknown
}

/** The four payload bytes at `offset` (0 to 255), big-endian, must equal `value` under `mask`. */
export interface BitTest {
  offset: number
  mask: number
  value: number
}

export interface Signature {
  /** As spelled in labels.json, otherwise the protocol's lower-case name. */
  label: string
  /** The evidence sentence: what was seen, in words an engineer can check in Wireshark. */
  says: string
  /** IANA protocol numbers it applies to. */
  protocols: readonly number[]
  /** On these ports the signature is tried first. They order the attempts, and are never evidence. */
  ports?: readonly number[]
  /** It can match on those ports only, and is not tried on others. */
  portsOnly?: boolean
  /** Called only when the first payload byte is one of these; absent: any. Give it wherever possible: it is the dispatch table. */
  firstBytes?: readonly number[]
  /**
   * `match` is called only where one of these holds, and need not test it again: most of the cost of inspection is calls
   * that do not match. Absent: always called.
   */
  bits?: BitTest | readonly BitTest[]
  /** -100..100; default 80 for STRONG, 40 for WEAK. Higher where it refines another label (websocket over http). */
  weight?: number
  /** Payload packets of each direction on which it is tried; default 3. */
  depth?: number
  /** Class of the evidence; default payload. */
  source?: 'payload' | 'rule'
  /** Counts only once it has matched in both directions. */
  bothNeeded?: boolean
  match(payload: Payload): number
}
