/**
 * TeamViewer over TCP and UDP, and AnyDesk's search in the local network, by their command headers as seen on the
 * wire (no specification is public). AnyDesk's sessions are TLS and stay labelled so.
 */
import { PROTOCOL_TCP, PROTOCOL_UDP, readI32, readU16, readU16LE } from '../../../bytes.ts'
import { NO_MATCH, type Payload, type Signature, STRONG, WEAK } from '../../inspect/payload.ts'
import { onPort } from '../common/ports.ts'

const PORT_TEAMVIEWER = 5938
/** Two magics: commands, and data of a session. */
const MAGIC_COMMAND = 0x1724
const MAGIC_SESSION = 0x1130
/** Magic (2), command (1), then in commands the length at 3 (little endian), in sessions at 4. */
const COMMAND_LENGTH_AT = 3
const SESSION_LENGTH_AT = 4
const COMMAND_HEADER = 5
const SESSION_HEADER = 24

function matchTeamviewerTcp(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (end - start < COMMAND_HEADER + 1) return NO_MATCH
  const magic = readU16(bytes, start)
  const near = onPort(payload, PORT_TEAMVIEWER)
  if (magic === MAGIC_COMMAND) {
    const next = COMMAND_HEADER + readU16LE(bytes, start + COMMAND_LENGTH_AT)
    if (next === length) return STRONG
    const chained = next < length && start + next + 2 <= end && readU16(bytes, start + next) === MAGIC_COMMAND
    return chained ? STRONG : near ? WEAK : NO_MATCH
  }
  if (magic !== MAGIC_SESSION || end - start < SESSION_HEADER) return NO_MATCH
  if (SESSION_HEADER + readU16LE(bytes, start + SESSION_LENGTH_AT) === length) return STRONG
  return near ? WEAK : NO_MATCH
}

/** Eight zero bytes or a counter, three more, the command magic. */
const UDP_MAGIC_AT = 11
const UDP_HEADER = 16

function matchTeamviewerUdp(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (end - start < UDP_HEADER || readU16(bytes, start + UDP_MAGIC_AT) !== MAGIC_COMMAND) return NO_MATCH
  if (readI32(bytes, start) !== 0 || bytes[start + UDP_MAGIC_AT - 1] !== 3) return NO_MATCH
  return readU16LE(bytes, start + UDP_MAGIC_AT + COMMAND_LENGTH_AT) + UDP_HEADER === length ? STRONG : WEAK
}

/** 3e d1 01, own number (4), 0 (4), 2, system; to a multicast group. */
const PORT_ANYDESK_FIRST = 50001
const PORT_ANYDESK_LAST = 50003

function matchAnydesk(payload: Payload): number {
  const { bytes, start, end, dstPort } = payload
  if (dstPort < PORT_ANYDESK_FIRST || dstPort > PORT_ANYDESK_LAST || end - start < 16) return NO_MATCH
  if (bytes[start + 1] !== 0xd1 || bytes[start + 2] !== 1) return NO_MATCH
  return readI32(bytes, start + 7) === 0 ? STRONG : WEAK
}

export const signatures: Signature[] = [
  {
    label: 'teamviewer',
    says: 'consists of TeamViewer commands whose lengths fit',
    protocols: [PROTOCOL_TCP],
    ports: [PORT_TEAMVIEWER],
    firstBytes: [0x17, 0x11],
    match: matchTeamviewerTcp,
  },
  {
    label: 'teamviewer',
    says: 'carries a TeamViewer command at its place in a datagram',
    protocols: [PROTOCOL_UDP],
    ports: [PORT_TEAMVIEWER],
    firstBytes: [0],
    match: matchTeamviewerUdp,
  },
  {
    label: 'anydesk',
    says: 'is a search message of AnyDesk',
    protocols: [PROTOCOL_UDP],
    ports: [PORT_ANYDESK_FIRST, PORT_ANYDESK_FIRST + 1, PORT_ANYDESK_LAST],
    firstBytes: [0x3e],
    match: matchAnydesk,
  },
]
