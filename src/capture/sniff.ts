/** Recognises the format of an input by its first bytes, never by its name, or says why it cannot be read. */
import { InputError } from '../errors.ts'
import { u32 } from './byte-order.ts'
import { isPcapMagic } from './pcap.ts'
import { sectionOrder } from './pcapng.ts'
import { SECTION_HEADER } from './pcapng-blocks.ts'
import type { Window } from './window.ts'

const SHOWN = 8
/** Bytes that identify pcapng: block type, length, byte-order magic. */
const PCAPNG_START = 12
const PRINTABLE = /^[\x20-\x7e]+/

/** Formats that are often mistaken for captures, by their first bytes in Latin-1. */
const NOT_CAPTURES: readonly { start: string; what: string }[] = [
  { start: 'BZh', what: 'a bzip2 file; decompress it with bunzip2 first' },
  { start: '\xfd7zXZ\0', what: 'an xz file; decompress it with unxz first' },
  { start: '7z\xbc\xaf\x27\x1c', what: 'a 7z archive; unpack it first' },
  { start: 'PK\x03\x04', what: 'a zip archive; unpack it first' },
  { start: 'snoop\0\0\0', what: 'a snoop capture; convert it with editcap' },
  { start: 'GMBU', what: 'a Microsoft Network Monitor capture; convert it with editcap' },
  { start: 'RTSS', what: 'a Microsoft Network Monitor capture; convert it with editcap' },
  { start: '{', what: "JSON text; sessions, report and diff read flowhawk's own records, from files" },
]

/** The format at the window's start. Throws InputError for everything else. */
export async function sniffFormat(window: Window, place: string): Promise<'pcap' | 'pcapng'> {
  const enough = await window.need(PCAPNG_START)
  const { bytes, at, end } = window
  const rest = end - at
  if (rest >= 4) {
    if (isPcapMagic(u32(bytes, at, true))) return 'pcap'
    const isSection = u32(bytes, at, true) === SECTION_HEADER
    if (isSection && (!enough || sectionOrder(bytes, at) !== undefined)) return 'pcapng'
  }
  if (window.failure !== undefined) throw new InputError(window.failure.code, place, window.failure.reason)
  if (rest === 0) throw new InputError('INPUT_EMPTY', place, 'no bytes; a pcap or pcapng capture expected')
  throw new InputError('INPUT_NOT_A_CAPTURE', place, describe(bytes.subarray(at, Math.min(end, at + SHOWN))))
}

function describe(bytes: Uint8Array): string {
  const text = String.fromCharCode(...bytes)
  const known = NOT_CAPTURES.find((entry) => text.startsWith(entry.start))
  if (known !== undefined) return `not a capture but ${known.what}`
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ')
  const printable = PRINTABLE.exec(text)?.[0]
  const shown = printable === undefined ? hex : `${hex} "${printable}"`
  return `not a capture: starts with ${shown}; pcap, pcapng, gzip, zstd or lz4 expected`
}
