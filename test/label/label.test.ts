/** From payload, pools, rules and the registry to one verdict: classes, certainty, and what never labels. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseAddress } from '../../src/address.ts'
import { createClosedFlow } from '../../src/flow/view.ts'
import { MORE, type Signature, STRONG, WEAK } from '../../src/label/inspect/payload.ts'
import { createLabeller } from '../../src/label/label.ts'
import { makeRegistry, NOT_LISTED } from '../../src/label/ports/registry.ts'
import { ruleSignatures } from '../../src/label/rules/rule-signatures.ts'
import { parseRules } from '../../src/label/rules/rules.ts'
import type { ClosedFlow, LabelRule, PoolClaim, Verdict } from '../../src/types.ts'
import { signature, type Talk, talk } from './engine.ts'

const test = suite('label')

const NAMES = new Map([
  [53, 'domain'],
  [3224, 'aes-discovery'],
  [50000, 'somebodys-claim'],
])
const registry = makeRegistry({
  find: (port) => {
    const name = NAMES.get(port)
    return name === undefined ? NOT_LISTED : { status: 'registered', name }
  },
  names: () => [],
})

const SIGNATURES = [
  signature('openvpn', 'VPN', STRONG),
  signature('hello', 'HELLO', WEAK),
  signature('hello', 'WELCOME', WEAK),
  signature('paired', 'PAIR', STRONG, { bothNeeded: true }),
  signature('framehawk', 'HAWK', STRONG),
  signature('ask', 'ASK', STRONG | MORE, { weight: 95 }),
  signature('smtp', '220', STRONG),
  signature('smtps', 'TLS', STRONG | MORE, { weight: 85 }),
]

interface Case {
  protocol?: number
  ports?: readonly [client: number, server: number]
  server?: string
  /** The server, side a here, spoke first. */
  reversed?: boolean
  /** Packets of the client and of the server. */
  packets?: readonly [src: number, dst: number]
  /** Payload bytes of the server. */
  payload?: number
  startSec?: number
  hostname?: string
  /** "a: text" and "b: text", a being the client. */
  said?: string[]
  pool?: PoolClaim
  announced?: string
  /** Label rules in YAML. */
  rules?: string
  candidates?: boolean
}

function flowOf(given: Case): ClosedFlow {
  const flow = createClosedFlow()
  const server = parseAddress(given.server ?? '10.1.0.4')
  flow.protocol = given.protocol ?? 17
  flow.srcPort = given.ports?.[0] ?? 50000
  flow.dstPort = given.ports?.[1] ?? 3224
  flow.src.packets = given.packets?.[0] ?? 5
  flow.dst.packets = given.packets?.[1] ?? 5
  flow.dst.payloadBytes = given.payload ?? 0
  flow.reversed = given.reversed ?? false
  flow.startSec = given.startSec ?? 1_500_000_000
  flow.hostname = given.hostname
  if (server !== undefined) [flow.dst0, flow.dst1, flow.dst2, flow.dst3] = server.words
  return flow
}

function listen(signatures: readonly Signature[], { said = [], ports, protocol = 17, server }: Case): Talk {
  const one = talk(signatures, { protocol, ports: ports ?? [50000, 3224], server })
  for (const line of said) one.say(line[0] === 'a' ? 'a' : 'b', line.slice(3))
  return one
}

function verdictOf(given: Case): Verdict {
  const rules: LabelRule[] = given.rules === undefined ? [] : parseRules(given.rules, 'r.yaml').labels
  const one = listen([...SIGNATURES, ...ruleSignatures(rules)], given)
  const labeller = createLabeller({
    inspector: one.inspector,
    registry,
    rules,
    candidates: given.candidates ?? false,
  })
  const handle = given.said === undefined ? -1 : one.handle
  const { announced } = given
  const heard = announced === undefined ? undefined : { label: announced, says: `${announced} was announced` }
  return labeller.label(flowOf(given), handle, given.pool, heard)
}

function outcome(given: Case): string {
  const { label, certainty } = verdictOf(given)
  return `${label} ${certainty}`
}

const FRAMEHAWK: PoolClaim = {
  pool: 'framehawk',
  label: 'framehawk',
  slot: 3224,
  slotIndex: 0,
  slots: 101,
  serverPort: 3224,
  serverIsFirst: false,
  site: false,
  supporter: '',
  supporterSameClient: false,
  lonely: false,
  retired: undefined,
  refused: '',
}

test("a registered server port is possible, under its label; the client's port is nothing", () => {
  const dns = verdictOf({ ports: [50000, 53] })
  assert.is(dns.label, 'dns')
  assert.is(dns.certainty, 'possible')
  assert.equal(dns.evidence, [
    {
      source: 'registry',
      says: 'server port 53/udp is registered as domain',
      for: 'dns',
      weight: 15,
    },
  ])
  assert.equal(dns.registry, { status: 'registered', name: 'domain' })
  assert.is(outcome({ ports: [53, 40000] }), 'unknown unknown')
  assert.is(outcome({ ports: [53, 40000], said: ['a: noise'] }), 'unknown unknown')
})

test('protocols without ports have no registration', () => {
  const gre = verdictOf({ protocol: 47, ports: [-1, -1] })
  assert.is(gre.label, 'unknown')
  assert.is(gre.registry, undefined)
  assert.is(outcome({ protocol: 132, ports: [50000, 53] }), 'dns possible')
})

test('ICMP proves itself, and an ICMP fragment without its header does not', () => {
  const labeller = createLabeller({ inspector: talk([]).inspector, registry, rules: [], candidates: false })
  const icmp = (protocol: number, icmpType: number) => {
    const flow = flowOf({ protocol, ports: [-1, -1] })
    flow.icmpType = icmpType
    const { label, certainty } = labeller.label(flow, -1, undefined)
    return `${label} ${certainty}`
  }
  assert.is(icmp(1, -1), 'unknown unknown')
  assert.is(icmp(1, 8), 'icmp confirmed')
  assert.is(icmp(1, -1), 'unknown unknown')
  assert.is(icmp(58, 128), 'icmpv6 confirmed')
})

test('what a server proves counts for more than what it was asked', () => {
  const said = ['a: ASK', 'b: 220']
  const mistaken = verdictOf({ said, protocol: 6, candidates: true })
  assert.is(`${mistaken.label} ${mistaken.certainty}`, 'smtp confirmed')
  assert.equal(mistaken.candidates?.[0], { label: 'ask', certainty: 'confirmed', weight: 45 })
  const [says] = mistaken.evidence.filter(({ weight }) => weight < 0)
  assert.equal(says, { source: 'payload', says: 'the server answers with smtp', for: 'ask', weight: -50 })
  assert.is(outcome({ said, protocol: 17 }), 'ask confirmed', 'datagrams')
  assert.is(outcome({ said, protocol: 6, reversed: true }), 'ask confirmed', 'the server asks')
  assert.is(outcome({ said: ['a: 220', 'b: ASK'], protocol: 6, reversed: true }), 'smtp confirmed')
  assert.is(outcome({ said: ['a: TLS', 'b: 220'], protocol: 6 }), 'smtps confirmed')
  assert.is(outcome({ said: ['a: ASK', 'b: HELLO'], protocol: 6 }), 'ask confirmed', 'a weak answer')
})

test('a strong signature confirms, a weak one is likely, weak in both directions confirms', () => {
  assert.is(outcome({ said: ['a: VPN'] }), 'openvpn confirmed')
  assert.is(outcome({ said: ['a: HELLO'] }), 'hello likely')
  assert.is(outcome({ said: ['a: HELLO', 'b: HELLO'] }), 'hello confirmed')
  assert.is(outcome({ said: ['a: HELLO', 'b: WELCOME'] }), 'hello confirmed')
  assert.is(outcome({ said: ['a: HELLO', 'a: HELLO'] }), 'hello likely')
})

test('evidence says where both directions showed it', () => {
  const { evidence } = verdictOf({ said: ['a: HELLO', 'b: HELLO'] })
  assert.equal(evidence[0], {
    source: 'payload',
    says: 'begins with HELLO (both directions)',
    for: 'hello',
    weight: 50,
  })
})

test('a signature that needs both directions counts for nothing in one', () => {
  assert.is(outcome({ said: ['a: PAIR'] }), 'aes-discovery possible')
  assert.is(outcome({ said: ['a: PAIR', 'b: PAIR'] }), 'paired confirmed')
})

test('a slot of a pool is possible; its own support makes it likely; the site file confirms it', () => {
  assert.is(outcome({ pool: FRAMEHAWK }), 'framehawk possible')
  assert.is(outcome({ pool: { ...FRAMEHAWK, supporter: 'ica' } }), 'framehawk likely')
  assert.is(outcome({ pool: { ...FRAMEHAWK, site: true } }), 'framehawk confirmed')
  const { evidence } = verdictOf({
    pool: { ...FRAMEHAWK, site: true, supporter: 'cgp', supporterSameClient: true },
  })
  assert.equal(
    evidence.map(({ source, weight, says }) => `${source} ${weight} ${says}`),
    [
      'site 90 the site file says that the server runs pool framehawk',
      'context 60 cgp was confirmed by payload between the same client and server',
      'pool 30 server port 3224/udp is slot 1 of 101 of pool framehawk',
      'registry 15 server port 3224/udp is registered as aes-discovery',
    ],
  )
})

test('what nobody answered is never above possible by pool, site or context', () => {
  const packets = [1, 0] as const
  assert.is(outcome({ packets, pool: FRAMEHAWK }), 'framehawk possible')
  assert.is(outcome({ packets, pool: { ...FRAMEHAWK, site: true } }), 'framehawk possible')
  assert.is(outcome({ packets, pool: { ...FRAMEHAWK, supporter: 'ica' } }), 'framehawk possible')
  assert.is(outcome({ packets: [0, 9], pool: { ...FRAMEHAWK, site: true } }), 'framehawk possible')
})

test('a rule for a port is never above possible for a lone SYN or one unanswered packet', () => {
  const rules = 'labels: [{ label: backup, ports: 9102, certainty: likely }]'
  const to = { ports: [50000, 9102], rules } as const
  assert.is(outcome({ ...to, protocol: 6, packets: [4, 4] }), 'backup likely')
  assert.is(outcome({ ...to, protocol: 6, packets: [1, 0] }), 'backup possible')
  assert.is(outcome({ ...to, protocol: 6, packets: [3, 0] }), 'backup possible')
  assert.is(outcome({ ...to, packets: [1, 0] }), 'backup possible')
  assert.is(outcome({ ...to, packets: [2, 0] }), 'backup likely')
})

test('a lone high slot lowers likely to possible', () => {
  const lonely = { ...FRAMEHAWK, slot: 3280, slotIndex: 56, lonely: true, supporter: 'ica' }
  const verdict = verdictOf({ pool: lonely, ports: [50000, 3280] })
  assert.is(`${verdict.label} ${verdict.certainty}`, 'framehawk possible')
  assert.ok(verdict.evidence.some(({ weight }) => weight === -15))
})

test('another payload on a slot vetoes the pool, whatever else speaks for it', () => {
  const pool = { ...FRAMEHAWK, site: true, supporter: 'ica', supporterSameClient: true }
  const verdict = verdictOf({ pool, said: ['a: VPN'], candidates: true })
  assert.is(`${verdict.label} ${verdict.certainty}`, 'openvpn confirmed')
  assert.ok(verdict.evidence.some(({ says }) => says === 'the payload is openvpn, not framehawk'))
  assert.not(verdict.candidates?.some(({ label }) => label === 'framehawk'))
  assert.is(outcome({ pool, said: ['a: HAWK'] }), 'framehawk confirmed')
  assert.is(outcome({ pool, said: ['a: noise'] }), 'framehawk confirmed')
})

test('a slot on the client side, or on both, is evidence against', () => {
  const client = verdictOf({ ports: [3224, 53], pool: { ...FRAMEHAWK, refused: 'client_port' } })
  assert.is(`${client.label} ${client.certainty}`, 'dns possible')
  assert.match(client.evidence[0].says, /port 3224\/udp is in pool framehawk but belongs to the client side/)
  const both = { ports: [3224, 3225], pool: { ...FRAMEHAWK, refused: 'both_in_range' } } as const
  assert.is(outcome(both), 'unknown unknown')
})

test('a pool that is gone gets a note that changes nothing', () => {
  const retired = { sinceSec: 1_600_000_000, says: 'it is gone' }
  const before = verdictOf({ pool: { ...FRAMEHAWK, retired }, startSec: 1_599_999_999 })
  const after = verdictOf({ pool: { ...FRAMEHAWK, retired }, startSec: 1_600_000_000 })
  assert.not(before.evidence.some(({ says }) => says === 'it is gone'))
  assert.equal(
    after.evidence.find(({ says }) => says === 'it is gone'),
    { source: 'pool', says: 'it is gone', for: 'framehawk', weight: 0 },
  )
  assert.is(after.certainty, before.certainty)
})

test('rules by port, network, transport and host name', () => {
  const rules = `labels:
  - { label: backup, transport: tcp, ports: [9102, 9103], cidr: 10.3.0.0/16, certainty: likely }
  - { label: intranet, hostname_suffix: .corp.example }
`
  const backup = { protocol: 6, ports: [50000, 9103], server: '10.3.4.5', rules } as const
  assert.is(outcome(backup), 'backup likely')
  assert.is(outcome({ ...backup, protocol: 17 }), 'unknown unknown')
  assert.is(outcome({ ...backup, server: '10.4.4.5' }), 'unknown unknown')
  assert.is(outcome({ ...backup, ports: [9103, 50001] }), 'unknown unknown')
  for (const hostname of ['corp.example', 'WWW.Corp.Example'])
    assert.is(outcome({ ports: [1, 2], hostname, rules }), 'intranet possible')
  for (const hostname of ['xcorp.example', 'corp.example.net', undefined])
    assert.is(outcome({ ports: [1, 2], hostname, rules }), 'unknown unknown')
})

test('a rule outranks context and pool, and payload outranks a rule', () => {
  const rules = 'labels: [{ label: own, ports: 3224 }]'
  assert.is(outcome({ rules, pool: { ...FRAMEHAWK, supporter: 'ica' } }), 'own possible')
  assert.is(outcome({ rules, pool: { ...FRAMEHAWK, site: true } }), 'framehawk confirmed')
  assert.is(outcome({ rules, said: ['a: VPN'] }), 'openvpn confirmed')
})

test('a rule with a payload in both directions needs both', () => {
  const rules = 'labels: [{ label: acme, payload: { bytes: "4143", direction: both, min_length: 4 } }]'
  assert.is(outcome({ rules, ports: [1, 2], said: ['a: ACME'] }), 'unknown unknown')
  assert.is(outcome({ rules, ports: [1, 2], said: ['a: ACME', 'b: ACK'] }), 'unknown unknown')
  assert.is(outcome({ rules, ports: [1, 2], said: ['a: ACME', 'b: ACNE'] }), 'acme confirmed')
})

test("all conditions of a rule with a payload count, its port as the server's", () => {
  const rules = `labels:
  - { label: acme, ports: 7000, cidr: 10.3.0.0/16, payload: { bytes: "41434d45" }, category: telemetry }
`
  const flow = { rules, said: ['a: ACME'], server: '10.3.0.1', ports: [50001, 7000] } as const
  assert.is(outcome({ ...flow, said: ['a: ACME'] }), 'acme confirmed')
  assert.is(outcome({ ...flow, said: ['a: ACME'], server: '10.4.0.1' }), 'unknown unknown')
  assert.is(outcome({ ...flow, said: ['a: ACME'], ports: [7000, 50001] }), 'unknown unknown')
})

test('a rule for what one side sends is nothing where the other side sends it', () => {
  const rules = (direction: string) =>
    `labels: [{ label: acme, payload: { bytes: "41434d45", direction: ${direction} } }]`
  const said = ['a: ACME', 'b: no']
  assert.is(outcome({ rules: rules('client'), ports: [1, 2], said }), 'acme confirmed')
  assert.is(outcome({ rules: rules('server'), ports: [1, 2], said }), 'unknown unknown')
  assert.is(outcome({ rules: rules('server'), ports: [1, 2], said, reversed: true }), 'acme confirmed')
})

test('a rule that does not count adds nothing to another of the same label', () => {
  const rules = `labels:
  - { label: acme, payload: { bytes: "4142", direction: client } }
  - { label: acme, hostname_suffix: .example, payload: { bytes: "4344", direction: server } }
`
  const flow: Case = { rules, ports: [1, 2], said: ['a: AB', 'b: CD'] }
  assert.is(outcome(flow), 'acme likely')
  assert.is(outcome({ ...flow, hostname: 'a.example' }), 'acme confirmed')
})

test('a rule may lower what its payload proves, and names the category', () => {
  const rules = `labels:
  - { label: acme, certainty: possible, payload: { bytes: "41434d45" }, category: telemetry }
  - { label: dns, ports: 7000, category: own-name-service }
`
  const acme = verdictOf({ rules, ports: [1, 2], said: ['a: ACME'] })
  assert.is(`${acme.label} ${acme.certainty} ${acme.category}`, 'acme possible telemetry')
  assert.is(verdictOf({ rules, ports: [1, 7000] }).category, 'own-name-service')
  assert.is(verdictOf({ rules, ports: [1, 53] }).category, 'name-service')
})

test('what was announced is likely where it answers, and outranks pool, registry and a supporter elsewhere', () => {
  assert.is(outcome({ announced: 'rtp' }), 'rtp likely')
  assert.is(outcome({ announced: 'rtp', packets: [5, 0] }), 'rtp possible')
  assert.is(
    outcome({ announced: 'rtp', pool: { ...FRAMEHAWK, supporter: 'ica', supporterSameClient: true } }),
    'rtp likely',
  )
  assert.is(outcome({ announced: 'rtp', said: ['a: VPN'] }), 'openvpn confirmed')
  assert.is(outcome({ announced: 'rtp', rules: 'labels: [{ label: own, ports: 3224 }]' }), 'own possible')
  const [first] = verdictOf({ announced: 'rtp', ports: [50000, 53] }).evidence
  assert.equal(first, { source: 'context', says: 'rtp was announced', for: 'rtp', weight: 70 })
})

test('over TCP it takes payload to answer: a refused connection has packets both ways too', () => {
  const tcp = (payload: number) => outcome({ announced: 'ftp-data', protocol: 6, payload })
  assert.is(tcp(0), 'ftp-data possible')
  assert.is(tcp(1), 'ftp-data likely')
})

test('candidates are told on request', () => {
  const given = { pool: FRAMEHAWK, said: ['a: HELLO'] }
  assert.not('candidates' in verdictOf(given))
  assert.equal(verdictOf({ ...given, candidates: true }).candidates, [
    { label: 'aes-discovery', certainty: 'possible', weight: 15 },
  ])
  assert.equal(verdictOf({ pool: FRAMEHAWK, candidates: true }).candidates, [
    { label: 'aes-discovery', certainty: 'possible', weight: 15 },
  ])
})

test('flows that differ in nothing share one verdict', () => {
  const one = talk(SIGNATURES, { protocol: 17, ports: [50000, 53] })
  const labeller = createLabeller({ inspector: one.inspector, registry, rules: [], candidates: false })
  const flow = flowOf({ ports: [50000, 53] })
  assert.is(
    labeller.label(flow, -1, undefined),
    labeller.label(flowOf({ ports: [50009, 53] }), -1, undefined),
  )
  one.say('a', 'HELLO')
  const weak = labeller.label(flow, one.handle, undefined)
  assert.is(labeller.label(flow, one.handle, undefined), weak)
  one.say('b', 'HELLO')
  const both = labeller.label(flow, one.handle, undefined)
  assert.is(weak.certainty, 'likely')
  assert.is(both.certainty, 'confirmed')
})

test.run()
