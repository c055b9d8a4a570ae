/**
 * One block of a TPACKET_V3 ring into a batch (Documentation/networking/packet_mmap.rst, linux/if_packet.h).
 * The block is memory shared with the kernel; packets are not copied. What the kernel removed from a frame is put
 * back into the free bytes before it: a VLAN tag (802.1Q), or for cooked sockets a LINUX_SLL2 header.
 *
 *   block:  version 4 | private offset 4 | status 4 | packets 4 | first packet 4 | ...
 *   packet: next 4 | sec 4 | nsec 4 | captured 4 | length 4 | status 4 | mac 2 | net 2 | hash 4 | tci 4 | tpid 2
 *           ... at 48 sockaddr_ll: family 2 | protocol 2 | index 4 | hardware 2 | type 1 | halen 1 | address 8
 */
import { BATCH_OUTGOING, readU16 } from '../../bytes.ts'
import type { PacketBatch } from '../../types.ts'
import { BATCH_CAPACITY, PACKET_OUTGOING } from '../batch.ts'

export const BLOCK_STATUS = 8
const BLOCK_PACKETS = 12
const BLOCK_FIRST = 16
/** Block status: the kernel owns the block, or it is ours until BLOCK_KERNEL is written there. */
export const BLOCK_KERNEL = 0
export const BLOCK_USER = 1

const PACKET_NEXT = 0
const PACKET_SEC = 4
const PACKET_NSEC = 8
const PACKET_CAPTURED = 12
const PACKET_LENGTH = 16
const PACKET_STATUS = 20
const PACKET_MAC = 24
const PACKET_VLAN_TCI = 32
const PACKET_VLAN_TPID = 36
const ADDRESS = 48
const ADDRESS_PROTOCOL = ADDRESS + 2
const ADDRESS_INDEX = ADDRESS + 4
const ADDRESS_HARDWARE = ADDRESS + 8
const ADDRESS_TYPE = ADDRESS + 10
const ADDRESS_HALEN = ADDRESS + 11
const ADDRESS_BYTES = ADDRESS + 12
const ADDRESS_END = ADDRESS + 20

const STATUS_VLAN_VALID = 0x10
const STATUS_VLAN_TPID_VALID = 0x40
const ETHERTYPE_VLAN = 0x8100
const ETHERTYPE_IPV4 = 0x0800
const ETHERTYPE_IPV6 = 0x86dd

const MAC_ADDRESSES = 12
const VLAN_TAG = 4
const SLL2_HEADER = 20
const LINKTYPE_ETHERNET = 1
/** Bytes that must be free before a packet: the socket asks the kernel for them. */
export const HEADROOM = 32

export interface RingWalk {
  /** Three views of the whole ring. */
  readonly bytes: Uint8Array
  readonly halves: Uint16Array
  readonly words: Uint32Array
  readonly linkType: number
  /** The kernel hands out packets without their link header: each gets a LINUX_SLL2 header. */
  readonly cooked: boolean
  /** Offset of the next packet's header, packets left, one past the block's last byte. */
  at: number
  left: number
  end: number
}

export function createRingWalk(
  memory: ArrayBuffer,
  { linkType, cooked }: { linkType: number; cooked: boolean },
): RingWalk {
  return {
    bytes: new Uint8Array(memory),
    halves: new Uint16Array(memory),
    words: new Uint32Array(memory),
    linkType,
    cooked,
    at: 0,
    left: 0,
    end: 0,
  }
}

/** Starts on the block at `offset`. */
export function enterBlock(walk: RingWalk, offset: number, bytes: number): void {
  const word = offset >>> 2
  walk.at = offset + walk.words[word + (BLOCK_FIRST >> 2)]
  walk.left = walk.words[word + (BLOCK_PACKETS >> 2)]
  walk.end = offset + bytes
}

/** Adds packets until the batch is full or the block is used up (`left` is 0). */
export function walkBlock(walk: RingWalk, batch: PacketBatch): void {
  const { bytes, words, halves, linkType, cooked, end } = walk
  let count = batch.count
  while (walk.left > 0 && count < BATCH_CAPACITY) {
    const at = walk.at
    if (at + ADDRESS_END > end) {
      walk.left = 0
      break
    }
    const word = at >>> 2
    let start = at + halves[(at + PACKET_MAC) >>> 1]
    let captured = Math.min(words[word + (PACKET_CAPTURED >> 2)], Math.max(0, end - start))
    let added = 0
    if ((words[word + (PACKET_STATUS >> 2)] & STATUS_VLAN_VALID) !== 0) {
      if (cooked) {
        putBackCookedTag(walk, at, start, captured)
        added = VLAN_TAG
      } else if (linkType === LINKTYPE_ETHERNET && captured >= MAC_ADDRESSES) {
        putBackTag(walk, at, start)
        added = VLAN_TAG
      }
    }
    if (cooked) {
      putCookedHeader(walk, at, start - added)
      added += SLL2_HEADER
    }
    start -= added
    captured += added
    batch.start[count] = start
    batch.capturedLength[count] = captured
    batch.originalLength[count] = Math.max(captured, words[word + (PACKET_LENGTH >> 2)] + added)
    batch.timeSec[count] = words[word + (PACKET_SEC >> 2)]
    batch.timeNsec[count] = words[word + (PACKET_NSEC >> 2)]
    batch.linkType[count] = linkType
    batch.flags[count] = bytes[at + ADDRESS_TYPE] === PACKET_OUTGOING ? BATCH_OUTGOING : 0
    count++
    walk.left--
    walk.at = at + words[word + (PACKET_NEXT >> 2)]
  }
  batch.count = count
}

/** IEEE 802.1Q: the tag follows the two addresses. */
function putBackTag(walk: RingWalk, at: number, start: number): void {
  const { bytes, words } = walk
  bytes.copyWithin(start - VLAN_TAG, start, start + MAC_ADDRESSES)
  const tag = start - VLAN_TAG + MAC_ADDRESSES
  putU16(bytes, tag, tagProtocol(walk, at))
  putU16(bytes, tag + 2, words[(at + PACKET_VLAN_TCI) >>> 2])
}

/** The cooked header names the tag's protocol, the tag names that of the payload. */
function putBackCookedTag(walk: RingWalk, at: number, start: number, captured: number): void {
  const { bytes, words } = walk
  const protocol = readU16(bytes, at + ADDRESS_PROTOCOL)
  putU16(bytes, start - VLAN_TAG, words[(at + PACKET_VLAN_TCI) >>> 2])
  putU16(bytes, start - 2, hidesTag(bytes, start, captured, protocol) ? ETHERTYPE_VLAN : protocol)
  putU16(bytes, at + ADDRESS_PROTOCOL, tagProtocol(walk, at))
}

function tagProtocol({ words, halves }: RingWalk, at: number): number {
  const valid = (words[(at + PACKET_STATUS) >>> 2] & STATUS_VLAN_TPID_VALID) !== 0
  return valid ? halves[(at + PACKET_VLAN_TPID) >>> 1] : ETHERTYPE_VLAN
}

/** Of two tags on an arriving frame the kernel skips the inner one's protocol, but leaves the tag in place. */
function hidesTag(bytes: Uint8Array, start: number, captured: number, protocol: number): boolean {
  const version = protocol === ETHERTYPE_IPV4 ? 4 : protocol === ETHERTYPE_IPV6 ? 6 : 0
  if (version === 0 || captured <= VLAN_TAG || bytes[start] >>> 4 === version) return false
  return readU16(bytes, start + 2) === protocol && bytes[start + VLAN_TAG] >>> 4 === version
}

function putU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8
  bytes[at + 1] = value
}

/** LINKTYPE_LINUX_SLL2: protocol 2 | 0 2 | interface index 4 | hardware 2 | type 1 | halen 1 | address 8. */
function putCookedHeader({ bytes, words, halves }: RingWalk, at: number, end: number): void {
  const header = end - SLL2_HEADER
  const index = words[(at + ADDRESS_INDEX) >>> 2]
  const hardware = halves[(at + ADDRESS_HARDWARE) >>> 1]
  bytes[header] = bytes[at + ADDRESS_PROTOCOL]
  bytes[header + 1] = bytes[at + ADDRESS_PROTOCOL + 1]
  bytes[header + 2] = 0
  bytes[header + 3] = 0
  bytes[header + 4] = index >>> 24
  bytes[header + 5] = index >>> 16
  bytes[header + 6] = index >>> 8
  bytes[header + 7] = index
  bytes[header + 8] = hardware >>> 8
  bytes[header + 9] = hardware
  bytes[header + 10] = bytes[at + ADDRESS_TYPE]
  bytes[header + 11] = bytes[at + ADDRESS_HALEN]
  bytes.copyWithin(header + 12, at + ADDRESS_BYTES, at + ADDRESS_END)
}
