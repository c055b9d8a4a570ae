/**
 * Many tests of four payload bytes as one question: does any of them pass? Tests at the same offset form a group. Of the
 * four bytes of a group one is looked up first: the one for which its tests accept the fewest values. Noise seldom has an
 * accepted value there, so that no test of the group is compared.
 *
 *   groups   four words a group, by ascending offset: offset of the four bytes, which of them is looked up first, first
 *            index of the group's tests, index behind its last
 *   values   1 at group number * BYTES + value where some test of the group accepts the value in that byte
 *   tests    mask and value of each test
 */
/** Where a payload lies. */
export interface Bounds {
  bytes: Uint8Array
  /** Of the same bytes. */
  view: DataView
  start: number
  end: number
}

export interface Screen {
  readonly groups: Int32Array
  readonly values: Uint8Array
  readonly tests: Int32Array
}

const BYTES = 256
const GROUP_WORDS = 4
/** Of what is screened, see dispatch.ts. */
const OFFSET = 2
const MASK = 3
const VALUE = 4

/** `words`: tests as in dispatch.ts; `of`: where those begin that are asked. */
export function createScreen(words: Int32Array, of: readonly number[]): Screen {
  const byOffset = new Map<number, number[]>()
  for (const at of of) {
    const pairs = byOffset.get(words[at + OFFSET])
    if (pairs === undefined) byOffset.set(words[at + OFFSET], [words[at + MASK], words[at + VALUE]])
    else pairs.push(words[at + MASK], words[at + VALUE])
  }
  const groups: number[] = []
  const tests: number[] = []
  const values = new Uint8Array(byOffset.size * BYTES)
  const ascending = [...byOffset].sort(([a], [b]) => a - b)
  for (const [number, [offset, pairs]] of ascending.entries()) {
    const taken = [0, 1, 2, 3].map((byte) => valuesTaken(pairs, byte))
    const sizes = taken.map((marks) => marks.reduce((sum, mark) => sum + mark, 0))
    const byte = sizes.indexOf(Math.min(...sizes))
    values.set(taken[byte], number * BYTES)
    groups.push(offset, byte, tests.length, tests.length + pairs.length)
    tests.push(...pairs)
  }
  return { groups: Int32Array.from(groups), values, tests: Int32Array.from(tests) }
}

/** 1 for each value of one of the four bytes that some test takes. `pairs`: masks and values. */
function valuesTaken(pairs: readonly number[], byte: number): Uint8Array {
  const shift = 24 - 8 * byte
  const taken = new Uint8Array(BYTES)
  for (let at = 0; at < pairs.length; at += 2) {
    const mask = (pairs[at] >>> shift) & 0xff
    const value = (pairs[at + 1] >>> shift) & 0xff
    for (let each = 0; each < BYTES; each++) if ((each & mask) === value) taken[each] = 1
  }
  return taken
}

/** Some test passes. */
export function passesScreen(
  { groups, values, tests }: Screen,
  { bytes, view, start, end }: Bounds,
): boolean {
  let first = 0
  for (let group = 0; group < groups.length; group = (group + GROUP_WORDS) | 0) {
    const from = (start + groups[group]) | 0
    if (from + 4 > end) return false
    if (values[first + bytes[from + groups[group + 1]]] === 1) {
      const word = view.getInt32(from)
      for (let at = groups[group + 2]; at < groups[group + 3]; at = (at + 2) | 0)
        if ((word & tests[at]) === tests[at + 1]) return true
    }
    first = (first + BYTES) | 0
  }
  return false
}
