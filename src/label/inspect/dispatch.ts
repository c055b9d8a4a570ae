/**
 * Which signatures to try on a payload: lists by label, by port hint and by first byte for each IP protocol, in the
 * order in which the signatures were registered. Built once, flat and small, so that it stays in the first-level cache:
 * it is read for every inspected packet. A list is an index into `lists`, where each item names a test, up to END; a test
 * is five words.
 *
 *   word 0   signature
 *   word 1   payload packets of a direction it wants to see
 *   word 2   offset of four bytes, big-endian, that under
 *   word 3   this mask (0: nothing to compare)
 *   word 4   must have this value
 *
 * A signature with several `bits` has a test for each. Where an item has CHECK_FIRST, the payload's first byte must still
 * be looked up in `accepts`.
 */
import type { BitTest, Signature } from './payload.ts'

/** Payload packets of each direction that are tried without a hint. */
export const DEFAULT_DEPTH = 3
/** Values of a byte. */
export const BYTES = 256
/** Words of a test. */
export const TEST_WORDS = 5
/** The list is over. */
export const END = 0xffff
/** Flag of an item, beside the number of the test: `accepts` decides on the first byte. */
export const CHECK_FIRST = 0x8000
const TEST_MASK = 0x7fff
const MAX_DEPTH = 255
/** The list without tests. */
export const EMPTY_LIST = 0
const PORTS = 0x10000
/** Evidence stores an index in 12 bits. */
const MAX_SIGNATURES = 4095

/** Lists of the signatures of one IP protocol. */
export interface ProtocolTable {
  /** By port. */
  readonly ofPort: Int32Array
  /** A bit for each port with a list: small enough for the first-level cache, unlike `ofPort`. */
  readonly listedPorts: Int32Array
  /** By first payload byte. */
  readonly ofFirstByte: Int32Array
  /** Those with the same label, by signature index. */
  readonly ofLabel: Int32Array
}

export interface Dispatch {
  readonly signatures: readonly Signature[]
  /** By signature index. */
  readonly matchers: readonly Signature['match'][]
  /** Payload packets of a direction that some signature of the same label wants to see, by signature index. */
  readonly labelDepths: Uint8Array
  readonly lists: Uint16Array
  readonly tests: Int32Array
  /** 1 at signature index * BYTES + first byte where the signature may match. */
  readonly accepts: Uint8Array
  /** By protocol number; undefined where no signature applies. */
  readonly tables: readonly (ProtocolTable | undefined)[]
}

export function createDispatch(signatures: readonly Signature[]): Dispatch {
  if (signatures.length > MAX_SIGNATURES) throw new RangeError(`more than ${MAX_SIGNATURES} signatures`)
  const tests = createTests(signatures)
  const lists = createLists(tests, signatures)
  const tables: (ProtocolTable | undefined)[] = new Array(256).fill(undefined)
  const byProtocol = new Map<number, number[]>()
  signatures.forEach(({ protocols }, index) => {
    for (const number of protocols) append(byProtocol, number, index)
  })
  for (const [number, indices] of byProtocol) tables[number] = createTable(signatures, indices, lists)
  return {
    signatures,
    matchers: signatures.map(({ match }) => match),
    labelDepths: labelDepths(signatures),
    lists: lists.items(),
    tests,
    accepts: acceptTable(signatures),
    tables,
  }
}

/** Where the payload lies. */
interface Bounds {
  view: DataView
  start: number
  end: number
}

/**
 * The first item from `item` on whose four bytes are as wanted, -1 at the end of the list. On its own, and in 32 bits,
 * because no other loop of the inspector runs as often.
 */
export function nextPassed({ lists, tests }: Dispatch, item: number, { view, start, end }: Bounds): number {
  for (; lists[item] !== END; item = (item + 1) | 0) {
    const test = wordsOf(lists[item])
    const mask = tests[test + 3]
    if (mask === 0) return item
    const from = (start + tests[test + 2]) | 0
    if (from + 4 <= end && (view.getInt32(from) & mask) === tests[test + 4]) return item
  }
  return -1
}

/** Where the words of an item's test begin. */
export function wordsOf(item: number): number {
  return Math.imul(item & TEST_MASK, TEST_WORDS)
}

/** Some signature has the port as a hint. */
export function isListed({ listedPorts }: ProtocolTable, port: number): boolean {
  return ((listedPorts[port >>> 5] >>> (port & 31)) & 1) !== 0
}

function depthOf({ depth = DEFAULT_DEPTH }: Signature): number {
  return Math.min(MAX_DEPTH, depth)
}

function labelDepths(signatures: readonly Signature[]): Uint8Array {
  const greatest = new Map<string, number>()
  for (const each of signatures)
    greatest.set(each.label, Math.max(depthOf(each), greatest.get(each.label) ?? 0))
  return Uint8Array.from(signatures, ({ label }) => greatest.get(label) ?? 0)
}

function acceptTable(signatures: readonly Signature[]): Uint8Array {
  const accepts = new Uint8Array(signatures.length * BYTES)
  signatures.forEach(({ firstBytes }, index) => {
    if (firstBytes === undefined) accepts.fill(1, index * BYTES, (index + 1) * BYTES)
    else for (const byte of firstBytes) accepts[index * BYTES + byte] = 1
  })
  return accepts
}

const NO_TEST: BitTest = { offset: 0, mask: 0, value: 0 }

function bitTests({ bits }: Signature): readonly BitTest[] {
  if (bits === undefined) return [NO_TEST]
  return 'offset' in bits ? [bits] : bits
}

/** Those of a signature stand together, in its order. */
function createTests(signatures: readonly Signature[]): Int32Array {
  const words: number[] = []
  signatures.forEach((signature, index) => {
    for (const { offset, mask, value } of bitTests(signature))
      words.push(index, depthOf(signature), offset, mask, value)
  })
  if (words.length >= TEST_MASK * TEST_WORDS)
    throw new RangeError(`more than ${TEST_MASK} tests of signatures`)
  return Int32Array.from(words)
}

const HASH_FACTOR = 0x01000193

interface Lists {
  /** The list of these signatures, for payloads that begin with any byte; where it begins. */
  add(indices: readonly number[]): number
  /** For each first byte the list of those of these signatures that it leaves. */
  addByFirstByte(indices: readonly number[]): Int32Array
  items(): Uint16Array
}

/** Collects lists; equal ones are kept once. */
function createLists(tests: Int32Array, signatures: readonly Signature[]): Lists {
  const items: number[] = [END]
  /** By hash of what is in it: where the list begins. */
  const known = new Map<number, number>([[0, EMPTY_LIST]])

  /** By signature: where the words of its first test begin. */
  const firstOf = new Map<number, number>()
  for (let at = tests.length - TEST_WORDS; at >= 0; at -= TEST_WORDS) firstOf.set(tests[at], at)

  /** Where the words of the tests of these signatures begin. */
  function testsOf(indices: readonly number[]): number[] {
    const found: number[] = []
    for (const index of indices)
      for (let at = firstOf.get(index)!; tests[at] === index; at += TEST_WORDS) found.push(at)
    return found
  }

  function add(indices: readonly number[]): number {
    const made = items.length
    for (const at of testsOf(indices)) {
      const asksFirst = signatures[tests[at]].firstBytes !== undefined
      items.push((at / TEST_WORDS) | (asksFirst ? CHECK_FIRST : 0))
    }
    return keep(made)
  }

  function addByFirstByte(indices: readonly number[]): Int32Array {
    const byFirst: number[][] = Array.from({ length: BYTES }, () => [])
    for (const at of testsOf(indices))
      for (const byte of firstBytesOf(signatures[tests[at]], tests, at)) byFirst[byte].push(at / TEST_WORDS)
    return Int32Array.from(byFirst, (list) => {
      const made = items.length
      for (const item of list) items.push(item)
      return keep(made)
    })
  }

  /** Ends the list; another list with its hash is only not shared any more. */
  function keep(made: number): number {
    let hash = 0
    for (let at = made; at < items.length; at++) hash = (Math.imul(hash, HASH_FACTOR) + items[at] + 1) | 0
    items.push(END)
    const same = known.get(hash)
    if (same !== undefined && isSame(same, made)) {
      items.length = made
      return same
    }
    known.set(hash, made)
    return made
  }

  function isSame(one: number, other: number): boolean {
    let at = 0
    while (items[one + at] === items[other + at] && items[one + at] !== END) at++
    return items[one + at] === items[other + at]
  }

  return { add, addByFirstByte, items: () => Uint16Array.from(items) }
}

const ANY: readonly number[] = Array.from({ length: BYTES }, (_, byte) => byte)

/** Those with which a payload may pass the test of the signature. */
function firstBytesOf({ firstBytes }: Signature, tests: Int32Array, at: number): readonly number[] {
  const mask = tests[at + 2] > 0 ? 0 : tests[at + 3] >>> 24
  const value = tests[at + 4] >>> 24
  if (mask === 0) return firstBytes ?? ANY
  if (firstBytes === undefined && mask === 0xff) return [value]
  return (firstBytes ?? ANY).filter((byte) => (byte & mask) === value)
}

/** Most protocols have no ports. */
const NO_PORTS = new Int32Array(PORTS)

/** `indices`: the signatures of the protocol. */
function createTable(
  signatures: readonly Signature[],
  indices: readonly number[],
  lists: Lists,
): ProtocolTable {
  const labels = new Map<string, number[]>()
  const ports = new Map<number, number[]>()
  for (const index of indices) {
    append(labels, signatures[index].label, index)
    for (const port of signatures[index].ports ?? []) append(ports, port, index)
  }
  const ofPort = ports.size === 0 ? NO_PORTS : new Int32Array(PORTS)
  const listedPorts = new Int32Array(PORTS >>> 5)
  for (const [port, list] of ports) {
    ofPort[port] = lists.add(list)
    listedPorts[port >>> 5] |= 1 << (port & 31)
  }
  const byLabel = new Map([...labels].map(([label, list]) => [label, lists.add(list)]))
  return {
    ofPort,
    listedPorts,
    ofFirstByte: lists.addByFirstByte(indices.filter((index) => signatures[index].portsOnly !== true)),
    ofLabel: Int32Array.from(signatures, ({ label }) => byLabel.get(label) ?? EMPTY_LIST),
  }
}

function append<K>(map: Map<K, number[]>, key: K, index: number): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [index])
  else list.push(index)
}
