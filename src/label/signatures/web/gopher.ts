/** Gopher (RFC 1436). */
import {
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  PREFIX_BYTES,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { findByte, firstBytesWhere } from '../common/byte-scan.ts'
import { TCP } from '../common/ports.ts'
import { digitRun, isDigit, isText, lineStop } from '../common/text-scan.ts'

const CR = 0x0d
const LF = 0x0a
const LONGEST_LINE = 512

const TAB = 0x09

/** Offset behind a line of a menu (kind and text, selector, host, port), or -1. */
function menuLine(bytes: Uint8Array, at: number, end: number): number {
  const line = lineStop(bytes, at, Math.min(end, at + LONGEST_LINE))
  if (line + 1 >= end || bytes[line] !== CR || bytes[line + 1] !== LF || !isText(bytes, at, line)) return -1
  const selector = findByte(bytes, at, line, TAB)
  const host = selector < 0 ? -1 : findByte(bytes, selector + 1, line, TAB)
  const port = host < 0 ? -1 : findByte(bytes, host + 1, line, TAB)
  const stop = port < 0 ? -1 : digitRun(bytes, port + 1, line, 5)
  return stop === line || (stop > 0 && bytes[stop] === TAB) ? line + 2 : -1
}

/** RFC 1436: a menu that answers a line; weak where the packet holds one of its lines only. */
function gopher({ bytes, start, end, peer, peerLength, ordinal }: Payload): number {
  if (ordinal > 0 || peerLength < 2) return NO_MATCH
  const asked = peerLength > PREFIX_BYTES || (peer[peerLength - 1] === LF && peer[peerLength - 2] === CR)
  const second = asked ? menuLine(bytes, start, end) : -1
  if (second < 0) return NO_MATCH
  return (menuLine(bytes, second, end) > 0 ? STRONG : WEAK) | FROM_SERVER
}

export const signatures: Signature[] = [
  {
    label: 'gopher',
    says: 'is a menu of gopher: lines of kind, selector, host and port',
    protocols: TCP,
    ports: [70],
    firstBytes: firstBytesWhere(
      (byte) => isDigit(byte) || '+TghiIs;dMpr'.includes(String.fromCharCode(byte)),
    ),
    match: gopher,
  },
]
