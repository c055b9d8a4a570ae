/** What packets of one flow mean for another: services that were announced, and when that is believed. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { builtinRules, mergeRules } from '../src/label/rules/knowledge.ts'
import { parseRules } from '../src/label/rules/rules.ts'
import type { FlowRecord } from '../src/report/record/record-types.ts'
import {
  back,
  captureOf,
  exchange,
  flowsOf,
  handshake,
  recordsOf,
  type Sent,
  sendTcp,
  sendUdp,
  sessionsOf,
  type Way,
} from './analyzed.ts'

const test = suite('classification')

const SIP: Way = '10.0.0.1:5060 > 10.0.0.2:5060'
const MEDIA: Way = '10.0.0.1:46100 > 10.0.0.2:46200'

function description(address: string, port: number): string {
  return ['', 'v=0', `c=IN IP4 ${address}`, `m=audio ${port} RTP/AVP 0`, ''].join('\r\n')
}

const INVITE = `INVITE sip:b@example.org SIP/2.0\r\nCall-ID: 1\r\n${description('10.0.0.1', 46_100)}`
const OK = `SIP/2.0 200 OK\r\nCall-ID: 1\r\n${description('10.0.0.2', 46_200)}`

async function flowTo(port: number, ...sent: Sent[][]): Promise<FlowRecord | undefined> {
  return flowsOf(await recordsOf(captureOf(...sent))).find(({ dst_port }) => dst_port === port)
}

const verdict = (flow?: FlowRecord) => [flow?.label, flow?.certainty]

test('media that a call announced are likely, with the evidence', async () => {
  const flow = await flowTo(
    46_200,
    [sendUdp(0, SIP, INVITE), sendUdp(0.5, back(SIP), OK)],
    exchange(1, MEDIA),
  )
  assert.equal(verdict(flow), ['rtp', 'likely'])
  const [first] = flow?.evidence ?? []
  assert.is(first.source, 'context')
  assert.is(
    first.says,
    '10.0.0.2 announced rtp at 10.0.0.2:46200/udp in SDP (frame 2), 0.500 s before the flow began',
  )
})

test('an offer counts from its answer on, whatever the answer says', async () => {
  const trying = sendUdp(0.5, back(SIP), 'SIP/2.0 100 Trying\r\n\r\n')
  const toCaller = exchange(1, '10.0.0.2:46200 > 10.0.0.1:46100')
  assert.equal(verdict(await flowTo(46_100, [sendUdp(0, SIP, INVITE), trying], toCaller)), ['rtp', 'likely'])
  assert.equal(verdict(await flowTo(46_100, [sendUdp(0, SIP, INVITE)], toCaller))[1], 'unknown')
})

test('one spoofed packet announces nothing', async () => {
  const spoofed = sendUdp(0, back(SIP), OK)
  assert.equal(verdict(await flowTo(46_200, [spoofed, spoofed], exchange(1, MEDIA)))[1], 'unknown')
})

test('what is announced up to the close of the flow counts, what comes after it does not', async () => {
  const call = (at: number) => [sendUdp(at, SIP, INVITE), sendUdp(at + 0.5, back(SIP), OK)]
  assert.equal(verdict(await flowTo(46_200, exchange(0, MEDIA, 2, 3), call(100))).at(1), 'unknown')
  assert.equal(verdict(await flowTo(46_200, exchange(0, MEDIA, 2, 3), call(50))), ['rtp', 'likely'])
  const around = [...exchange(0, MEDIA), ...call(1), ...exchange(2, MEDIA)]
  assert.equal(verdict(await flowTo(46_200, around)), ['rtp', 'likely'])
})

test('an FTP session announces its data connections, one after another', async () => {
  const control: Way = '10.0.0.1:50021 > 10.0.0.9:21'
  const say = (at: number, text: string) => sendTcp(at, control, 'PA', `${text}\r\n`)
  const reply = (at: number, text: string) => sendTcp(at, back(control), 'PA', `${text}\r\n`)
  const login = [
    ...handshake(0, control),
    reply(0.1, '220 FTP ready'),
    say(0.2, 'USER anonymous'),
    reply(0.3, '331 Any password'),
    say(0.4, 'PASS x'),
    reply(0.5, '230 In'),
  ]
  const transfer = (at: number, port: number): Sent[] => {
    const data: Way = `10.0.0.1:50022 > 10.0.0.9:${port}`
    return [
      say(at, 'PASV'),
      reply(at + 0.1, `227 Passive (10,0,0,9,${port >> 8},${port & 255})`),
      say(at + 0.2, 'RETR file'),
      ...handshake(at + 0.3, data),
      sendTcp(at + 0.4, back(data), 'PA', 'the content of the file'),
      reply(at + 0.5, '226 Done'),
    ]
  }
  const many = Array.from({ length: 12 }, (_, i) => transfer(1 + i, 40_000 + i)).flat()
  for (const port of [40_000, 40_011])
    assert.equal(verdict(await flowTo(port, login, many)), ['ftp-data', 'likely'], `${port}`)
})

test('a DNS SRV answer makes the service likely at the address that DNS gives its target', async () => {
  const ask: Way = '10.0.0.1:50053 > 10.0.0.53:53'
  const name = '\x05_ldap\x04_tcp\x07example\x00'
  const target = '\x02dc\x07example\x00'
  const header = (flags: string, counts: string) => `\x12\x34${flags}\x00\x01${counts}`
  const question = `${header('\x01\x00', '\x00\x00\x00\x00\x00\x00')}${name}\x00\x21\x00\x01`
  const record = `\xc0\x0c\x00\x21\x00\x01\x00\x00\x02\x58\x00\x12\x00\x00\x00\x64\x0f\xa1${target}`
  const address = `${target}\x00\x01\x00\x01\x00\x00\x02\x58\x00\x04\x0a\x00\x00\x09`
  const answer = `${header('\x81\x80', '\x00\x01\x00\x00\x00\x01')}${name}\x00\x21\x00\x01${record}${address}`
  const data: Way = '10.0.0.1:50100 > 10.0.0.9:4001'
  const opaque = [...handshake(1, data), sendTcp(2, data, 'PA', '\x01\x02\x03\x04')]
  const asked = [sendUdp(0, ask, question), sendUdp(0.1, back(ask), answer)]
  const flow = await flowTo(4001, asked, opaque)
  assert.equal([...verdict(flow), flow?.hostname], ['ldap', 'likely', 'dc.example'])
  const [first] = flow?.evidence ?? []
  assert.match(first.says, /^10\.0\.0\.53 announced ldap at dc\.example:4001\/tcp in a DNS SRV answer/)
  assert.equal(verdict(await flowTo(4001, asked.slice(1), opaque)).includes('ldap'), false)
})

test('a rule with payload and host name labels flows and tells pools nothing', async () => {
  const own: Way = '10.0.0.1:50100 > 10.0.0.9:7000'
  const sent = [...handshake(1, own), sendTcp(2, own, 'PA', 'ACME'), sendTcp(3, back(own), 'PA', 'ACME')]
  const capture = captureOf(sent, exchange(5, '10.0.0.1:50200 > 10.0.0.9:7100', 4))
  const sessions = async (name: string) => {
    const rules = parseRules(
      `pools:
  - { name: acme, transport: tcp, ports: 7000, requires: acme }
  - { name: companion, transport: udp, ports: 7100, supported_by: [acme] }
labels:
  - { label: acme, ${name} payload: { bytes: "41434d" } }
`,
      'r.yaml',
    )
    const records = await recordsOf(capture, { rules: mergeRules([builtinRules(), rules]) })
    return sessionsOf(records).map(({ pool, certainty }) => `${pool} ${certainty}`)
  }
  assert.equal(await sessions(''), ['acme confirmed', 'companion likely'])
  assert.equal(await sessions('hostname_suffix: .example,'), ['companion possible'])
})

test.run()
