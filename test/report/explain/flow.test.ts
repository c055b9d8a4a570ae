import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { flowText } from '../../../src/report/explain/flow.ts'
import type { FlowRecord } from '../../../src/report/record/record-types.ts'
import { flowFacts } from './explaining.ts'

const test = suite('explain flow')

function textOf(fields: Partial<FlowRecord>): string {
  const explanation = { asked: '0123', flow: flowFacts(fields), sessions: [], changes: [] }
  return flowText(explanation, { columns: 120, color: false })
}

test('what a side sent, and segments without new sequence numbers: not each was sent twice', () => {
  const text = textOf({ transport: 'tcp', src_retransmissions: 2, dst_packets: 0 })
  assert.match(text, '10.0.0.1:40000 sent 1 packet, 60 B, of which 18 B payload, 2 segments sent again\n')
  assert.match(text, '10.0.0.2:53 sent nothing\n')
  assert.not.match(textOf({ transport: 'tcp', src_retransmissions: 0 }), 'out of order')
})

test.run()
