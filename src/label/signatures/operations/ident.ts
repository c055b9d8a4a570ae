/** Ident (RFC 1413): whose a TCP connection is. */
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { ASCII } from '../common/beginnings.ts'
import { firstBytesWhere } from '../common/byte-scan.ts'
import { TCP } from '../common/ports.ts'
import { digitRun, findText, isDigit } from '../common/text-scan.ts'

const SPACE = 0x20
const CR = 0x0d
const LF = 0x0a

const COMMA = 0x2c
const COLON = 0x3a

/** Offset behind a port number and the blanks around it, or -1. */
function portNumber(bytes: Uint8Array, at: number, end: number): number {
  let here = at
  while (here < end && bytes[here] === SPACE) here++
  here = digitRun(bytes, here, end, 5)
  while (here > 0 && here < end && bytes[here] === SPACE) here++
  return here
}

/** RFC 1413: two ports and a comma; the answer repeats them before USERID or ERROR. */
function ident({ bytes, start, end, length, ordinal }: Payload): number {
  const comma = portNumber(bytes, start, end)
  if (ordinal > 0 || comma < 0 || comma >= end || bytes[comma] !== COMMA) return NO_MATCH
  const behind = portNumber(bytes, comma + 1, end)
  if (behind < 0 || behind >= end) return NO_MATCH
  if (bytes[behind] === COLON) {
    const answer = findText(bytes, behind, Math.min(end, behind + 12), 'USERID')
    return answer > 0 || findText(bytes, behind, Math.min(end, behind + 12), 'ERROR') > 0
      ? STRONG | FROM_SERVER
      : NO_MATCH
  }
  const whole = bytes[behind] === CR ? behind + 2 : bytes[behind] === LF ? behind + 1 : -1
  return whole === start + length && bytes[whole - 1] === LF ? WEAK | FROM_CLIENT : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'ident',
    says: 'is two ports and a comma as ident asks for them, or its answer with USERID or ERROR',
    protocols: TCP,
    ports: [113],
    firstBytes: firstBytesWhere((byte) => isDigit(byte) || byte === SPACE),
    bits: ASCII,
    match: ident,
  },
]
