import { Ajv2020 } from 'ajv/dist/2020.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { flowLine } from '../../../src/report/record/flow-record.ts'
import { createRecordLines, RECORD_NAMES, type RecordName } from '../../../src/report/record/record.ts'
import { allRecordsSchema, recordSchema } from '../../../src/report/record/schema.ts'
import type { Extras } from '../../../src/types.ts'
import { closedFlow, side } from './flows.ts'
import { linesOf, poolReport, summary } from './records.ts'

const test = suite('report/schema')
const ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true })
const validators = Object.fromEntries(RECORD_NAMES.map((name) => [name, ajv.compile(recordSchema(name))]))
const validateAny = ajv.compile(allRecordsSchema())

function check(line: string): void {
  const record = JSON.parse(line)
  const validate = validators[record.type as RecordName]
  assert.ok(validate(record), `${line}\n${ajv.errorsText(validate.errors)}`)
  assert.ok(validateAny(record), line)
}

function rejects(line: string): boolean {
  return !validateAny(JSON.parse(line))
}

test('accepts every record, with both kinds of time', () => {
  for (const time of ['iso', 'epoch'] as const) {
    for (const line of linesOf(createRecordLines(time))) check(line)
    check(flowLine(closedFlow(), { time }))
  }
})

test('knows the fields of protocols, and protocols that it does not list', () => {
  const flow = (extras: Extras) => flowLine(closedFlow({ extras }))
  check(flow({ tls: { sni: 'a.example', alpn: ['h2'], alpn_total: 2 }, smb: { offers_version_2: true } }))
  check(flow({ tls: { field_of_tomorrow: 1 }, protocol_of_tomorrow: { name: 'x' } }))
  assert.ok(rejects(flow({ tls: { sni: 1 } })))
  assert.ok(rejects(flow({ tls: { alpn: 'h2' } })))
})

test('accepts flows of every shape', () => {
  check(flowLine(closedFlow({ protocol: 6, src: side({ tcpFlags: 31 }), handshakeSec: 0, handshakeNsec: 5 })))
  check(flowLine(closedFlow({ protocol: 1, srcPort: -1, dstPort: -1, icmpType: 3, icmpCode: 1 })))
  check(flowLine(closedFlow({ process: { pid: 7, name: 'mosh-server', user: 'ada' } })))
  check(flowLine(closedFlow({ continuesLow: 1, encapsulation: ['vlan:1'], anomalies: ['fragments'] })))
  check(
    flowLine(closedFlow({ hostname: 'a.example', hostnameSource: 'sni', extras: { tls: { alpn: ['h2'] } } })),
  )
  check(
    flowLine(
      closedFlow({
        verdict: {
          label: 'unknown',
          certainty: 'unknown',
          evidence: [],
          candidates: [{ label: 'dns', certainty: 'possible', weight: -3 }],
          registry: { status: 'not_listed' },
        },
      }),
    ),
  )
})

test('accepts records with little in them', () => {
  const lines = createRecordLines('iso')
  check(lines.pool(poolReport({ serverIp: undefined, peakAt: undefined, highestSlot: undefined, peak: 0 })))
  check(lines.summary(summary({ firstPacketAt: undefined, lastPacketAt: undefined, dropped: {} })))
})

test('rejects fields it does not name', () => {
  const [capture, ...rest] = linesOf(createRecordLines('iso'))
  for (const line of [capture, ...rest.filter((each) => !each.includes('"type":"notice"'))]) {
    assert.ok(rejects(line.replace(/}$/, ',"extra":1}')), line)
  }
  assert.ok(rejects(flowLine(closedFlow()).replace(/}$/, ',"dst_prot":53}')))
  assert.not(rejects(flowLine(closedFlow()).replace(/}$/, ',"ssh":{"version":"2.0"}}')))
})

test('rejects missing and wrong fields', () => {
  const line = flowLine(closedFlow())
  assert.ok(rejects(line.replace('"dst_ip":"198.51.100.53",', '')))
  assert.ok(rejects(line.replace('"certainty":"confirmed"', '"certainty":"sure"')))
  assert.ok(rejects(line.replace('"src_packets":1', '"src_packets":-1')))
  assert.ok(rejects(line.replace('"v":1', '"v":2')))
  assert.ok(rejects(line.replace('.000000005Z', 'Z')))
})

test('tells what the words of a flow mean', () => {
  const { properties } = recordSchema('flow') as { properties: Record<string, { description?: string }> }
  for (const [field, line] of [
    ['conn_state', 'REJ: the attempt was refused, or both sides reset it before any payload'],
    ['anomalies', 'midstream: the capture began after the connection did: no SYN was seen'],
    ['orientation', 'syn: the side that sent the SYN is the client'],
    ['end_reason', 'evicted: written early, because --max-flows were known'],
  ])
    assert.ok(properties[field].description?.split('\n').includes(line), field)
})

test.run()
