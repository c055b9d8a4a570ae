/** Who may ask the dashboard what, and clients that are slow or gone. */
import { get, request } from 'node:http'
import { connect } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { UsageError } from '../../src/errors.ts'
import { type Dashboard, dashboardAddress, openDashboard } from '../../src/service/dashboard.ts'

const test = suite('service/dashboard')
const TOKEN = '0123456789abcdef'

let version = 0
let made = 0
let pages = 0
const content = {
  page: () => {
    pages++
    return { html: '<!doctype html>', policy: "default-src 'none'" }
  },
  snapshot: () => {
    made++
    return JSON.stringify({ version })
  },
  metrics: async () => ({ text: 'up 1\n', contentType: 'text/plain; version=0.0.4' }),
}

const open: Dashboard[] = []
async function dashboard(token?: string, stalledMs?: number): Promise<Dashboard> {
  const opened = await openDashboard({ host: '127.0.0.1', port: 0 }, token, content, stalledMs)
  open.push(opened)
  return opened
}
test.after(async () => {
  for (const each of open) await each.close()
})

interface Answer {
  status: number
  text: string
  headers: Record<string, string | string[] | undefined>
}

function ask(url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { headers, method, agent: false }, (response) => {
      let text = ''
      response.on('data', (chunk) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text, headers: response.headers }))
    })
    asked.on('error', reject)
    asked.end()
  })
}

test('answers names of this host only, and nothing but GET and HEAD', async () => {
  const { url } = await dashboard()
  const port = new URL(url).port
  for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`, 'LOCALHOST'])
    assert.is((await ask(url, { host })).status, 200, host)
  for (const host of [
    'evil.example',
    `localhost.evil.example:${port}`,
    '127.0.0.1.evil.example',
    '10.0.0.1',
    '127.1',
  ])
    assert.is((await ask(url, { host })).status, 421, host)
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])
    assert.is((await ask(url, {}, method)).status, 405, method)
  assert.is((await ask(`${url}nothing`)).status, 404)
  assert.is((await ask(`${url}healthz`)).text, 'ok\n')
  assert.is((await ask(`${url}metrics`)).text, 'up 1\n')
  const { headers } = await ask(url)
  assert.is(headers['content-security-policy'], "default-src 'none'; frame-ancestors 'none'")
  assert.is(headers['x-content-type-options'], 'nosniff')
  assert.is(headers['cache-control'], 'no-store')
})

test('with a token nothing but /healthz is open', async () => {
  const { url } = await dashboard(TOKEN)
  for (const path of ['', 'events', 'metrics', '?token=wrong', 'events?token=']) {
    const { status } = await ask(url + path)
    assert.is(status, 401, path)
  }
  assert.is((await ask(`${url}healthz`)).status, 200)
  const entered = await ask(`${url}?token=${TOKEN}`)
  assert.equal([entered.status, entered.headers.location], [303, '/'])
  const cookie = String(entered.headers['set-cookie'])
  assert.match(cookie, /HttpOnly/)
  assert.match(cookie, /SameSite=Strict/)
  assert.is((await ask(url, { cookie: cookie.split(';')[0] })).status, 200)
  assert.is((await ask(`${url}metrics`, { authorization: `Bearer ${TOKEN}` })).status, 200)
  assert.is((await ask(url, { cookie: 'flowhawk=wrong' })).status, 401)
})

test('others are served only with a token, and a good one', () => {
  const code = (text: string, token?: string) => {
    try {
      return dashboardAddress(text, token).host
    } catch (error) {
      assert.instance(error, UsageError)
      return (error as UsageError).code
    }
  }
  assert.is(code('8080'), '127.0.0.1')
  assert.is(code('[::1]:8080'), '::1')
  assert.is(code('0.0.0.0:8080'), 'OPTION_TOKEN_MISSING')
  assert.is(code('[::]:8080'), 'OPTION_TOKEN_MISSING')
  assert.is(code('0.0.0.0:8080', 'short'), 'OPTION_TOKEN')
  assert.is(code('0.0.0.0:8080', TOKEN), '0.0.0.0')
  assert.is(code('example.com:80', TOKEN), 'OPTION_LISTEN')
  assert.is(code('127.0.0.1:99999'), 'OPTION_LISTEN')
})

/** The snapshots that a listener gets, each as it comes. */
function events(url: string): { next(): Promise<{ version: number }>; leave(): void } {
  const texts: string[] = []
  let wake = () => {}
  let rest = ''
  const asked = get(`${url}events`, { agent: false }, (response) => {
    response.on('data', (chunk) => {
      const parts = (rest + chunk).split('\n\n')
      rest = parts.pop() ?? ''
      texts.push(...parts)
      wake()
    })
  })
  asked.on('error', () => undefined)
  return {
    async next() {
      while (texts.length === 0) await new Promise<void>((resolve) => (wake = resolve))
      return JSON.parse(/^data: (.*)$/m.exec(texts.shift() ?? '')?.[1] ?? '')
    },
    leave: () => asked.destroy(),
  }
}

test('many changes are one snapshot, made once for all who listen', async () => {
  const each = await dashboard()
  const [one, two] = [events(each.url), events(each.url)]
  assert.equal(await one.next(), { version: 0 })
  assert.equal(await two.next(), { version: 0 })
  const before = made
  for (version = 1; version <= 1000; version++) each.changed()
  assert.equal(await one.next(), { version: 1001 })
  assert.equal(await two.next(), { version: 1001 })
  assert.is(made - before, 1)
  one.leave()
  two.leave()
})

test('who has gone or does not read holds nobody up, and places are free again', async () => {
  const each = await dashboard()
  const { port } = new URL(each.url)
  // Asks, and never reads.
  const stuck = connect(Number(port), '127.0.0.1')
  stuck.pause()
  stuck.write('GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n')
  for (let i = 0; i < 100; i++) {
    const passing = events(each.url)
    await passing.next()
    passing.leave()
  }
  // An answer without a body takes no place.
  for (let i = 0; i < 100; i++) assert.is((await ask(`${each.url}events`, {}, 'HEAD')).status, 200)
  const last = events(each.url)
  await last.next()
  version = 7
  each.changed()
  assert.equal(await last.next(), { version: 7 })
  last.leave()
  stuck.destroy()
})

test('of requests that come in one piece only the first is answered', async () => {
  const { url } = await dashboard()
  const before = pages
  await new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.on('data', () => undefined).on('close', resolve)
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(500))
  })
  assert.is(pages - before, 1)
})

test('who takes nothing gives the place up', async () => {
  const large = { ...content, snapshot: () => JSON.stringify({ version: 'x'.repeat(8_000_000) }) }
  const each = await openDashboard({ host: '127.0.0.1', port: 0 }, undefined, large, 200)
  open.push(each)
  const stuck = connect(Number(new URL(each.url).port), '127.0.0.1')
  stuck.pause()
  stuck.write('GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n')
  const after = (ms: number) => new Promise<false>((resolve) => setTimeout(resolve, ms, false))
  const gone = new Promise<true>((resolve) =>
    stuck.on('error', () => undefined).on('close', () => resolve(true)),
  )
  await after(1000)
  stuck.resume()
  assert.ok(await Promise.race([gone, after(2000)]))
  stuck.destroy()
})

test.run()
