/** Version control: Git and Subversion, each over its own protocol. */
import { startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  PREFIX_BYTES,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { findByte } from '../common/byte-scan.ts'
import { setExtraText } from '../common/extras.ts'
import { TCP } from '../common/ports.ts'
import { findText, printableRun } from '../common/text-scan.ts'

const SERVICES = ['git-upload-pack ', 'git-receive-pack ', 'git-upload-archive ']

/** Value of the four hexadecimal digits of a pkt-line, or -1. */
function pktLength(bytes: Uint8Array, at: number): number {
  let value = 0
  for (let i = at; i < at + 4; i++) {
    const byte = bytes[i]
    const digit = byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : byte >= 0x61 && byte <= 0x66 ? byte - 0x57 : -1
    if (digit < 0) return -1
    value = value * 16 + digit
  }
  return value
}

/** What the server has, where the request was not captured: an object's id of 40 digits and a name, or its version. */
function isAdvertisement({ bytes, start, end }: Payload): boolean {
  if (startsWith(bytes, start, end, '000eversion ')) return true
  const id = start + 4
  if (id + 41 > end || bytes[id + 40] !== 0x20) return false
  for (let at = id; at < id + 40; at += 4) if (pktLength(bytes, at) < 0) return false
  return true
}

/** Position of a request's service (path and NUL behind it): behind the pkt-line's length, or where that went ahead. */
function servicePath({ bytes, start, end, previous, previousLength, length }: Payload): number {
  const ahead = previousLength === 4 && pktLength(previous, 0) === length + 4
  const size = pktLength(bytes, start)
  if (!ahead && (size < 5 || size > length)) return -1
  const at = ahead ? start : start + 4
  for (let i = 0; i < SERVICES.length; i++)
    if (startsWith(bytes, at, end, SERVICES[i])) return at + SERVICES[i].length
  return -1
}

/** The other side has asked for a service, with the pkt-line's length before it or in a segment of its own. */
function isAsked({ peer, peerLength }: Payload): boolean {
  if (peerLength < PREFIX_BYTES) return false
  return SERVICES.some(
    (service) =>
      startsWith(peer, 0, PREFIX_BYTES, service.slice(0, PREFIX_BYTES)) ||
      (pktLength(peer, 0) > 4 && startsWith(peer, 4, PREFIX_BYTES, service.slice(0, PREFIX_BYTES - 4))),
  )
}

/** Git protocol: pkt-line length, service, path, NUL, host=…; the answer is a pkt-line that starts with an object id. */
function git(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 12) return NO_MATCH
  const path = servicePath(payload)
  if (path >= 0) {
    const stop = findByte(bytes, path, end, 0)
    if (stop > 0) setExtraText(payload, 'git', 'path', [path, stop])
    return STRONG | FROM_CLIENT
  }
  const length = pktLength(bytes, start)
  if (length < 5 || length > payload.length) return NO_MATCH
  if (isAdvertisement(payload)) return STRONG | FROM_SERVER
  if (!isAsked(payload)) return NO_MATCH
  return printableRun(bytes, start + 4, start + 12) === start + 12 ? STRONG | FROM_SERVER : NO_MATCH
}

/** ra_svn: the server's greeting lists versions and capabilities, the client answers with its own. */
function svn(payload: Payload): number {
  const { bytes, start, end } = payload
  if (startsWith(bytes, start, end, '( success ( ')) {
    return findText(bytes, start, Math.min(end, start + 120), 'edit-pipeline') >= 0 || payload.ordinal === 0
      ? STRONG | FROM_SERVER
      : NO_MATCH
  }
  if (!startsWith(bytes, start, end, '( 2 ( ')) return NO_MATCH
  // The client names its capabilities and the repository, a URL whose scheme starts with svn.
  return findText(bytes, start, Math.min(end, start + 300), ':svn') >= 0 ? STRONG | FROM_CLIENT : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'git',
    says: 'is a git pkt-line that asks for a service, or the answer to it',
    protocols: TCP,
    ports: [9418],
    firstBytes: [0x30, 0x67],
    match: git,
  },
  {
    label: 'svn',
    says: 'is a Subversion greeting or its answer',
    protocols: TCP,
    ports: [3690],
    firstBytes: [0x28],
    match: svn,
  },
]
