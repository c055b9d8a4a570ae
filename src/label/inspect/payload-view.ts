/**
 * The one Payload that the inspector refills for each packet. A class, not an object literal: for a literal with
 * accessors V8 keeps the fields in a hash table, which would slow down every read.
 */
import { type Cidr, cidrContains } from '../../address.ts'
import type { Extras, Packet } from '../../types.ts'
import { type HostnameSource, type Payload, PREFIX_BYTES, type Service } from './payload.ts'

/** The effects of a signature besides its match, applied by the inspector to the current flow. */
export interface PayloadOwner {
  extras(): Extras
  hostname(name: string, source: HostnameSource): void
  answer(name: string, ttlSec: number, words: readonly number[]): void
  announce(service: Service): void
  matchedHere(): boolean
  scratch(): unknown
  keepScratch(value: unknown): void
}

/** The bytes of several segments, concatenated. */
export interface JoinedSegments {
  bytes: Uint8Array
  view: DataView
  start: number
  end: number
  /** By the headers: more than end - start when the last segment was cut. */
  length: number
  tcpSequence: number
}

/** The last Payload.serial of all views in the process. */
let lastSerial = 0

function nextSerial(): number {
  lastSerial = (lastSerial + 1) | 0 || 1
  return lastSerial
}

export class PayloadView implements Payload {
  serial = 0
  bytes: Uint8Array = new Uint8Array(0)
  /** Of the same bytes: it reads four of them at once. */
  view = new DataView(this.bytes.buffer)
  start = 0
  end = 0
  length = 0
  protocol = 0
  ipVersion = 4
  srcPort = 0
  dstPort = 0
  toGroup = false
  direction: 0 | 1 = 0
  ordinal = 0
  peerOrdinal = 0
  readonly previous: Uint8Array
  previousLength = 0
  readonly peer: Uint8Array
  peerLength = 0
  labelSoFar = ''
  exchangeSeen = false
  tcpSequence = 0
  timeSec = 0
  timeNsec = 0
  /** The bytes of `previous`, then of `peer`. */
  readonly prefixes = new Int32Array((2 * PREFIX_BYTES) / Int32Array.BYTES_PER_ELEMENT)
  private readonly owner: PayloadOwner
  private packet: Packet | undefined
  /** Of the packet, also while joined bytes are shown. */
  private packetBytes = this.bytes
  private packetView = this.view
  private ordinalAlone = 0
  private previousAlone = 0

  constructor(owner: PayloadOwner) {
    this.owner = owner
    const bytes = new Uint8Array(this.prefixes.buffer)
    this.previous = bytes.subarray(0, PREFIX_BYTES)
    this.peer = bytes.subarray(PREFIX_BYTES)
  }

  /** Shows the payload of this packet; the inspector fills in what earlier packets of the flow held. */
  show(packet: Packet, bytes: Uint8Array, direction: number): void {
    if (this.packetBytes !== bytes) {
      this.packetBytes = bytes
      this.packetView = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    }
    this.packet = packet
    this.place(packet)
    this.protocol = packet.protocol
    this.ipVersion = packet.ipVersion
    this.srcPort = packet.srcPort
    this.dstPort = packet.dstPort
    this.toGroup =
      packet.ipVersion === 4
        ? packet.dst3 >>> 28 === 0xe || (packet.dst3 & 0xff) === 0xff
        : packet.dst0 >>> 24 === 0xff
    this.direction = direction === 0 ? 0 : 1
    this.timeSec = packet.timeSec
    this.timeNsec = packet.timeNsec
  }

  /** Shows reassembled segments as the first payload of the direction, in place of the packet's own. */
  showJoined({ bytes, view, start, end, length, tcpSequence }: JoinedSegments): void {
    this.serial = nextSerial()
    this.bytes = bytes
    this.view = view
    this.start = start
    this.end = end
    this.length = length
    this.tcpSequence = tcpSequence
    this.ordinalAlone = this.ordinal
    this.previousAlone = this.previousLength
    this.ordinal = 0
    this.previousLength = 0
  }

  /** Restores the packet's own payload after `showJoined`. */
  showAlone(): void {
    if (this.packet === undefined) return
    this.place(this.packet)
    this.ordinal = this.ordinalAlone
    this.previousLength = this.previousAlone
  }

  private place(packet: Packet): void {
    this.serial = nextSerial()
    if (this.bytes !== this.packetBytes) {
      this.bytes = this.packetBytes
      this.view = this.packetView
    }
    this.start = packet.payloadStart
    this.end = packet.payloadEnd
    this.length = packet.payloadBytes
    this.tcpSequence = packet.tcpSequence
  }

  touches(network: Cidr): boolean {
    if (this.packet === undefined) return false
    const { ipVersion: version, src0, src1, src2, src3, dst0, dst1, dst2, dst3 } = this.packet
    return (
      cidrContains(network, version, src0, src1, src2, src3) ||
      cidrContains(network, version, dst0, dst1, dst2, dst3)
    )
  }

  matchedHere(): boolean {
    return this.owner.matchedHere()
  }

  get scratch(): unknown {
    return this.owner.scratch()
  }

  set scratch(value: unknown) {
    this.owner.keepScratch(value)
  }

  extras(): Extras {
    return this.owner.extras()
  }

  hostname(name: string, source: HostnameSource): void {
    this.owner.hostname(name, source)
  }

  answer(name: string, ttlSec: number, ...words: [number, number, number, number]): void {
    this.owner.answer(name, ttlSec, words)
  }

  announce(service: Service): void {
    this.owner.announce(service)
  }
}
