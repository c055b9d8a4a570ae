/**
 * Safe reading of text protocols for the signatures in this folder: bytes and bounds in, positions and safe
 * strings out. Everything is bounded by `end`; a position of -1 means "not there". No function here throws, and
 * only those that return strings or objects allocate: call those after a match.
 */

import { MAX_PACKET_STRING } from '../../../bytes.ts'
import type { FieldsOf, ProtocolGroup } from '../../../protocol-fields.ts'
import { packetString } from '../../../text.ts'
import type { Payload } from '../../inspect/payload.ts'

export const CR = 0x0d
export const LF = 0x0a
export const SPACE = 0x20
const COLON = 0x3a
const TAB = 0x09
const CASE_BIT = 0x20

/** How far a header block is searched, in all and for the end of a line. */
const MAX_HEAD = 8192

/** The payload's extras group `name`, created on first use. */
export function extraGroup<Group extends ProtocolGroup>(payload: Payload, name: Group): FieldsOf<Group> {
  const extras = payload.extras()
  let group = extras[name]
  if (group === undefined) {
    group = {}
    extras[name] = group
  }
  return group as FieldsOf<Group>
}

/** Position of the first CR or LF in at..end-1, or -1. */
export function lineEnd(bytes: Uint8Array, at: number, end: number): number {
  for (let i = at; i < end; i++) if (bytes[i] === LF || bytes[i] === CR) return i
  return -1
}

/** Start of the line after `at`, or -1 when no line feed follows. */
export function nextLine(bytes: Uint8Array, at: number, end: number): number {
  const limit = Math.min(end, at + MAX_HEAD)
  for (let i = at; i < limit; i++) if (bytes[i] === LF) return i + 1
  return -1
}

/** Like findText of shape.ts, but ASCII letters match in either case; `text` is given in lower case and begins with a letter. */
export function findAnyCase(bytes: Uint8Array, at: number, end: number, text: string): number {
  const last = end - text.length
  const first = text.charCodeAt(0)
  for (let i = at; i <= last; i++)
    if ((bytes[i] | CASE_BIT) === first && startsWithAnyCase(bytes, i, end, text)) return i
  return -1
}

/** Like startsWith, but ASCII letters match in either case; `text` is given in lower case. */
export function startsWithAnyCase(bytes: Uint8Array, at: number, end: number, text: string): boolean {
  if (at + text.length > end) return false
  for (let i = 0; i < text.length; i++) {
    const byte = bytes[at + i]
    const lower = byte >= 0x41 && byte <= 0x5a ? byte | CASE_BIT : byte
    if (lower !== text.charCodeAt(i)) return false
  }
  return true
}

/**
 * Where the value of header `name` (lower case, without colon) starts, blanks skipped, or -1. `at` is the start
 * of the first header line; the search stops at the empty line.
 */
export function headerStart(bytes: Uint8Array, at: number, end: number, name: string): number {
  const limit = Math.min(end, at + MAX_HEAD)
  let line = at
  while (line >= 0 && line < limit) {
    if (bytes[line] === CR || bytes[line] === LF) return -1
    if (bytes[line + name.length] === COLON && startsWithAnyCase(bytes, line, end, name)) {
      let value = line + name.length + 1
      while (value < end && (bytes[value] === SPACE || bytes[value] === TAB)) value++
      return Math.min(value, end)
    }
    line = nextLine(bytes, line, end)
  }
  return -1
}

/** The value of header `name` as a safe string, or undefined when absent or empty. */
export function headerText(bytes: Uint8Array, at: number, end: number, name: string): string | undefined {
  const start = headerStart(bytes, at, end, name)
  // The start of a value is another value: of a line that was cut nothing is told.
  if (start < 0 || lineEnd(bytes, start, end) < 0) return undefined
  const text = lineText(bytes, start, end)
  return text === '' ? undefined : text
}

/** The rest of the line from `at` as a safe string, trailing blanks removed. */
export function lineText(bytes: Uint8Array, at: number, end: number): string {
  const stop = lineEnd(bytes, at, end)
  let last = stop < 0 ? end : stop
  while (last > at && (bytes[last - 1] === SPACE || bytes[last - 1] === TAB)) last--
  return packetString(bytes, at, last)
}

/** The three decimal digits at `at` (100..999) as a number, or -1. */
export function threeDigits(bytes: Uint8Array, at: number, end: number): number {
  if (at + 3 > end) return -1
  const hundreds = bytes[at] - 0x30
  const tens = bytes[at + 1] - 0x30
  const ones = bytes[at + 2] - 0x30
  if (hundreds < 1 || hundreds > 9 || tens < 0 || tens > 9 || ones < 0 || ones > 9) return -1
  return hundreds * 100 + tens * 10 + ones
}

/** The second and third byte are capital letters, as in every method's name: the quick no for binary protocols. */
export function mayBeMethod(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at < 8) return false
  const second = bytes[at + 1]
  const third = bytes[at + 2]
  return second >= 0x41 && second <= 0x5a && third >= 0x41 && third <= 0x5a
}

/** The second and third byte are printable: the quick no for binary protocols, where any text may follow. */
export function mayBeText(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at < 4) return false
  const second = bytes[at + 1]
  const third = bytes[at + 2]
  return second >= 0x20 && second < 0x7f && third >= 0x20 && third < 0x7f
}

/** True when at..end-1 holds no control characters but tab, CR and LF; bytes from 0x80 on pass as Latin-1 or UTF-8. */
export function isText(bytes: Uint8Array, at: number, end: number): boolean {
  for (let i = at; i < end; i++) {
    const byte = bytes[i]
    if (byte < 0x20 ? byte !== CR && byte !== LF && byte !== TAB : byte === 0x7f) return false
  }
  return true
}

const HOST_NAME = /^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/i

/** A name worth reporting as a host: letters, digits, dots; neither empty nor an address literal in brackets. */
export function looksLikeHost(name: string): boolean {
  return name.length > 0 && name.length <= 255 && HOST_NAME.test(name)
}

/**
 * A URL may hold a user and password before its host (RFC 3986 section 3.2.1): these are nobody's business. Where it was
 * cut before its path begins, or what stands for the port is no number, nobody knows what is what: the scheme remains.
 */
export function withoutUser(url: string, whole: boolean): string {
  const parts = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*)(.*)$/i.exec(url)
  if (parts === null) return url
  const [, scheme, authority, rest] = parts
  const host = hostOf(authority)
  const unclear = (rest === '' && (!whole || mayBeCut(url))) || !/^(\[[^\]]*\]|[^:]*)(:\d*)?$/.test(host)
  return unclear ? scheme : scheme + host + rest
}

/** Host and port of an authority, as Host and CONNECT hold it, too: nothing where what is there may be the password's. */
export function hostOf(authority: string): string {
  if (mayBeCut(authority)) return ''
  return authority.slice(authority.lastIndexOf('@') + 1)
}

/** The host, without its port, that an HTTP request names. */
export function nameServer(payload: Payload, host: string): void {
  const name = host.replace(/:\d{1,5}$/, '')
  if (looksLikeHost(name)) payload.hostname(name, 'http')
}

/** As long as packetString leaves a longer text: less what it does not cut in two, of four bytes at most. */
function mayBeCut(text: string): boolean {
  return text.length > MAX_PACKET_STRING / 4 && Buffer.byteLength(text) > MAX_PACKET_STRING - 4
}
