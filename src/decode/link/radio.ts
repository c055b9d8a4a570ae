/** The headers that capture drivers put before an 802.11 frame: radiotap, PPI, Prism and AVS. */
import { readU16LE, readU32, readU32LE } from '../../bytes.ts'
import { type Cursor, removeTrailer } from '../cursor.ts'
import { LINK_CUT, LINK_HEADER, LINK_TYPE_UNKNOWN } from '../status.ts'
import { STEP_AVS, STEP_IEEE80211, STEP_NONE } from '../steps.ts'
import { linkStep } from './link.ts'

/** radiotap.org: version, pad, length (LE), present bits (LE), then the fields in bit order, each aligned to its size. */
const RADIOTAP_LENGTH = 2
const RADIOTAP_PRESENT = 4
const RADIOTAP_HEADER = 8
const PRESENT_TSFT = 1
const PRESENT_FLAGS = 2
/** Bit 31: another word of present bits follows. */
const PRESENT_MORE = 0x80000000
const MAX_PRESENT_WORDS = 16
const TSFT_BYTES = 8
const FLAG_FCS_AT_END = 0x10
const FLAG_PADDED = 0x20
const FCS_BYTES = 4

export function radiotap(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (end - at < RADIOTAP_HEADER) return ~LINK_CUT
  const length = readU16LE(bytes, at + RADIOTAP_LENGTH)
  if (bytes[at] !== 0 || length < RADIOTAP_HEADER) return ~LINK_HEADER
  if (end - at < length) return ~LINK_CUT
  const flags = radiotapFlags(bytes, at, length)
  if ((flags & FLAG_FCS_AT_END) !== 0) removeTrailer(cursor, at + length, FCS_BYTES)
  cursor.paddedTo4 = (flags & FLAG_PADDED) !== 0
  cursor.at = at + length
  return STEP_IEEE80211
}

/** The flags field, 0 where it is absent. */
function radiotapFlags(bytes: Uint8Array, at: number, length: number): number {
  const present = readU32LE(bytes, at + RADIOTAP_PRESENT)
  if ((present & PRESENT_FLAGS) === 0) return 0
  let field = RADIOTAP_PRESENT
  for (let words = 0; words < MAX_PRESENT_WORDS && field + 4 <= length; words++) {
    const more = (readU32LE(bytes, at + field) & PRESENT_MORE) !== 0
    field += 4
    if (!more) break
  }
  if ((present & PRESENT_TSFT) !== 0) field = ((field + 7) & ~7) + TSFT_BYTES
  return field < length ? bytes[at + field] : 0
}

/** CACE PPI: version, flags, length (LE), link type (LE 32), fields. */
const PPI_LENGTH = 2
const PPI_LINK_TYPE = 4
const PPI_HEADER = 8

export function ppi(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (end - at < PPI_HEADER) return ~LINK_CUT
  const length = readU16LE(bytes, at + PPI_LENGTH)
  if (bytes[at] !== 0 || length < PPI_HEADER) return ~LINK_HEADER
  if (end - at < length) return ~LINK_CUT
  cursor.at = at + length
  const step = linkStep(readU32LE(bytes, at + PPI_LINK_TYPE))
  return step === STEP_NONE ? ~LINK_TYPE_UNKNOWN : step
}

/** Prism monitor header: 144 bytes, unless it begins with the magic number of an AVS header. */
const PRISM_HEADER = 144
const AVS_MAGIC = 0x80211000
const AVS_MAGIC_MASK = 0xfffff000
/** AVS: magic, header length (BE). */
const AVS_LENGTH = 4
const AVS_HEADER = 8

export function prism(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (end - at < AVS_HEADER) return ~LINK_CUT
  if ((readU32(bytes, at) & AVS_MAGIC_MASK) === (AVS_MAGIC | 0)) return STEP_AVS
  if (end - at < PRISM_HEADER) return ~LINK_CUT
  cursor.at = at + PRISM_HEADER
  return STEP_IEEE80211
}

export function avs(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (end - at < AVS_HEADER) return ~LINK_CUT
  const length = readU32(bytes, at + AVS_LENGTH)
  if (length < AVS_HEADER) return ~LINK_HEADER
  if (end - at < length) return ~LINK_CUT
  cursor.at = at + length
  return STEP_IEEE80211
}
