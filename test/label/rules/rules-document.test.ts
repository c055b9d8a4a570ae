import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { checkRules, parseRules } from '../../../src/label/rules/rules.ts'
import { checkSite } from '../../../src/label/rules/site.ts'

const test = suite('label/rules/rules-document')

function faults(text: string): string[] {
  return checkRules(text, 'r').faults.map((fault) => fault.text)
}

test('refuses tags, which stand for no values of JSON', () => {
  for (const tag of ['!!set', '!!omap', '!!binary', '!!timestamp', '!!js/function', '!mine']) {
    const [fault, ...more] = faults(`# a set of keys\n${tag} { pools, labels }\n`)
    assert.match(fault, /^r:2: Unresolved tag: .*; take the tag out \(RULE_SYNTAX\)$/, tag)
    assert.is(more.length, 0, tag)
  }
  assert.match(faults('pools:\n  - { name: !mine a, transport: udp, ports: 5 }\n')[0], /^r:2: .*!mine/)
  assert.equal(faults('pools: [{ name: !!str a, transport: udp, ports: !!int 5 }]\n'), [])
})

test('refuses what a directive says that is not understood', () => {
  assert.match(faults('%YAML 9.9\n---\npools: []\n')[0], /^r:1: .*9\.9.* \(RULE_SYNTAX\)$/)
})

test('names the place of an alias without an anchor before it', () => {
  const text = 'labels:\n  - { label: a, ports: 5 }\n  - *b\n  - &b { label: b, ports: 6 }\n'
  assert.equal(faults(text), ['r:3: found the alias "*b", expected one of an anchor before it (RULE_ALIAS)'])
})

test('names the place of aliases that stand for too much', () => {
  const levels = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i}, `.repeat(9)}]`)
  const [fault] = faults(`l0: &l0 [x, x, x]\n${levels.join('\n')}\npools: []\n`)
  assert.match(fault, /^r:2: aliases that stand for more than 100 values; .* \(RULE_ALIAS\)$/)
})

test('tells a person of a key that is no text', () => {
  assert.equal(faults('pools: []\n[a, b]: 1\n'), [
    'r:2: found a key that is no text; put it in quotes (RULE_SYNTAX)',
  ])
})

test('refuses ends of host names that no host name has', () => {
  for (const end of ['*.corp.example', 'corp.example.', '.', '..a', 'a b', 'a\\x1B[31m', '\\u202Ea', 'a/b']) {
    const [fault] = faults(`labels:\n  - { label: a, hostname_suffix: "${end}" }\n`)
    assert.match(fault ?? '', /^r:2: labels\[0\]\.hostname_suffix: found .* \(RULE_VALUE\)$/, end)
  }
  for (const end of ['.corp.example', 'CORP', 'xn--caf-dma.example', 'büro.example', 'a_b.c'])
    assert.equal(faults(`labels:\n  - { label: a, hostname_suffix: ${end} }\n`), [], end)
})

test('refuses control characters in what a site file names', () => {
  const server = '{ name: "a\\x1Bb", role: "c\\u2028d", addresses: [10.0.0.1] }'
  const { faults: found } = checkSite(`servers:\n  - ${server}\n`, 's')
  assert.equal(
    found.map(({ path }) => path),
    ['servers[0].name', 'servers[0].role'],
  )
})

test('doubts a network whose address has bits beyond its length', () => {
  const { value, faults: found, warnings } = checkSite('servers:\n  - addresses: [10.0.0.9/24]\n', 's')
  assert.equal(found, [])
  assert.equal(value.servers[0].addresses, [{ words: [0, 0, 0, 0x0a000000], bits: 24, version: 4 }])
  assert.equal(
    warnings.map(({ text }) => text),
    [
      's:2: servers[0].addresses[0]: found 10.0.0.9/24, read as 10.0.0.0/24; is one address meant? ' +
        'Then take "/24" out (RULE_HOST_BITS)',
    ],
  )
})

test('reads a network of IPv6 without the bits beyond its length', () => {
  for (const [written, read] of [
    ['2001:db8::1/32', [0x20010db8, 0, 0, 0]],
    ['2001:db8:ffff:ffff::1/49', [0x20010db8, 0xffff8000 | 0, 0, 0]],
    ['::ffff/127', [0, 0, 0, 0xfffe]],
    ['::1/0', [0, 0, 0, 0]],
  ] as const) {
    const { value, warnings } = checkSite(`internal: ["${written}"]\n`, 's')
    assert.equal(value.internal[0].words, read)
    assert.is(warnings[0].code, 'RULE_HOST_BITS')
  }
})

test('says in one line that there are many faults', () => {
  const labels = Array.from({ length: 150 }, () => '  - { label: a, cidr: x }\n')
  assert.throws(() => parseRules(`labels:\n${labels.join('')}`, 'r'), /; and at least 99 more, see: /)
})

test('finds a network again that is written in another way', () => {
  const { faults: found } = checkSite('servers:\n  - cidr: 10.0.0.1/24\n  - cidr: 10.0.0.2/24\n', 's')
  assert.equal(
    found.map(({ line, code }) => [line, code]),
    [[3, 'RULE_DUPLICATE']],
  )
})

test('says how long a list may be', () => {
  const internal = Array.from({ length: 1025 }, (_, i) => `10.${i >> 8}.${i & 255}.0/24`)
  const [fault] = checkSite(`internal: [${internal.join(', ')}]\n`, 's').faults
  assert.match(fault.text, /expected a list of at most 1024 networks/)
})

test.run()
