/**
 * The state of one decode in progress: where the next header starts, where the captured bytes and the current
 * datagram end, and the packet being filled. One cursor is reused for every packet. A decoder (one file a protocol)
 * is called with the cursor at its header: it checks the length, reads the fields, moves `at` past the header and
 * returns the next step (steps.ts) or, as a negative number, `~status`.
 */
import type { Packet } from '../types.ts'
import type { FragmentTable } from './internet/fragment-table.ts'
import { copyPacket, createPacket, MAX_LAYERS } from './packet.ts'

/** Nested first fragments of one packet whose later fragments can be joined. */
export const MAX_NESTED_FRAGMENTS = 4

/** One header that was decoded: filled only while a packet is explained. */
export interface TraceStep {
  step: number
  start: number
  /** Offset of the cursor after it. */
  end: number
  /** What the decoder returned: the next step, or ~status. */
  next: number
}

export interface Cursor {
  bytes: Uint8Array
  /** Offset of the next header. */
  at: number
  /** One past the last captured byte of the innermost frame or datagram. */
  end: number
  /** Where that frame or datagram ends by its headers; beyond `end` when it was cut. */
  declaredEnd: number
  /** Offset of the innermost IP header. */
  ipStart: number
  /** Offset of the datagram an ICMP error quotes, 0 when there is none. */
  quoteAt: number
  packet: Packet
  /** The complete packet up to the tunnel that is being tried; valid with hasOuter. */
  outer: Packet
  hasOuter: boolean
  /** Whether tunnels are entered. */
  decapsulate: boolean
  ignoreVlan: boolean
  /** Inside the first fragment of an outer datagram or frame: missing bytes were not cut by the snaplen. */
  insideFragment: boolean
  /** CAPWAP from some vendors: the two frame control bytes of 802.11 are swapped. */
  frameControlSwapped: boolean
  /** Radiotap: the 802.11 header is padded to four bytes. */
  paddedTo4: boolean
  /** Absent while a quoted datagram is read: no later fragments of it are expected. */
  fragments: FragmentTable | undefined
  /** Entries of the fragment table whose first fragment this packet is. */
  firstFragments: Int32Array
  firstFragmentCount: number
  trace: TraceStep[] | undefined
}

/** What a file of this folder exports for a header. */
export type StepDecoder = (cursor: Cursor) => number

const NO_BYTES = new Uint8Array(0)

export function createCursor(decapsulate: boolean, ignoreVlan: boolean): Cursor {
  return {
    bytes: NO_BYTES,
    at: 0,
    end: 0,
    declaredEnd: 0,
    ipStart: 0,
    quoteAt: 0,
    packet: createPacket(),
    outer: createPacket(),
    hasOuter: false,
    decapsulate,
    ignoreVlan,
    insideFragment: false,
    frameControlSwapped: false,
    paddedTo4: false,
    fragments: undefined,
    firstFragments: new Int32Array(MAX_NESTED_FRAGMENTS),
    firstFragmentCount: 0,
    trace: undefined,
  }
}

/** Adds a tag or tunnel to the packet's layers; false when there are too many. `id` -1: the layer has none. */
export function pushLayer(cursor: Cursor, kind: number, id: number): boolean {
  const packet = cursor.packet
  const count = packet.layerCount
  if (count >= MAX_LAYERS) return false
  packet.layerKind[count] = kind
  packet.layerId[count] = id
  packet.layerCount = count + 1
  return true
}

/** Saves the outer packet, which counts if the tunnel turns out not to carry IP. */
export function keepOuter(cursor: Cursor): void {
  copyPacket(cursor.packet, cursor.outer)
  cursor.hasOuter = true
}

/** Saves the outer packet, then adds the tunnel's layer. Same result as pushLayer. */
export function enterTunnel(cursor: Cursor, kind: number, id: number): boolean {
  keepOuter(cursor)
  return pushLayer(cursor, kind, id)
}

/** Ends the current frame at most `length` bytes after `at`, as its header declares. */
export function limitLength(cursor: Cursor, at: number, length: number): void {
  const end = at + length
  if (end < cursor.end) cursor.end = end
  if (end < cursor.declaredEnd) cursor.declaredEnd = end
}

/** Leaves out the frame's last bytes on the wire (a checksum): they are captured only when the frame was not cut. */
export function removeTrailer(cursor: Cursor, frameStart: number, length: number): void {
  cursor.declaredEnd = Math.max(frameStart, cursor.declaredEnd - length)
  if (cursor.end > cursor.declaredEnd) cursor.end = cursor.declaredEnd
}

/** This is the first fragment of a frame that the link layer split: unless it was cut itself, no bytes were lost to the snaplen. */
export function markFirstLinkFragment(cursor: Cursor): void {
  if (cursor.end === cursor.declaredEnd) cursor.insideFragment = true
}
