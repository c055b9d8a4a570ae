/** Sound and music: Open Sound Control 1.0, VBAN, and the sessions of RTP-MIDI (RFC 6295 names them as Apple's). */
import { readU16, readU32, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { ASCII, bitsOf, opening } from '../common/beginnings.ts'
import { findByte } from '../common/byte-scan.ts'
import { TCP, UDP } from '../common/ports.ts'
import { printableRun } from '../common/text-scan.ts'

const BUNDLE = '#bundle\0'
const SLASH = 0x2f
const COMMA = 0x2c
const MAX_ADDRESS = 255
const MAX_ARGUMENTS = 64
/** Type tags by the size of their argument; those of text and blobs are counted by their bytes. */
const NO_BYTES = 'TFNI[]'
const FOUR_BYTES = 'ifcrm'
const EIGHT_BYTES = 'htd'
const TEXTS = 'sS'

/** One past the padding (to four bytes, at least one NUL) of the text at `at`, or -1. */
function afterText(bytes: Uint8Array, at: number, stop: number): number {
  const text = printableRun(bytes, at, Math.min(stop, at + MAX_ADDRESS))
  const next = at + ((text - at + 4) & ~3)
  if (next > stop) return -1
  for (let here = text; here < next; here++) if (bytes[here] !== 0) return -1
  return next
}

/** One past the argument of the tag at `at`, or -1. */
function afterArgument(bytes: Uint8Array, tag: number, at: number, stop: number): number {
  const type = String.fromCharCode(tag)
  if (NO_BYTES.includes(type)) return at
  if (FOUR_BYTES.includes(type)) return at + 4
  if (EIGHT_BYTES.includes(type)) return at + 8
  if (TEXTS.includes(type)) {
    const zero = findByte(bytes, at, stop, 0)
    return zero < 0 ? -1 : at + ((zero - at + 4) & ~3)
  }
  if (type !== 'b' || at + 4 > stop) return -1
  const size = readU32(bytes, at)
  return size > stop - at ? -1 : at + 4 + ((size + 3) & ~3)
}

/** An address, type tags, and arguments that end at `stop`. */
function oscMessage(bytes: Uint8Array, at: number, stop: number): boolean {
  const tags = afterText(bytes, at, stop)
  if (tags < 0 || tags >= stop || bytes[tags] !== COMMA) return false
  let here = afterText(bytes, tags, stop)
  for (let i = tags + 1; i <= tags + MAX_ARGUMENTS && bytes[i] !== 0; i++) {
    if (here < 0 || here > stop) return false
    here = afterArgument(bytes, bytes[i], here, stop)
  }
  return here === stop
}

/** Open Sound Control 1.0: a bundle, or a message that fills its packet; over TCP behind its size. */
function osc({ bytes, start, end, length, protocol }: Payload): number {
  const stream = protocol === TCP[0]
  const at = stream ? start + 4 : start
  const stop = start + length
  if (at + 8 > end || (stream && readU32(bytes, start) !== length - 4)) return NO_MATCH
  if (bytes[at] !== SLASH) return startsWith(bytes, at, end, BUNDLE) && length % 4 === 0 ? STRONG : NO_MATCH
  return stop <= end && length % 4 === 0 && oscMessage(bytes, at, stop) ? STRONG : NO_MATCH
}

/** "ff ff" and two letters: invitation, its answers, end, clock, feedback of the receiver, limit of the bit rate. */
const INVITATION = 0x494e
const ACCEPTED = 0x4f4b
const REJECTED = 0x4e4f
const BYE = 0x4259
const CLOCK = 0x434b
const FEEDBACK = 0x5253
const BIT_RATE = 0x524c
const SESSION_COMMANDS = [INVITATION, ACCEPTED, REJECTED, BYE]
const COMMANDS = [...SESSION_COMMANDS, CLOCK, FEEDBACK, BIT_RATE]
const SESSION_VERSION = 2
const CLOCK_SIZE = 36

/** Session commands have a version, token and source; clocks three times. */
function appleMidi({ bytes, start, end, length }: Payload): number {
  if (end - start < 12 || readU16(bytes, start) !== 0xffff) return NO_MATCH
  const command = readU16(bytes, start + 2)
  if (command === CLOCK) return length === CLOCK_SIZE && bytes[start + 8] <= 2 ? STRONG : NO_MATCH
  if (command === FEEDBACK || command === BIT_RATE) return length === 12 ? STRONG : NO_MATCH
  if (!SESSION_COMMANDS.includes(command) || length < 16) return NO_MATCH
  if (readU32(bytes, start + 4) !== SESSION_VERSION) return NO_MATCH
  return STRONG | (command === INVITATION ? FROM_CLIENT : command === BYE ? 0 : FROM_SERVER)
}

export const signatures: Signature[] = [
  {
    label: 'osc',
    says: 'is an Open Sound Control bundle, or a message whose arguments fill it as its type tags say',
    protocols: UDP,
    firstBytes: [SLASH, 0x23],
    bits: ASCII,
    match: osc,
  },
  {
    label: 'osc',
    says: 'holds a size and an Open Sound Control bundle, or a message that fills it as its type tags say',
    protocols: TCP,
    firstBytes: [0],
    bits: [{ offset: 4, mask: 0xff000000, value: SLASH << 24 }, bitsOf(BUNDLE, 4)],
    match: osc,
  },
  opening({
    label: 'vban',
    says: 'starts with "VBAN" and has room for its header',
    protocols: UDP,
    ports: [6980],
    text: 'VBAN',
    least: 28,
  }),
  {
    label: 'applemidi',
    says: 'is a session command of RTP-MIDI: ff ff and two letters, version 2 or its clocks',
    protocols: UDP,
    ports: [5004],
    bits: COMMANDS.map((command) => ({
      offset: 0,
      mask: 0xffffffff,
      value: 0xffff0000 | command,
    })),
    match: appleMidi,
  },
]
