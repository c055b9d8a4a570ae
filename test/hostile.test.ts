/** Captures made to break the pipeline: what many things at once must not change. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  back,
  captureOf,
  flowsOf,
  handshake,
  recordsOf,
  sendTcp,
  sessionsOf,
  summaryOf,
  type Way,
} from './analyzed.ts'

const test = suite('hostile')

test('a packet for a flow that is due, and waits behind many sessions, begins a flow of its own', async () => {
  // Connections on X11 displays: their sessions are due (120 s) before their flows (300 s), all with one packet.
  const ways = Array.from({ length: 1200 }, (_, i): Way => {
    const [host, display] = [i >> 6, i & 63]
    return `10.0.0.1:${40_000 + i} > 10.2.${host >> 8}.${host & 255}:${6000 + display}`
  })
  const opened = ways.map((way) => [...handshake(0, way), sendTcp(0.01, back(way), 'PA', 'x')])
  const later = ways.map((way, i) => sendTcp(1000 + i / 1000, way, 'A', 'y'))
  const records = await recordsOf(captureOf(...opened, later))
  assert.is(sessionsOf(records).length, 1200)
  assert.is(flowsOf(records).length, 2400)
  assert.is(summaryOf(records).flows, 2400)
  const reasons = flowsOf(records).map(({ end_reason }) => end_reason)
  assert.equal([...new Set(reasons.slice(0, 1200))], ['idle'])
  assert.equal([...new Set(reasons.slice(1200))], ['capture_end'])
  assert.is(new Set(flowsOf(records).map(({ flow_id }) => flow_id)).size, 2400)
})

test.run()
