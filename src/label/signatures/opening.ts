/** Signatures that a fixed text at a fixed place makes: a magic, or a greeting. */
import { startsWith } from '../../bytes.ts'
import { type BitTest, NO_MATCH, type Signature, STRONG } from '../payload.ts'

export interface Opening {
  label: string
  says: string
  protocols: readonly number[]
  ports?: readonly number[]
  /** At least four bytes, as Latin-1. */
  text: string
  /** Where it stands, and what the first byte is where that is not 0. */
  at?: number
  firstBytes?: readonly number[]
  /** Bytes that such a message has at least. */
  least?: number
  /** FROM_CLIENT or FROM_SERVER where only that side says so. */
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

/** The first four bytes of `text` at `offset`. */
export function bitsOf(text: string, offset = 0): BitTest {
  const value = Buffer.from(text, 'latin1').readInt32BE(0)
  return { offset, mask: 0xffffffff, value }
}
