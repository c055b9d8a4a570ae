/**
 * HPACK (RFC 7541), as far as the first header block of a connection's direction needs it: its dynamic table is empty
 * before. In: the block's bytes. Out: its fields in order, up to where the block is cut or wrong. Bounded: a block
 * gives at most MAX_FIELDS fields, and what it holds cannot grow to more than 8/5 of it.
 */
import { packetString } from '../../../text.ts'
import { HUFFMAN_LENGTHS, STATIC_TABLE } from './hpack.data.ts'

export interface HeaderField {
  /** In lower case, as RFC 9113 section 8.2.1 demands; a safe string. */
  name: string
  /** A safe string. */
  value: string
}

const MAX_FIELDS = 128

/** Section 6: what a field's first bits say. */
const INDEXED = 0x80
const INDEXED_BITS = 7
const INCREMENTAL = 0x40
const INCREMENTAL_BITS = 6
const SIZE_UPDATE = 0x20
const SIZE_UPDATE_BITS = 5
const LITERAL_BITS = 4

/** Section 5.2 */
const HUFFMAN = 0x80
const LENGTH_BITS = 7
/** Section 5.1: five more bytes than the prefix exceed what any length here can be. */
const MAX_SHIFT = 21

/** RFC 9113 section 6.5.2, and RFC 7541 section 4.1. */
const DEFAULT_TABLE_BYTES = 4096
const ENTRY_BYTES = 32

interface Cursor {
  bytes: Uint8Array
  at: number
  end: number
}

/** A field with the bytes it counts for in the dynamic table, and those of its name. */
interface Entry extends HeaderField {
  size: number
  nameBytes: number
}

interface Table {
  /** The newest first. */
  entries: Entry[]
  size: number
  limit: number
}

/** The fields of the block bytes[start] .. bytes[end - 1]. */
export function headerFields(bytes: Uint8Array, start: number, end: number): HeaderField[] {
  const cursor: Cursor = { bytes, at: start, end }
  const table: Table = { entries: [], size: 0, limit: DEFAULT_TABLE_BYTES }
  const fields: HeaderField[] = []
  while (cursor.at < end && fields.length < MAX_FIELDS) {
    if ((bytes[cursor.at] & 0xe0) === SIZE_UPDATE) {
      const limit = readInteger(cursor, SIZE_UPDATE_BITS)
      if (limit < 0) break
      table.limit = limit
      evict(table)
      continue
    }
    const field = readField(cursor, table)
    if (field === undefined) break
    fields.push(field)
  }
  return fields
}

function readField(cursor: Cursor, table: Table): Entry | undefined {
  const first = cursor.bytes[cursor.at]
  if ((first & INDEXED) !== 0) return entryAt(table, readInteger(cursor, INDEXED_BITS))
  const kept = (first & INCREMENTAL) !== 0
  const index = readInteger(cursor, kept ? INCREMENTAL_BITS : LITERAL_BITS)
  const name = index === 0 ? readString(cursor) : nameAt(table, index)
  if (name === undefined) return undefined
  const value = readString(cursor)
  if (value === undefined) return undefined
  const size = name.bytes + value.bytes + ENTRY_BYTES
  const entry = { name: name.text, value: value.text, size, nameBytes: name.bytes }
  if (kept) {
    table.entries.unshift(entry)
    table.size += entry.size
    evict(table)
  }
  return entry
}

/** Section 2.3.3: indices count from 1, the static table's first. */
function entryAt(table: Table, index: number): Entry | undefined {
  if (index <= 0) return undefined
  if (index > STATIC_TABLE.length) return table.entries[index - STATIC_TABLE.length - 1]
  const [name, value] = STATIC_TABLE[index - 1]
  return { name, value, size: name.length + value.length + ENTRY_BYTES, nameBytes: name.length }
}

function nameAt(table: Table, index: number): Text | undefined {
  const entry = entryAt(table, index)
  return entry === undefined ? undefined : { text: entry.name, bytes: entry.nameBytes }
}

function evict(table: Table): void {
  while (table.size > table.limit) {
    const oldest = table.entries.pop()
    table.size = oldest === undefined ? 0 : table.size - oldest.size
    if (oldest === undefined) return
  }
}

/** Section 5.1; -1 where the bytes end before it does, or it is larger than any length here. */
function readInteger(cursor: Cursor, bits: number): number {
  const { bytes, end } = cursor
  const greatest = (1 << bits) - 1
  let value = bytes[cursor.at++] & greatest
  if (value < greatest) return value
  for (let shift = 0; shift <= MAX_SHIFT; shift += 7) {
    if (cursor.at >= end) return -1
    const byte = bytes[cursor.at++]
    value += (byte & 0x7f) << shift
    if ((byte & 0x80) === 0) return value
  }
  return -1
}

interface Text {
  text: string
  /** Its length before anything was escaped. */
  bytes: number
}

function readString(cursor: Cursor): Text | undefined {
  const { bytes, end } = cursor
  if (cursor.at >= end) return undefined
  const huffman = (bytes[cursor.at] & HUFFMAN) !== 0
  const length = readInteger(cursor, LENGTH_BITS)
  const start = cursor.at
  if (length < 0 || start + length > end) return undefined
  cursor.at = start + length
  if (!huffman) return { text: packetString(bytes, start, cursor.at), bytes: length }
  const plain = huffmanDecoded(bytes, start, cursor.at)
  return plain && { text: packetString(plain, 0, plain.length), bytes: plain.length }
}

// ------------------------------------------------------------ Huffman code (section 5.2, appendix B)

const SHORTEST = 5
const LONGEST = 30
const END_OF_STRING = 256
const MAX_PADDING = 7

/** The symbols in the order of their codes; by length: its first code, and where that one's symbol stands. */
const SYMBOLS = [...HUFFMAN_LENGTHS.keys()].sort((a, b) => HUFFMAN_LENGTHS[a] - HUFFMAN_LENGTHS[b] || a - b)
const FIRST_CODES = new Int32Array(LONGEST + 2)
const FIRST_SYMBOLS = new Int32Array(LONGEST + 2)
for (let length = SHORTEST; length <= LONGEST; length++) {
  const count = HUFFMAN_LENGTHS.filter((each) => each === length).length
  FIRST_CODES[length + 1] = (FIRST_CODES[length] + count) << 1
  FIRST_SYMBOLS[length + 1] = FIRST_SYMBOLS[length] + count
}

/** Undefined where the bits are no such text: they end in the middle of a symbol that is no padding. */
function huffmanDecoded(bytes: Uint8Array, start: number, end: number): Uint8Array | undefined {
  const plain = new Uint8Array(Math.floor(((end - start) * 8) / SHORTEST))
  let count = 0
  let code = 0
  let length = 0
  for (let bit = start * 8; bit < end * 8; bit++) {
    code = (code << 1) | ((bytes[bit >> 3] >> (7 - (bit & 7))) & 1)
    length++
    if (length > LONGEST) return undefined
    const beyond = code - FIRST_CODES[length]
    if (length < SHORTEST || beyond >= FIRST_SYMBOLS[length + 1] - FIRST_SYMBOLS[length]) continue
    const symbol = SYMBOLS[FIRST_SYMBOLS[length] + beyond]
    if (symbol === END_OF_STRING) return undefined
    plain[count++] = symbol
    code = 0
    length = 0
  }
  const padded = length <= MAX_PADDING && code === (1 << length) - 1
  return padded ? plain.subarray(0, count) : undefined
}
