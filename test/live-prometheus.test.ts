/**
 * The metrics as Prometheus takes them: a real server scrapes `live --metrics` and `serve` and is asked what it holds,
 * and promtool looks for faults. Where prometheus is not installed other tests parse the metrics, and no more.
 */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Live, missing, Network, pause } from './live-netns.ts'
import { parseExposition } from './service/exposition.ts'

const test = suite('live-prometheus')

const has = (program: string) => spawnSync(program, ['--version']).error === undefined
const hasPrometheus = has('prometheus') && has('promtool')
const why = missing()
const real = hasPrometheus && (why === undefined || process.env.CI) ? test : test.skip
const cli = fileURLToPath(new URL('../src/cli.js', import.meta.url))
const capture = fileURLToPath(new URL('../../fixtures/framehawk.pcap', import.meta.url))
const DEADLINE_MS = 30_000
const POLL_MS = 200
const TOKEN = '0123456789abcdef0123456789abcdef'
const LIVE = 'http://127.0.0.1:9464/metrics'
const SERVE = 'http://127.0.0.1:8080/metrics'
const PROMETHEUS = '127.0.0.1:9090'
let network: Network

test.before(() => {
  if (hasPrometheus && (why === undefined || process.env.CI)) network = new Network()
})
test.after(() => network?.remove())

test('a real Prometheus is asked as root', () => {
  const said = why ?? (hasPrometheus ? undefined : 'needs prometheus and promtool')
  if (said !== undefined) console.log(`the other test of this file is skipped: ${said}`)
  assert.ok(why === undefined || !process.env.CI, why)
})

/** An answer over HTTP in the network of the test. */
function ask(url: string): string {
  const headers = JSON.stringify({ authorization: `Bearer ${TOKEN}` })
  const script = `fetch('${url}', { headers: ${headers} }).then(async (r) => process.stdout.write(await r.text()))`
  const { status, out, err } = network.exec(process.execPath, '-e', script)
  assert.is(status, 0, err)
  return out
}

/** What Prometheus holds of a series now, by job; an empty object for none. */
function query(expression: string): Record<string, number> {
  const answer = JSON.parse(ask(`http://${PROMETHEUS}/api/v1/query?query=${encodeURIComponent(expression)}`))
  assert.is(answer.status, 'success', JSON.stringify(answer))
  const results: { metric: Record<string, string>; value: [number, string] }[] = answer.data.result
  const byJob = results.map(({ metric, value }) => [metric.job, Number(value[1])] as const)
  return Object.fromEntries(byJob.sort(([a], [b]) => a.localeCompare(b)))
}

/** Once Prometheus holds this. */
async function holds(expression: string, expected: Record<string, number>): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS
  for (let found = {}; JSON.stringify(found) !== JSON.stringify(expected); await pause(POLL_MS)) {
    if (Date.now() > deadline)
      throw new Error(`${expression}: found ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`)
    try {
      found = query(expression)
    } catch (error) {
      // It does not listen yet.
      if (Date.now() > deadline) throw error
    }
  }
}

function startPrometheus(): void {
  const config = join(network.folder, 'prometheus.yml')
  const lines = [
    'global: { scrape_interval: 500ms, scrape_timeout: 500ms }',
    'scrape_configs:',
    "  - { job_name: live, static_configs: [{ targets: ['127.0.0.1:9464'] }] }",
    `  - { job_name: serve, authorization: { credentials: ${TOKEN} }, static_configs: [{ targets: ['127.0.0.1:8080'] }] }`,
  ]
  writeFileSync(config, `${lines.join('\n')}\n`)
  const storage = `--storage.tsdb.path=${join(network.folder, 'prometheus')}`
  network.start(
    'prometheus',
    `--config.file=${config}`,
    storage,
    `--web.listen-address=${PROMETHEUS}`,
    '--log.level=error',
  )
}

real('Prometheus scrapes live and serve, and holds what was sent', async () => {
  const records = join(network.folder, 'flows.ndjson')
  const args = ['live', 'vb', '-o', records, '--metrics', '9464', '--stats-interval', '0.5']
  const run = new Live(network.start(process.execPath, cli, ...args))
  startPrometheus()
  await holds('up', { live: 1, serve: 0 })
  const serve = new Live(network.start(process.execPath, cli, 'serve', records, '--token', TOKEN))
  await holds('up', { live: 1, serve: 1 })
  await holds('flowhawk_packets_total', { live: 0, serve: 0 })

  const sent = network.send(capture)
  await holds('flowhawk_packets_total', { live: sent, serve: sent })
  await holds('sum by (job) (flowhawk_dropped_packets_total)', { live: 0, serve: 0 })
  await holds('flowhawk_pool_sessions{pool="framehawk",server_ip="10.1.0.4"}', { live: 9 })
  await holds('flowhawk_pool_slots{pool="framehawk"}', { live: 101 })
  await holds('round(flowhawk_pool_saturation_ratio{pool="framehawk"} * 101)', { live: 9 })
  await holds('flowhawk_live_sessions', { live: 9, serve: 9 })

  const targets = JSON.parse(ask(`http://${PROMETHEUS}/api/v1/targets`)).data.activeTargets
  const states = targets.map(({ health, lastError }: Record<string, string>) => [health, lastError])
  assert.equal(states, [
    ['up', ''],
    ['up', ''],
  ])
  for (const url of [LIVE, SERVE]) {
    const text = ask(url)
    assert.ok(parseExposition(text).samples.size > 5)
    const checked = spawnSync('promtool', ['check', 'metrics'], { input: text })
    assert.equal([checked.status, `${checked.stdout}${checked.stderr}`], [0, ''])
  }
  for (const each of [run, serve]) assert.is((await each.end('SIGTERM')).status, 0, each.err)
  await holds('up', { live: 0, serve: 0 })
})

test.run()
