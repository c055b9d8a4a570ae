import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { UsageError } from '../../../src/errors.ts'
import { ASSIGNEES, PORT_HISTORY, PORT_USES } from '../../../src/label/ports/port-uses.data.ts'
import { portInfo, portSlot, portsOf } from '../../../src/label/ports/portinfo.ts'
import { loadRegistry } from '../../../src/label/ports/registry.ts'
import { builtinRules } from '../../../src/label/rules/knowledge.ts'

const test = suite('label/portinfo')

const { pools } = builtinRules()
const knowledge = { registry: await loadRegistry(), pools }
const pool = (name: string) => pools.find((each) => each.name === name)!

test('tells what 3280 is', () => {
  const info = portInfo(3280, knowledge)
  assert.is(info.range, 'user')
  assert.equal(info.registry, [
    { transport: 'tcp', entry: { status: 'registered', name: 'vs-server', description: 'VS Server' } },
    { transport: 'udp', entry: { status: 'registered', name: 'vs-server', description: 'VS Server' } },
  ])
  assert.is(info.assignee, 'Scott Godlew')
  assert.is(info.pools.length, 1)
  assert.is(info.pools[0].slotIndex, 56)
  assert.is(info.pools[0].slots, 101)
  assert.match(info.pools[0].implies, 'about 57 sessions')
  assert.ok(info.uses.some(({ label, source }) => label === 'framehawk' && source.includes('Citrix')))
  assert.ok(info.check.includes("ss -lunp 'sport = :3280'"))
  assert.ok(info.check.includes('lsof -nP -iUDP:3280'))
})

test('tells what 3321 is', () => {
  const info = portInfo(3321, knowledge)
  assert.is(info.assignee, 'Takeshi Ohmura')
  assert.is(info.registry[1].entry.name, 'vnsstr')
  assert.is(info.pools[0].slotIndex, 97)
  assert.match(info.pools[0].implies, 'about 98 sessions')
})

test('keeps to one transport', () => {
  const info = portInfo(1494, { ...knowledge, transport: 'udp' })
  assert.equal(
    info.registry.map(({ transport }) => transport),
    ['udp'],
  )
  assert.equal(
    info.uses.map(({ label }) => label),
    ['edt'],
  )
  assert.not(info.check.some((command) => command.includes('TCP')))
  assert.equal(portInfo(3280, { ...knowledge, transport: 'tcp' }).pools, [])
})

test('counts slots in pairs and over several ranges', () => {
  const audio = pool('citrix-audio')
  assert.is(portSlot(16500, audio)?.slotIndex, 0)
  assert.is(portSlot(16501, audio)?.slotIndex, 0)
  assert.is(portSlot(16509, audio)?.slotIndex, 4)
  assert.is(portSlot(16509, audio)?.slots, 5)
  assert.is(portSlot(16510, audio), undefined)
  const ranges = {
    ...pool('framehawk'),
    ports: [
      { low: 10, high: 12 },
      { low: 20, high: 21 },
    ],
  }
  assert.is(portSlot(20, ranges)?.slotIndex, 3)
  assert.is(portSlot(21, ranges)?.slots, 5)
  assert.is(portSlot(15, ranges), undefined)
})

test('says what a slot implies, by kind of pool', () => {
  assert.match(portSlot(3224, pool('framehawk'))!.implies, 'the first slot')
  assert.match(portSlot(6010, pool('x11'))!.implies, 'any free slot')
  assert.match(portSlot(60005, pool('mosh'))!.implies, 'about 5 sessions')
  assert.match(portSlot(60005, pool('mosh'))!.implies, 'counts only with a payload of mosh')
  const client = { ...pool('framehawk'), session: 'per-client' as const }
  assert.match(portSlot(3230, client)!.implies, 'every client')
})

test('shows other transports only where registered', () => {
  const transports = portInfo(80, knowledge).registry.map(({ transport }) => transport)
  assert.equal(transports, ['tcp', 'udp', 'sctp'])
  assert.equal(
    portInfo(65535, knowledge).registry.map(({ entry }) => entry.status),
    ['not_listed', 'not_listed'],
  )
})

test('finds the ports a person names', () => {
  const numbers = (...words: string[]) => portsOf(words, knowledge).map(({ port }) => port)
  assert.equal(numbers('3280', '3321', '3280'), [3280, 3321])
  assert.is(numbers('3224-3324').length, 101)
  assert.is(numbers('framehawk').length, 101)
  assert.equal(numbers('rdp'), [3389])
  assert.equal(numbers('ms-wbt-server'), [3389])
  assert.equal(numbers('SSH'), [22])
  assert.ok(numbers('dns').includes(53))
  assert.ok(numbers('rtp').length < 100, 'not a whole media range')
})

test('a transport given with a port holds for it, unless the port is named otherwise, too', () => {
  const named = (...words: string[]) => portsOf(words, knowledge)
  assert.equal(named('53/UDP', '53/udp'), [{ port: 53, transport: 'udp' }])
  assert.equal(named('22-23/tcp', '23/udp'), [{ port: 22, transport: 'tcp' }, { port: 23 }])
  assert.equal(named('53', '53/udp'), [{ port: 53 }])
  assert.equal(named('53/udp', '53'), [{ port: 53 }])
  assert.equal(named('53/udp', '53/tcp', '53/udp'), [{ port: 53 }])
  assert.equal(portsOf(['22', '53/tcp'], { ...knowledge, transport: 'tcp' }), [
    { port: 22, transport: 'tcp' },
    { port: 53, transport: 'tcp' },
  ])
  assert.throws(
    () => portsOf(['53/udp'], { ...knowledge, transport: 'tcp' }),
    /^--transport: found tcp, expected udp as in "53\/udp", or no --transport \(OPTION_TRANSPORT\)$/,
  )
})

test('refuses what is no port', () => {
  const faults: [string, string, RegExp][] = [
    ['65536', 'PORT_RANGE', /found "65536", expected 0 to 65535, or lo-hi with lo <= hi \(PORT_RANGE\)$/],
    ['3324-3224', 'PORT_RANGE', /found "3324-3224"/],
    ['1-70000', 'PORT_RANGE', /found "1-70000"/],
    ['99999999999999999999', 'PORT_RANGE', /PORT_RANGE/],
    ['80/sctp', 'PORT_TRANSPORT', /found the transport "sctp", expected \/tcp, \/udp or neither/],
    ['framhawk', 'PORT_UNKNOWN', /did you mean "framehawk"\?/],
    ['\u001b[31m', 'PORT_UNKNOWN', /\\\\x1B/],
    ['', 'PORT_UNKNOWN', /found ""/],
  ]
  for (const [word, code, message] of faults) {
    assert.throws(
      () => portsOf([word], knowledge),
      (error: Error) => error instanceof UsageError && error.code === code && message.test(error.message),
      word,
    )
  }
})

test('every known use is well formed and has a source', () => {
  const ports = new Set<number>()
  for (const [range, , label, use, source] of PORT_USES) {
    const [low, high] = range.split('-').map(Number)
    assert.ok(low >= 0 && low <= (high ?? low) && (high ?? low) <= 65535, range)
    assert.match(label, /^[a-z0-9-]+$/)
    assert.ok(use.length > 2 && source.length > 2, range)
    ports.add(low)
  }
  assert.ok(ports.size >= 120, `${ports.size} ports`)
  for (const port of ASSIGNEES.keys())
    assert.is(portInfo(port, knowledge).registry[0].entry.status, 'registered')
})

test('history is dated and does not judge', () => {
  for (const [, , when, says] of PORT_HISTORY) {
    assert.match(when, /^(19|20)\d\d$/)
    assert.not.match(says, /danger|malicious|block|attack|trojan/i)
    if (says.includes('malware')) assert.match(says, /^some malware .*once/)
  }
})

test.run()
