/** DICT (RFC 2229), which looks words up in dictionaries. */
import { FROM_SERVER, NO_MATCH, type Payload, type Signature, STRONG } from '../../inspect/payload.ts'
import { bitsOfWords, wordOf } from '../common/beginnings.ts'
import { findByte } from '../common/byte-scan.ts'
import { TCP } from '../common/ports.ts'
import { findText, lineStop, threeDigits } from '../common/text-scan.ts'

const LONGEST_LINE = 512

/** RFC 2229 section 3.1: 220, text, capabilities and a message id, both in angle brackets. */
function dict({ bytes, start, end, ordinal }: Payload): number {
  const line = lineStop(bytes, start, Math.min(end, start + LONGEST_LINE))
  if (
    ordinal > 0 ||
    threeDigits(bytes, start, end) !== 220 ||
    line >= end ||
    line - start < 12 ||
    bytes[line - 1] !== 0x3e
  )
    return NO_MATCH
  const between = findText(bytes, start + 4, line, '> <')
  if (between < 0 || findByte(bytes, between + 3, line, 0x40) < 0) return NO_MATCH
  return findByte(bytes, start + 4, between, 0x3c) > 0 ? STRONG | FROM_SERVER : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'dict',
    says: 'is the greeting of a DICT server: 220, capabilities and an id in angle brackets',
    protocols: TCP,
    ports: [2628],
    bits: bitsOfWords([wordOf('220 ')]),
    match: dict,
  },
]
