/** Names of what has none, made of its content: 16 hexadecimal digits. */
import { idText } from '../text.ts'

const FIRST_SEED = 0x9e3779b9 | 0
const SECOND_SEED = 0x51ed270b | 0
const FIRST_FACTOR = 0x85ebca6b | 0
const SECOND_FACTOR = 0xc2b2ae35 | 0

/** Hash of a text: equal on every machine, for naming things, not for security. */
export function contentId(text: string): string {
  let high = FIRST_SEED
  let low = SECOND_SEED
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    high = Math.imul(high ^ code, FIRST_FACTOR)
    high ^= high >>> 15
    low = Math.imul(low ^ code, SECOND_FACTOR)
    low ^= low >>> 13
  }
  return idText(scramble(high ^ (low << 7)), scramble(low ^ (high >>> 9)))
}

function scramble(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), FIRST_FACTOR)
  mixed = Math.imul(mixed ^ (mixed >>> 13), SECOND_FACTOR)
  return mixed ^ (mixed >>> 16)
}
