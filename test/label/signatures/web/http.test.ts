import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { signatures } from '../../../../src/label/signatures/web/http.ts'
import {
  assertSurvivesMutation,
  assertTruncationsHarmless,
  client,
  converse,
  hex,
  type Said,
  type Setting,
  server,
} from '../conversation.ts'
import { BROWSER_HELLO, handshake, record } from '../tls/hellos.ts'

const test = suite('label/signatures/web/http')

const setting: Setting = { signatures, protocol: 6, serverPort: 80 }

const REQUEST = 'GET /index.html?q=1 HTTP/1.1\r\nHost: www.example.org:8080\r\nuser-agent:curl/8.1  \r\n\r\n'
const RESPONSE = 'HTTP/1.1 404 Not Found\r\nServer: nginx\r\nContent-Type: text/html\r\n\r\n<html>'
const EXCHANGE = [client(REQUEST), server(RESPONSE)]
const TYPE_AND_SERVER = { content_type: 'text/html', server: 'nginx' }

test('request and response tell method, host, path, agent, status and type', () => {
  const heard = converse(setting, EXCHANGE)
  assert.is(heard.label, 'http')
  assert.is(heard.strength, 'strong')
  assert.equal(heard.roles, ['client', 'server'])
  assert.is(heard.hostname, 'www.example.org (http)')
  assert.equal(heard.extras.http, {
    method: 'GET',
    path: '/index.html?q=1',
    user_agent: 'curl/8.1',
    host: 'www.example.org:8080',
    status: 404,
    content_type: 'text/html',
    server: 'nginx',
  })
})

test('a response met first is enough', () => {
  const heard = converse(setting, [server(RESPONSE)])
  assert.is(heard.label, 'http')
  assert.is(heard.extras.http.status, 404)
})

test('a request line that fills its segment counts, one that ends otherwise does not', () => {
  assert.is(converse(setting, [client(`GET /${'a'.repeat(200)}`)]).label, 'http')
  assert.is(converse(setting, [client('GET /index.html\r\n')]).label, '')
  const line = client('GET /images/logo.png HTTP/1.1\r\n')
  assert.is(converse(setting, [{ ...line, captured: 16 }]).label, 'http', 'cut by the snaplen')
  assert.is(converse(setting, [{ ...line, captured: 15 }]).label, '')
})

test('a request line that was cut within its version is told without that', () => {
  const path = (line: string) => converse(setting, [client(line)]).extras.http.path
  for (const cut of ['', ' ', ' H', ' HTT', ' HTTP/', ' HTTP/1.', ' HTTP/1.1', ' HTTP/1.1\r'])
    assert.is(path(`GET /images/logo.png${cut}`), '/images/logo.png', cut)
  assert.is(path('GET /images/a HTML'), '/images/a HTML')
  assert.is(path('GET /images/a HTTP/ b HTTP/1.1\r\n\r\n'), '/images/a HTTP/ b')
})

test('an interim response is not the answer, and a URL is told without its user and password', () => {
  const interim = server('HTTP/1.1 100 Continue\r\n\r\n')
  const put = client(
    'PUT /f HTTP/1.1\r\nHost: h.example\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n',
  )
  const { http } = converse(setting, [put, interim, client('abc'), server(RESPONSE)]).extras
  assert.is(http.status, 404)
  const together = server(`HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n${RESPONSE}`)
  assert.equal(converse(setting, [put, client('abc'), together]).extras.http, http, 'in one segment')
  const path = (url: string) => converse(setting, [client(`GET ${url} HTTP/1.1\r\n\r\n`)]).extras.http.path
  assert.is(path('http://user:secret@h.example/@b'), 'http://h.example/@b')
  assert.is(path('http://h.example/a@b'), 'http://h.example/a@b')
  assert.is(path('//a:b@c/d'), '//a:b@c/d', 'a path that begins with two slashes')
  assert.is(path('http://user:se/cret@h.example/'), 'http://')
  assert.is(path('http://[2001:db8::1]:8080/'), 'http://[2001:db8::1]:8080/')
  const connect = 'CONNECT user:secret@h.example:443 HTTP/1.1\r\nHost: user:secret@h.example\r\n\r\n'
  const tunnel = converse(setting, [client(connect)])
  assert.equal([tunnel.extras.http.path, tunnel.extras.http.host], ['h.example:443', 'h.example'])
  assert.is(tunnel.hostname, 'h.example (http)')
  // Cut within the password, or within the name of a host.
  const cut = (line: string) => converse(setting, [client(line)]).extras.http?.path
  const long = `GET http://user:${'secret'.repeat(200)}`
  assert.is(cut(long), 'http://')
  assert.is(cut(`GET http://h.example/${'a'.repeat(30)}`), `http://h.example/${'a'.repeat(30)}`)
})

test('the body of a request in a second segment does not end the wait for the response', () => {
  const heard = converse(setting, [client('POST / HTTP/1.1\r\n\r\n'), client('a=1'), server(RESPONSE)])
  assert.is(heard.extras.http.status, 404)
})

test('the response is read behind a long body', () => {
  const body = Array.from({ length: 50 }, () => client('x'.repeat(200)))
  const post = client('POST /f HTTP/1.1\r\nHost: h.example\r\n\r\n')
  const interim = server('HTTP/1.1 100 Continue\r\n\r\n')
  assert.is(converse(setting, [post, ...body, server(RESPONSE)]).extras.http.status, 404)
  assert.is(converse(setting, [post, interim, ...body, server(RESPONSE)]).extras.http.server, 'nginx')
})

test('an answer that is no HTTP does not agree', () => {
  const labels = (...said: Said[]) => converse(setting, said).labels
  const answer = server('RTSP/1.0 400 Bad Request\r\n\r\n')
  assert.equal(labels(client(REQUEST), answer), ['http', ''])
  assert.equal(labels(client(REQUEST), client('POST is what goes on'), answer), ['http', 'http', ''])
  assert.equal(labels(client('GET http://a.example/ HTTP/1.1\r\n\r\n'), answer), ['http-proxy', ''])
  assert.equal(labels(client('CONNECT a.example:22 HTTP/1.1\r\n\r\n'), server('Command not known\r\n')), [
    'http-connect',
    '',
  ])
  assert.equal(labels(client(REQUEST), server(RESPONSE), server('Huge body')), ['http', 'http', ''])
})

test("a request's head in several segments is joined by their numbers", () => {
  const lines = (text: string) => text.split(/(?<=\n)/)
  const whole = converse(setting, EXCHANGE)
  const split = [...lines(REQUEST).map((line) => client(line)), server(RESPONSE)]
  assert.equal(converse(setting, split).extras, whole.extras)
  assert.is(converse(setting, split).hostname, whole.hostname)
  for (let cut = 1; cut < REQUEST.length; cut++) {
    const halves = [client(REQUEST.slice(0, cut)), client(REQUEST.slice(cut)), server(RESPONSE)]
    assert.equal(converse(setting, halves).extras, whole.extras, `cut at ${cut}`)
    assert.is(converse(setting, halves).hostname, whole.hostname, `cut at ${cut}`)
  }
  let sequence = 0
  const twice = split.flatMap((said) => {
    if (said.from === 'server') return [said, said]
    const at = sequence
    sequence += said.bytes.length
    return [
      { ...said, sequence: at },
      { ...said, sequence: at },
    ]
  })
  assert.equal(converse(setting, twice).extras, whole.extras, 'each segment seen twice')
  const part = (from: number, to?: number) => ({ ...client(REQUEST.slice(from, to)), sequence: from })
  for (const order of [
    [part(0, 20), part(0, 40), part(30, 50), part(45)],
    [part(0, 20), part(40), part(20, 40)],
  ])
    assert.equal(converse(setting, [...order, server(RESPONSE)]).extras, whole.extras, 'in any order')
  const [line, ...rest] = split
  const lost = converse(setting, [line, { ...rest[1], sequence: 1000 }, server(RESPONSE)])
  assert.equal(lost.extras.http, { method: 'GET', path: '/index.html?q=1', status: 404, ...TYPE_AND_SERVER })
  const unfinished = converse(setting, [...split.slice(0, 2), server(RESPONSE)])
  assert.is(unfinished.hostname, whole.hostname)
  assert.is(converse(setting, split.slice(0, 2)).hostname, whole.hostname, 'nothing follows')
  const body = [client('POST / HTTP/1.1\r\n\r\n'), client('Host: www.example.org\r\n\r\n')]
  assert.is(converse(setting, body).hostname, '', 'a body is no head')
})

test('of a header that was cut nothing is told', () => {
  const at = (text: string, cut: string) => text.slice(0, text.indexOf(cut) + cut.length)
  const heard = converse(setting, [client(REQUEST), server(at(RESPONSE, 'Server: ngi'))])
  assert.is(heard.extras.http.status, 404)
  assert.is(heard.extras.http.server, undefined)
  const agent = { ...client(REQUEST), captured: REQUEST.indexOf('curl') + 3 }
  assert.is(converse(setting, [agent]).extras.http.user_agent, undefined)
})

test('a capture that begins within a response tells the request behind it', () => {
  const body = Array.from({ length: 20 }, () => server('x'.repeat(200)))
  const heard = converse(setting, [server(RESPONSE), ...body, client(REQUEST)])
  assert.is(heard.label, 'http')
  assert.is(heard.extras.http.path, '/index.html?q=1')
})

test('the start of a host name that the snaplen cut is not told', () => {
  const cut = { ...client(REQUEST), captured: REQUEST.indexOf('example') }
  assert.is(converse(setting, [cut]).hostname, '')
  assert.is(converse(setting, [cut]).extras.http.host, undefined)
  for (const host of ['', 'h'.repeat(1400)])
    assert.is(
      converse(setting, [client(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`)]).extras.http.host,
      undefined,
    )
})

test('CONNECT is http-connect, and the name behind the proxy is read from its TLS', () => {
  const heard = converse({ ...setting, serverPort: 3128 }, [
    client('CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n'),
    server('HTTP/1.1 200 Connection established\r\n\r\n'),
    client(record(22, handshake(1, BROWSER_HELLO))),
  ])
  assert.is(heard.label, 'http-connect')
  assert.is(heard.extras.http.status, 200)
  assert.is(heard.hostname, 'example.org (http)')
  assert.is(heard.extras.tls.sni, 'www.example.org')
})

test('an absolute URL or a Proxy-Connection header is http-proxy', () => {
  assert.is(converse(setting, [client('GET http://example.org/ HTTP/1.1\r\n\r\n')]).label, 'http-proxy')
  const header = 'GET / HTTP/1.1\r\nHost: a.example\r\nProxy-Connection: keep-alive\r\n\r\n'
  const heard = converse(setting, [client(header), server(RESPONSE)])
  assert.is(heard.label, 'http-proxy')
  assert.is(heard.extras.http.status, 404)
  const url = 'GET http://example.org/ HTTP/1.1\r\n'
  const halves = [client(url), client('Host: a.example\r\n\r\n'), server(RESPONSE)]
  assert.is(converse(setting, halves).hostname, 'a.example (http)')
})

test('a proxy is asked for more than http, and CONNECT names the server without a Host header', () => {
  for (const url of ['https://www.example.org/', 'ftp://ftp.example.org/x'])
    assert.is(converse(setting, [client(`GET ${url} HTTP/1.1\r\n\r\n`)]).label, 'http-proxy', url)
  const heard = converse(setting, [client('CONNECT www.example.org:443 HTTP/1.0\r\n\r\n')])
  assert.is(heard.label, 'http-connect')
  assert.is(heard.hostname, 'www.example.org (http)')
})

test('a switch to WebSocket is websocket, a switch to something else is not', () => {
  const request = client('GET /chat HTTP/1.1\r\nUpgrade: websocket\r\n\r\n')
  const accept = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\r\n'
  assert.is(converse(setting, [request, server(accept)]).label, 'websocket')
  assert.is(converse(setting, [request, server('HTTP/1.1 101 X\r\nUpgrade: h2c\r\n\r\n')]).label, 'http')
  assert.is(converse(setting, [request, server(RESPONSE)]).label, 'http')
})

test('RTSP tunnelled in HTTP is rtsp', () => {
  const tunnel = 'GET /live HTTP/1.0\r\nx-sessioncookie: a1\r\nAccept: application/x-rtsp-tunnelled\r\n\r\n'
  assert.is(converse(setting, [client(tunnel)]).label, 'rtsp')
})

test('near misses do not match', () => {
  const misses = [
    'GETTY / HTTP/1.1\r\n\r\n',
    'GET /\x01binary HTTP/1.1\r\n\r\n',
    'OPTIONS sip:a@b.example SIP/2.0\r\n\r\n',
    'DESCRIBE rtsp://a.example/ RTSP/1.0\r\n\r\n',
    'HTTP/1.1 abc\r\n',
    'HTTP-ish text that goes on and on',
    'get / http/1.1\r\n\r\n',
  ]
  for (const miss of misses) assert.is(converse(setting, [client(miss)]).label, '', miss)
})

test('hostile headers come out escaped and never become a hostname', () => {
  const heard = converse(setting, [client('GET / HTTP/1.1\r\nHost: a\x1b[2Jb\xff\r\n\r\n')])
  assert.is(heard.extras.http.host, 'a\\x1B[2Jb\\xFF')
  assert.is(heard.hostname, '')
  assert.is(converse(setting, [client('GET / HTTP/1.1\r\nHost: [2001:db8::1]:80\r\n\r\n')]).hostname, '')
})

test('no truncation reads beyond the payload', () => {
  assertTruncationsHarmless(setting, EXCHANGE)
  assertTruncationsHarmless(setting, [
    client('GET / HTTP/1.1\r\n\r\n'),
    server('HTTP/1.1 101 X\r\nUpgrade: websocket\r\n\r\n'),
  ])
  assertTruncationsHarmless(setting, [
    client('CONNECT a.example:443 HTTP/1.1\r\n\r\n'),
    server(hex('48 54 54 50')),
  ])
})

test('mutations neither throw nor hang', () => assertSurvivesMutation(setting, EXCHANGE))

test.run()
