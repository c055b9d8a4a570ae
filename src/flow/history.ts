/**
 * Zeek's connection history: one letter the first time a thing is seen, upper case from side a, lower case from
 * side b. Letters: S SYN, H SYN-ACK, A pure ACK, D payload, F FIN, R RST, T retransmitted payload, W zero window,
 * I FIN and RST at once, Q SYN with FIN or RST. Stored as 5-bit codes, six a word, with a bit set of what was seen.
 */
import * as row from './layout.ts'

export const HISTORY_SYN = 0
export const HISTORY_SYN_ACK = 1
export const HISTORY_ACK = 2
export const HISTORY_DATA = 3
export const HISTORY_FIN = 4
export const HISTORY_RST = 5
export const HISTORY_RETRANSMISSION = 6
export const HISTORY_ZERO_WINDOW = 7
export const HISTORY_MULTIPLE = 8
export const HISTORY_INCONSISTENT = 9

const LETTERS = 'SHADFRTWQI'
const LENGTH_MASK = 31
const SEEN_SHIFT = 5
const LETTERS_PER_WORD = 6
const LETTER_BITS = 5
const MAX_LETTERS = 18

/** Notes that `letter` was seen from `direction` (0: a), once. */
export function recordHistory(words: Int32Array, at: number, letter: number, direction: number): void {
  const state = words[at + row.HISTORY_LENGTH]
  const code = letter * 2 + direction
  const seen = 1 << (SEEN_SHIFT + code)
  if ((state & seen) !== 0) return
  const length = state & LENGTH_MASK
  if (length < MAX_LETTERS) {
    const word = at + row.HISTORY + ((length / LETTERS_PER_WORD) | 0)
    words[word] |= code << ((length % LETTERS_PER_WORD) * LETTER_BITS)
    words[at + row.HISTORY_LENGTH] = (state | seen) + 1
  } else words[at + row.HISTORY_LENGTH] = state | seen
}

/** Whether `letter` was seen from `direction`. */
export function inHistory(words: Int32Array, at: number, letter: number, direction: number): boolean {
  return (words[at + row.HISTORY_LENGTH] & (1 << (SEEN_SHIFT + letter * 2 + direction))) !== 0
}

/** Texts of short histories, by their words: few are common, and a text made anew has to be hashed anew. */
const texts = new Map<number, string>()
const MAX_TEXTS = 4096
const WORD_RANGE = 2 ** (LETTERS_PER_WORD * LETTER_BITS)
/** Letters that, with their number and the side, a double holds. */
const SHORT = 9

/** The history as text; `reversed`: side b is the client, so cases are swapped and Zeek's "^" leads. */
export function historyText(words: Int32Array, at: number, reversed: boolean): string {
  const length = words[at + row.HISTORY_LENGTH] & LENGTH_MASK
  if (length > SHORT) return spell(words, at, reversed)
  const letters = words[at + row.HISTORY] + words[at + row.HISTORY + 1] * WORD_RANGE
  const key = (letters * (SHORT + 1) + length) * 2 + (reversed ? 1 : 0)
  let text = texts.get(key)
  if (text === undefined) {
    text = spell(words, at, reversed)
    if (texts.size >= MAX_TEXTS) texts.clear()
    texts.set(key, text)
  }
  return text
}

function spell(words: Int32Array, at: number, reversed: boolean): string {
  const length = words[at + row.HISTORY_LENGTH] & LENGTH_MASK
  let text = reversed ? '^' : ''
  for (let i = 0; i < length; i++) {
    const word = words[at + row.HISTORY + ((i / LETTERS_PER_WORD) | 0)]
    const code = (word >>> ((i % LETTERS_PER_WORD) * LETTER_BITS)) & 31
    const letter = LETTERS[code >> 1]
    text += (code & 1) === (reversed ? 1 : 0) ? letter : letter.toLowerCase()
  }
  return text
}
