/** Telnet: commands and option negotiation (RFC 854, RFC 855). Text without it cannot be told from any other. */
import { PROTOCOL_TCP } from '../../../bytes.ts'
import { FROM_SERVER, NO_MATCH, type Payload, type Signature, STRONG, WEAK } from '../../inspect/payload.ts'

const IAC = 0xff
const PORT = 23
/** Commands of two bytes: end of record, and no operation to go ahead. */
const END_OF_RECORD = 0xef
const SE = 0xf0
const GO_AHEAD = 0xf9
const SB = 0xfa
const WILL = 0xfb
const DO = 0xfd
const DONT = 0xfe
/** The options in use: 0..49, and 255 for the extended list. */
const LAST_OPTION = 49
const MAX_COMMANDS = 64
/** Negotiations that prove it. */
const ENOUGH = 2
const SHORTEST_TEXT = 4
/** How far a greeting is searched. */
const MAX_TEXT = 512
const BELL = 0x07
const CR = 0x0d
const ESCAPE = 0x1b
const SPACE = 0x20
const DELETE = 0x7f

function matchTelnet(payload: Payload): number {
  const { bytes, start, end } = payload
  if (bytes[start] !== IAC) return matchBehindText(payload)
  let at = start
  let negotiations = 0
  for (let commands = 0; at + 1 < end && bytes[at] === IAC && commands < MAX_COMMANDS; commands++) {
    const command = bytes[at + 1]
    if (command >= END_OF_RECORD && command <= GO_AHEAD && command !== SE) {
      at += 2
      continue
    }
    const next = afterNegotiation(bytes, at, end)
    if (next < 0) return negotiations >= ENOUGH ? STRONG : NO_MATCH
    at = next
    negotiations++
  }
  if (negotiations >= ENOUGH) return STRONG
  const onPort = payload.srcPort === PORT || payload.dstPort === PORT
  // Commands of two bytes alone count where nothing else is said.
  if (negotiations === 0) return onPort && at === end ? WEAK : NO_MATCH
  return onPort || at === end || isGreetingText(payload, at) ? WEAK : NO_MATCH
}

/** Position after an option command or a subnegotiation at `at`, or -1. */
function afterNegotiation(bytes: Uint8Array, at: number, end: number): number {
  const command = bytes[at + 1]
  if (at + 2 >= end || bytes[at + 2] > LAST_OPTION) return -1
  if (command >= WILL && command <= DONT) return at + 3
  return command === SB ? afterSubnegotiation(bytes, at + 3, end) : -1
}

/**
 * Behind a single option a server goes on with text for a terminal, and with nothing else. It wants or offers the option:
 * what begins with DONT or WONT has been asked before, or is another text, for ff fe marks the byte order of UTF-16.
 */
function isGreetingText({ bytes, start, end, ordinal, peerOrdinal }: Payload, at: number): boolean {
  if (bytes[start + 1] !== WILL && bytes[start + 1] !== DO) return false
  if (ordinal > 0 || peerOrdinal > 0 || end - at < SHORTEST_TEXT) return false
  const stop = Math.min(end, at + MAX_TEXT)
  return textEnd(bytes, at, stop) === stop
}

/** A server's first text, and option commands in it: two, or one on the port. */
function matchBehindText({ bytes, start, end, srcPort, ordinal, peerOrdinal }: Payload): number {
  if (ordinal > 0 || peerOrdinal > 0) return NO_MATCH
  // Most texts that come first are requests, without such a byte.
  let at = start + 1
  for (const stop = Math.min(end - 2, start + MAX_TEXT); at < stop && bytes[at] !== IAC; ) at++
  if (at + 2 >= end || !isOption(bytes, at, end) || textEnd(bytes, start, at) < at) return NO_MATCH
  return srcPort === PORT || isOption(bytes, at + 3, end) ? WEAK | FROM_SERVER : NO_MATCH
}

function isOption(bytes: Uint8Array, at: number, end: number): boolean {
  if (at + 2 >= end || bytes[at] !== IAC || bytes[at + 2] > LAST_OPTION) return false
  return bytes[at + 1] >= WILL && bytes[at + 1] <= DONT
}

/** Offset of the first byte that is no ASCII text for a terminal, or `end`. A zero stands behind CR only (RFC 854). */
function textEnd(bytes: Uint8Array, from: number, end: number): number {
  let at = from
  for (; at < end; at++) {
    const byte = bytes[at]
    if (
      byte >= SPACE
        ? byte >= DELETE
        : !isTerminalControl(byte) && (byte !== 0 || at === from || bytes[at - 1] !== CR)
    )
      break
  }
  return at
}

/** Bell to CR (7 to 13), and the escape of a terminal's sequences. */
function isTerminalControl(byte: number): boolean {
  return (byte >= BELL && byte <= CR) || byte === ESCAPE
}

/** Position after IAC SE, or -1. */
function afterSubnegotiation(bytes: Uint8Array, at: number, end: number): number {
  for (let i = at; i + 1 < end; i++) if (bytes[i] === IAC && bytes[i + 1] === SE) return i + 2
  return -1
}

/** With what a greeting begins. */
const TEXT = Array.from({ length: DELETE }, (_, byte) => byte).filter(
  (byte) => byte >= SPACE || isTerminalControl(byte),
)

export const signatures: Signature[] = [
  {
    label: 'telnet',
    says: 'negotiates Telnet options, before a text or in it, or sends Telnet commands on port 23',
    protocols: [PROTOCOL_TCP],
    ports: [PORT],
    firstBytes: [IAC, ...TEXT],
    match: matchTelnet,
  },
]
