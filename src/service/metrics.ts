/**
 * Metrics for Prometheus, over HTTP: `/metrics` in its text format, `/healthz` while the process runs. In: counts and
 * pool levels, read at each scrape. Promised: nothing is computed without a scrape; at most MAX_SERIES pairs of pool and
 * server have a series of their own, the rest share one with server_ip="other"; only GET and HEAD are answered; the
 * number of connections and the duration of requests are limited. Not supported: TLS, authentication: listen on the
 * loopback (the default) and let a proxy do that.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Counter, Gauge, Registry } from 'prom-client'
import { endpoint } from '../address.ts'
import { InputError, UsageError } from '../errors.ts'
import { NOTHING_COUNTED, type RunCounts } from './counts.ts'
import { type ListenAddress, listenAddress, listenReason } from './listen.ts'

/** A pool on a server at this moment. */
export interface PoolGauge {
  pool: string
  serverIp: string
  slots: number
  /** Slots in use. */
  sessions: number
  /** One port carries any number of sessions: it is never full. */
  unlimited: boolean
}

export interface MetricsSource {
  counts(): RunCounts
  pools(): readonly PoolGauge[]
}

/** Pairs of pool and server with a series of their own. */
export const MAX_SERIES = 1000
const OTHER = 'other'
const MAX_CONNECTIONS = 16
const MAX_HEADER_BYTES = 8192
/** Timeout of a request, of the wait for the next one, and of each write of the response. */
const REQUEST_MS = 5000
const POOL_LABELS = ['pool', 'server_ip'] as const

/** "9464", "127.0.0.1:9464", "[::1]:9464" or "localhost:9464". */
export function metricsAddress(text: string, place: string): ListenAddress {
  const address = listenAddress(text)
  if (address !== undefined) return address
  const what = `found ${JSON.stringify(text)}, expected an address of this host and a port; for example 127.0.0.1:9464`
  throw new UsageError('OPTION_METRICS', place, what)
}

/** The series of one run. */
export class Metrics {
  readonly #registry = new Registry()
  readonly #source: MetricsSource
  /** Pairs that have a series; never more than MAX_SERIES. */
  readonly #named = new Set<string>()
  /** Pools with a series for their other servers; bounded, as the records that a dashboard reads may name any pool. */
  readonly #others = new Set<string>()
  readonly #sessions: Counter<'pool' | 'server_ip'>
  /** Of the current scrape, so that all its values are of one instant. */
  #counts: RunCounts = NOTHING_COUNTED
  #pools: PoolGauge[] = []

  constructor(source: MetricsSource) {
    this.#source = source
    this.#counter('packets_total', 'Packets analysed', ({ packets }) => packets)
    this.#counter('wire_bytes_total', 'Lengths of those on the wire', ({ wireBytes }) => wireBytes)
    this.#dropped()
    this.#counter('flows_total', 'Flows that ended', ({ flows }) => flows)
    this.#counter(
      'evicted_flows_total',
      'Flows written early to stay within --max-flows',
      (now) => now.evictedFlows,
    )
    this.#counter(
      'output_lost_records_total',
      'Records that found no room in the output',
      (now) => now.recordsLost,
    )
    this.#gauge('live_flows', 'Flows alive', ({ liveFlows }) => liveFlows)
    this.#gauge(
      'live_sessions',
      'Slots of pools in use, over all servers',
      ({ liveSessions }) => liveSessions,
    )
    this.#sessions = new Counter({
      name: 'flowhawk_sessions_total',
      help: 'Sessions that ended, by pool and server',
      labelNames: POOL_LABELS,
      registers: [this.#registry],
    })
    this.#poolGauge('pool_sessions', 'Slots in use', ({ sessions }) => sessions)
    this.#poolGauge('pool_slots', 'Slots there are', ({ slots, unlimited }) =>
      unlimited ? undefined : slots,
    )
    this.#poolGauge('pool_saturation_ratio', 'Part of the slots that is in use', (pool) =>
      pool.unlimited || pool.serverIp === OTHER ? undefined : pool.sessions / pool.slots,
    )
  }

  /** A session ended. */
  countSession(pool: string, serverIp: string): void {
    const { pool: named, serverIp: server } = this.#seriesOf({ pool, serverIp })
    this.#sessions.inc({ pool: named, server_ip: server })
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  /** The current values in the text format. */
  text(): Promise<string> {
    this.#counts = this.#source.counts()
    this.#pools = this.#source.pools().map((each) => ({ ...each, ...this.#seriesOf(each) }))
    return this.#registry.metrics()
  }

  #counter(name: string, help: string, value: (now: RunCounts) => number): void {
    const counts = () => this.#counts
    new Counter({
      name: `flowhawk_${name}`,
      help,
      registers: [this.#registry],
      collect() {
        this.reset()
        this.inc(value(counts()))
      },
    })
  }

  #gauge(name: string, help: string, value: (now: RunCounts) => number): void {
    const counts = () => this.#counts
    new Gauge({
      name: `flowhawk_${name}`,
      help,
      registers: [this.#registry],
      collect() {
        this.set(value(counts()))
      },
    })
  }

  /** No series where the backend has no count: 0 would be wrong. */
  #dropped(): void {
    const counts = () => this.#counts
    new Counter({
      name: 'flowhawk_dropped_packets_total',
      help: 'Packets lost before they were analysed, by where',
      labelNames: ['where'],
      registers: [this.#registry],
      collect() {
        this.reset()
        const { kernel, interface: device } = counts().dropped
        if (kernel !== undefined) this.inc({ where: 'kernel' }, kernel)
        if (device !== undefined) this.inc({ where: 'interface' }, device)
      },
    })
  }

  #poolGauge(name: string, help: string, value: (pool: PoolGauge) => number | undefined): void {
    const pools = () => this.#pools
    new Gauge({
      name: `flowhawk_${name}`,
      help,
      labelNames: POOL_LABELS,
      registers: [this.#registry],
      collect() {
        this.reset()
        for (const each of pools()) {
          const number = value(each)
          if (number !== undefined) this.inc({ pool: each.pool, server_ip: each.serverIp }, number)
        }
      },
    })
  }

  /** The labels to count a pair under: itself; beyond MAX_SERIES its pool with "other"; beyond as many pools "other" twice. */
  #seriesOf({ pool, serverIp }: Pick<PoolGauge, 'pool' | 'serverIp'>): Pick<PoolGauge, 'pool' | 'serverIp'> {
    if (isNamed(this.#named, `${pool} ${serverIp}`)) return { pool, serverIp }
    return { pool: isNamed(this.#others, pool) ? pool : OTHER, serverIp: OTHER }
  }
}

/** True where the name is among the first MAX_SERIES. */
function isNamed(names: Set<string>, name: string): boolean {
  if (!names.has(name) && names.size >= MAX_SERIES) return false
  names.add(name)
  return true
}

/** Answers scrapes until it is closed. */
export class MetricsServer {
  readonly #server: Server
  readonly #metrics: Metrics

  private constructor(server: Server, metrics: Metrics) {
    this.#server = server
    this.#metrics = metrics
  }

  /** Throws InputError when it cannot listen there. */
  static async open(
    address: ListenAddress,
    metrics: Metrics,
    requestMs = REQUEST_MS,
  ): Promise<MetricsServer> {
    const server = createServer({
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: requestMs,
      requestTimeout: requestMs,
      keepAliveTimeout: requestMs,
      // By default Node checks only every 30 s: until then slow clients would block the others.
      connectionsCheckingInterval: requestMs,
    })
    server.maxConnections = MAX_CONNECTIONS
    // Pipelined requests would all be answered before the first response is sent.
    server.maxRequestsPerSocket = 1
    server.timeout = requestMs
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(listenError(error, address)))
      server.listen(address.port, address.host, resolve)
    })
    const opened = new MetricsServer(server, metrics)
    server.on(
      'request',
      (request, response) => void opened.#answer(request, response).catch(() => response.destroy()),
    )
    // A run that has ended must not wait for open scrape connections.
    server.unref()
    return opened
  }

  /** The actual port, also when 0 was requested. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const send = (status: number, text: string, headers: Record<string, string> = {}) => {
      response.writeHead(status, {
        'Content-Type': 'text/plain; charset=utf-8',
        'Content-Length': Buffer.byteLength(text),
        'Cache-Control': 'no-store',
        'X-Content-Type-Options': 'nosniff',
        ...headers,
      })
      response.end(request.method === 'HEAD' ? undefined : text)
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      // The body of the request is not read.
      send(405, 'only GET and HEAD\n', { Allow: 'GET, HEAD', Connection: 'close' })
      return
    }
    const [path] = (request.url ?? '').split('?', 1)
    if (path === '/healthz') send(200, 'ok\n')
    else if (path === '/metrics')
      send(200, await this.#metrics.text(), { 'Content-Type': this.#metrics.contentType })
    else send(404, 'there are /metrics and /healthz\n')
  }
}

function listenError(error: NodeJS.ErrnoException, { host, port }: ListenAddress): InputError {
  const reason = listenReason(error, 'choose another port')
  return new InputError('METRICS_LISTEN', endpoint(host, port), `metrics cannot be served here, ${reason}`)
}
