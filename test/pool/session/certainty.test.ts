import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseCidr } from '../../../src/address.ts'
import type { Site } from '../../../src/types.ts'
import { FRAMEHAWK, type Line, MOSH, moshTalk, type PlayOptions, play, spans, talk } from '../tape.ts'

const test = suite('pool/session/certainty')

const SERVER = '10.1.0.4'
const CLIENT = '10.9.0.1:50000'
const ICA = { t: 5, server: `${SERVER}:1494`, client: '10.9.0.77:999', label: 'ica' }
const session = (port: number) => talk(CLIENT, `${SERVER}:${port}`, { start: 0, end: 20 })

function site(...servers: { name?: string; addresses: string[]; pools: string[] }[]): Site {
  return {
    servers: servers.map((server) => ({
      ...server,
      addresses: server.addresses.map((text) => parseCidr(text)!),
    })),
    internal: [],
  }
}

function certainties(lines: Line[], options: PlayOptions): string[] {
  return play(lines, options).sessions.map((s) => s.certainty)
}

test('the port alone is possible; ICA by payload at the server makes it likely, at another it does not', () => {
  assert.equal(certainties(session(3224), {}), ['possible'])
  assert.equal(certainties(session(3224), { support: [ICA] }), ['likely'])
  assert.equal(certainties(session(3224), { support: [{ ...ICA, label: 'smb' }] }), ['possible'])
  assert.equal(certainties(session(3224), { support: [{ ...ICA, server: '10.1.0.5:1494' }] }), ['possible'])
})

test('context counts up to the close instant, not later', () => {
  const later = talk('10.8.0.1:9', '10.8.0.2:10', { start: 0, end: 400, every: 20 })
  const at = (t: number) => certainties([...session(3224), ...later], { support: [{ ...ICA, t }] })
  assert.equal(at(139), ['likely'])
  assert.equal(at(141), ['possible'])
})

test('a lone high slot lowers likely to possible; with a lower slot used it does not', () => {
  assert.equal(certainties(session(3321), { support: [ICA] }), ['possible'])
  assert.equal(
    certainties([...session(3321), ...talk('10.9.0.2:1024', `${SERVER}:3224`, { start: 0, end: 20 })], {
      support: [ICA],
    }),
    ['likely', 'likely'],
  )
  assert.equal(certainties(session(3225), { support: [ICA] }), ['likely'])
  const any = { ...FRAMEHAWK, allocation: 'any' as const }
  assert.equal(certainties(session(3321), { pools: [any], support: [ICA] }), ['likely'])
})

test('payload confirms, weak payload in one direction makes likely', () => {
  const lines = moshTalk(CLIENT, `${SERVER}:60001`, { start: 0, end: 20 })
  assert.equal(certainties(lines, { pools: [MOSH] }), ['confirmed'])
  const weak = lines.map((line, i) => ({
    ...line,
    label: i === 1 ? 'mosh' : undefined,
    strength: 1,
    server: 0,
  }))
  assert.equal(certainties(weak, { pools: [MOSH] }), ['likely'])
})

test('the site file confirms a two-way session, and only a two-way one', () => {
  const listed = site({ addresses: ['10.1.0.0/24'], pools: ['framehawk'] })
  assert.equal(certainties(session(3321), { site: listed }), ['confirmed'])
  const oneWay = session(3224).filter((line) => line.from === CLIENT)
  const lax = { ...FRAMEHAWK, bidirectional: false }
  assert.equal(certainties(oneWay, { site: listed, pools: [lax] }), ['possible'])
})

test('a host in the site file without the pool is refused as other_pool', () => {
  const { sessions, pools } = play(session(3224), { site: site({ addresses: [SERVER], pools: ['mosh'] }) })
  assert.is(sessions.length, 0)
  assert.equal(pools[0].rejected, [{ reason: 'other_pool', label: 'unknown', flows: 1 }])
})

test('the site file goes before the narrower range, and names the server where both ends are in range', () => {
  const wide = { ...FRAMEHAWK, name: 'wide', label: 'wide', ports: [{ low: 3000, high: 4000 }] }
  const listed = site({ addresses: [SERVER], pools: ['wide'] })
  assert.equal(
    play(session(3224), { site: listed, pools: [FRAMEHAWK, wide] }).sessions.map((s) => s.pool),
    ['wide'],
  )
  const both = talk('10.9.0.1:3300', `${SERVER}:3224`, { start: 0, end: 20 })
  const vda = site({ addresses: [SERVER], pools: ['framehawk'] })
  assert.equal(spans(play(both, { site: vda }).sessions), ['3224 0-20.001 capture_end'])
})

test('payload of another protocol goes before the site file', () => {
  const lines = session(3224)
  lines[0] = { ...lines[0], label: 'openvpn' }
  const { sessions, pools } = play(lines, { site: site({ addresses: [SERVER], pools: ['framehawk'] }) })
  assert.is(sessions.length, 0)
  assert.is(pools[0].rejected[0].reason, 'other_protocol')
})

test('one name with several addresses is one host with one set of slots', () => {
  const listed = site({ name: 'vda7', addresses: [SERVER, '2001:db8::4'], pools: ['framehawk'] })
  const lines = [...session(3224), ...talk('[2001:db8::9]:5000', '[2001:db8::4]:3225', { start: 5, end: 20 })]
  const { sessions, pools } = play(lines, { site: listed })
  assert.equal(
    sessions.map((s) => s.serverIp),
    [SERVER, SERVER],
  )
  assert.equal(
    pools.map((p) => [p.serverIp, p.slots, p.peak]),
    [
      [SERVER, 101, 2],
      [undefined, 101, 2],
    ],
  )
  const apart = play(lines).pools
  assert.equal(
    apart.map((p) => p.serverIp),
    [SERVER, '2001:db8::4', undefined],
  )
})

test('the report is as sure as the least sure session of its peak', () => {
  const lines = [...session(3224), ...talk(CLIENT, '10.1.0.5:3224', { start: 10, end: 30 })]
  const { pools } = play(lines, { support: [ICA] })
  assert.equal(
    pools.map((p) => p.certainty),
    ['likely', 'possible', 'possible'],
  )
})

test('two-way traffic that nothing explains is a notice that asks to look, and never judges', () => {
  const { notices } = play([...session(3224), ...talk(CLIENT, `${SERVER}:3226`, { start: 0, end: 9 })])
  assert.equal(
    notices.map((notice) => [notice.notice, notice.about.ports]),
    [['unexplained_pool_traffic', [3224, 3226]]],
  )
  assert.match(notices[0].says, /unexplained; look which process owns the port \(ss, lsof, netstat\)/)
  assert.not.match(notices[0].says, /malicious|malware|attack/)
  assert.equal(play(session(3224), { support: [ICA] }).notices, [])
})

test.run()
