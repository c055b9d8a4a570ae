/**
 * What stands inside pcapng blocks (draft-ietf-opsawg-pcapng sections 4.1 to 4.6 and appendix A). The framing
 * (pcapng.ts) has checked that the whole block is in the window and that its two lengths agree; offsets here
 * count from the block's first byte. Options that are malformed end the reading of options, never the block.
 *
 * A Simple Packet Block has no time: its packet repeats the last packet time of its section, 1970 if there is none.
 */
import { BATCH_OUTGOING, BATCH_RESYNCHRONISED } from '../bytes.ts'
import type { PacketBatch } from '../types.ts'
import { MAX_CAPTURED_LENGTH } from './batch.ts'
import { u16, u32 } from './byte-order.ts'
import { type DamageLog, noteDamage } from './damage.ts'
import {
  MICROSECOND_RESOLUTION,
  type Resolution,
  resolution,
  type SplitTime,
  splitTime,
} from './resolution.ts'

export const SECTION_HEADER = 0x0a0d0d0a
export const INTERFACE_DESCRIPTION = 1
export const OBSOLETE_PACKET = 2
export const SIMPLE_PACKET = 3
export const INTERFACE_STATISTICS = 5
export const ENHANCED_PACKET = 6

/** Interfaces accepted in one section. */
const MAX_INTERFACES = 65_536
const TRAILER = 4
const BODY = 8

const SECTION_MAJOR = 12
const SECTION_MIN = 28

const INTERFACE_LINK_TYPE = 8
const INTERFACE_SNAPLEN = 12
const INTERFACE_OPTIONS = 16
const INTERFACE_MIN = 20

const ENHANCED_HIGH = 12
const ENHANCED_LOW = 16
const ENHANCED_CAPTURED = 20
const ENHANCED_ORIGINAL = 24
const ENHANCED_DATA = 28
const ENHANCED_MIN = 32

const OBSOLETE_DROPS = 10
const OBSOLETE_DROPS_UNKNOWN = 0xffff

const SIMPLE_ORIGINAL = 8
const SIMPLE_DATA = 12
const SIMPLE_MIN = 16

const STATISTICS_OPTIONS = 20
const STATISTICS_MIN = 24

/** The longest packet that libpcap reads (MAXIMUM_SNAPLEN). */
const LIBPCAP_SNAPLEN = 262_144
const MAX_INT = 0x7fff_ffff

/** Options as code and length in one number, so that only the right length is ever found. */
const IF_TSRESOL = (9 << 16) | 1
const IF_TSOFFSET = (14 << 16) | 8
const PACKET_FLAGS = (2 << 16) | 4
const EPB_DROPCOUNT = (4 << 16) | 8
const ISB_IFDROP = (5 << 16) | 8
const ISB_OSDROP = (7 << 16) | 8
const FLAGS_DIRECTION = 3
const DIRECTION_OUTBOUND = 2
/** A counter with a greater high word is taken as invalid (it would not fit a double). */
const MAX_COUNTER_HIGH = 0x1fffff
const WORD = 4_294_967_296

interface PcapngInterface {
  linkType: number
  /** 0: none. */
  snaplen: number
  unit: Resolution
  offsetSec: number
  /** What the totals hold for this interface, so that a later statistics block replaces it. */
  interfaceDrops: number
  kernelDrops: number
  /** A statistics block has given the drops: counts in packet blocks are no longer added. */
  hasStatistics: boolean
}

/** Stands for an interface whose description could not be read: it keeps its number, its packets count as damage. */
const UNREADABLE = undefined

export interface PcapngState {
  little: boolean
  /** The current block, borrowed from the window. */
  bytes: Uint8Array
  at: number
  length: number
  /** The block's offset in the stream. */
  offset: number
  interfaces: (PcapngInterface | undefined)[]
  time: SplitTime
  resynchronised: boolean
  /** A packet block was read: `linkTypes` and `finest` are final. */
  started: boolean
  linkTypes: Set<number>
  finest: Resolution | undefined
  /** The first interface of the file. */
  first: PcapngInterface | undefined
  /** Another interface has a different link type or snapshot length, which libpcap refuses. */
  mixed: boolean
  dropped: { kernel?: number; interface?: number }
  /** The interface number reported last as undeclared: one entry for a run of its packets. */
  undeclared: number
}

export function createPcapngState(): PcapngState {
  return {
    little: true,
    bytes: new Uint8Array(0),
    at: 0,
    length: 0,
    offset: 0,
    interfaces: [],
    time: { sec: 0, nsec: 0 },
    resynchronised: false,
    started: false,
    linkTypes: new Set(),
    finest: undefined,
    first: undefined,
    mixed: false,
    dropped: {},
    undeclared: -1,
  }
}

/** Reads the current block. A packet goes into the batch, which must have room for one. */
export function readBlock(state: PcapngState, type: number, batch: PacketBatch, log: DamageLog): void {
  switch (type) {
    case ENHANCED_PACKET:
      enhancedPacket(state, batch, log)
      break
    case SIMPLE_PACKET:
      simplePacket(state, batch, log)
      break
    case OBSOLETE_PACKET:
      obsoletePacket(state, batch, log)
      break
    case INTERFACE_DESCRIPTION:
      interfaceDescription(state, log)
      break
    case INTERFACE_STATISTICS:
      interfaceStatistics(state)
      break
    case SECTION_HEADER:
      sectionHeader(state, log)
      break
  }
}

/** The numbering of interfaces starts again with every section. */
export function forgetInterfaces(state: PcapngState): void {
  state.interfaces = []
  state.undeclared = -1
  state.time.sec = 0
  state.time.nsec = 0
}

/** Keeps the number of an interface whose description was lost. */
export function loseInterface(state: PcapngState): void {
  if (state.interfaces.length < MAX_INTERFACES) state.interfaces.push(UNREADABLE)
}

function sectionHeader(state: PcapngState, log: DamageLog): void {
  forgetInterfaces(state)
  if (tooShort(state, log, 'section header', SECTION_MIN)) return
  const major = u16(state.bytes, state.at + SECTION_MAJOR, state.little)
  if (major !== 1) {
    noteDamage(log, state.offset, 'PCAPNG_VERSION', `format version ${major}, 1 expected; read as 1`)
  }
}

function interfaceDescription(state: PcapngState, log: DamageLog): void {
  if (state.interfaces.length >= MAX_INTERFACES) {
    noteDamage(log, state.offset, 'PCAPNG_INTERFACES', `more than ${MAX_INTERFACES} interfaces in a section`)
    return
  }
  if (tooShort(state, log, 'interface description', INTERFACE_MIN)) {
    loseInterface(state)
    return
  }
  const { bytes, at, little } = state
  const tsresol = findOption(state, at + INTERFACE_OPTIONS, IF_TSRESOL)
  const tsoffset = findOption(state, at + INTERFACE_OPTIONS, IF_TSOFFSET)
  const unit = tsresol < 0 ? MICROSECOND_RESOLUTION : resolution(bytes[tsresol])
  const linkType = u16(bytes, at + INTERFACE_LINK_TYPE, little)
  const described = {
    linkType,
    snaplen: u32(bytes, at + INTERFACE_SNAPLEN, little),
    unit,
    offsetSec: tsoffset < 0 ? 0 : i64(bytes, tsoffset, little),
    interfaceDrops: 0,
    kernelDrops: 0,
    hasStatistics: false,
  }
  state.interfaces.push(described)
  state.first ??= described
  if (!isAlike(described, state.first)) state.mixed = true
  if (state.started) return
  state.linkTypes.add(linkType)
  if (state.finest === undefined || unit.fineness > state.finest.fineness) state.finest = unit
}

/** As libpcap compares: no snapshot length, or none that fits an int, is the longest packet that it reads. */
function isAlike(a: PcapngInterface, b: PcapngInterface): boolean {
  const limit = ({ snaplen }: PcapngInterface) =>
    snaplen === 0 || snaplen > MAX_INT ? LIBPCAP_SNAPLEN : snaplen
  return a.linkType === b.linkType && limit(a) === limit(b)
}

function enhancedPacket(state: PcapngState, batch: PacketBatch, log: DamageLog): void {
  state.started = true
  if (tooShort(state, log, 'enhanced packet', ENHANCED_MIN)) return
  packet(state, batch, log, u32(state.bytes, state.at + BODY, state.little))
}

/** Appendix A: as the enhanced packet, with 16 bits of interface number and 16 of a drop count. */
function obsoletePacket(state: PcapngState, batch: PacketBatch, log: DamageLog): void {
  state.started = true
  if (tooShort(state, log, 'packet', ENHANCED_MIN)) return
  const number = u16(state.bytes, state.at + BODY, state.little)
  const drops = u16(state.bytes, state.at + OBSOLETE_DROPS, state.little)
  const from = state.interfaces[number]
  if (from !== undefined && drops !== OBSOLETE_DROPS_UNKNOWN) addDrops(state, from, drops)
  packet(state, batch, log, number)
}

function packet(state: PcapngState, batch: PacketBatch, log: DamageLog, number: number): void {
  const { bytes, at, little } = state
  const from = state.interfaces[number]
  if (from === undefined) {
    undeclared(state, log, number)
    return
  }
  const captured = u32(bytes, at + ENHANCED_CAPTURED, little)
  const original = u32(bytes, at + ENHANCED_ORIGINAL, little)
  const room = state.length - ENHANCED_MIN
  if (captured > room || captured > MAX_CAPTURED_LENGTH) {
    const limit = Math.min(room, MAX_CAPTURED_LENGTH)
    noteDamage(
      log,
      state.offset,
      'PCAPNG_PACKET_LENGTH',
      `packet length ${captured}, at most ${limit} expected`,
    )
    return
  }
  splitTime(
    from.unit,
    u32(bytes, at + ENHANCED_HIGH, little),
    u32(bytes, at + ENHANCED_LOW, little),
    from.offsetSec,
    state.time,
  )
  const i = batch.count++
  batch.start[i] = at + ENHANCED_DATA
  batch.capturedLength[i] = captured
  batch.originalLength[i] = Math.max(original, captured)
  batch.timeSec[i] = state.time.sec
  batch.timeNsec[i] = state.time.nsec
  batch.linkType[i] = from.linkType
  let flags = state.resynchronised ? BATCH_RESYNCHRONISED : 0
  const options = at + ENHANCED_DATA + ((captured + 3) & ~3)
  if (options < at + state.length - TRAILER) flags |= packetOptions(state, from, options)
  batch.flags[i] = flags
}

/** The BATCH_ flags given by the packet's options; drop counts are added to the totals. */
function packetOptions(state: PcapngState, from: PcapngInterface, options: number): number {
  const { bytes, little } = state
  const dropped = findOption(state, options, EPB_DROPCOUNT)
  if (dropped >= 0) addDrops(state, from, counter(bytes, dropped, little))
  const flags = findOption(state, options, PACKET_FLAGS)
  const outbound = flags >= 0 && (u32(bytes, flags, little) & FLAGS_DIRECTION) === DIRECTION_OUTBOUND
  return outbound ? BATCH_OUTGOING : 0
}

/** Section 4.4: interface 0, cut to its snaplen; the block's padding cannot be distinguished from data. */
function simplePacket(state: PcapngState, batch: PacketBatch, log: DamageLog): void {
  state.started = true
  if (tooShort(state, log, 'simple packet', SIMPLE_MIN)) return
  const from = state.interfaces[0]
  if (from === undefined) {
    undeclared(state, log, 0)
    return
  }
  const original = u32(state.bytes, state.at + SIMPLE_ORIGINAL, state.little)
  const limit = from.snaplen === 0 ? original : Math.min(original, from.snaplen)
  const captured = Math.min(limit, state.length - SIMPLE_MIN)
  if (captured > MAX_CAPTURED_LENGTH) {
    const most = `at most ${MAX_CAPTURED_LENGTH} expected`
    noteDamage(log, state.offset, 'PCAPNG_PACKET_LENGTH', `packet length ${captured}, ${most}`)
    return
  }
  const i = batch.count++
  batch.start[i] = state.at + SIMPLE_DATA
  batch.capturedLength[i] = captured
  batch.originalLength[i] = original
  batch.timeSec[i] = state.time.sec
  batch.timeNsec[i] = state.time.nsec
  batch.linkType[i] = from.linkType
  batch.flags[i] = state.resynchronised ? BATCH_RESYNCHRONISED : 0
}

/** The counters are running totals: the last block of each interface counts. */
function interfaceStatistics(state: PcapngState): void {
  if (state.length < STATISTICS_MIN) return
  const { bytes, at, little, dropped } = state
  const from = state.interfaces[u32(bytes, at + BODY, little)]
  if (from === undefined) return
  const ifdrop = findOption(state, at + STATISTICS_OPTIONS, ISB_IFDROP)
  const osdrop = findOption(state, at + STATISTICS_OPTIONS, ISB_OSDROP)
  if (ifdrop >= 0) {
    const count = counter(bytes, ifdrop, little)
    dropped.interface = (dropped.interface ?? 0) + count - from.interfaceDrops
    from.interfaceDrops = count
    from.hasStatistics = true
  }
  if (osdrop >= 0) {
    const count = counter(bytes, osdrop, little)
    dropped.kernel = (dropped.kernel ?? 0) + count - from.kernelDrops
    from.kernelDrops = count
  }
}

/** Packets lost before this one, as packet blocks count them. */
function addDrops(state: PcapngState, from: PcapngInterface, count: number): void {
  if (from.hasStatistics) return
  from.interfaceDrops += count
  state.dropped.interface = (state.dropped.interface ?? 0) + count
}

function tooShort(state: PcapngState, log: DamageLog, name: string, least: number): boolean {
  if (state.length >= least) return false
  const reason = `${name} block length ${state.length}, at least ${least} expected`
  noteDamage(log, state.offset, 'PCAPNG_BLOCK_LENGTH', reason)
  return true
}

function undeclared(state: PcapngState, log: DamageLog, number: number): void {
  if (state.undeclared === number) return
  state.undeclared = number
  const reason = `packet of interface ${number}, which the section does not describe; such packets are skipped`
  noteDamage(log, state.offset, 'PCAPNG_INTERFACE', reason)
}

/** Position of the value of the first option `wanted` (code and length), -1 if there is none. */
function findOption(state: PcapngState, options: number, wanted: number): number {
  const { bytes, little } = state
  const end = state.at + state.length - TRAILER
  let at = options
  while (end - at >= 4) {
    const code = u16(bytes, at, little)
    const length = u16(bytes, at + 2, little)
    if (code === 0 || length > end - at - 4) return -1
    if (((code << 16) | length) === wanted) return at + 4
    at += 4 + ((length + 3) & ~3)
  }
  return -1
}

/** A 64-bit counter; 0 for implausible values. */
function counter(bytes: Uint8Array, at: number, little: boolean): number {
  const high = u32(bytes, little ? at + 4 : at, little)
  return high > MAX_COUNTER_HIGH ? 0 : high * WORD + u32(bytes, little ? at : at + 4, little)
}

/** A signed 64-bit integer, rounded beyond 2^53: no clock is so far off. */
function i64(bytes: Uint8Array, at: number, little: boolean): number {
  const high = u32(bytes, little ? at + 4 : at, little) | 0
  return high * WORD + u32(bytes, little ? at : at + 4, little)
}
