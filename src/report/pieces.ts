/** Caches of ready pieces. Each is bounded: a text cache starts afresh when it is full. */
import { addressText } from '../address.ts'
import { createPiece, type Piece } from './pen.ts'

const MAX_TEXTS = 8192
/** Longer texts are not kept. */
const MAX_TEXT_LENGTH = 256
const ADDRESS_SLOTS = 4096

/** `prefix` and the text, as JSON unless `write` says how. */
export function createTextPieces(
  prefix: string,
  write: (text: string) => string = JSON.stringify,
): (text: string) => Piece {
  const pieces = new Map<string, Piece>()
  return (text) => {
    const known = pieces.get(text)
    if (known !== undefined) return known
    const piece = createPiece(prefix + write(text))
    if (pieces.size >= MAX_TEXTS) pieces.clear()
    if (text.length <= MAX_TEXT_LENGTH) pieces.set(text, piece)
    return piece
  }
}

/**
 * Pieces of small objects, found by one of their texts and kept while `same` says that the rest is equal, too.
 * Works whether the objects are shared between flows or made anew for each.
 */
export function createObjectPieces<T>(
  keyOf: (value: T) => string,
  same: (known: T, value: T) => boolean,
  write: (value: T) => string,
): (value: T) => Piece {
  const pieces = new Map<string, { value: T; piece: Piece }>()
  return (value) => {
    const key = keyOf(value)
    const known = pieces.get(key)
    if (known !== undefined && same(known.value, value)) return known.piece
    const piece = createPiece(write(value))
    if (pieces.size >= MAX_TEXTS) pieces.clear()
    if (key.length <= MAX_TEXT_LENGTH) pieces.set(key, { value: { ...value }, piece })
    return piece
  }
}

/** IPv6 addresses as pieces, in a direct-mapped table. */
export function createAddressPieces() {
  const words = new Int32Array(ADDRESS_SLOTS * 4)
  const pieces = new Array<Piece | undefined>(ADDRESS_SLOTS).fill(undefined)

  function get(w0: number, w1: number, w2: number, w3: number): Piece {
    const mixed = Math.imul(w0 ^ Math.imul(w1, 0x9e3779b1) ^ Math.imul(w2, 0x85ebca6b) ^ w3, 0xc2b2ae35)
    const slot = (mixed ^ (mixed >>> 15)) & (ADDRESS_SLOTS - 1)
    const at = slot * 4
    const known = pieces[slot]
    if (
      known !== undefined &&
      words[at] === w0 &&
      words[at + 1] === w1 &&
      words[at + 2] === w2 &&
      words[at + 3] === w3
    ) {
      return known
    }
    words[at] = w0
    words[at + 1] = w1
    words[at + 2] = w2
    words[at + 3] = w3
    const piece = createPiece(addressText(6, w0, w1, w2, w3))
    pieces[slot] = piece
    return piece
  }

  return { get }
}
