/** Fragments that waited for their first one reach their flow before the clock of the packet that gave them up. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { captureOf, flowsOf, recordsOf, type Sent, sendUdp } from './analyzed.ts'
import { ethernet, ipv4Fragments, udp } from './packet-builder.ts'

const test = suite('lookahead')

function orphan(at: number, identification: number): Sent {
  const whole = udp({ srcPort: 50001, dstPort: 40000 }, new Uint8Array(64))
  return { at, frame: ethernet(ipv4Fragments({ identification }, whole, 40)[1]) }
}

async function orphanFlows(...times: number[]): Promise<[number, number, string][]> {
  const other = (at: number) => sendUdp(at, '10.0.0.9:50003 > 10.1.0.6:40000')
  const sent = times.map((at, i) => orphan(at, 100 + i))
  const capture = captureOf(other(0), sent[0], other(sent[0].at + 31), ...sent.slice(1), other(1000))
  return flowsOf(await recordsOf(capture))
    .filter(({ anomalies }) => anomalies?.includes('orphan_fragments'))
    .map(({ src_packets, duration, end_reason }) => [src_packets, duration, end_reason])
}

test('a silence that is no longer than the timeout does not split orphan fragments', async () => {
  assert.equal(await orphanFlows(1, 43), [[2, 42, 'idle']])
  assert.equal(await orphanFlows(1, 61), [[2, 60, 'idle']])
})

test('a longer one does', async () => {
  assert.equal(await orphanFlows(1, 61.001), [
    [1, 0, 'idle'],
    [1, 0, 'idle'],
  ])
})

test.run()
