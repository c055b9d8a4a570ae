/** The r-commands of BSD: rlogin (RFC 1282), rsh and rexec. */
import { FROM_CLIENT, NO_MATCH, type Payload, type Signature, STRONG, WEAK } from '../../inspect/payload.ts'
import { findByte } from '../common/byte-scan.ts'
import { TCP } from '../common/ports.ts'
import { digitRun, printableRun } from '../common/text-scan.ts'

const LONGEST_LINE = 512

const MAX_NAME = 64

/** Offset behind printable text and its NUL, or -1. */
function ended(bytes: Uint8Array, at: number, end: number): number {
  const nul = printableRun(bytes, at, Math.min(end, at + LONGEST_LINE))
  return nul < end && bytes[nul] === 0 ? nul + 1 : -1
}

/** RFC 1282: NUL, user there, user here, terminal with its speed, each ended by NUL; the packet is no longer. */
function rlogin({ bytes, start, end, length, ordinal }: Payload): number {
  if (ordinal > 0 || bytes[start] !== 0 || length > 4 * MAX_NAME || end - start < length) return NO_MATCH
  const remote = ended(bytes, start + 1, end)
  const terminal = remote < 0 ? -1 : ended(bytes, remote, end)
  if (terminal < 0 || ended(bytes, terminal, end) !== end) return NO_MATCH
  const slash = findByte(bytes, terminal, end, 0x2f)
  return slash > terminal && digitRun(bytes, slash + 1, end, 6) === end - 1 ? STRONG | FROM_CLIENT : NO_MATCH
}

/** rsh and rexec are alike, and told apart by port: a port or nothing, two names (or name and password), a command. */
function remoteShell({ bytes, start, end, length, ordinal }: Payload): number {
  if (ordinal > 1 || end - start < length || length > 1024) return NO_MATCH
  const digits = digitRun(bytes, start, end, 5)
  const nul = digits < 0 ? start : digits
  if (nul >= end || bytes[nul] !== 0) return NO_MATCH
  if (nul + 1 === end) return digits > 0 ? WEAK | FROM_CLIENT : NO_MATCH
  const second = ended(bytes, nul + 1, end)
  const command = second < 0 ? -1 : ended(bytes, second, end)
  return command > 0 && ended(bytes, command, end) === end ? WEAK | FROM_CLIENT : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'rlogin',
    says: 'is NUL, two names and a terminal with its speed, as rlogin begins',
    protocols: TCP,
    ports: [513],
    bits: { offset: 0, mask: 0xff808080 | 0, value: 0 },
    match: rlogin,
  },
  {
    label: 'rsh',
    says: 'is a port for errors, maybe two names and a command, to port 514',
    protocols: TCP,
    ports: [514],
    portsOnly: true,
    match: (payload) => (payload.dstPort === 514 ? remoteShell(payload) : NO_MATCH),
  },
  {
    label: 'rexec',
    says: 'is a port for errors, maybe a name, a password and a command, to port 512',
    protocols: TCP,
    ports: [512],
    portsOnly: true,
    match: (payload) => (payload.dstPort === 512 ? remoteShell(payload) : NO_MATCH),
  },
]
