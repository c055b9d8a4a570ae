/** The exposition as a strict reader sees it, and the HTTP server around it. */
import { request } from 'node:http'
import { connect } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { RunCounts } from '../../src/service/counts.ts'
import {
  MAX_SERIES,
  Metrics,
  MetricsServer,
  metricsAddress,
  type PoolGauge,
} from '../../src/service/metrics.ts'
import { parseExposition } from './exposition.ts'

const test = suite('service/metrics')

const COUNTS: RunCounts = {
  packets: 12_345_678_901,
  wireBytes: 9_007_199_254_740_991,
  dropped: { kernel: 3 },
  flows: 40,
  sessions: 7,
  evictedFlows: 2,
  recordsLost: 1,
  liveFlows: 5,
  liveSessions: 4,
}

const POOLS: PoolGauge[] = [
  { pool: 'framehawk', serverIp: '10.1.0.4', slots: 101, sessions: 3, unlimited: false },
  { pool: 'wireguard "x"\\\n', serverIp: '2001:db8::4', slots: 1, sessions: 90, unlimited: true },
]

function metricsOf(counts: RunCounts = COUNTS, pools: readonly PoolGauge[] = POOLS): Metrics {
  return new Metrics({ counts: () => counts, pools: () => pools })
}

test('gives every count and gauge, as the format wants it', async () => {
  const metrics = metricsOf()
  metrics.countSession('framehawk', '10.1.0.4')
  metrics.countSession('framehawk', '10.1.0.4')
  const { samples, types } = parseExposition(await metrics.text())
  assert.equal(Object.fromEntries(samples), {
    flowhawk_packets_total: 12_345_678_901,
    flowhawk_wire_bytes_total: 9_007_199_254_740_991,
    'flowhawk_dropped_packets_total{where=kernel}': 3,
    flowhawk_flows_total: 40,
    flowhawk_evicted_flows_total: 2,
    flowhawk_output_lost_records_total: 1,
    flowhawk_live_flows: 5,
    flowhawk_live_sessions: 4,
    'flowhawk_sessions_total{pool=framehawk,server_ip=10.1.0.4}': 2,
    'flowhawk_pool_sessions{pool=framehawk,server_ip=10.1.0.4}': 3,
    'flowhawk_pool_sessions{pool=wireguard "x"\\\n,server_ip=2001:db8::4}': 90,
    'flowhawk_pool_slots{pool=framehawk,server_ip=10.1.0.4}': 101,
    'flowhawk_pool_saturation_ratio{pool=framehawk,server_ip=10.1.0.4}': 3 / 101,
  })
  for (const [name, type] of types) assert.is(type, name.endsWith('_total') ? 'counter' : 'gauge', name)
})

test('says the same twice, and forgets servers without a slot in use', async () => {
  let pools: readonly PoolGauge[] = POOLS
  const metrics = new Metrics({ counts: () => COUNTS, pools: () => pools })
  const first = await metrics.text()
  assert.is(await metrics.text(), first)
  pools = []
  const { samples } = parseExposition(await metrics.text())
  assert.not.ok([...samples.keys()].some((key) => key.startsWith('flowhawk_pool')))
})

test('where drops are not known there is no series of them', async () => {
  const { samples } = parseExposition(await metricsOf({ ...COUNTS, dropped: {} }).text())
  assert.not.ok([...samples.keys()].some((key) => key.includes('dropped')))
})

test('servers beyond the bound share one series', async () => {
  const pools = Array.from({ length: MAX_SERIES + 50 }, (_, i) => ({
    ...POOLS[0],
    serverIp: `10.2.${i >> 8}.${i & 255}`,
  }))
  const metrics = metricsOf(COUNTS, pools)
  for (const { pool, serverIp } of pools) metrics.countSession(pool, serverIp)
  const { samples } = parseExposition(await metrics.text())
  const named = [...samples.keys()].filter((key) => key.startsWith('flowhawk_pool_sessions'))
  assert.is(named.length, MAX_SERIES + 1)
  assert.is(samples.get('flowhawk_pool_sessions{pool=framehawk,server_ip=other}'), 150)
  assert.is(samples.get('flowhawk_sessions_total{pool=framehawk,server_ip=other}'), 50)
  assert.is(samples.get('flowhawk_pool_saturation_ratio{pool=framehawk,server_ip=other}'), undefined)
})

test('pools beyond the bound share one series: records that are read may name any', async () => {
  const metrics = metricsOf(COUNTS, [])
  for (let i = 0; i < 3 * MAX_SERIES; i++) metrics.countSession(`pool ${i}`, '10.2.0.1')
  const { samples } = parseExposition(await metrics.text())
  const sums = [...samples].filter(([key]) => key.startsWith('flowhawk_sessions_total'))
  assert.is(sums.length, 2 * MAX_SERIES + 1)
  assert.is(samples.get('flowhawk_sessions_total{pool=other,server_ip=other}'), MAX_SERIES)
})

test('listens on the loopback unless an address is named', () => {
  assert.equal(metricsAddress('9464', '--metrics'), { host: '127.0.0.1', port: 9464 })
  assert.equal(metricsAddress('0.0.0.0:80', '--metrics'), { host: '0.0.0.0', port: 80 })
  assert.equal(metricsAddress('[::1]:9464', '--metrics'), { host: '::1', port: 9464 })
  assert.equal(metricsAddress('localhost:9464', '--metrics'), { host: 'localhost', port: 9464 })
  for (const wrong of [
    '',
    '9464x',
    '127.0.0.1',
    '1.2.3:9464',
    '::1:9464',
    ':9464',
    'example.org:80',
    '1:65536',
  ])
    assert.throws(
      () => metricsAddress(wrong, '--metrics'),
      (error: Error) => /^--metrics: found .*127\.0\.0\.1:9464 \(OPTION_METRICS\)$/.test(error.message),
      wrong,
    )
})

interface Answer {
  status: number
  text: string
  headers: Record<string, string | string[] | undefined>
}

function ask(port: number, method: string, path: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method, path }, (response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text, headers: response.headers }))
    })
    sent.on('error', reject)
    sent.end()
  })
}

async function withServer(use: (port: number) => Promise<void>, requestMs?: number): Promise<void> {
  const server = await MetricsServer.open({ host: '127.0.0.1', port: 0 }, metricsOf(), requestMs)
  try {
    await use(server.port)
  } finally {
    await server.close()
  }
}

test('answers GET and HEAD of two paths and nothing else', async () => {
  await withServer(async (port) => {
    const metrics = await ask(port, 'GET', '/metrics?x=1')
    assert.is(metrics.status, 200)
    assert.match(String(metrics.headers['content-type']), /^text\/plain; version=0\.0\.4/)
    assert.ok(parseExposition(metrics.text).samples.size > 5)
    const head = await ask(port, 'HEAD', '/metrics')
    assert.equal([head.status, head.text], [200, ''])
    assert.is(head.headers['content-length'], metrics.headers['content-length'])
    assert.equal((await ask(port, 'GET', '/healthz')).text, 'ok\n')
    assert.is((await ask(port, 'GET', '/')).status, 404)
    assert.is((await ask(port, 'GET', '/../etc/passwd')).status, 404)
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
      const refused = await ask(port, method, '/metrics')
      assert.equal([refused.status, refused.headers.allow], [405, 'GET, HEAD'], method)
    }
  })
})

test('requests that are none or too long harm nobody', async () => {
  await withServer(async (port) => {
    for (const bytes of ['\u0000\u0001\u0002\r\n\r\n', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\n\r\n`]) {
      const answered = await new Promise<string>((resolve) => {
        const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
        let text = ''
        socket.on('data', (chunk) => {
          text += chunk
        })
        socket.on('error', () => undefined)
        socket.on('close', () => resolve(text))
      })
      assert.match(answered, /^(HTTP\/1\.1 4\d\d |$)/)
    }
    assert.is((await ask(port, 'GET', '/healthz')).status, 200)
  })
})

test('who asks for nothing, or takes no answer, does not keep others out', async () => {
  const REQUEST_MS = 200
  await withServer(async (port) => {
    const begun = ['', 'GET /met', 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(1000)]
    const sockets = Array.from({ length: 60 }, (_, i) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(begun[i % begun.length]))
      socket.on('error', () => undefined)
      return socket.pause()
    })
    const deadline = Date.now() + 20_000
    const answer = () => ask(port, 'GET', '/healthz').then(({ status }) => status, pause)
    while ((await answer()) !== 200) assert.ok(Date.now() < deadline, 'somebody else is answered in time')
    for (const socket of sockets) socket.destroy()
  }, REQUEST_MS)
})

async function pause(): Promise<undefined> {
  await new Promise((resolve) => setTimeout(resolve, 50))
}

test('of requests that come in one piece only the first is answered', async () => {
  let made = 0
  const counts = () => {
    made++
    return COUNTS
  }
  const server = await MetricsServer.open(
    { host: '127.0.0.1', port: 0 },
    new Metrics({ counts, pools: () => POOLS }),
  )
  await new Promise((resolve) => {
    const socket = connect(server.port, '127.0.0.1')
    socket.on('data', () => undefined).on('close', resolve)
    socket.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(500))
  })
  await server.close()
  assert.is(made, 1)
})

test('a port that is taken is an error in one line', async () => {
  await withServer(async (port) => {
    const message = await MetricsServer.open({ host: '127.0.0.1', port }, metricsOf()).catch(
      (error: Error) => error.message,
    )
    assert.is(
      message,
      `127.0.0.1:${port}: metrics cannot be served here, another program listens there; choose another port (METRICS_LISTEN)`,
    )
  })
})

test.run()
