/** Firebird's wire protocol: how a client connects and is accepted. */
import { readI32, readU32 } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { bitsOfWords } from '../common/beginnings.ts'
import { setExtraText } from '../common/extras.ts'
import { TCP } from '../common/ports.ts'

const FIREBIRD_ATTACH = 19
const FIREBIRD_ACCEPT: readonly number[] = [3, 94, 98]
const FIREBIRD_DATABASE = 20

/**
 * Firebird's wire protocol, words of XDR: connect (1), attach (19), version of the connect, architecture, file; or
 * accept with a version of the protocol (10, or from 11 on with its bit 15, as a negative word), architecture, type.
 */
function firebird(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 16) return NO_MATCH
  const word = readI32(bytes, start)
  const second = readI32(bytes, start + 4)
  const third = readU32(bytes, start + 8)
  if (word === 1) {
    const connects =
      second === FIREBIRD_ATTACH && (third === 2 || third === 3) && readU32(bytes, start + 12) <= 64
    if (!connects) return NO_MATCH
    tellDatabase(payload)
    return STRONG | FROM_CLIENT
  }
  if (!FIREBIRD_ACCEPT.includes(word) || third === 0 || third > 64) return NO_MATCH
  const version = second >>> 8 === 0xffff80 ? second & 0xff : 0
  const known = version >= 11 && version < 32 && (readU32(bytes, start + 12) & ~0x100) < 6
  return known ? STRONG | FROM_SERVER : NO_MATCH
}

function tellDatabase(payload: Payload): void {
  const { bytes, start, end } = payload
  if (end - start < FIREBIRD_DATABASE) return
  const from = start + FIREBIRD_DATABASE
  const stop = from + readU32(bytes, from - 4)
  if (stop <= end) setExtraText(payload, 'firebird', 'database', [from, stop])
}

export const signatures: Signature[] = [
  {
    label: 'firebird',
    says: 'is a Firebird connect with attach, or accepts one with a version of its protocol',
    protocols: TCP,
    ports: [3050],
    bits: bitsOfWords([1, ...FIREBIRD_ACCEPT]),
    match: firebird,
  },
]
