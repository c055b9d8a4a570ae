import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { changesOf } from '../../../src/report/explain/changes.ts'
import type { FlowRecord } from '../../../src/report/record/record-types.ts'
import type { Evidence, PoolRule } from '../../../src/types.ts'
import { flowRecord } from './explaining.ts'

const test = suite('explain changes')

/** A pool that no built-in rule knows: nothing may depend on a protocol. */
const desks: PoolRule = {
  name: 'desks',
  label: 'desk',
  transport: 'udp',
  ports: [{ low: 7000, high: 7009 }],
  stride: 1,
  session: 'per-port',
  allocation: 'lowest-first',
  idleTimeoutSec: 120,
  minPackets: 4,
  bidirectional: true,
  supportedBy: ['broker', 'gate'],
}

const bySlot: Evidence = {
  source: 'pool',
  says: 'server port 7003/udp is slot 4 of 10',
  for: 'desk',
  weight: 30,
}

function says(fields: Partial<FlowRecord>, hasSite = false, pools = [desks]): string {
  const record = flowRecord({
    dst_port: 7003,
    label: 'desk',
    certainty: 'possible',
    evidence: [bySlot],
    ...fields,
  })
  return changesOf(record, pools, hasSite)
    .map((change) => `${change.says} [${change.label} ${change.certainty}]`)
    .join('\n')
}

test('a slot alone: site file, companions, a rule', () => {
  const text = says({})
  assert.match(
    text,
    'a site file that lists 10.0.0.2 under pool desks would make desk confirmed [desk confirmed]',
  )
  assert.match(text, 'broker or gate seen by payload at 10.0.0.2')
  assert.match(text, '[desk likely]')
  assert.match(text, '{ label: desk, transport: udp, ports: [7003], cidr: 10.0.0.2, certainty: likely }')
  assert.match(says({}, true), 'the site file, did it list 10.0.0.2')
})

test('one direction: an answer is needed first', () => {
  assert.match(says({ dst_packets: 0 }), 'would make desk confirmed, once traffic runs both ways')
  assert.match(says({ dst_packets: 0 }), 'an answer')
  const rule = /certainty: likely \}, once traffic runs both ways \[desk likely\]/
  assert.match(says({ dst_packets: 0 }), rule)
  assert.match(
    says({ dst_packets: 0, src_packets: 2, transport: 'tcp', src_payload_bytes: 0, dst_payload_bytes: 0 }),
    rule,
  )
  assert.not.match(says({ dst_packets: 0, src_packets: 2 }), rule)
  assert.not.match(says({ dst_packets: 0, transport: 'tcp' }), rule)
})

test('context that is there is not asked for', () => {
  const context: Evidence = { source: 'context', says: 'gate was confirmed', for: 'desk', weight: 45 }
  const text = says({ certainty: 'likely', evidence: [context, bySlot] })
  assert.not.match(text, 'broker or gate')
  assert.not.match(text, 'label rule')
  assert.match(text, 'a site file')
})

test('a lone slot: lower ones would lift it', () => {
  const lonely: Evidence = { source: 'pool', says: 'lower slots were never used', for: 'desk', weight: -15 }
  assert.match(says({ evidence: [bySlot, lonely] }), 'sessions on lower slots of pool desks (from port 7000)')
  assert.match(
    says({ evidence: [bySlot, lonely], dst_packets: 0 }),
    'would make desk likely, if lower slots were in use, once traffic runs both ways',
  )
})

test('payload proves: nothing below outranks it', () => {
  const payload: Evidence = { source: 'payload', says: 'is a DNS message', for: 'dns', weight: 90 }
  const text = says({ label: 'dns', certainty: 'confirmed', evidence: [payload, bySlot] })
  assert.is(text.split('\n').length, 1)
  assert.match(text, 'weighs more than 90')
  const weak = says({ label: 'dns', certainty: 'likely', evidence: [{ ...payload, weight: 40 }] }, false, [])
  assert.match(weak, 'the same sign from the other side as well would prove dns [dns confirmed]')
})

test('why there was no payload to judge', () => {
  assert.match(says({ src_payload_bytes: 0, dst_payload_bytes: 0 }), 'neither side sent any')
  assert.match(says({ anomalies: ['snaplen_cut'] }), 'whole packets')
  assert.match(says({ anomalies: ['midstream'] }), "the connection's beginning")
})

test('the slot is on the client side', () => {
  const refused: Evidence = { source: 'pool', says: 'belongs to the client side', for: 'desk', weight: -40 }
  const fields = {
    src_port: 7003,
    dst_port: 53,
    label: 'unknown',
    evidence: [refused],
  } satisfies Partial<FlowRecord>
  assert.match(says(fields), 'lists 10.0.0.1 under pool desks would make its port 7003 a slot')
  assert.not.match(says({ ...fields, orientation: 'payload' }), 'a site file')
})

test('a pool that requires a payload', () => {
  const pool = { ...desks, requires: 'rtp' }
  assert.match(
    says({ label: 'unknown', evidence: [] }, false, [pool]),
    'payload of rtp would make port 7003 a slot of pool desks',
  )
})

test.run()
