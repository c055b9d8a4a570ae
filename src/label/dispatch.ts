/**
 * Which signatures to try on a payload: lists by label, by port hint and by first byte for each IP protocol, in the
 * order in which the signatures were registered. Built once, and flat and small, for it is read for every packet
 * inspected and should not leave the first cache: a list is an index into `lists`, where each item names a test, up to
 * END; a test is five words.
 *
 *   word 0   signature
 *   word 1   payload packets of a direction it wants to see
 *   word 2   offset of four bytes, big-endian, that under
 *   word 3   this mask (0: nothing to compare)
 *   word 4   must have this value
 *
 * A signature with several `bits` has a test for each. An item with CHECK_FIRST has its first byte still to be asked.
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
/** Of an item, beside the number of the test: `accepts` has the last word on the first byte. */
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
  /** A bit for each port with a list: it stays in the first cache, where `ofPort` would not. */
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
  const lists = createLists(tests)
  const tables: (ProtocolTable | undefined)[] = new Array(256).fill(undefined)
  const numbers = new Set(signatures.flatMap((signature) => signature.protocols))
  for (const number of numbers) tables[number] = createTable(signatures, number, lists.add)
  return {
    signatures,
    matchers: signatures.map(({ match }) => match),
    labelDepths: labelDepths(signatures),
    lists: lists.items(),
    tests: testWords(tests),
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

/** A test of a signature, and whether lists by first byte leave its first byte open. */
interface Test extends BitTest {
  index: number
  depth: number
  asksFirst: boolean
}

/** By signature. */
function createTests(signatures: readonly Signature[]): Test[][] {
  const tests = signatures.map((signature, index) =>
    bitTests(signature).map((bits) => ({
      ...bits,
      index,
      depth: depthOf(signature),
      asksFirst: signature.firstBytes !== undefined,
    })),
  )
  if (tests.flat().length >= TEST_MASK) throw new RangeError(`more than ${TEST_MASK} tests of signatures`)
  return tests
}

function testWords(tests: readonly Test[][]): Int32Array {
  return Int32Array.from(
    tests.flat().flatMap(({ index, depth, offset, mask, value }) => [index, depth, offset, mask, value]),
  )
}

const HASH_FACTOR = 0x01000193

type AddList = (indices: readonly number[], firstByte: number) => number

/** Collects lists; equal ones are kept once. */
function createLists(tests: readonly Test[][]) {
  const items: number[] = [END]
  /** By hash of what is in it: where the list begins. */
  const known = new Map<number, number>([[0, EMPTY_LIST]])
  const firstOf: number[] = []
  let count = 0
  for (const each of tests) {
    firstOf.push(count)
    count += each.length
  }

  /** `firstByte`: the list is for payloads that begin with it; -1: for any. */
  function add(indices: readonly number[], firstByte: number): number {
    const made = items.length
    let hash = 0
    for (const index of indices) {
      const ofSignature = tests[index]
      for (let number = 0; number < ofSignature.length; number++) {
        const test = ofSignature[number]
        if (firstByte >= 0 && !allows(test, firstByte)) continue
        const item = (firstOf[index] + number) | (firstByte < 0 && test.asksFirst ? CHECK_FIRST : 0)
        items.push(item)
        hash = (Math.imul(hash, HASH_FACTOR) + item + 1) | 0
      }
    }
    items.push(END)
    const same = known.get(hash)
    if (same !== undefined && isSame(same, made)) {
      items.length = made
      return same
    }
    // Another list with this hash is only not shared any more.
    known.set(hash, made)
    return made
  }

  function isSame(one: number, other: number): boolean {
    let at = 0
    while (items[one + at] === items[other + at] && items[one + at] !== END) at++
    return items[one + at] === items[other + at]
  }

  return { add, items: () => Uint16Array.from(items) }
}

const NO_TEST: BitTest = { offset: 0, mask: 0, value: 0 }

function bitTests({ bits }: Signature): readonly BitTest[] {
  if (bits === undefined) return [NO_TEST]
  return 'offset' in bits ? [bits] : bits
}

/** First bytes that may pass one of the tests, as far as that is plain; undefined for any. */
function firstBytesOf(signature: Signature): readonly number[] | undefined {
  if (signature.firstBytes !== undefined) return signature.firstBytes
  const tests = bitTests(signature)
  const plain = tests.every(({ offset, mask }) => offset === 0 && mask >>> 24 === 0xff)
  return plain ? [...new Set(tests.map(({ value }) => value >>> 24))] : undefined
}

/** A payload with this first byte may pass the test. */
function allows({ offset, mask, value }: BitTest, firstByte: number): boolean {
  return offset > 0 || (firstByte & (mask >>> 24)) === value >>> 24
}

function createTable(signatures: readonly Signature[], number: number, add: AddList): ProtocolTable {
  const labels = new Map<string, number[]>()
  const ports = new Map<number, number[]>()
  const bytes: number[][] = Array.from({ length: BYTES }, () => [])
  signatures.forEach((signature, index) => {
    if (!signature.protocols.includes(number)) return
    append(labels, signature.label, index)
    for (const port of signature.ports ?? []) append(ports, port, index)
    if (signature.portsOnly === true) return
    for (const byte of firstBytesOf(signature) ?? bytes.keys()) bytes[byte].push(index)
  })
  const ofPort = new Int32Array(PORTS)
  const listedPorts = new Int32Array(PORTS >>> 5)
  for (const [port, list] of ports) {
    ofPort[port] = add(list, -1)
    listedPorts[port >>> 5] |= 1 << (port & 31)
  }
  const byLabel = new Map([...labels].map(([label, list]) => [label, add(list, -1)]))
  return {
    ofPort,
    listedPorts,
    ofFirstByte: Int32Array.from(bytes, (list, byte) => add(list, byte)),
    ofLabel: Int32Array.from(signatures, ({ label }) => byLabel.get(label) ?? EMPTY_LIST),
  }
}

function append<K>(map: Map<K, number[]>, key: K, index: number): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [index])
  else list.push(index)
}
