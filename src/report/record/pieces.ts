/** Caches of ready pieces. Each is bounded: a text cache starts afresh when it is full. */
import { addressText } from '../../address.ts'
import type { Verdict } from '../../types.ts'
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

/** Pieces of verdicts; those of verdicts that many flows share are kept. */
export function createVerdictPieces(write: (verdict: Verdict) => string): (verdict: Verdict) => Piece {
  const pieces = new Map<Verdict, Piece>()
  return (verdict) => {
    const known = pieces.get(verdict)
    if (known !== undefined) return known
    const piece = createPiece(write(verdict))
    if (pieces.size >= MAX_TEXTS) pieces.clear()
    if (verdict.shared === true) pieces.set(verdict, piece)
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
