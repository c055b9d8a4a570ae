/** Synergy and Barrier: one keyboard and mouse for several computers. */
import { readU16, readU32, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { bitsOf } from '../common/beginnings.ts'
import { TCP } from '../common/ports.ts'

/** Both programs have seven letters: the greeting is these and two versions, eleven bytes. */
const SYNERGY_NAMES = ['Synergy', 'Barrier']
const SYNERGY_GREETING = 11
/** Commands of four letters that either side repeats: alive, nothing, pointer, keys, wheel, screens. */
const SYNERGY_COMMANDS = [
  'CALV',
  'CNOP',
  'CIAK',
  'DMMV',
  'DMRM',
  'DMWM',
  'DKDN',
  'DKUP',
  'QINF',
  'DINF',
  'CINN',
  'COUT',
]

/** Of those that come in a segment of their own, behind that of their length. */
const SYNERGY_ALONE = ['CALV', 'CNOP', 'DMMV', 'DMRM']

/** Length of four bytes, then the greeting with major and minor version (and, from the client, its name) or a command. */
function synergy(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (bytes[start] !== 0) return synergyAlone(payload)
  if (end - start < 8) return NO_MATCH
  const size = readU32(bytes, start)
  if (size < 4 || size + 4 > length || size > 0xffff) return NO_MATCH
  for (let i = 0; i < SYNERGY_NAMES.length; i++) {
    if (!startsWith(bytes, start + 4, end, SYNERGY_NAMES[i]) || end - start < 13 || size + 4 !== length)
      continue
    const major = readU16(bytes, start + SYNERGY_GREETING) === 1
    return major ? STRONG | (size === SYNERGY_GREETING ? FROM_SERVER : FROM_CLIENT) : NO_MATCH
  }
  for (let i = 0; i < SYNERGY_COMMANDS.length; i++)
    if (startsWith(bytes, start + 4, end, SYNERGY_COMMANDS[i])) return size <= 32 ? STRONG : NO_MATCH
  return NO_MATCH
}

/** The segment before was the length, four bytes. */
function synergyAlone({ bytes, start, end, length, previous, previousLength }: Payload): number {
  if (previousLength !== 4 || readU32(previous, 0) > length || readU32(previous, 0) < 4) return NO_MATCH
  for (let i = 0; i < SYNERGY_ALONE.length; i++)
    if (startsWith(bytes, start, end, SYNERGY_ALONE[i])) return STRONG
  return NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'synergy',
    says: 'is a length and the greeting of Synergy or Barrier, or one of their commands',
    protocols: TCP,
    ports: [24800],
    firstBytes: [0, 0x43, 0x44],
    bits: [
      ...[...SYNERGY_NAMES, ...SYNERGY_COMMANDS].map((name) => bitsOf(name, 4)),
      ...SYNERGY_ALONE.map((name) => bitsOf(name)),
    ],
    match: synergy,
  },
]
