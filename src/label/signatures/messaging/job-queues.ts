/** Queues of jobs for workers: beanstalkd and Gearman. */
import { readU32, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { bitsOfWords, wordOf } from '../common/beginnings.ts'
import { TCP } from '../common/ports.ts'
import { digitRun } from '../common/text-scan.ts'

const SPACE = 0x20
const CR = 0x0d

/** True when nothing but `count` numbers stands between `at` and the end of the line, each behind one blank. */
function numbersOnly({ bytes, end }: Payload, at: number, count: number): boolean {
  let here = at
  for (let i = 0; i < count; i++) {
    if (i > 0 && bytes[here++] !== SPACE) return false
    here = digitRun(bytes, here, end, 20)
    if (here < 0) return false
  }
  return here + 1 < end && bytes[here] === CR && bytes[here + 1] === 0x0a
}

/** Lines of beanstalkd's protocol that are a word and so many numbers. */
const BEANSTALK: readonly (readonly [text: string, numbers: number, role: number])[] = [
  ['put ', 4, FROM_CLIENT],
  ['reserve-with-timeout ', 1, FROM_CLIENT],
  ['INSERTED ', 1, FROM_SERVER],
  ['RESERVED ', 2, FROM_SERVER],
  ['WATCHING ', 1, FROM_SERVER],
]

function beanstalkd(payload: Payload): number {
  const { bytes, start, end } = payload
  for (let i = 0; i < BEANSTALK.length; i++) {
    const [text, numbers, role] = BEANSTALK[i]
    if (!startsWith(bytes, start, end, text)) continue
    return numbersOnly(payload, start + text.length, numbers) ? STRONG | role : NO_MATCH
  }
  return NO_MATCH
}

const GEARMAN_LAST = 42

/** Gearman: NUL and "REQ" or "RES", type, length of what follows. */
function gearman({ bytes, start, end, length }: Payload): number {
  if (end - start < 12 || bytes[start] !== 0) return NO_MATCH
  const request = startsWith(bytes, start + 1, end, 'REQ')
  if (!request && !startsWith(bytes, start + 1, end, 'RES')) return NO_MATCH
  const type = readU32(bytes, start + 4)
  if (type < 1 || type > GEARMAN_LAST) return NO_MATCH
  const fits = readU32(bytes, start + 8) + 12 <= length || length > 500
  if (!fits) return NO_MATCH
  return STRONG | (request ? FROM_CLIENT : FROM_SERVER)
}

export const signatures: Signature[] = [
  {
    label: 'beanstalkd',
    says: 'is a command or answer of beanstalkd with its numbers',
    protocols: TCP,
    ports: [11300],
    bits: bitsOfWords([...new Set(BEANSTALK.map(([text]) => wordOf(text)))]),
    match: beanstalkd,
  },
  {
    label: 'gearman',
    says: 'starts with NUL and "REQ" or "RES", a known type and a length of Gearman',
    protocols: TCP,
    ports: [4730],
    bits: bitsOfWords([wordOf('\x00REQ'), wordOf('\x00RES')]),
    match: gearman,
  },
]
