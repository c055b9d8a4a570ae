/** Packets logged by a filter: Linux NFLOG and BSD PFLOG. */
import { readU16, readU16LE } from '../../bytes.ts'
import type { Cursor } from '../cursor.ts'
import { LINK_CUT, LINK_HEADER, NON_IP } from '../status.ts'
import { STEP_RAW_IP } from '../steps.ts'
import { familyStep } from './loopback.ts'

/** LINKTYPE_NFLOG: address family, version, resource id (BE), then attributes in the logging host's byte order. */
const NFLOG_HEADER = 4
const ATTRIBUTE_LENGTH = 0
const ATTRIBUTE_TYPE = 2
const ATTRIBUTE_HEADER = 4
const NFULA_PAYLOAD = 9
const MAX_ATTRIBUTES = 64

export function nflog(cursor: Cursor): number {
  const { bytes, end } = cursor
  let at = cursor.at
  if (end - at < NFLOG_HEADER) return ~LINK_CUT
  if (bytes[at + 1] !== 0) return ~LINK_HEADER
  at += NFLOG_HEADER
  for (let i = 0; i < MAX_ATTRIBUTES; i++) {
    if (end - at < ATTRIBUTE_HEADER) return ~LINK_CUT
    const little = readU16LE(bytes, at + ATTRIBUTE_TYPE) < 0x100
    const length = little ? readU16LE(bytes, at + ATTRIBUTE_LENGTH) : readU16(bytes, at + ATTRIBUTE_LENGTH)
    const type = little ? readU16LE(bytes, at + ATTRIBUTE_TYPE) : readU16(bytes, at + ATTRIBUTE_TYPE)
    if (length < ATTRIBUTE_HEADER) return ~LINK_HEADER
    if (type === NFULA_PAYLOAD) {
      cursor.at = at + ATTRIBUTE_HEADER
      return STEP_RAW_IP
    }
    at += (length + 3) & ~3
  }
  return ~NON_IP
}

/** LINKTYPE_PFLOG: length, address family, …; the header is padded to four bytes. */
const PFLOG_FAMILY = 1
const PFLOG_HEADER_MIN = 4

export function pflog(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (end - at < PFLOG_HEADER_MIN) return ~LINK_CUT
  const length = (bytes[at] + 3) & ~3
  if (length < PFLOG_HEADER_MIN) return ~LINK_HEADER
  if (end - at < length) return ~LINK_CUT
  cursor.at = at + length
  return familyStep(bytes[at + PFLOG_FAMILY])
}
