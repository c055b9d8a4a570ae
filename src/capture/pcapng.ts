/**
 * The framing of pcapng (draft-ietf-opsawg-pcapng section 3): blocks whose length stands at both ends.
 *
 *   type u32 | length u32 | body … | length u32        length is a multiple of four and counts all of it
 *
 * Sections may follow each other, each in its own byte order; the section length is not used. Blocks that carry
 * no packet, interface or statistics are skipped whatever their type.
 *
 * Damage is noted and then read past: the search for the next block starts four bytes behind the damaged one and
 * ends where, at four-byte alignment, three consecutive blocks have agreeing lengths. Packets from there on are
 * flagged BATCH_RESYNCHRONISED. A block that reaches past the end is damage of the same kind if three blocks are
 * found behind its start, otherwise the input was cut.
 */
import type { PacketBatch } from '../types.ts'
import { WALK_END, WALK_FULL, WALK_MORE } from './batch.ts'
import { u32 } from './byte-order.ts'
import { type DamageLog, noteDamage } from './damage.ts'
import {
  createPcapngState,
  ENHANCED_PACKET,
  forgetInterfaces,
  INTERFACE_DESCRIPTION,
  INTERFACE_STATISTICS,
  loseInterface,
  OBSOLETE_PACKET,
  type PcapngState,
  readBlock,
  SECTION_HEADER,
  SIMPLE_PACKET,
} from './pcapng-blocks.ts'
import type { Window } from './window.ts'

/** Bytes of type and length. */
const BLOCK_HEADER = 8
const BLOCK_MIN = 12
const TRAILER = 4
const ALIGNMENT = 4
/** The longest block that is parsed (twice the longest packet), in bytes. */
const MAX_READ_BLOCK = 524_288
/** The longest block that is skipped unread, in bytes; a longer one is damage. */
const MAX_SKIPPED_BLOCK = 64 * 1024 * 1024
const BYTE_ORDER = 8
const BYTE_ORDER_MAGIC = 0x1a2b3c4d
const BYTE_ORDER_SWAPPED = 0x4d3c2b1a
/** Consecutive blocks with agreeing lengths that end the search after damage. */
const CHAIN = 3

const SEARCH_MORE = -1
const SEARCH_NONE = -2

export interface PcapngWalker {
  state: PcapngState
  searching: boolean
  /** Bytes still to be skipped of a long block, its trailing length not included; -1 when not skipping. */
  skipLeft: number
  skipLength: number
  skipOffset: number
}

export function createPcapngWalker(): PcapngWalker {
  return { state: createPcapngState(), searching: false, skipLeft: -1, skipLength: 0, skipOffset: 0 }
}

/** The byte order of the section header at `at`: true is little-endian, undefined where the magic is neither. */
export function sectionOrder(bytes: Uint8Array, at: number): boolean | undefined {
  const magic = u32(bytes, at + BYTE_ORDER, true)
  return magic === BYTE_ORDER_MAGIC ? true : magic === BYTE_ORDER_SWAPPED ? false : undefined
}

/** Fills the batch from the window; returns a WALK_ status. The batch may hold packets whatever the status. */
export function walkPcapng(walker: PcapngWalker, window: Window, batch: PacketBatch, log: DamageLog): number {
  while (batch.count < batch.start.length) {
    let status: number
    if (walker.searching) status = search(walker, window)
    else if (walker.skipLeft >= 0) status = skip(walker, window, log)
    else status = step(walker, window, batch, log)
    if (status !== WALK_FULL) return status
  }
  return WALK_FULL
}

/** Reads one block. WALK_FULL: continue with the next. */
function step(walker: PcapngWalker, window: Window, batch: PacketBatch, log: DamageLog): number {
  const { state } = walker
  const { bytes, at } = window
  const rest = window.end - at
  if (rest < BLOCK_MIN) return window.ended ? cut(walker, window, log) : WALK_MORE
  const type = u32(bytes, at, state.little)
  let order = state.little
  if (type === SECTION_HEADER) {
    const declared = sectionOrder(bytes, at)
    if (declared === undefined) {
      return damaged(walker, window, log, {
        code: 'PCAPNG_BYTE_ORDER',
        reason: 'no byte-order magic in a section header',
      })
    }
    order = declared
  }
  const length = u32(bytes, at + TRAILER, order)
  if (!isPlausible(type, length)) {
    return damaged(walker, window, log, { code: 'PCAPNG_BLOCK_LENGTH', reason: lengthFault(type, length) })
  }
  if (length > MAX_READ_BLOCK) return startSkip(walker, window, length)
  if (rest < length) return window.ended ? cut(walker, window, log) : WALK_MORE
  const trailing = u32(bytes, at + length - TRAILER, order)
  if (trailing !== length) {
    const reason = `block length ${length} at its start, ${trailing} at its end`
    return damaged(walker, window, log, { code: 'PCAPNG_BLOCK_LENGTH', reason })
  }
  state.little = order
  state.bytes = bytes
  state.at = at
  state.length = length
  state.offset = window.streamOffset(at)
  window.at = at + length
  readBlock(state, type, batch, log)
  return WALK_FULL
}

function isRead(type: number): boolean {
  return (
    type === ENHANCED_PACKET ||
    type === SIMPLE_PACKET ||
    type === OBSOLETE_PACKET ||
    type === INTERFACE_DESCRIPTION ||
    type === INTERFACE_STATISTICS ||
    type === SECTION_HEADER
  )
}

function isPlausible(type: number, length: number): boolean {
  const most = isRead(type) ? MAX_READ_BLOCK : MAX_SKIPPED_BLOCK
  return length >= BLOCK_MIN && length <= most && length % ALIGNMENT === 0
}

function lengthFault(type: number, length: number): string {
  if (length < BLOCK_MIN) return `block length ${length}, at least ${BLOCK_MIN} expected`
  if (length % ALIGNMENT !== 0) return `block length ${length}, a multiple of ${ALIGNMENT} expected`
  return `block length ${length}, at most ${isRead(type) ? MAX_READ_BLOCK : MAX_SKIPPED_BLOCK} expected`
}

function startSkip(walker: PcapngWalker, window: Window, length: number): number {
  walker.skipOffset = window.streamOffset(window.at)
  walker.skipLength = length
  walker.skipLeft = length - TRAILER
  return WALK_FULL
}

/** Skips a long block piece by piece, so that its length costs no memory. */
function skip(walker: PcapngWalker, window: Window, log: DamageLog): number {
  const step = Math.min(walker.skipLeft, window.end - window.at)
  window.at += step
  walker.skipLeft -= step
  if (walker.skipLeft > 0 || window.end - window.at < TRAILER) {
    if (!window.ended) return WALK_MORE
    const got = walker.skipLength - TRAILER - walker.skipLeft + window.end - window.at
    noteCut(window, log, walker.skipOffset, `block cut after ${got} bytes, ${walker.skipLength} expected`)
    window.at = window.end
    return WALK_END
  }
  walker.skipLeft = -1
  const trailing = u32(window.bytes, window.at, walker.state.little)
  window.at += TRAILER
  if (trailing === walker.skipLength) return WALK_FULL
  const reason = `block length ${walker.skipLength} at its start, ${trailing} at its end`
  noteDamage(log, walker.skipOffset, 'PCAPNG_BLOCK_LENGTH', reason)
  walker.searching = true
  return WALK_FULL
}

/** Notes the damaged block at the window's start and begins the search behind it. */
function damaged(
  walker: PcapngWalker,
  window: Window,
  log: DamageLog,
  fault: { code: string; reason: string },
): number {
  noteDamage(log, window.streamOffset(window.at), fault.code, fault.reason)
  leaveBlock(walker, window)
  walker.searching = true
  return WALK_FULL
}

function leaveBlock(walker: PcapngWalker, window: Window): void {
  const { state } = walker
  const type = u32(window.bytes, window.at, state.little)
  if (type === SECTION_HEADER) forgetInterfaces(state)
  if (type === INTERFACE_DESCRIPTION) loseInterface(state)
  window.at += ALIGNMENT
}

function search(walker: PcapngWalker, window: Window): number {
  const found = findChain(walker, window)
  if (found === SEARCH_MORE) return WALK_MORE
  if (found === SEARCH_NONE) {
    window.at = window.end
    return WALK_END
  }
  walker.searching = false
  return WALK_FULL
}

/** Moves the window to the next place where blocks chain; returns that position or a SEARCH_ value. */
function findChain(walker: PcapngWalker, window: Window): number {
  const { state } = walker
  for (; window.end - window.at >= BLOCK_MIN; window.at += ALIGNMENT) {
    const same = chains(window, state.little)
    if (same === SEARCH_MORE) return SEARCH_MORE
    if (same > 0) return resynchronise(walker, window, state.little)
    const other = chains(window, !state.little)
    if (other === SEARCH_MORE) return SEARCH_MORE
    if (other > 0) return resynchronise(walker, window, !state.little)
  }
  return window.ended ? SEARCH_NONE : SEARCH_MORE
}

function resynchronise(walker: PcapngWalker, window: Window, little: boolean): number {
  const { state } = walker
  // Blocks in the other byte order belong to a section whose header was lost.
  if (little !== state.little) forgetInterfaces(state)
  state.little = little
  state.resynchronised = true
  return window.at
}

/** 1: three blocks stand at the window's start; 0: they do not; SEARCH_MORE: more bytes are needed to tell. */
function chains(window: Window, little: boolean): number {
  const { bytes, end } = window
  const unknown = window.ended ? 0 : SEARCH_MORE
  let at = window.at
  let order = little
  for (let i = 0; i < CHAIN; i++) {
    if (end - at < BLOCK_MIN) return unknown
    if (u32(bytes, at, order) === SECTION_HEADER) {
      const declared = sectionOrder(bytes, at)
      if (declared === undefined) return 0
      order = declared
    }
    const length = u32(bytes, at + TRAILER, order)
    if (length < BLOCK_MIN || length > MAX_READ_BLOCK || length % ALIGNMENT !== 0) return 0
    if (end - at < length) return unknown
    if (u32(bytes, at + length - TRAILER, order) !== length) return 0
    at += length
  }
  return 1
}

/** The last block is not whole. Either its length is wrong, and blocks follow inside, or the input was cut. */
function cut(walker: PcapngWalker, window: Window, log: DamageLog): number {
  const rest = window.end - window.at
  if (rest === 0) return WALK_END
  const offset = window.streamOffset(window.at)
  const hasLength = rest >= BLOCK_HEADER
  const length = hasLength ? u32(window.bytes, window.at + TRAILER, blockOrder(walker, window)) : 0
  if (rest >= BLOCK_MIN) {
    leaveBlock(walker, window)
    if (findChain(walker, window) >= 0) {
      const reason = `block length ${length} reaches past the end, but blocks follow inside`
      noteDamage(log, offset, 'PCAPNG_BLOCK_LENGTH', reason)
      return WALK_FULL
    }
  }
  window.at = window.end
  const what = hasLength
    ? `block cut after ${rest} bytes, ${length} expected`
    : `block header cut after ${rest} bytes, ${BLOCK_HEADER} expected`
  noteCut(window, log, offset, what)
  return WALK_END
}

function blockOrder(walker: PcapngWalker, window: Window): boolean {
  const { bytes, at } = window
  const isSection = window.end - at >= BLOCK_MIN && u32(bytes, at, true) === SECTION_HEADER
  return (isSection ? sectionOrder(bytes, at) : undefined) ?? walker.state.little
}

/** A cut that the reader (decompression) reports itself is not reported twice. */
function noteCut(window: Window, log: DamageLog, offset: number, reason: string): void {
  if (!window.cutByReader) noteDamage(log, offset, 'PCAPNG_CUT', reason)
}
