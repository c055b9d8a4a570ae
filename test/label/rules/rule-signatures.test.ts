/** Payload prefixes of rule files as signatures: place, mask, length, direction, ports, strength. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ruleSignatures } from '../../../src/label/rules/rule-signatures.ts'
import { parseRules } from '../../../src/label/rules/rules.ts'
import { type Ends, talk } from '../engine.ts'

const test = suite('rule-signatures')

/** The evidence of a flow that said "a: text" and "b: text". */
function heard(rule: string, said: string[], ends: Ends = { protocol: 17 }): string[] {
  const one = talk(ruleSignatures(parseRules(`labels:\n  - ${rule}\n`, 'r.yaml').labels), ends)
  for (const line of said) one.say(line[0] === 'a' ? 'a' : 'b', line.slice(3))
  return one.evidence()
}

test('only rules with a payload become signatures, as evidence of the class rule', () => {
  const { labels } = parseRules(
    'labels:\n  - { label: a, ports: 1 }\n  - { label: b, payload: { bytes: "61" } }\n',
    'r.yaml',
  )
  const signatures = ruleSignatures(labels)
  assert.equal(
    signatures.map(({ label, source, protocols }) => [label, source, protocols]),
    [['b', 'rule', [6, 17]]],
  )
  assert.is(signatures[0].says, 'a rule for b matches: payload bytes 61 at offset 0')
})

test('bytes at an offset, under a mask', () => {
  const rule = '{ label: x, payload: { offset: 2, bytes: "4142", mask: "fff0" } }'
  assert.equal(heard(rule, ['a: ..AB']), ['x weak a'])
  assert.equal(heard(rule, ['a: ..AO..']), ['x weak a'])
  assert.equal(heard(rule, ['a: ..AP']), [])
  assert.equal(heard(rule, ['a: .AB.']), [])
  assert.equal(heard(rule, ['a: ..A']), [])
})

test('counts 32 fixed bits and more as strong, by the mask', () => {
  const strength = (payload: string) => heard(`{ label: x, payload: { ${payload} } }`, ['a: ABCDE'])
  assert.equal(strength('bytes: "41424344"'), ['x strong a'])
  assert.equal(strength('bytes: "414243"'), ['x weak a'])
  assert.equal(strength('bytes: "4142434445", mask: "f0f0f0f0f0"'), ['x weak a'])
  assert.equal(strength('bytes: "4142434445", mask: "fffffffff0"'), ['x strong a'])
})

test('min_length is a length on the wire', () => {
  const rule = '{ label: x, payload: { bytes: "41", min_length: 8 } }'
  assert.equal(heard(rule, ['a: A234567']), [])
  assert.equal(heard(rule, ['a: A2345678']), ['x weak a'])
})

test('a direction tells who is the client', () => {
  const client = (direction: string) => {
    const rules = `labels: [{ label: x, payload: { bytes: "41", direction: ${direction} } }]`
    const one = talk(ruleSignatures(parseRules(rules, 'r.yaml').labels))
    one.say('a', 'A')
    return one.inspector.client(one.handle)
  }
  assert.equal(['client', 'server', 'either', 'both'].map(client), [0, 1, -1, -1])
})

test('transport and ports limit where the bytes are looked for', () => {
  const rule = '{ label: x, transport: udp, ports: 7000-7009, payload: { bytes: "41" } }'
  assert.equal(heard(rule, ['a: A'], { protocol: 17, ports: [50000, 7009] }), ['x weak a'])
  assert.equal(heard(rule, ['b: A'], { protocol: 17, ports: [50000, 7000] }), ['x weak b'])
  assert.equal(heard(rule, ['a: A'], { protocol: 17, ports: [50000, 7010] }), [])
  assert.equal(heard(rule, ['a: A'], { protocol: 6, ports: [50000, 7009] }), [])
})

test('bytes count only between ends of which one is in the network', () => {
  const rule = '{ label: x, cidr: 10.3.0.0/16, payload: { bytes: "41" } }'
  assert.equal(heard(rule, ['a: A', 'b: A'], { server: '10.3.0.1' }), ['x weak ab'])
  assert.equal(heard(rule, ['a: A', 'b: A'], { server: '10.4.0.1' }), [])
})

test.run()
