import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { UsageError } from '../../../src/errors.ts'
import { checkSite, parseSite } from '../../../src/label/rules/site.ts'

const test = suite('label/site')

test('reads the example of the contract', () => {
  const text = `servers: [{ name: vda7, addresses: [10.1.0.4, 2001:db8::4], role: citrix-vda, pools: [framehawk] },
  { cidr: 10.1.1.0/24, pools: [framehawk] }]
internal: [10.0.0.0/8]
`
  const site = parseSite(text, 'site.yaml')
  assert.equal(site.servers[0], {
    addresses: [
      { words: [0, 0, 0, 0x0a010004], bits: 32, version: 4 },
      { words: [0x20010db8, 0, 0, 4], bits: 128, version: 6 },
    ],
    pools: ['framehawk'],
    name: 'vda7',
    role: 'citrix-vda',
  })
  assert.equal(site.servers[1], {
    addresses: [{ words: [0, 0, 0, 0x0a010100], bits: 24, version: 4 }],
    pools: ['framehawk'],
  })
  assert.equal(site.internal, [{ words: [0, 0, 0, 0x0a000000], bits: 8, version: 4 }])
})

const FAULTS: [text: string, expected: string][] = [
  [
    'servers:\n  - name: a\n    addresses: [10.0.0.1, 10.0.0.256]\n',
    's.yaml:3: servers[0].addresses[1]: found "10.0.0.256", expected an address or network such as 10.0.0.0/8 or 2001:db8::/32 (RULE_CIDR)',
  ],
  [
    'servers:\n  - name: a\n    pools: [framehawk]\n',
    's.yaml:2: servers[0]: found {"name":"a","pools":["framehawk"]}, expected a server: addresses or cidr, and name, role, pools (RULE_VALUE)',
  ],
  [
    'servers:\n  - cidr: 10.0.0.1\n  - addresses: [10.0.0.2, 10.0.0.1]\n',
    's.yaml:3: servers[1].addresses[1]: found 10.0.0.1 again, first in servers[0]; an address belongs to one server (RULE_DUPLICATE)',
  ],
  [
    'servers:\n  - cidr: 10.0.0.1\n    pools: [framhawk]\n',
    's.yaml:3: servers[0].pools[0]: found "framhawk", expected one of framehawk, mosh; did you mean "framehawk"? (RULE_POOL)',
  ],
  [
    'internals: []\n',
    's.yaml:1: internals: found an unknown key, expected one of servers, internal; did you mean "internal"? (RULE_KEY)',
  ],
  [
    'internal: [10.0.0.0/8, local]\n',
    's.yaml:1: internal[1]: found "local", expected an address or network such as 10.0.0.0/8 or 2001:db8::/32 (RULE_CIDR)',
  ],
  [
    'servers:\n  - { name: a, addresses: [10.0.0.1], pools: [mosh] }\n  - addresses: [10.0.0.2]\n    name: a\n',
    's.yaml:4: servers[1].name: found "a" again, first in servers[0] with other pools or another role, but one name is one host with one set of slots; list its addresses in one entry, or name each host (RULE_DUPLICATE)',
  ],
  ['', 's.yaml:1: found nothing, expected servers: […] or internal: […] (RULE_EMPTY)'],
]

for (const [text, expected] of FAULTS) {
  test(`names line and path: ${expected.slice(0, 50)}`, () => {
    const known = ['framehawk', 'mosh']
    assert.equal(
      checkSite(text, 's.yaml', known).faults.map((fault) => fault.text),
      [expected],
    )
    assert.throws(
      () => parseSite(text, 's.yaml', known),
      (error: Error) => error instanceof UsageError && error.message === expected,
    )
  })
}

test('entries of one name that agree are one host, which is doubtful; networks may share a name', () => {
  const check = (...servers: string[]) => checkSite(`servers: [${servers.join(', ')}]`, 's.yaml')
  const agreeing = check(
    '{ name: a, addresses: [10.0.0.1], pools: [mosh, framehawk] }',
    '{ name: a, cidr: 10.0.0.2, pools: [framehawk, mosh] }',
  )
  assert.equal(agreeing.faults, [])
  assert.equal(
    agreeing.warnings.map(({ text }) => text),
    [
      's.yaml:1: servers[1].name: found "a" again, first in servers[0]: one name is one host with one set of slots; is it another host? (RULE_DUPLICATE)',
    ],
  )
  const networks = check(
    '{ name: a, addresses: [10.0.0.1] }',
    '{ name: a, cidr: 10.1.0.0/16, pools: [mosh] }',
  )
  assert.equal([networks.faults, networks.warnings], [[], []])
  const lists = check('{ cidr: 10.0.0.1, pools: [mosh, mosh] }')
  assert.equal([lists.faults, lists.warnings], [[], []])
})

test('tells all faults of one server', () => {
  const text = `servers:
  - { addresses: [10.0.0.256], colour: red, pools: [framhawk] }
  - { cidr: 10.0.0.0/99, pools: framehawk }
  - { addresses: 7, cidr: 10.0.0.1 }
  - 7
`
  const { faults } = checkSite(text, 's.yaml', ['framehawk'])
  assert.equal(
    faults.map(({ line, path, code }) => `${line} ${path} ${code}`),
    [
      '2 servers[0].addresses[0] RULE_CIDR',
      '2 servers[0].colour RULE_KEY',
      '2 servers[0].pools[0] RULE_POOL',
      '3 servers[1].cidr RULE_CIDR',
      '3 servers[1].pools RULE_VALUE',
      '4 servers[2].addresses RULE_VALUE',
      '5 servers[3] RULE_VALUE',
    ],
  )
})

test('takes any pool name where none are known', () => {
  assert.equal(checkSite('servers: [{ cidr: 10.0.0.1, pools: [own] }]', 's').faults, [])
})

test.run()
