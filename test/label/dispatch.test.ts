/** The tables that say which signatures a payload is shown to. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BYTES, createDispatch, DEFAULT_DEPTH } from '../../src/label/dispatch.ts'
import { NO_MATCH, type Signature } from '../../src/label/payload.ts'

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
const tcp = dispatch.protocol(6)
const udp = dispatch.protocol(17)

test('lists signatures by first byte, in the order of registration', () => {
  assert.equal([...(tcp?.ofFirstByte(0x16) ?? [])], [0, 1, 2])
  assert.equal([...(tcp?.ofFirstByte(0x17) ?? [])], [1, 2])
  assert.equal([...(tcp?.ofFirstByte(0) ?? [])], [1])
  assert.equal([...(udp?.ofFirstByte(0xff) ?? [])], [1, 3])
})

test('lists signatures by port and by label', () => {
  assert.equal([...(tcp?.ofPort(443) ?? [])], [0, 2])
  assert.equal([...(tcp?.ofPort(8443) ?? [])], [2])
  assert.is(tcp?.ofPort(53), undefined)
  assert.equal([...(udp?.ofLabel('any') ?? [])], [1, 3])
  assert.equal([...(tcp?.ofLabel('any') ?? [])], [1])
  assert.is(udp?.ofLabel('exact'), undefined)
})

test('knows nothing of protocols without signatures', () => {
  assert.is(dispatch.protocol(132), undefined)
  assert.is(createDispatch([]).protocol(6), undefined)
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

test('holds the depth of each: 3 unless it says so', () => {
  assert.is(DEFAULT_DEPTH, 3)
  assert.equal([...dispatch.depths], [2, 3, 255, 3])
})

test('refuses more signatures than evidence can name', () => {
  const many = (count: number) => Array.from({ length: count }, () => signature('x', { firstBytes: [0] }))
  assert.throws(() => createDispatch(many(4096)), /more than 4095 signatures/)
})

test.run()
