/** The tables that say which signatures a payload is shown to. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  BYTES,
  CHECK_FIRST,
  createDispatch,
  DEFAULT_DEPTH,
  EMPTY_LIST,
  END,
  TEST_WORDS,
  wordsOf,
} from '../../../src/label/inspect/dispatch.ts'
import { NO_MATCH, type Signature } from '../../../src/label/inspect/payload.ts'

const test = suite('dispatch')

function signature(label: string, rest: Partial<Signature> = {}): Signature {
  return { label, says: label, protocols: [6], match: () => NO_MATCH, ...rest }
}

const SIGNATURES = [
  signature('exact', { firstBytes: [0x16], ports: [443], depth: 2 }),
  signature('any', { protocols: [6, 17] }),
  signature('hint', { firstBytes: [0x16, 0x17], ports: [443, 8443], depth: 999 }),
  signature('any', { protocols: [17], firstBytes: [0xff] }),
]
const dispatch = createDispatch(SIGNATURES)
const tcp = dispatch.tables[6]
const udp = dispatch.tables[17]

/** Items of a list. */
function itemsAt(list: number | undefined): number[] {
  const from = list ?? EMPTY_LIST
  return [...dispatch.lists.subarray(from, dispatch.lists.indexOf(END, from))]
}

/** The tests of a list: signature, depth, offset, mask, value. */
function testsAt(list: number, { lists, tests } = dispatch): number[][] {
  return [...lists.subarray(list, lists.indexOf(END, list))].map((item) => [
    ...tests.subarray(wordsOf(item), wordsOf(item) + TEST_WORDS),
  ])
}

function listed(list: number | undefined): number[] {
  return testsAt(list ?? EMPTY_LIST).map(([index]) => index)
}

test('lists signatures by first byte, in the order of registration', () => {
  assert.equal(listed(tcp?.ofFirstByte[0x16]), [0, 1, 2])
  assert.equal(listed(tcp?.ofFirstByte[0x17]), [1, 2])
  assert.equal(listed(tcp?.ofFirstByte[0]), [1])
  assert.equal(listed(udp?.ofFirstByte[0xff]), [1, 3])
})

test('lists signatures by port and by label', () => {
  assert.equal(listed(tcp?.ofPort[443]), [0, 2])
  assert.equal(listed(tcp?.ofPort[8443]), [2])
  assert.is(tcp?.ofPort[53], EMPTY_LIST)
  assert.equal(listed(udp?.ofLabel[1]), [1, 3])
  assert.equal(listed(tcp?.ofLabel[3]), [1])
  assert.is(udp?.ofLabel[0], EMPTY_LIST)
})

test('knows nothing of protocols without signatures', () => {
  assert.is(dispatch.tables[132], undefined)
  assert.is(createDispatch([]).tables[6], undefined)
})

test('says which first bytes a signature takes', () => {
  const taken = (index: number) => {
    let bytes = 0
    for (let byte = 0; byte < BYTES; byte++) bytes += dispatch.accepts[index * BYTES + byte]
    return bytes
  }
  assert.equal([0, 1, 2, 3].map(taken), [1, 256, 2, 1])
  assert.is(dispatch.accepts[2 * BYTES + 0x17], 1)
  assert.is(dispatch.accepts[3 * BYTES + 0xfe], 0)
})

test('asks for the first byte only where the list does not say it', () => {
  const checks = (list: number | undefined) => itemsAt(list).map((item) => item & CHECK_FIRST)
  assert.equal(checks(tcp?.ofFirstByte[0x16]), [0, 0, 0])
  assert.equal(checks(tcp?.ofPort[443]), [CHECK_FIRST, CHECK_FIRST])
  assert.equal(checks(tcp?.ofLabel[1]), [0])
})

test('holds the depth of each, and the greatest of its label: 3 unless it says so', () => {
  assert.is(DEFAULT_DEPTH, 3)
  assert.equal(
    testsAt(tcp?.ofFirstByte[0x16] ?? 0).map(([, depth]) => depth),
    [2, 3, 255],
  )
  assert.equal([...dispatch.labelDepths], [2, 3, 255, 3])
})

test('lists each test of four bytes that the first byte allows', () => {
  const own = createDispatch([
    signature('one', { bits: { offset: 2, mask: 0xffff0000, value: 0x12340000 } }),
    signature('two', {
      bits: [
        { offset: 0, mask: 0xff000000, value: 0x80000000 },
        { offset: 7, mask: 0xff, value: 0x99 },
      ],
    }),
  ])
  const one = [0, 3, 2, 0xffff0000 | 0, 0x12340000]
  const seventh = [1, 3, 7, 0xff, 0x99]
  assert.equal(testsAt(own.tables[6]?.ofFirstByte[0] ?? 0, own), [one, seventh])
  const both = [one, [1, 3, 0, 0xff000000 | 0, 0x80000000 | 0], seventh]
  assert.equal(testsAt(own.tables[6]?.ofFirstByte[0x80] ?? 0, own), both)
  assert.is(own.tables[6]?.ofFirstByte[1], own.tables[6]?.ofFirstByte[2])
})

test('refuses more signatures than evidence can name', () => {
  const many = (count: number) => Array.from({ length: count }, () => signature('x', { firstBytes: [0] }))
  assert.throws(() => createDispatch(many(4096)), /more than 4095 signatures/)
  const bits = Array.from({ length: 9 }, (_, offset) => ({ offset, mask: -1, value: 1 }))
  assert.throws(() => createDispatch(many(4000).map((each) => ({ ...each, bits }))), /more than 32767 tests/)
})

test.run()
