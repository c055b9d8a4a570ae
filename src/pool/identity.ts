/** Identifiers made from content: 16 hexadecimal digits. */
import { idText } from '../text.ts'

/** Identifiers remembered to find repeated contents, which come close together in time. */
const MAX_NAMES = 65_536

/** Makes identifiers unique: the first of equal contents gets the plain hash, later ones a numbered variant. */
export class Names {
  /** How many there are of each content, in the order in which they came up. */
  private readonly known = new Map<string, number>()
  /** Yields the oldest identifier next: a new iterator for each would have to skip all deleted ones. */
  private oldest = this.known.keys()
  private added = 0
  private readonly most: number

  constructor(most = MAX_NAMES) {
    this.most = most
  }

  next(content: string): string {
    const name = contentId(content)
    const before = this.known.get(name) ?? 0
    this.known.set(name, before + 1)
    // A Map grows by copying itself, and an old iterator keeps every copy alive: renew it now and then.
    if (before === 0 && ++this.added % this.most === 0) this.oldest = this.known.keys()
    if (this.known.size > this.most) this.known.delete(this.oldest.next().value as string)
    return before === 0 ? name : contentId(`${content} ${before + 1}`)
  }
}

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
