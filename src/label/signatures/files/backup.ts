/** Backups: Amanda and Bacula. */
import { readI32, readU16, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { type Beginnings, bitsOfWords, oneOf, wordOf } from '../common/beginnings.ts'
import { TCP, TCP_UDP } from '../common/ports.ts'
import { findText, lineStop } from '../common/text-scan.ts'

const LONGEST_LINE = 512

const AMANDA: Beginnings = [
  ['Amanda 2.', STRONG],
  ['Amanda 3.', STRONG],
]

/** More than the weight of FTP, which its greeting may look like. */
const AMANDA_INDEX_WEIGHT = 90

/** The index server greets like FTP's, and names itself behind its host. */
function amandaIndex({ bytes, start, end }: Payload): number {
  const line = lineStop(bytes, start, Math.min(end, start + LONGEST_LINE))
  return startsWith(bytes, start, end, '220 ') &&
    findText(bytes, start + 4, line, ' AMANDA index server (') > 0
    ? STRONG | FROM_SERVER
    : NO_MATCH
}

const BACULA: readonly (readonly [text: string, answer: number])[] = [
  ['Hello ', STRONG | FROM_CLIENT],
  ['auth cram-md5', STRONG | FROM_SERVER],
  ['1000 OK', STRONG],
  ['2000 OK Hello', STRONG | FROM_SERVER],
  ['3000 OK Hello', STRONG | FROM_SERVER],
]

/** Bacula and Bareos: length of the text, then it; a caller says hello and is challenged. */
function bacula({ bytes, start, end, length }: Payload): number {
  if (end - start < 10) return NO_MATCH
  const size = readI32(bytes, start)
  if (size < 6 || size + 4 > length) return NO_MATCH
  // Another message follows, no longer than 64 KiB.
  const next = start + 4 + size
  if (size + 4 < length && (next + 2 > end || readU16(bytes, next) !== 0)) return NO_MATCH
  for (let i = 0; i < BACULA.length; i++)
    if (startsWith(bytes, start + 4, end, BACULA[i][0]))
      return i > 0 || findText(bytes, start + 9, Math.min(end, start + 4 + size), ' calling') > 0
        ? BACULA[i][1]
        : NO_MATCH
  return NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'amanda',
    says: 'starts with "Amanda", its version and the kind of packet',
    protocols: TCP_UDP,
    ports: [10080],
    ...oneOf(AMANDA),
  },
  {
    label: 'amanda',
    says: 'is the greeting of an index server of Amanda',
    protocols: TCP,
    ports: [10082],
    bits: bitsOfWords([wordOf('220 ')]),
    weight: AMANDA_INDEX_WEIGHT,
    match: amandaIndex,
  },
  {
    label: 'bacula',
    says: 'holds a length and what a daemon of Bacula says first',
    protocols: TCP,
    ports: [9101, 9102, 9103],
    bits: ['Hello ', 'auth c', '1000 OK', '2000 OK', '3000 OK'].map((text) => ({
      offset: 4,
      mask: -1,
      value: wordOf(text),
    })),
    firstBytes: [0],
    match: bacula,
  },
]
