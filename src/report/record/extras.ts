/**
 * Extras of a flow as JSON fields, written straight into bytes: `,"tls":{"sni":"a.example","alpn":["h2"]}`. In: groups
 * of strings, numbers, flags and lists of them. Ask `extrasRoom` for room first. Lists are cut to MAX_LIST with a
 * `name_total` beside them; numbers are as json.ts writes them.
 */
import { MAX_LIST } from '../../bytes.ts'
import type { Extras, ExtrasText } from '../../types.ts'
import { numberText } from './json.ts'
import {
  createPen,
  createPiece,
  PEN_SLACK,
  type Pen,
  type Piece,
  putInteger,
  putPiece,
  putString,
  putText,
  stringRoom,
} from './pen.ts'

type Value = Extras[string][string]

/** Names a group of extras must not take. */
const TAKEN = new Set(
  (
    'type v flow_id continues community_id first_frame start end duration transport ip_proto src_ip src_port ' +
    'dst_ip dst_port orientation encapsulation icmp_type icmp_code conn_state history end_reason anomalies ' +
    'label certainty category evidence candidates registry hostname hostname_source process'
  ).split(' '),
)
/** A number, a flag, or a total with its punctuation. */
const PLAIN_ROOM = 32
const MAX_NAMES = 4096
/** Texts that are kept to be given again (a power of two), and how long they may be: a few megabytes at most. */
const RECENT_TEXTS = 4096
const LONGEST_RECENT = 1024
const MIX = 0x9e3779b1 | 0
const COMMA = 0x2c
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const BILLION = 1e9
const pieces = new Map<string, Piece>()
const isTrue = createPiece('true')
const isFalse = createPiece('false')

/** `"name":`, kept: names come from signatures, not from packets. */
function namePiece(name: string): Piece {
  let piece = pieces.get(name)
  if (piece === undefined) {
    if (pieces.size >= MAX_NAMES) pieces.clear()
    piece = createPiece(`${JSON.stringify(name)}:`)
    pieces.set(name, piece)
  }
  return piece
}

/** Room that `putExtras` may need. */
export function extrasRoom(extras: Extras): number {
  let room = 0
  for (const protocol in extras) {
    const group = extras[protocol]
    room += stringRoom(protocol) + PLAIN_ROOM
    for (const name in group) room += stringRoom(name) + valueRoom(group[name]) + PLAIN_ROOM
  }
  return room
}

function valueRoom(value: Value | undefined): number {
  if (typeof value === 'string') return stringRoom(value)
  if (!Array.isArray(value)) return PLAIN_ROOM
  // The total repeats the field's name.
  let room = PLAIN_ROOM + MAX_LIST
  const count = Math.min(value.length, MAX_LIST)
  for (let i = 0; i < count; i++) {
    const each = value[i]
    room += (typeof each === 'string' ? stringRoom(each) : PLAIN_ROOM) + 1
  }
  return value.length > MAX_LIST ? 2 * room : room
}

/** Each group as a field, with a comma before it. */
export function putExtras(pen: Pen, extras: Extras): void {
  for (const protocol in extras) {
    if (TAKEN.has(protocol)) continue
    const group = extras[protocol]
    pen.bytes[pen.at++] = COMMA
    putPiece(pen, namePiece(protocol))
    pen.bytes[pen.at++] = OPEN_BRACE
    const first = pen.at
    for (const name in group) {
      const value = group[name]
      if (value === undefined) continue
      if (pen.at > first) pen.bytes[pen.at++] = COMMA
      putPiece(pen, namePiece(name))
      if (Array.isArray(value)) putList(pen, name, value)
      else putPlain(pen, value)
    }
    pen.bytes[pen.at++] = CLOSE_BRACE
  }
}

/** Makes texts that `putExtrasText` puts: what `putExtras` would, each byte as a character. */
export function createExtrasText(): ExtrasText {
  let pen = createPen(4096)
  let bytes = Buffer.from(pen.bytes.buffer)
  const recent: (string | undefined)[] = new Array(RECENT_TEXTS).fill(undefined)

  /** Extras of many flows are equal (clients of one server, queries for one name): a cached text is reused. */
  function shared(): string {
    const place = hashOf(pen) & (RECENT_TEXTS - 1)
    const known = recent[place]
    if (known !== undefined && isText(known, pen)) return known
    const text = bytes.toString('latin1', 0, pen.at)
    recent[place] = text
    return text
  }

  return {
    of(extras) {
      const room = extrasRoom(extras) + PEN_SLACK
      if (pen.bytes.length < room) {
        pen = createPen(room)
        bytes = Buffer.from(pen.bytes.buffer)
      }
      pen.at = 0
      putExtras(pen, extras)
      return pen.at <= LONGEST_RECENT ? shared() : bytes.toString('latin1', 0, pen.at)
    },
    // The text goes on from what stands before it in a record: `,"tls":{…}`.
    read: (text) => JSON.parse(`{${Buffer.from(text.slice(1), 'latin1').toString()}}`),
  }
}

/** Of what the pen wrote, four bytes at a time and those that are left over. */
function hashOf({ view, at }: Pen): number {
  let hash = at
  let from = 0
  for (; from + 4 <= at; from += 4) hash = Math.imul(hash ^ view.getInt32(from, true), MIX) ^ (hash >>> 15)
  for (; from < at; from++) hash = Math.imul(hash ^ view.getUint8(from), MIX)
  return hash ^ (hash >>> 16)
}

function isText(text: string, { bytes, at }: Pen): boolean {
  if (text.length !== at) return false
  for (let i = 0; i < at; i++) if (text.charCodeAt(i) !== bytes[i]) return false
  return true
}

export function putExtrasText(pen: Pen, text: string): void {
  const { bytes } = pen
  let { at } = pen
  for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i)
  pen.at = at
}

function putPlain(pen: Pen, value: string | number | boolean): void {
  if (typeof value === 'string') putString(pen, value)
  else if (typeof value === 'boolean') putPiece(pen, value ? isTrue : isFalse)
  else if (value >= 0 && value < BILLION && Number.isInteger(value)) putInteger(pen, value)
  else putText(pen, numberText(value))
}

function putList(pen: Pen, name: string, list: readonly (string | number)[]): void {
  pen.bytes[pen.at++] = OPEN_BRACKET
  const count = Math.min(list.length, MAX_LIST)
  for (let i = 0; i < count; i++) {
    if (i > 0) pen.bytes[pen.at++] = COMMA
    putPlain(pen, list[i])
  }
  pen.bytes[pen.at++] = CLOSE_BRACKET
  if (count === list.length) return
  pen.bytes[pen.at++] = COMMA
  putPiece(pen, namePiece(`${name}_total`))
  putInteger(pen, list.length)
}
