/** POP3 (RFC 1939) and its upgrade to TLS in mid-flow (RFC 2595), after which the label is pop3s. */
import { startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  MORE,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { ASCII } from '../common/beginnings.ts'
import { lineText, mayBeText, SPACE, startsWithAnyCase } from '../common/text-scan.ts'
import { bytesOf, HANDSHAKE, isLines, matchUpgraded, onPorts, plain, TEXT_OR_TLS, upgrade } from './mail.ts'

const PORTS_POP3 = [110]
const PLUS = 0x2b
const MINUS = 0x2d

const POP3_COMMANDS = [
  'user ',
  'pass ',
  'capa\r',
  'stat\r',
  'uidl',
  'list',
  'retr ',
  'apop ',
  'auth',
  'quit\r',
  'noop\r',
  'top ',
  'dele ',
]

/** With what a client may begin, before it has logged in. */
const POP3_OPENINGS = ['user ', 'capa\r', 'apop ', 'auth\r', 'auth ']

/** The server has spoken first, and once: "+OK". */
function greetedByPop3({ ordinal, peerOrdinal, peer, peerLength }: Payload): boolean {
  return ordinal === 0 && peerOrdinal === 1 && peerLength >= 5 && startsWith(peer, 0, 5, '+OK')
}

/** It has greeted before, and what it answers is no answer: no client sends one. */
function goesOn({ ordinal, peer, peerLength, labelSoFar }: Payload): boolean {
  if (labelSoFar !== 'pop3' || ordinal === 0) return false
  return peerLength === 0 || (peer[0] !== PLUS && peer[0] !== MINUS)
}

/** Codes of RFC 2449 and RFC 3206 before the reason, or the name of the protocol. */
const REFUSAL = /^-ERR (\[(SYS\/TEMP|SYS\/PERM|AUTH|IN-USE|LOGIN-DELAY)\]|.*\bpop3?\b)/i

/** The first thing said: Redis speaks when it is asked, and refuses who comes too many. Its "+OK" has no text. */
function isGreeting({ bytes, start, ordinal, peerOrdinal }: Payload, line: string): boolean {
  if (ordinal > 0 || peerOrdinal > 0) return false
  return (bytes[start] === PLUS && bytes[start + 3] === SPACE) || REFUSAL.test(line)
}

/** "+OK" and "-ERR" are short, and Redis answers alike: weak, unless the greeting holds APOP's timestamp. */
function matchPop3(payload: Payload): number {
  if (!mayBeText(payload.bytes, payload.start, payload.end)) return NO_MATCH
  const { bytes, start, end } = payload
  if (bytes[start] === PLUS || bytes[start] === MINUS) {
    const ok = startsWith(bytes, start, end, '+OK')
    if (!ok && !startsWith(bytes, start, end, '-ERR')) return NO_MATCH
    if (!isLines(payload)) return NO_MATCH
    const line = lineText(bytes, start, end)
    if (ok && payload.ordinal === 0 && /<[^<>\s]+@[^<>\s]+>$/.test(line)) return STRONG | FROM_SERVER | MORE
    const named = ok && payload.ordinal === 0 && /pop3?\b/i.test(line)
    if (named) return STRONG | FROM_SERVER | MORE
    const near = PORTS_POP3.includes(payload.srcPort) || goesOn(payload)
    return near || isGreeting(payload, line) ? WEAK | FROM_SERVER | MORE : NO_MATCH
  }
  if (greetedByPop3(payload))
    for (const command of POP3_OPENINGS)
      if (startsWithAnyCase(bytes, start, end, command) && isLines(payload))
        return STRONG | FROM_CLIENT | MORE
  if (!PORTS_POP3.includes(payload.dstPort) && payload.labelSoFar !== 'pop3') return NO_MATCH
  for (const command of POP3_COMMANDS)
    if (startsWithAnyCase(bytes, start, end, command) && isLines(payload)) return WEAK | FROM_CLIENT | MORE
  return NO_MATCH
}

function matchPop3Upgrade(payload: Payload): number {
  const upgraded = matchUpgraded(payload, 'pop3')
  if (upgraded !== NO_MATCH) return upgraded
  if (!mayBeText(payload.bytes, payload.start, payload.end)) return NO_MATCH
  const { bytes, start, end, labelSoFar } = payload
  if (labelSoFar !== 'pop3' && !onPorts(payload, PORTS_POP3) && !greetedByPop3(payload)) return NO_MATCH
  return startsWithAnyCase(bytes, start, end, 'stls\r') ? STRONG | FROM_CLIENT | MORE : NO_MATCH
}

export const signatures: Signature[] = [
  plain({
    label: 'pop3',
    says: 'speaks POP3: +OK greeting and commands',
    ports: PORTS_POP3,
    firstBytes: bytesOf('+-ACDLNPQRSTU'),
    bits: ASCII,
    match: matchPop3,
  }),
  upgrade({
    label: 'pop3s',
    says: 'turns POP3 to TLS with STLS',
    ports: PORTS_POP3,
    firstBytes: [...bytesOf('S'), HANDSHAKE],
    bits: TEXT_OR_TLS,
    match: matchPop3Upgrade,
  }),
]
