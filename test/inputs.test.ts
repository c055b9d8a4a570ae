/** Several inputs, read as one capture: what holds of the place of a packet in its own input. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { captureOf, flowsOf, recordsOf, sendUdp } from './analyzed.ts'
import { ethernet, ipv4Fragments, udp } from './packet-builder.ts'

const test = suite('inputs')

test('a fragment that was held is the first frame also where its first one stands in another input', async () => {
  const ports = { srcPort: 1000, dstPort: 2000 }
  const [first, second, third] = ipv4Fragments({}, udp(ports, '0123456789abcdef'), 8).map((each) =>
    ethernet(each),
  )
  const other = sendUdp(0, '10.0.0.8:5 > 10.0.0.9:5')
  const later = [captureOf({ at: 3, frame: first }), captureOf(sendUdp(4, '10.0.0.8:6 > 10.0.0.9:6'))]
  for (const [held, expected] of [
    [[other, other, { at: 1, frame: second }, { at: 1, frame: third }], 3],
    [[other, { at: 3, frame: third }, { at: 3, frame: second }], 2],
    [[{ at: 1, frame: second }], 1],
  ] as const) {
    const flows = flowsOf(await recordsOf([captureOf(...held), ...later]))
    assert.is(flows.find((flow) => flow.src_port === 1000 || flow.dst_port === 1000)?.first_frame, expected)
  }
  // The flow was there before: its first frame stays.
  const before = captureOf(other, sendUdp(1, '10.0.0.1:1000 > 10.0.0.2:2000'), { at: 2, frame: second })
  const flows = flowsOf(await recordsOf([before, ...later]))
  assert.is(flows.find((flow) => flow.src_port === 1000 || flow.dst_port === 1000)?.first_frame, 2)
})

test.run()
