import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { builtinRules, builtinRulesText, mergeRules } from '../../../src/label/rules/knowledge.ts'
import { checkRules, parseRules } from '../../../src/label/rules/rules.ts'

const test = suite('label/knowledge')

test('the parsed rules are those of the text', () => {
  assert.equal(checkRules(builtinRulesText, 'builtin').faults, [])
  assert.equal(checkRules(builtinRulesText, 'builtin').warnings, [])
  assert.equal(parseRules(builtinRulesText, 'builtin'), builtinRules())
})

test('has the pools of the contract', () => {
  const { pools } = builtinRules()
  assert.equal(
    pools.map(({ name }) => name),
    ['framehawk', 'citrix-audio', 'mosh', 'asterisk-rtp', 'x11', 'vnc'],
  )
  const slots = (name: string) => {
    const pool = pools.find((candidate) => candidate.name === name)!
    const [{ low, high }] = pool.ports
    return Math.floor((high - low + pool.stride) / pool.stride)
  }
  assert.is(slots('framehawk'), 101)
  assert.is(slots('citrix-audio'), 5)
  assert.is(slots('mosh'), 999)
  assert.is(slots('x11'), 64)
  assert.is(slots('vnc'), 100)
})

test('a pool of the user replaces the built-in one of that name', () => {
  const own = parseRules(
    'pools: [{ name: framehawk, transport: udp, ports: 4000-4010 }, { name: own, transport: tcp, ports: 1 }]\n' +
      'labels: [{ label: l, ports: 2 }]',
    'r',
  )
  const merged = mergeRules([builtinRules(), own])
  assert.equal(
    merged.pools.map(({ name }) => name),
    ['framehawk', 'citrix-audio', 'mosh', 'asterisk-rtp', 'x11', 'vnc', 'own'],
  )
  assert.equal(merged.pools[0].ports, [{ low: 4000, high: 4010 }])
  assert.is(merged.labels.length, 1)
  assert.is(builtinRules().pools[0].ports[0].low, 3224)
})

test('all files together may have 2,048 payload rules', () => {
  const rules = (count: number) => ({
    pools: [],
    labels: Array.from({ length: count }, (_, i) => ({
      label: `l${i}`,
      payload: {
        offset: 0,
        bytes: Uint8Array.of(i >> 8, i),
        mask: Uint8Array.of(255, 255),
        direction: 'either' as const,
        minLength: 2,
      },
    })),
  })
  assert.is(mergeRules([builtinRules(), rules(1048), rules(1000)]).labels.length, 2048)
  assert.throws(() => mergeRules([builtinRules(), rules(1048), rules(1001)]), /\(RULE_LIMIT\)$/)
})

test.run()
