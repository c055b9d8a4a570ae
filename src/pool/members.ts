/**
 * The live conversations of a component, and how far they reach together. There may be as many as there are
 * conversations at all, and each packet changes one of them: a group is joined anew only after a member of it changed.
 *
 *   list       c c c c c c …
 *   levels[0]  reach  reach  …   of GROUP members each
 *   levels[1]  reach  …          of GROUP groups each
 *   whole      reach             of the last level, which has GROUP groups at most; of the list if that has no more
 */
import { noReach, type Presence, type Reach, reachOfOne, widen } from './reach.ts'

const GROUP_BITS = 4
const GROUP = 1 << GROUP_BITS

export class Members<T extends Presence> {
  private conversations: T[]
  /** Undefined where a member changed since. */
  private readonly levels: (Reach | undefined)[][] = []
  private whole: Reach | undefined

  constructor(conversations: T[] = []) {
    this.conversations = conversations
    this.addLevels()
  }

  get list(): readonly T[] {
    return this.conversations
  }

  /** Returns the place of the new member. */
  add(c: T): number {
    this.conversations = appended(this.conversations, c)
    this.addLevels()
    const position = this.conversations.length - 1
    this.touch(position)
    return position
  }

  /** The last member takes the place that becomes free. Returns it, whoever it is. */
  remove(position: number): T {
    const last = this.conversations.pop() as T
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

  /** Joins a group, which has so many levels below it. */
  private join(below: number, group: number): Reach {
    const reach = noReach()
    const parts = Math.ceil(this.conversations.length / GROUP ** below)
    const end = Math.min((group + 1) * GROUP, parts)
    for (let i = group * GROUP; i < end; i++) widen(reach, this.part(below, i))
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
