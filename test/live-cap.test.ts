/**
 * `flowhawk live --backend cap` with the real package, in a network namespace. It is optional and built where libpcap,
 * a compiler and Node's headers are; where CI is set it has to be there, unless Node came without headers.
 */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { FlowhawkRecord } from '../src/report/record/record-types.ts'
import { missing, Network } from './live-netns.ts'
import { ethernet, ipv4, udp } from './packet-builder.ts'

const test = suite('live cap')

const HEADERS = resolve(process.execPath, '../../include/node/node.h')

function missingCap(): string | undefined {
  try {
    createRequire(import.meta.url)('cap')
    return undefined
  } catch (error) {
    return `the package cap is not built: ${String(error).split('\n')[0]}`
  }
}

const why = missing() ?? missingCap()
const mustRun = process.env.CI !== undefined && existsSync(HEADERS)
const real = why === undefined || mustRun ? test : test.skip
const mosh = join(import.meta.dirname, '../../fixtures/mosh.pcap')
let network: Network

test.before(() => {
  if (why === undefined || mustRun) network = new Network()
})
test.after(() => network?.remove())

test('tests with cap run as root where it is built', () => {
  if (why !== undefined) console.log(`the other tests of this file are skipped: ${why}`)
  assert.ok(why === undefined || !mustRun, why)
})

const only = <T extends FlowhawkRecord['type']>(records: FlowhawkRecord[], type: T) =>
  records.filter((record): record is Extract<FlowhawkRecord, { type: T }> => record.type === type)

/** Neither more than was sent nor nothing, and no word about drops, of which cap knows nothing. */
async function assertHonest(path: string, pace: { times?: number; pps?: number }): Promise<FlowhawkRecord[]> {
  const run = await network.live('vb', '--backend', 'cap', '--stats-interval', '0.5')
  const sent = network.send(path, pace)
  const { status, err } = await run.end('SIGTERM')
  assert.is(status, 0, err)
  const [summary] = only(run.records, 'summary')
  assert.ok(summary.packets > 0 && summary.packets <= sent, `${summary.packets} of ${sent}`)
  assert.is(summary.dropped, undefined)
  for (const stats of only(run.records, 'stats')) assert.is(stats.dropped, undefined)
  return run.records
}

real('analyses no more than was sent, and says that the times are of this host', async () => {
  const records = await assertHonest(mosh, { pps: 400 })
  const [capture] = only(records, 'capture')
  assert.match(capture.timestamp_precision, /clock of this host/)
  assert.ok(only(records, 'flow').some(({ label }) => label === 'mosh'))
})

real('survives a flood', async () => {
  const frames = Array.from({ length: 1000 }, (_, i) =>
    ethernet(
      ipv4(
        { src: '10.0.0.1', dst: '10.0.0.2' },
        udp({ srcPort: 2000 + (i % 500), dstPort: 9 }, 'x'.repeat(40)),
      ),
    ),
  )
  await assertHonest(network.file('flood.pcap', frames), { times: 100 })
})

test.run()
