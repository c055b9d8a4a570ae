/** Names of what has none, made of its content: 16 hexadecimal digits. */
import { idText } from '../text.ts'

/** Names that are remembered; those that could come twice lie near each other. */
const MAX_NAMES = 65_536

/** Unlike names of what has the same content: whatever is named first has the name that it would have alone. */
export class Names {
  /** How many there are of each content, in the order in which they came up. */
  private readonly known = new Map<string, number>()
  /** It stands at the name that came up first, past all that went before; a new one for every name would pass over them. */
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
    // A Map grows by copying itself, and an iterator that rests holds every copy since.
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
