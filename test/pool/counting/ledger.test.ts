/** What the books keep after a window was told: what goes on, and nothing else. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Kept, Ledger } from '../../../src/pool/counting/ledger.ts'
import { createHosts } from '../../../src/pool/hosts.ts'
import { createMembership } from '../../../src/pool/membership.ts'
import { at, FRAMEHAWK } from '../tape.ts'

const test = suite('pool/counting/ledger')

const hosts = createHosts(undefined)
const { pools } = createMembership([FRAMEHAWK], undefined, hosts)
const [pool] = pools
const host = hosts.of({ version: 4, w0: 0, w1: 0, w2: 0, w3: 0x0a010004 })
const nobody = () => false

function kept(slotIndex: number, start: number, end: number, fields: Partial<Kept> = {}): Kept {
  return {
    unit: slotIndex,
    start: at(start),
    end: at(end),
    id: String(slotIndex),
    slot: 3224 + slotIndex,
    slotIndex,
    certainty: 'likely',
    undisputed: false,
    ...fields,
  }
}

const idsIn = (ledger: Ledger, start: number, end: number) =>
  [...ledger.reports({ start: at(start), end: at(end) })].map((report) => report.peakSessionIds.join())

test('forgets what has ended, what was lent and what was rejected', () => {
  const ledger = new Ledger(pools)
  const place = ledger.place(pool, host)
  ledger.accept(place, kept(0, 0, 50))
  ledger.accept(place, kept(1, 10, 100))
  ledger.accept(place, kept(2, 20, 60, { open: true }))
  ledger.recut(place, 1, { unit: 0, start: at(0), end: at(50) })
  place.tally.add('probe', '', 1)
  ledger.totals[pool.index].add('probe', '', 1)
  assert.equal(idsIn(ledger, 0, 60), ['0,1,2', '0,1,2'])
  ledger.forget(at(60), nobody)
  assert.equal(idsIn(ledger, 60, 120), ['1', '1'])
  assert.equal(
    [...ledger.reports({ start: at(60), end: at(120) })].map(({ rejected }) => rejected),
    [[], []],
  )
  assert.is(ledger.empty, false)
  ledger.forget(at(120), nobody)
  assert.is(ledger.empty, true)
  assert.equal(idsIn(ledger, 0, 200), [])
})

test('a session that ends with the window is still there for the next', () => {
  const ledger = new Ledger(pools)
  ledger.accept(ledger.place(pool, host), kept(0, 0, 60))
  ledger.forget(at(60), nobody)
  assert.equal(idsIn(ledger, 60, 120), ['0', '0'])
})

test('servers that are left alone are forgotten once there are many', () => {
  const ledger = new Ledger(pools)
  const many = 65_600
  const made = Array.from({ length: many }, (_, i) => hosts.of({ ...host.address, w3: 0x0b000000 + i }))
  for (const each of made) ledger.place(pool, each).lowestUsed = 0
  ledger.forget(at(0), (each) => each === made[0])
  assert.ok(ledger.has(made[0]))
  assert.is(made.filter((each) => ledger.has(each)).length, 65_536)
})

test('servers on which nobody ever counted make room for others', () => {
  const ledger = new Ledger(pools)
  const made = Array.from({ length: 65_536 }, (_, i) => hosts.of({ ...host.address, w3: 0x0c000000 + i }))
  for (const each of made) ledger.place(pool, each).tally.add('probe', '', 1)
  ledger.place(pool, made[0]).lowestUsed = 0
  ledger.forget(at(0), (each) => each === made[1])
  assert.equal([ledger.has(made[0]), ledger.has(made[1]), ledger.has(made[2])], [true, true, false])
  assert.is(made.filter((each) => ledger.has(each)).length, 16_384)
})

test.run()
