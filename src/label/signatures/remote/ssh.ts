/** SSH: the identification string both sides send first (RFC 4253 section 4.2), and the key exchange that follows. */
import { PROTOCOL_TCP, readU32, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { extraGroup } from '../common/extras.ts'
import { lineEnd, lineText } from '../common/text-scan.ts'

const PORT_SSH = 22
const MAX_LINE = 255
/** Version and software. */
const IDENTIFICATION = /^SSH-([^-]*)-?(.*)/
/** Of a server that speaks 2.0 and what was before it (RFC 4253 section 5.1): which, the client says. */
const BOTH_VERSIONS = '1.99'

function matchSsh(payload: Payload): number {
  const { bytes, start, end, srcPort, dstPort, direction } = payload
  if (!startsWith(bytes, start, end, 'SSH-1.') && !startsWith(bytes, start, end, 'SSH-2.')) return NO_MATCH
  // The banner does not say which side sends it; elsewhere than on SSH's port, who opened the flow is the client.
  const fromServer = srcPort === PORT_SSH || (dstPort !== PORT_SSH && direction === 1)
  // The start of a version is another version: of a banner that was cut nothing is told.
  if (lineEnd(bytes, start, Math.min(end, start + MAX_LINE)) >= 0) reportBanner(payload, fromServer)
  if (srcPort !== PORT_SSH && dstPort !== PORT_SSH) return STRONG
  return fromServer ? STRONG | FROM_SERVER : STRONG | FROM_CLIENT
}

function reportBanner(payload: Payload, fromServer: boolean): void {
  const { bytes, start, end } = payload
  const [, version = '', software = ''] = IDENTIFICATION.exec(lineText(bytes, start, end)) ?? []
  const extra = extraGroup(payload, 'ssh')
  if (extra.version === undefined || version !== BOTH_VERSIONS) extra.version = version
  if (software !== '') extra[fromServer ? 'server' : 'client'] = software
}

/** RFC 4253 sections 6 and 7.1: length (4), padding (1), KEXINIT, cookie (16), names of key exchanges behind their length. */
const KEY_EXCHANGE_INIT = 20
const MESSAGE_AT = 5
const NAMES_AT = 22
const NAMES_CHECKED = 20
const MAX_PACKET = 35_000

/** The first packet after the identification strings, where these were not captured. */
function matchKeyExchange(payload: Payload): number {
  const { bytes, start, end } = payload
  const text = start + NAMES_AT + 4
  if (text + NAMES_CHECKED > end || bytes[start + MESSAGE_AT] !== KEY_EXCHANGE_INIT) return NO_MATCH
  const length = readU32(bytes, start)
  const names = readU32(bytes, start + NAMES_AT)
  if (length > MAX_PACKET || names < NAMES_CHECKED || names + NAMES_AT > length) return NO_MATCH
  for (let at = text; at < text + NAMES_CHECKED; at++)
    if (bytes[at] < 0x2c || bytes[at] > 0x7a) return NO_MATCH
  return STRONG
}

export const signatures: Signature[] = [
  {
    label: 'ssh',
    says: 'starts with an SSH identification string',
    protocols: [PROTOCOL_TCP],
    ports: [PORT_SSH],
    firstBytes: [0x53],
    match: matchSsh,
  },
  {
    label: 'ssh',
    says: 'offers SSH key exchanges by name, in a packet whose lengths fit',
    protocols: [PROTOCOL_TCP],
    ports: [PORT_SSH],
    firstBytes: [0],
    // The names take less than 65,536 bytes.
    bits: { offset: NAMES_AT, mask: 0xffff0000 | 0, value: 0 },
    match: matchKeyExchange,
  },
]
