import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createServices } from '../../../src/report/diff/services.ts'
import { flowLine } from '../../../src/report/record/flow-record.ts'
import type { FlowRecord } from '../../../src/report/record/record-types.ts'
import type { ClosedFlow } from '../../../src/types.ts'
import { between, closedFlow, side } from '../record/flows.ts'

const test = suite('report/services')

const SERVER = '198.51.100.53'
const flow = (fields: Partial<ClosedFlow> = {}): FlowRecord => JSON.parse(flowLine(closedFlow(fields)))
const verdict = (label: string, certainty: ClosedFlow['verdict']['certainty']) => ({
  ...closedFlow().verdict,
  label,
  certainty,
})

function servicesOf(...flows: FlowRecord[]) {
  const services = createServices()
  for (const each of flows) services.add(each)
  return services.list()
}

test('flows of one port of a server are one service, whatever the clients', () => {
  const [service, ...others] = servicesOf(
    flow(),
    flow({ srcPort: 50_000 }),
    flow({ ...between('192.0.2.2', SERVER), hostname: 'ns.example' }),
    flow({ ...between('192.0.2.2', SERVER), srcPort: 9, hostname: 'later.example' }),
  )
  assert.equal(others, [])
  assert.equal(service, {
    key: { transport: 'udp', server_ip: SERVER, server_port: 53 },
    label: 'dns',
    certainty: 'confirmed',
    category: 'name-service',
    hostname: 'ns.example',
    clients: 2,
    flows: 4,
    packets: 8,
    wire_bytes: 4 * (71 + 87),
  })
})

test('another port, transport or server is another service, in the order of first flows', () => {
  const found = servicesOf(
    flow({ dstPort: 853 }),
    flow({ protocol: 6 }),
    flow({ ...between('192.0.2.1', '198.51.100.54') }),
    flow({ dstPort: 853, srcPort: 1 }),
  )
  assert.equal(
    found.map(({ key, flows }) => [key.transport, key.server_ip, key.server_port, flows]),
    [
      ['udp', SERVER, 853, 2],
      ['tcp', SERVER, 53, 1],
      ['udp', '198.51.100.54', 53, 1],
    ],
  )
})

test('what did not answer, or refused, is no service', () => {
  const unanswered = flow({ dst: side(), connState: 'S0' })
  assert.equal(servicesOf(unanswered, flow({ protocol: 6, connState: 'REJ' })), [])
})

test('a flow that goes on after a timeout adds its packets, and is no other flow', () => {
  const [{ flows, packets }] = servicesOf(flow(), flow({ continuesHigh: 1, continuesLow: 1 }))
  assert.equal([flows, packets], [1, 4])
})

test('the most certain label stands for all, then that of most flows, then the first name', () => {
  const labels = (...of: ClosedFlow['verdict'][]) => {
    const [{ label, certainty }] = servicesOf(...of.map((each, i) => flow({ srcPort: i + 1, verdict: each })))
    return `${label} ${certainty}`
  }
  const possible = verdict('domain', 'possible')
  assert.is(labels(possible, possible, verdict('dns', 'likely')), 'dns likely')
  assert.is(labels(verdict('dns', 'unknown'), verdict('dns', 'likely')), 'dns likely')
  assert.is(labels(verdict('b', 'likely'), verdict('a', 'likely'), verdict('b', 'likely')), 'b likely')
  assert.is(labels(verdict('b', 'likely'), verdict('a', 'likely')), 'a likely')
})

test('a flow without ports has a service without one', () => {
  const [{ key }] = servicesOf(flow({ protocol: 1, srcPort: -1, dstPort: -1, icmpType: 8, icmpCode: 0 }))
  assert.equal({ ...key }, { transport: 'icmp', server_ip: SERVER, server_port: undefined })
})

test('what is held is counted: services, their clients and their labels', () => {
  const services = createServices()
  services.add(flow())
  services.add(flow({ srcPort: 1 }))
  services.add(flow({ ...between('192.0.2.2', SERVER) }))
  assert.is(services.size, 4)
  services.add(flow({ verdict: verdict('made-up', 'possible') }))
  assert.is(services.size, 5)
})

test.run()
