/** Printing: PJL as jobs begin with it and printers answer in it, and the line printer daemon (RFC 1179). */
import { startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { type Beginnings, oneOf } from '../common/beginnings.ts'
import { TCP } from '../common/ports.ts'
import { digitRun, lineStop, printableRun } from '../common/text-scan.ts'

const SPACE = 0x20
const LF = 0x0a

const PJL: Beginnings = [
  ['\x1b%-12345X', STRONG | FROM_CLIENT],
  ['@PJL INFO ', STRONG | FROM_SERVER],
  ['@PJL USTATUS ', STRONG | FROM_SERVER],
  ['@PJL ECHO ', STRONG | FROM_SERVER],
]

const LPD_PORT = 515
const LPD_CONTROL = 2
const LPD_DATA = 3
const LPD_LAST = 5
const LONGEST_LINE = 512

/**
 * RFC 1179: a command of one byte, a queue, LF. Behind the command to receive a job, files: their size, a blank, and
 * "cfA" or "dfA" with the job's number.
 */
function lpd({ bytes, start, end, dstPort }: Payload): number {
  const command = bytes[start]
  const line = lineStop(bytes, start + 1, Math.min(end, start + LONGEST_LINE))
  if (line >= end || bytes[line] !== LF || line - start < 2) return NO_MATCH
  if (printableRun(bytes, start + 1, line) !== line) return NO_MATCH
  const size = digitRun(bytes, start + 1, line, 12)
  const letter = command === LPD_CONTROL ? 'c' : 'd'
  if (
    size > 0 &&
    (command === LPD_CONTROL || command === LPD_DATA) &&
    bytes[size] === SPACE &&
    startsWith(bytes, size + 1, line, `${letter}f`)
  ) {
    const number = digitRun(bytes, size + 4, line, 3)
    return number === size + 7 ? STRONG | FROM_CLIENT : NO_MATCH
  }
  if (dstPort !== LPD_PORT || command > LPD_LAST) return NO_MATCH
  return line + 1 === end || (command === 2 && bytes[line + 1] < 4) ? WEAK | FROM_CLIENT : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'pdl-datastream',
    says: 'starts with the escape sequence of PJL, or is what a printer answers to PJL',
    protocols: TCP,
    ports: [9100],
    ...oneOf(PJL),
  },
  {
    label: 'lpd',
    says: 'is a command of the line printer daemon, strong where it announces a file of a job',
    protocols: TCP,
    ports: [LPD_PORT],
    firstBytes: [1, 2, 3, 4, LPD_LAST],
    match: lpd,
  },
]
