/**
 * The local web server of `flowhawk serve`. In: a page and snapshots of its data, made only while clients are connected.
 * Out: `/` (the page), `/events` (snapshots as server-sent events, at most two a second), `/healthz` and `/metrics`.
 * Promised: requests change nothing; only GET and HEAD; the Host header must name this host, which prevents DNS
 * rebinding; with a token, everything but /healthz requires it; a client that reads slowly gets fewer snapshots, they
 * are never queued. Not supported: TLS; let a proxy do that.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'
import { hostname } from 'node:os'
import { type ServerType, serve } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { streamSSE } from 'hono/streaming'
import { endpoint } from '../address.ts'
import { InputError, UsageError } from '../errors.ts'
import { type ListenAddress, LOOPBACK, listenAddress, listenReason, withoutBrackets } from './listen.ts'

export interface DashboardContent {
  page(): { html: string; policy: string }
  /** The data of the page as JSON. */
  snapshot(): string
  metrics(): Promise<{ text: string; contentType: string }>
}

export interface Dashboard {
  /** Its URL for a browser. */
  readonly url: string
  /** The data have changed: connected clients will get a new snapshot. */
  changed(): void
  close(): Promise<void>
}

const INTERVAL_MS = 500
/** Within this time a disconnected client is noticed even when nothing changes. */
const HEARTBEAT_MS = 15_000
const MAX_CLIENTS = 32
const MAX_CONNECTIONS = 128
const REQUEST_MS = 10_000
/** A client that reads nothing for this long is disconnected; longer than a heartbeat. */
const STALLED_MS = 40_000
const MAX_HEADER_BYTES = 8192
const COOKIE = 'flowhawk'
const MIN_TOKEN = 16

/** "8080", "127.0.0.1:8080", "[::1]:8080" or "localhost:8080". */
export function dashboardAddress(text: string, token: string | undefined): ListenAddress {
  const address = listenAddress(text)
  if (address === undefined) {
    const what = `found ${JSON.stringify(text)}, expected an address of this host and a port; for example 127.0.0.1:8080`
    throw new UsageError('OPTION_LISTEN', '--listen', what)
  }
  if (token === undefined && !isLoopback(address.host)) {
    const what = `found ${text}, which others can reach; give a --token that they must know, or listen on ${LOOPBACK}`
    throw new UsageError('OPTION_TOKEN_MISSING', '--listen', what)
  }
  if (token !== undefined && (token.length < MIN_TOKEN || !/^[\w-]+$/.test(token))) {
    const what = `expected at least ${MIN_TOKEN} letters and digits; for example of: openssl rand -hex 16`
    throw new UsageError('OPTION_TOKEN', '--token', what)
  }
  return address
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

/** Throws InputError when it cannot listen there. */
export async function openDashboard(
  address: ListenAddress,
  token: string | undefined,
  content: DashboardContent,
  stalledMs = STALLED_MS,
): Promise<Dashboard> {
  const feed = new Feed(content.snapshot)
  const app = new Hono()
  app.use(async (context, next) => {
    const refused = refuse(context, address) ?? authorize(context, token)
    if (refused !== undefined) return refused
    await next()
    for (const [name, value] of HEADERS) context.res.headers.set(name, value)
    return undefined
  })
  app.get('/', (context) => {
    const { html, policy } = content.page()
    context.header('Content-Security-Policy', `${policy}; frame-ancestors 'none'`)
    return context.html(html)
  })
  app.get('/events', (context) => feed.answer(context))
  app.get('/healthz', (context) => context.text('ok\n'))
  app.get('/metrics', async (context) => {
    const { text, contentType } = await content.metrics()
    return context.body(text, 200, { 'Content-Type': contentType })
  })
  app.notFound((context) => context.text('there are /, /events, /healthz and /metrics\n', 404))
  app.onError((_, context) => context.text('internal error\n', 500))
  const { server, port } = await listen(app, address, stalledMs)
  return {
    url: `http://${endpoint(address.host, port)}/`,
    changed: () => feed.changed(),
    async close() {
      feed.close()
      const closed = new Promise((resolve) => server.close(resolve))
      if ('closeAllConnections' in server) server.closeAllConnections()
      await closed
    },
  }
}

const HEADERS: readonly (readonly [string, string])[] = [
  ['Cache-Control', 'no-store'],
  ['X-Content-Type-Options', 'nosniff'],
  ['Referrer-Policy', 'no-referrer'],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
  ['Cross-Origin-Opener-Policy', 'same-origin'],
]

/** Refuses other methods, and Host headers that do not name this host: any name may resolve to it (DNS rebinding). */
function refuse(context: Context, address: ListenAddress): Response | undefined {
  if (context.req.method !== 'GET' && context.req.method !== 'HEAD') {
    return context.text('only GET and HEAD\n', 405, { Allow: 'GET, HEAD' })
  }
  const [, name = ''] = /^(\[[^\]]*\]|[^:]*)(?::\d{1,5})?$/.exec(context.req.header('host') ?? '') ?? []
  const bare = withoutBrackets(name).toLowerCase()
  const known = isLoopback(address.host)
    ? isLoopback(bare)
    : isIP(bare) !== 0 || bare === 'localhost' || bare === hostname().toLowerCase()
  return known ? undefined : context.text('this is no name of this host\n', 421)
}

/** The token is given once in the URL; from then on it is a cookie, which no script can read. */
function authorize(context: Context, token: string | undefined): Response | undefined {
  if (token === undefined || context.req.path === '/healthz') return undefined
  const given = context.req.query('token')
  if (given !== undefined && context.req.path === '/' && isEqual(given, token)) {
    setCookie(context, COOKIE, token, { httpOnly: true, sameSite: 'Strict', path: '/' })
    return context.redirect('/', 303)
  }
  const bearer = /^Bearer (.+)$/.exec(context.req.header('authorization') ?? '')?.[1]
  const known = [given, bearer, getCookie(context, COOKIE)].some(
    (each) => each !== undefined && isEqual(each, token),
  )
  return known
    ? undefined
    : context.text('a token is needed: /?token=… once, or an Authorization header\n', 401)
}

/** Compares in constant time, so that the duration does not reveal where they differ. */
function isEqual(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}

/** Snapshots for connected clients: made at a limited rate, once for all of them, and only while there are any. */
class Feed {
  readonly #snapshot: () => string
  readonly #waiting = new Set<() => void>()
  #version = 1
  #textVersion = 0
  #text = ''
  #clients = 0
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(snapshot: () => string) {
    this.#snapshot = snapshot
  }

  changed(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#version++
      for (const wake of this.#waiting) wake()
    }, INTERVAL_MS).unref()
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    for (const wake of this.#waiting) wake()
  }

  answer(context: Context): Response {
    // Nothing reads the stream of a HEAD request, so its end would never be noticed.
    if (context.req.method === 'HEAD') return context.body(null, 200, { 'Content-Type': 'text/event-stream' })
    if (this.#clients >= MAX_CLIENTS)
      return context.text('too many listen already\n', 503, { 'Retry-After': '5' })
    this.#clients++
    return streamSSE(context, async (stream) => {
      let gone = false
      stream.onAbort(() => {
        gone = true
        for (const wake of this.#waiting) wake()
      })
      try {
        for (let seen = 0; !gone && !this.#closed; ) {
          if (seen === this.#version) {
            if (!(await this.#changeOrHeartbeat())) await stream.write(': still here\n\n')
            continue
          }
          seen = this.#version
          // Waits until the client has read it; later changes are in the next snapshot.
          await stream.writeSSE({ data: this.#latest(), retry: 1000 })
        }
      } finally {
        this.#clients--
      }
    })
  }

  /** Waits for a change; false after a heartbeat interval without one. */
  #changeOrHeartbeat(): Promise<boolean> {
    return new Promise((resolve) => {
      const done = (hasChanged: boolean) => {
        clearTimeout(timer)
        this.#waiting.delete(wake)
        resolve(hasChanged)
      }
      const wake = () => done(true)
      const timer = setTimeout(() => done(false), HEARTBEAT_MS).unref()
      this.#waiting.add(wake)
    })
  }

  #latest(): string {
    if (this.#textVersion !== this.#version) {
      this.#text = this.#snapshot()
      this.#textVersion = this.#version
    }
    return this.#text
  }
}

function listen(
  app: Hono,
  { host, port }: ListenAddress,
  stalledMs: number,
): Promise<{ server: ServerType; port: number }> {
  return new Promise((resolve, reject) => {
    const options = {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: REQUEST_MS,
      requestTimeout: REQUEST_MS,
      // By default Node checks only every 30 s.
      connectionsCheckingInterval: REQUEST_MS,
    }
    const server = serve({ fetch: app.fetch, hostname: host, port, serverOptions: options }, (info) =>
      resolve({ server, port: info.port }),
    )
    if ('maxRequestsPerSocket' in server) {
      server.maxConnections = MAX_CONNECTIONS
      // Pipelined requests would all be answered before the first response is sent.
      server.maxRequestsPerSocket = 1
      server.timeout = stalledMs
    }
    server.once('error', (error: NodeJS.ErrnoException) => {
      const what = `the dashboard cannot be served here, ${listenReason(error, 'choose another port with --listen')}`
      reject(new InputError('SERVE_LISTEN', endpoint(host, port), what))
    })
  })
}
