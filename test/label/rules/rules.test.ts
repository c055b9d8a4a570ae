import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { UsageError } from '../../../src/errors.ts'
import { checkRules, parseRules, ruleSchema } from '../../../src/label/rules/rules.ts'

const test = suite('label/rules')

const GOOD = `pools:
  - name: framehawk
    label: framehawk
    transport: udp
    ports: 3224-3324          # lo-hi, or a list
    stride: 1
    session: per-port
    allocation: lowest-first
    idle_timeout: 120
    min_packets: 4
    bidirectional: true
    supported_by: [ica, cgp]
labels:
  - { label: backup, transport: tcp, ports: [9102, 9103], cidr: 10.3.0.0/16, certainty: likely }
  - { label: acme, transport: udp, payload: { offset: 0, bytes: "a1b2", mask: "ffff", direction: both, min_length: 8 }, category: telemetry }
  - { label: intranet, hostname_suffix: .Corp.example }
`

test('reads the example of the contract', () => {
  const { pools, labels } = parseRules(GOOD, 'rules.yaml')
  assert.equal(pools, [
    {
      name: 'framehawk',
      label: 'framehawk',
      transport: 'udp',
      ports: [{ low: 3224, high: 3324 }],
      stride: 1,
      session: 'per-port',
      allocation: 'lowest-first',
      idleTimeoutSec: 120,
      minPackets: 4,
      bidirectional: true,
      supportedBy: ['ica', 'cgp'],
    },
  ])
  assert.equal(labels, [
    {
      label: 'backup',
      transport: 'tcp',
      ports: [
        { low: 9102, high: 9102 },
        { low: 9103, high: 9103 },
      ],
      cidr: { words: [0, 0, 0, 0x0a030000], bits: 16, version: 4 },
      certainty: 'likely',
    },
    {
      label: 'acme',
      transport: 'udp',
      payload: {
        offset: 0,
        bytes: Uint8Array.of(0xa1, 0xb2),
        mask: Uint8Array.of(0xff, 0xff),
        direction: 'both',
        minLength: 8,
      },
      category: 'telemetry',
    },
    { label: 'intranet', hostnameSuffix: '.corp.example' },
  ])
})

test('reads JSON, with tabs too', () => {
  const json = JSON.stringify({ pools: [{ name: 'p', transport: 'udp', ports: '1-2' }] }, null, '\t')
  assert.equal(parseRules(json, 'rules.json').pools[0].ports, [{ low: 1, high: 2 }])
})

test('fills in defaults', () => {
  const { pools, labels } = parseRules(
    'pools: [{ name: p, transport: tcp, ports: 5 }]\nlabels: [{ label: l, payload: { offset: 2, bytes: "0aff" } }]',
    'r',
  )
  assert.is(pools[0].label, 'p')
  assert.is(pools[0].idleTimeoutSec, 120)
  assert.is(pools[0].allocation, 'any')
  assert.not('requires' in pools[0])
  assert.equal(labels[0].payload?.mask, Uint8Array.of(0xff, 0xff))
  assert.is(labels[0].payload?.direction, 'either')
  assert.is(labels[0].payload?.minLength, 4)
})

test('sorts ranges and takes numbers and texts', () => {
  const { pools } = parseRules('pools: [{ name: p, transport: udp, ports: [9000-9010, 80, "443"] }]', 'r')
  assert.equal(pools[0].ports, [
    { low: 80, high: 80 },
    { low: 443, high: 443 },
    { low: 9000, high: 9010 },
  ])
})

/** What is wrong, and the exact line that says so. */
const FAULTS: [name: string, text: string, expected: string][] = [
  [
    'reversed range',
    'pools:\n  - name: p\n    transport: udp\n    ports: 3324-3224\n',
    'r.yaml:4: pools[0].ports: found "3324-3224", expected lo-hi with lo <= hi, or a port; from 1 to 65535 (RULE_PORTS)',
  ],
  [
    'no day of that month',
    'pools:\n  - name: p\n    transport: udp\n    ports: 1-2\n    retired: { since: "2021-02-29", says: gone }\n',
    'r.yaml:5: pools[0].retired.since: found "2021-02-29", expected a day such as "2020-01-01" (RULE_DATE)',
  ],
  [
    'port too high',
    'pools:\n  - name: p\n    transport: udp\n    ports:\n      - 80\n      - 70000\n',
    'r.yaml:6: pools[0].ports[1]: found 70000, expected lo-hi with lo <= hi, or a port; from 1 to 65535 (RULE_PORTS)',
  ],
  [
    'overlap',
    'pools: [{ name: p, transport: udp, ports: [5-9, 7] }]',
    'r.yaml:1: pools[0].ports[1]: found 7, which overlaps 5-9; list every port once (RULE_PORTS)',
  ],
  [
    'unknown key',
    'pools:\n  - name: p\n    transport: udp\n    port: 1-2\n    ports: 1-2\n',
    'r.yaml:4: pools[0].port: found an unknown key, expected one of name, label, transport, ports, stride, session, ' +
      'allocation, idle_timeout, min_packets, bidirectional, supported_by, requires, start_marker, retired; ' +
      'did you mean "ports"? (RULE_KEY)',
  ],
  [
    'unknown top key',
    'pool: []\n',
    'r.yaml:1: pool: found an unknown key, expected one of pools, labels; did you mean "pools"? (RULE_KEY)',
  ],
  [
    'missing key',
    'labels: []\npools:\n  - name: p\n    ports: 1-2\n',
    'r.yaml:3: pools[0]: "transport" is missing, expected a pool: name, transport, ports, … (RULE_MISSING)',
  ],
  [
    'wrong word',
    'pools:\n  - { name: p, transport: icmp, ports: 1 }\n',
    'r.yaml:2: pools[0].transport: found "icmp", expected tcp or udp (RULE_VALUE)',
  ],
  [
    'wrong type',
    'pools:\n  - { name: p, transport: udp, ports: 1, stride: two }\n',
    'r.yaml:2: pools[0].stride: found "two", expected an integer from 1 to 16 (2: even/odd pairs) (RULE_VALUE)',
  ],
  [
    'duplicate pool',
    'pools:\n  - { name: p, transport: udp, ports: 1 }\n  - { name: p, transport: udp, ports: 2 }\n',
    'r.yaml:3: pools[1].name: found "p" again, first in pools[0]; give every pool a name of its own (RULE_DUPLICATE)',
  ],
  [
    'mask length',
    'labels:\n  - label: a\n    payload: { bytes: "a1b2", mask: "ff" }\n',
    'r.yaml:3: labels[0].payload.mask: found 1 bytes, expected 2 as in "bytes" (RULE_MASK)',
  ],
  [
    'odd hex',
    'labels:\n  - label: a\n    payload: { bytes: "a1b" }\n',
    'r.yaml:3: labels[0].payload.bytes: found "a1b", expected pairs of hexadecimal digits in quotes, at most 256 bytes (RULE_VALUE)',
  ],
  [
    'hex without quotes',
    'labels:\n  - label: a\n    payload: { bytes: 1234 }\n',
    'r.yaml:3: labels[0].payload.bytes: found 1234, expected pairs of hexadecimal digits in quotes, at most 256 bytes (RULE_VALUE)',
  ],
  [
    'bad network',
    'labels:\n  - label: a\n    cidr: 10.0.0.0/33\n',
    'r.yaml:3: labels[0].cidr: found "10.0.0.0/33", expected an address or network such as 10.0.0.0/8 or 2001:db8::/32 (RULE_CIDR)',
  ],
  [
    'matches everything',
    'labels:\n  - label: a\n    transport: udp\n',
    'r.yaml:2: labels[0]: found {"label":"a","transport":"udp"}, expected a label rule: label and at least one of ports, cidr, hostname_suffix, payload (RULE_VALUE)',
  ],
  [
    'duplicate key',
    'pools:\n  - name: p\n    name: q\n    transport: udp\n    ports: 1\n',
    'r.yaml:3: the key "name" stands twice in one mapping; keep one (RULE_DUPLICATE_KEY)',
  ],
  ['empty', '# nothing\n', 'r.yaml:1: found nothing, expected pools: […] or labels: […] (RULE_EMPTY)'],
  ['a list', '- 1\n', 'r.yaml:1: found [1], expected pools: […] and labels: […] (RULE_VALUE)'],
]

for (const [name, text, expected] of FAULTS) {
  test(`names line and path: ${name}`, () => {
    assert.equal(
      checkRules(text, 'r.yaml').faults.map((fault) => fault.text),
      [expected],
    )
    assert.throws(
      () => parseRules(text, 'r.yaml'),
      (error: Error) => error instanceof UsageError && error.message === expected,
    )
  })
}

test('tells all faults, and their number in the error', () => {
  const text = 'pools:\n  - { name: P, transport: x, ports: 9-1 }\n  - { nam: q }\nlabels: 5\n'
  const { faults } = checkRules(text, 'r.yaml')
  assert.equal(faults.map(({ line, path, code }) => `${line} ${path} ${code}`).sort(), [
    '2 pools[0].name RULE_VALUE',
    '2 pools[0].ports RULE_PORTS',
    '2 pools[0].transport RULE_VALUE',
    '3 pools[1] RULE_MISSING',
    '3 pools[1] RULE_MISSING',
    '3 pools[1] RULE_MISSING',
    '3 pools[1].nam RULE_KEY',
    '4 labels RULE_VALUE',
  ])
  assert.throws(() => parseRules(text, 'r.yaml'), /; and 7 more, see: flowhawk rules check r\.yaml \(/)
})

test('tells all faults of one rule, in the order of their lines', () => {
  const text = `labels:
  - { label: b, payload: { bytes: "a1", mask: "ffff" }, cidr: 1.2.3.4/77, foo: 1 }
  - { label: b, cidr: 8, payload: { bytes: "a", mask: "00" } }
pools:
  - { name: a, transport: udp, ports: 1-2 }
  - { name: a, transport: foo, ports: 2-1 }
`
  const { faults } = checkRules(text, 'r.yaml')
  assert.equal(
    faults.map(({ line, path, code }) => `${line} ${path} ${code}`),
    [
      '2 labels[0].payload.mask RULE_MASK',
      '2 labels[0].cidr RULE_CIDR',
      '2 labels[0].foo RULE_KEY',
      '3 labels[1].cidr RULE_VALUE',
      '3 labels[1].payload.bytes RULE_VALUE',
      '6 pools[1].name RULE_DUPLICATE',
      '6 pools[1].transport RULE_VALUE',
      '6 pools[1].ports RULE_PORTS',
    ],
  )
})

test('tells the line of a syntax fault', () => {
  const { faults } = checkRules('pools:\n  - name: "p\n', 'r.yaml')
  assert.is(faults[0].code, 'RULE_SYNTAX')
  assert.match(faults[0].text, /^r\.yaml:\d+: .+ \(RULE_SYNTAX\)$/)
  assert.match(
    checkRules('pools: []\n---\npools: []\n', 'r').faults[0].text,
    /^r:2: found a second document, /,
  )
})

test('doubts a pool among client ports', () => {
  const { faults, warnings } = checkRules('pools: [{ name: p, transport: udp, ports: 50000-50100 }]', 'r')
  assert.equal(faults, [])
  assert.equal(
    warnings.map(({ code }) => code),
    ['RULE_EPHEMERAL'],
  )
  const sure = 'pools: [{ name: p, transport: udp, ports: 50000-50100, requires: rtp }]'
  assert.equal(checkRules(sure, 'r').warnings, [])
})

/** Every one must end quickly with faults, never with an exception. */
const HOSTILE: [name: string, text: string][] = [
  ['too large', `#${'x'.repeat(1024 * 1024)}`],
  ['deep brackets', '['.repeat(500_000)],
  ['deep braces', '{a: '.repeat(200_000)],
  ['deep dashes', `${'- '.repeat(200_000)}a`],
  ['deep keys', Array.from({ length: 1000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
  ['alias bomb', bomb(12)],
  ['many anchors', Array.from({ length: 20_000 }, (_, i) => `- &a${i} x\n- *a${i}`).join('\n')],
  ['many values', `labels: [${'1,'.repeat(500_000)}]`],
  ['unknown alias', 'pools: *nowhere\n'],
  ['self alias', 'pools: &a [*a]\n'],
  ['many keys', Array.from({ length: 10_000 }, (_, i) => `k${i}: 1`).join('\n')],
  ['many pools', `pools:\n${'  - {}\n'.repeat(5000)}`],
  ['escapes', 'pools: [{ "na\\u001bme": 1, "\\u202e": 2 }]'],
  ['prototype', 'pools: [{ __proto__: { name: x }, name: p, transport: udp, ports: 1 }]'],
  ['two documents', 'pools: []\n---\npools: []\n'],
]

function bomb(levels: number): string {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
  for (let i = 1; i < levels; i++) lines.push(`a${i}: &a${i} [${`*a${i - 1}, `.repeat(10)}]`)
  return lines.join('\n')
}

for (const [name, text] of HOSTILE) {
  test(`stands a hostile file: ${name}`, () => {
    const { faults } = checkRules(text, 'r.yaml')
    assert.ok(faults.length > 0, 'a fault is told')
    assert.ok(faults.length <= 100, 'the list is bounded')
    for (const fault of faults) {
      assert.not.match(fault.text, /[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/)
      assert.ok(fault.text.length < 600, fault.text)
    }
  })
}

test('stands every cut of a file', () => {
  for (let end = 0; end < GOOD.length; end += 3) checkRules(GOOD.slice(0, end), 'r.yaml')
})

test('stands mutated files', () => {
  let seed = 20
  const random = (below: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
    return (seed >>> 8) % below
  }
  const alphabet = '[]{}:,-&*!|>\'"%@`#?\t\n ab19'
  for (let round = 0; round < 200; round++) {
    const text = [...GOOD]
    for (let i = 0; i < 6; i++) text[random(text.length)] = alphabet[random(alphabet.length)]
    checkRules(text.join(''), 'r.yaml')
  }
})

test('exports its schema for documentation', () => {
  assert.match(ruleSchema.$schema, /2020-12/)
  assert.equal(Object.keys(ruleSchema.properties), ['pools', 'labels'])
})

test.run()
