/** Which end is the client: each reason, and that an earlier one outweighs the later ones. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import * as row from '../src/flow/layout.ts'
import { makeRegistry, NOT_LISTED } from '../src/label/ports/registry.ts'
import { chooseOrientation, type OrientationFacts } from '../src/orientation.ts'

const test = suite('orientation')

const REGISTERED = [53, 80, 3224]
const registry = makeRegistry({
  find: (port) => (REGISTERED.includes(port) ? { status: 'registered', name: `port-${port}` } : NOT_LISTED),
  names: () => [],
})

interface Case {
  protocol?: number
  orphan?: boolean
  /** Ports of side a (the first sender) and side b. */
  ports: [a: number, b: number]
  state?: number
  anomalies?: number
  client?: number
  poolServer?: number
}

function orient(each: Case): string {
  const {
    protocol = 17,
    orphan = false,
    ports,
    state = 0,
    anomalies = 0,
    client = -1,
    poolServer = -1,
  } = each
  const [a, b] = ports
  const facts: OrientationFacts = {
    state,
    kind: protocol | (4 << 8) | (orphan ? row.KIND_ORPHAN_FRAGMENT : 0),
    ports: (a << 16) | b,
    anomalies,
    client,
    poolServer,
    registry,
  }
  const { reversed, reason } = chooseOrientation(facts)
  return `${reason}: ${reversed ? 'b' : 'a'} is the client`
}

test('SYN or SYN-ACK decides first', () => {
  // The registered port is on the side that sent the SYN: the SYN is what counts.
  const ports: [number, number] = [80, 50000]
  const tcp = { protocol: 6, ports, client: 1, poolServer: 0 }
  assert.is(orient({ ...tcp, state: row.STATE_SYN_A }), 'syn: a is the client')
  assert.is(orient({ ...tcp, state: row.STATE_SYNACK_B }), 'syn: a is the client')
  assert.is(orient({ ...tcp, state: row.STATE_SYN_B }), 'syn: b is the client')
  assert.is(orient({ ...tcp, state: row.STATE_SYNACK_A }), 'syn: b is the client')
})

test('a SYN amid a flow whose start was not seen decides only where payload does not', () => {
  const tcp = { protocol: 6, ports: [731, 2049] as [number, number], state: row.STATE_SYN_B }
  const amid = { ...tcp, anomalies: row.ANOMALY_MIDSTREAM | row.ANOMALY_SYN_IN_FLOW }
  assert.is(orient({ ...amid, client: 0 }), 'payload: a is the client')
  assert.is(orient(amid), 'syn: b is the client')
  assert.is(orient({ ...tcp, anomalies: row.ANOMALY_SYN_IN_FLOW, client: 0 }), 'syn: b is the client')
  assert.is(orient({ ...tcp, anomalies: row.ANOMALY_MIDSTREAM, client: 0 }), 'syn: b is the client')
})

test('then payload', () => {
  assert.is(orient({ ports: [50000, 53], client: 1, poolServer: 1 }), 'payload: b is the client')
  assert.is(orient({ ports: [53, 50000], client: 0, poolServer: 0 }), 'payload: a is the client')
})

test('then the pool, which outweighs a lower registered port', () => {
  assert.is(orient({ ports: [3224, 53], poolServer: 0 }), 'pool: b is the client')
  assert.is(orient({ ports: [53, 3224], poolServer: 1 }), 'pool: a is the client')
})

test('then the registered port is the server; of two the lower', () => {
  assert.is(orient({ ports: [50000, 53] }), 'registry: a is the client')
  assert.is(orient({ ports: [53, 50000] }), 'registry: b is the client')
  assert.is(orient({ ports: [3224, 53] }), 'registry: a is the client')
  assert.is(orient({ ports: [53, 3224] }), 'registry: b is the client')
})

test('then the first sender is the client', () => {
  assert.is(orient({ ports: [50000, 40000] }), 'first_packet: a is the client')
  assert.is(orient({ ports: [53, 53] }), 'first_packet: a is the client')
  assert.is(orient({ protocol: 47, ports: [0, 0] }), 'first_packet: a is the client')
})

test('an ICMP reply comes from the server; its types are no ports', () => {
  assert.is(orient({ protocol: 1, ports: [8, 0] }), 'first_packet: a is the client')
  for (const reply of [0, 14, 16, 18])
    assert.is(orient({ protocol: 1, ports: [reply, 8] }), 'payload: b is the client')
  assert.is(orient({ protocol: 58, ports: [128, 129] }), 'first_packet: a is the client')
  assert.is(orient({ protocol: 58, ports: [129, 128] }), 'payload: b is the client')
  // Type 53 would be a registered port, were it one.
  assert.is(orient({ protocol: 1, ports: [3, 53] }), 'first_packet: a is the client')
})

test('an ICMP fragment whose type is not known is no reply', () => {
  assert.is(orient({ protocol: 1, ports: [0, 0], orphan: true }), 'first_packet: a is the client')
})

test('ports above 32767 survive the sign of a word', () => {
  assert.is(orient({ ports: [65535, 53] }), 'registry: a is the client')
  assert.is(orient({ ports: [53, 65535] }), 'registry: b is the client')
})

test.run()
