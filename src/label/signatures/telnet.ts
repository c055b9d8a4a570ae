/** Telnet: commands and option negotiation (RFC 854, RFC 855). Text without it cannot be told from any other. */
import { PROTOCOL_TCP } from '../../bytes.ts'
import { NO_MATCH, type Payload, type Signature, STRONG, WEAK } from '../payload.ts'

const IAC = 0xff
const PORT = 23
/** Commands of two bytes: end of record, and no operation to go ahead. */
const END_OF_RECORD = 0xef
const SE = 0xf0
const GO_AHEAD = 0xf9
const SB = 0xfa
const WILL = 0xfb
const DONT = 0xfe
/** The options in use: 0..49, and 255 for the extended list. */
const LAST_OPTION = 49
const MAX_COMMANDS = 64

function matchTelnet(payload: Payload): number {
  const { bytes, start, end } = payload
  if (bytes[start] !== IAC) return NO_MATCH
  let at = start
  let negotiations = 0
  for (let commands = 0; at + 1 < end && bytes[at] === IAC && commands < MAX_COMMANDS; commands++) {
    const command = bytes[at + 1]
    if (command >= END_OF_RECORD && command <= GO_AHEAD && command !== SE) {
      at += 2
      continue
    }
    if (at + 2 >= end || bytes[at + 2] > LAST_OPTION) return NO_MATCH
    if (command >= WILL && command <= DONT) at += 3
    else if (command === SB) at = afterSubnegotiation(bytes, at + 3, end)
    else return NO_MATCH
    if (at < 0) return NO_MATCH
    negotiations++
  }
  if (negotiations >= 2) return STRONG
  const onPort = payload.srcPort === PORT || payload.dstPort === PORT
  // Commands of two bytes alone count where nothing else is said.
  if (negotiations === 0) return onPort && at === end ? WEAK : NO_MATCH
  return onPort || at === end ? WEAK : NO_MATCH
}

/** Position after IAC SE, or -1. */
function afterSubnegotiation(bytes: Uint8Array, at: number, end: number): number {
  for (let i = at; i + 1 < end; i++) if (bytes[i] === IAC && bytes[i + 1] === SE) return i + 2
  return -1
}

export const signatures: Signature[] = [
  {
    label: 'telnet',
    says: 'negotiates Telnet options, or sends Telnet commands on port 23',
    protocols: [PROTOCOL_TCP],
    ports: [PORT],
    firstBytes: [IAC],
    match: matchTelnet,
  },
]
