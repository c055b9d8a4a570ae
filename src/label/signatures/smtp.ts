/** SMTP (RFC 5321) and its upgrade to TLS in mid-flow (RFC 3207), after which the label is smtps. */
import {
  FROM_CLIENT,
  FROM_SERVER,
  MORE,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../payload.ts'
import { bytesOf, HANDSHAKE, isLines, matchUpgraded, onPorts, PORT_SMTPS, plain, upgrade } from './mail.ts'
import * as reader from './reader.ts'

const PORTS_SMTP = [25, 587, 2525]

const SMTP_COMMANDS = ['mail from:', 'rcpt to:', 'vrfy ', 'auth login', 'auth plain']

function matchSmtp(payload: Payload): number {
  if (!reader.mayBeText(payload.bytes, payload.start, payload.end)) return NO_MATCH
  const { bytes, start, end, srcPort, dstPort } = payload
  const first = bytes[start]
  if (first >= 0x30 && first <= 0x39) return matchSmtpReply(payload)
  if (isHello(bytes, start, end) && isLines(payload)) {
    const extra = reader.extraGroup(payload, 'smtp')
    extra.helo = reader.lineText(bytes, start + 5, end)
    return STRONG | FROM_CLIENT | MORE
  }
  for (const command of SMTP_COMMANDS)
    if (reader.startsWithAnyCase(bytes, start, end, command)) return STRONG | FROM_CLIENT | MORE
  if (!PORTS_SMTP.includes(dstPort) || PORTS_SMTP.includes(srcPort) || !isLines(payload)) return NO_MATCH
  const weak =
    reader.startsWithAnyCase(bytes, start, end, 'quit\r') ||
    reader.startsWithAnyCase(bytes, start, end, 'rset\r')
  return weak ? WEAK | FROM_CLIENT | MORE : NO_MATCH
}

function isHello(bytes: Uint8Array, start: number, end: number): boolean {
  return (
    reader.startsWithAnyCase(bytes, start, end, 'ehlo ') ||
    reader.startsWithAnyCase(bytes, start, end, 'helo ') ||
    reader.startsWithAnyCase(bytes, start, end, 'lhlo ')
  )
}

/** "220 name ESMTP …": FTP greets with 220 too, so the name of the protocol or its port is asked for. */
function matchSmtpReply(payload: Payload): number {
  const { bytes, start, end, srcPort } = payload
  const code = reader.threeDigits(bytes, start, end)
  if (code < 200 || start + 4 > end || (bytes[start + 3] !== reader.SPACE && bytes[start + 3] !== 0x2d))
    return NO_MATCH
  if (!isLines(payload)) return NO_MATCH
  const named = reader.findText(bytes, start, Math.min(end, start + 256), 'SMTP') >= 0
  const onPort = PORTS_SMTP.includes(srcPort)
  if (code === 220 && named) {
    const extra = reader.extraGroup(payload, 'smtp')
    if (extra.greeting === undefined) extra.greeting = reader.lineText(bytes, start + 4, end)
    nameServer(payload)
    return STRONG | FROM_SERVER | MORE
  }
  if (!onPort && payload.labelSoFar !== 'smtp') return NO_MATCH
  return code === 220 || code === 250 || code === 354 || code === 421 || code >= 450
    ? WEAK | FROM_SERVER | MORE
    : NO_MATCH
}

/** RFC 5321 section 4.2: the greeting begins with the server's domain. */
function nameServer(payload: Payload): void {
  const { bytes, start, end } = payload
  const [name] = reader.lineText(bytes, start + 4, end).split(' ')
  if (name.includes('.') && reader.looksLikeHost(name)) payload.hostname(name, 'smtp')
}

function matchSmtpUpgrade(payload: Payload): number {
  const upgraded = matchUpgraded(payload, 'smtp')
  if (upgraded !== NO_MATCH) return upgraded
  if (!reader.mayBeText(payload.bytes, payload.start, payload.end)) return NO_MATCH
  const { bytes, start, end, labelSoFar } = payload
  if (labelSoFar !== 'smtp' && !onPorts(payload, PORTS_SMTP)) return NO_MATCH
  return reader.startsWithAnyCase(bytes, start, end, 'starttls\r') ? STRONG | FROM_CLIENT | MORE : NO_MATCH
}

export const signatures: Signature[] = [
  plain({
    label: 'smtp',
    says: 'speaks SMTP: a greeting that names it, EHLO, or MAIL FROM',
    ports: PORTS_SMTP,
    firstBytes: bytesOf('2345AEHLMQRV'),
    match: matchSmtp,
  }),
  upgrade({
    label: 'smtps',
    says: 'turns SMTP to TLS with STARTTLS',
    ports: [...PORTS_SMTP, PORT_SMTPS],
    firstBytes: [...bytesOf('S'), HANDSHAKE],
    match: matchSmtpUpgrade,
  }),
]
