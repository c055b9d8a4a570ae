/** Parts of signatures that match a fixed text or number: a magic number, a greeting, one of a few words. */
import { startsWith } from '../../../bytes.ts'
import { type BitTest, NO_MATCH, type Payload, type Signature, STRONG } from '../../inspect/payload.ts'

/** Texts of at least four characters, and the match result of a payload that starts with one. */
export type Beginnings = readonly (readonly [text: string, answer: number])[]

/** The match result of the first text that the payload starts with. */
export function answerTo({ bytes, start, end }: Payload, beginnings: Beginnings): number {
  for (let i = 0; i < beginnings.length; i++) {
    const beginning = beginnings[i]
    if (startsWith(bytes, start, end, beginning[0])) return beginning[1]
  }
  return NO_MATCH
}

/** `bits` and `match` of a signature whose payload starts with one of these texts. */
export function oneOf(beginnings: Beginnings): Pick<Signature, 'bits' | 'match'> {
  return { bits: bitsOfBeginnings(beginnings), match: (payload) => answerTo(payload, beginnings) }
}

/** The bit test for a text: its first four characters, at `offset`. */
export function bitsOf(text: string, offset = 0): BitTest {
  return { offset, mask: -1, value: wordOf(text) }
}

/** The bit test for any text: its first four characters are ASCII. */
export const ASCII: BitTest = { offset: 0, mask: 0x80808080 | 0, value: 0 }

/** The bit tests for several texts. */
export function bitsOfBeginnings(beginnings: Beginnings): BitTest[] {
  return bitsOfWords([...new Set(beginnings.map(([text]) => wordOf(text)))])
}

/** The bit tests for payloads whose first four bytes, big-endian and signed, are one of these under the mask. */
export function bitsOfWords(words: readonly number[], mask = -1): BitTest[] {
  return words.map((value) => ({ offset: 0, mask, value: value | 0 }))
}

/** The first four characters as a signed word. */
export function wordOf(text: string): number {
  return (
    (text.charCodeAt(0) << 24) | (text.charCodeAt(1) << 16) | (text.charCodeAt(2) << 8) | text.charCodeAt(3)
  )
}

/** A signature that is a fixed text at a fixed place. */
export interface Opening {
  label: string
  says: string
  protocols: readonly number[]
  ports?: readonly number[]
  /** At least four bytes, as Latin-1. */
  text: string
  /** Offset of the text, default 0; and, where it is not 0, the values of the first byte. */
  at?: number
  firstBytes?: readonly number[]
  /** Least length of such a message, in bytes. */
  least?: number
  /** FROM_CLIENT or FROM_SERVER where only that side sends it. */
  role?: number
}

export function opening(one: Opening): Signature {
  const { label, says, protocols, ports, firstBytes, text, at = 0, least = 0, role = 0 } = one
  const answer = STRONG | role
  return {
    label,
    says,
    protocols,
    ports,
    firstBytes,
    bits: bitsOf(text, at),
    match: ({ bytes, start, end, length }) =>
      length >= least && startsWith(bytes, start + at, end, text) ? answer : NO_MATCH,
  }
}
