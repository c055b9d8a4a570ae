/** Telnet: option negotiation (RFC 854, RFC 855). Text without it cannot be told from any other. */
import { PROTOCOL_TCP } from '../../bytes.ts'
import { NO_MATCH, type Payload, type Signature, STRONG, WEAK } from '../payload.ts'

const IAC = 0xff
const SE = 0xf0
const SB = 0xfa
const WILL = 0xfb
const DONT = 0xfe
/** The options in use: 0..49, and 255 for the extended list. */
const LAST_OPTION = 49
const MAX_COMMANDS = 64

function matchTelnet(payload: Payload): number {
  const { bytes, start, end } = payload
  if (bytes[start] !== IAC || end - start < 3) return NO_MATCH
  let at = start
  let commands = 0
  while (at < end && bytes[at] === IAC && commands < MAX_COMMANDS) {
    if (at + 2 >= end || bytes[at + 2] > LAST_OPTION) return NO_MATCH
    const command = bytes[at + 1]
    if (command >= WILL && command <= DONT) at += 3
    else if (command === SB) at = afterSubnegotiation(bytes, at + 3, end)
    else return NO_MATCH
    if (at < 0) return NO_MATCH
    commands++
  }
  if (commands >= 2) return STRONG
  return at === end || payload.srcPort === 23 || payload.dstPort === 23 ? WEAK : NO_MATCH
}

/** Position after IAC SE, or -1. */
function afterSubnegotiation(bytes: Uint8Array, at: number, end: number): number {
  for (let i = at; i + 1 < end; i++) if (bytes[i] === IAC && bytes[i + 1] === SE) return i + 2
  return -1
}

export const signatures: Signature[] = [
  {
    label: 'telnet',
    says: 'negotiates Telnet options',
    protocols: [PROTOCOL_TCP],
    ports: [23],
    firstBytes: [IAC],
    match: matchTelnet,
  },
]
