/**
 * The live conversations of a component, and how far they reach together. A slot may hold as many as there are
 * conversations, and each packet changes one of them: a group is joined anew only after one of its members changed.
 *
 *   list       c c c c c c …        in no order that means anything
 *   levels[0]  reach  reach  …      of GROUP members each
 *   levels[1]  reach  …             of GROUP groups of the level above each
 *
 * The last level has GROUP groups at most; up to GROUP members need none.
 */
import type { Conversation } from './conversation.ts'
import { noReach, type Reach, reachOfOne, widen } from './reach.ts'

const GROUP_BITS = 4
const GROUP = 1 << GROUP_BITS

export class Members {
  private conversations: Conversation[]
  /** Undefined: a member of the group changed. */
  private whole: Reach | undefined
  private readonly levels: (Reach | undefined)[][] = []

  constructor(conversations: Conversation[] = []) {
    this.conversations = conversations
    this.addLevels()
  }

  get list(): readonly Conversation[] {
    return this.conversations
  }

  /** Returns the place of the new member. */
  add(c: Conversation): number {
    this.conversations = appended(this.conversations, c)
    this.addLevels()
    const position = this.conversations.length - 1
    this.touch(position)
    return position
  }

  /** The last member takes the place that becomes free. Returns it, whoever it is. */
  remove(position: number): Conversation {
    const last = this.conversations.pop() as Conversation
    this.touch(this.conversations.length)
    if (position < this.conversations.length) {
      this.conversations[position] = last
      this.touch(position)
    }
    return last
  }

  /** The member at the place has changed. */
  touch(position: number): void {
    this.whole = undefined
    const { levels } = this
    for (let i = 0, group = position >> GROUP_BITS; i < levels.length; i++, group >>= GROUP_BITS)
      levels[i][group] = undefined
  }

  reach(): Reach {
    this.whole ??= this.join(this.levels.length, 0)
    return this.whole
  }

  /** That of one group, counted among those of as many levels of groups below it. */
  private join(below: number, group: number): Reach {
    const reach = noReach()
    const parts = Math.ceil(this.conversations.length / GROUP ** below)
    for (let i = group * GROUP; i < Math.min((group + 1) * GROUP, parts); i++)
      widen(reach, this.part(below, i))
    return reach
  }

  private part(below: number, i: number): Reach {
    if (below === 0) return reachOfOne(this.conversations[i])
    const level = this.levels[below - 1]
    level[i] ??= this.join(below - 1, i)
    return level[i]
  }

  private addLevels(): void {
    while (this.conversations.length > GROUP ** (this.levels.length + 1)) this.levels.push([])
  }
}

/** The list with one more element. Nearly all hold one: an array literal has room for just that, a push for seventeen. */
export function appended<T>(list: T[], value: T): T[] {
  if (list.length === 0) return [value]
  list.push(value)
  return list
}
