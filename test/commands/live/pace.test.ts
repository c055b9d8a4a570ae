/** What takes long is looked at the more rarely. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Pace } from '../../../src/commands/live/pace.ts'

const test = suite('commands/live/pace')

function lasting(ms: number): () => void {
  return () => {
    const until = performance.now() + ms
    while (performance.now() < until);
  }
}

test('what takes no time is looked at once in a while, also by a clock that was set back', () => {
  const pace = new Pace(1000)
  const looks: number[] = []
  for (const now of [5000, 5400, 6000, 6999, 7000, 100, 1100]) pace.run(now, () => looks.push(now))
  assert.equal(looks, [5000, 6000, 7000, 100, 1100])
})

test('a look is followed by twenty times its length', () => {
  const pace = new Pace(1000)
  pace.run(5000, lasting(100))
  let looks = 0
  for (const now of [6000, 6900]) pace.run(now, () => looks++)
  assert.is(looks, 0)
  pace.run(5000 + 20 * 10_000, () => looks++)
  assert.is(looks, 1)
})

test.run()
