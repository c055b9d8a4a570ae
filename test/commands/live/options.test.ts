/** The flags of `flowhawk live` that concern windows, alerts and metrics. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readLiveOptions } from '../../../src/commands/live/options.ts'
import { UsageError } from '../../../src/errors.ts'

const test = suite('commands/live-options')

const read = (flags: Record<string, unknown>) => readLiveOptions({ input: ['eth0'], ...flags })

function wrong(flags: Record<string, unknown>, pattern: RegExp): void {
  try {
    read(flags)
    assert.unreachable(JSON.stringify(flags))
  } catch (error) {
    assert.instance(error, UsageError)
    assert.match((error as UsageError).message, pattern)
  }
}

test('a window of pools is an hour, or what is given', () => {
  assert.is(read({}).poolWindowSec, 3600)
  for (const [given, expected] of [
    ['90', 90],
    ['30s', 30],
    ['15m', 900],
    ['1h', 3600],
    ['1d', 86_400],
  ] as const) {
    assert.is(read({ 'pool-window': given }).poolWindowSec, expected)
  }
  for (const given of ['0', '0h', '1w', '-1', '1.5h', 'h', '367d'])
    wrong({ 'pool-window': given }, /^--pool-window: found "[^"]+", expected .*\(OPTION_POOL_WINDOW\)$/)
})

test('alerts may be repeated', () => {
  assert.equal(read({}).alerts, [])
  assert.equal(read({ alert: ['framehawk=90', 'mosh=0'] }).alerts, [
    { pool: 'framehawk', sessions: 90 },
    { pool: 'mosh', sessions: 0 },
  ])
  for (const given of ['framehawk', 'framehawk=', '=90', 'framehawk=-1', 'framehawk=1.5'])
    wrong({ alert: given }, /^--alert: found "[^"]+", expected .*\(OPTION_ALERT\)$/)
})

test('metrics are served only where they are asked for', () => {
  assert.is(read({}).metrics, undefined)
  assert.equal(read({ metrics: '9464' }).metrics, { host: '127.0.0.1', port: 9464 })
  wrong({ metrics: 'yes' }, /\(OPTION_METRICS\)$/)
})

test.run()
