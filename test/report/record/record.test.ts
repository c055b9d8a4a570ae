import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createRecordLines } from '../../../src/report/record/record.ts'
import { captureInfo, change, notice, poolReport, session, stats, summary } from './records.ts'

const test = suite('report/record')
const lines = createRecordLines('iso')

test('writes a capture', () => {
  assert.is(
    lines.capture({ ...captureInfo, source: 'a\u001b[31m.pcap' }),
    '{"type":"capture","v":1,"source":"a\\\\x1B[31m.pcap","format":"pcapng","compression":"gzip",' +
      '"link_types":[1,113],"timestamp_precision":"nanoseconds"}',
  )
})

test('writes a session', () => {
  assert.is(
    lines.session(session()),
    '{"type":"session","v":1,"session_id":"00000000000000a1","pool":"mosh","server_ip":"10.0.0.1",' +
      '"transport":"udp","slot":60001,"slot_index":0,"clients":[{"ip":"10.0.0.9","port":40112}],' +
      '"start":"2020-09-13T12:26:40.100000000Z","end":"2020-09-13T12:28:10.000000000Z","duration":89.9,' +
      '"packets":64,"ip_bytes":6400,"longest_gap":3.0000001,"certainty":"confirmed","end_reason":"idle",' +
      '"open_at_start":false,"open_at_end":false,"flow_ids":["0123456789abcdef"]}',
  )
})

test('says how long a cut list was', () => {
  const clients = Array.from({ length: 100 }, (_, port) => ({ ip: '10.0.0.9', port }))
  const flowIds = new Array<string>(130).fill('0123456789abcdef')
  const record = JSON.parse(
    lines.session(session({ clients, clientsTotal: 250, flowIds, flowIdsTotal: 130 })),
  )
  assert.is(record.clients.length, 100)
  assert.is(record.clients_total, 250)
  assert.is(record.flow_ids.length, 100)
  assert.is(record.flow_ids_total, 130)
})

test('writes a pool', () => {
  assert.is(
    lines.pool(poolReport()),
    '{"type":"pool","v":1,"pool":"mosh","server_ip":"10.0.0.1","slots":999,"sessions":3,"peak":2,' +
      '"peak_at":"2020-09-13T12:27:10.000000000Z","peak_duration":12.5,"peak_total_seconds":20,' +
      '"peak_session_ids":["00000000000000a1","00000000000000a2"],"mean":1.25,"p50":1,"p95":2,"slots_used":2,' +
      '"highest_slot":60002,"saturated_seconds":0,"window_start":"2020-09-13T12:26:40.000000000Z",' +
      '"window_end":"2020-09-13T12:28:40.000000000Z","idle_timeout":120,' +
      '"sensitivity":[{"idle_timeout":60,"sessions":4,"peak":2}],"certainty":"confirmed",' +
      '"rejected":[{"reason":"probe","label":"unknown","flows":5}]}',
  )
})

test('writes a pool over all servers, whose timeout is never', () => {
  const record = JSON.parse(
    lines.pool(poolReport({ serverIp: undefined, idleTimeout: Number.POSITIVE_INFINITY })),
  )
  assert.not('server_ip' in record)
  assert.is(record.idle_timeout, 0)
})

test('never writes a number in exponent form', () => {
  const line = lines.pool(poolReport({ mean: 1e-7, p50: 1e-12, p95: 123456789.25 }))
  assert.match(line, '"mean":0.0000001,"p50":0,"p95":123456789.25,')
})

test('writes concurrency, notice and stats', () => {
  assert.is(
    lines.concurrency(change),
    '{"type":"concurrency","v":1,"pool":"mosh","server_ip":"10.0.0.1",' +
      '"at":"2020-09-13T12:27:10.000000000Z","sessions":2}',
  )
  assert.is(
    lines.notice(notice),
    '{"type":"notice","v":1,"notice":"slot_shared","says":"two clients used slot 60001 at the same time",' +
      '"at":"2020-09-13T12:27:11.000000000Z","pool":"mosh","server_ip":"10.0.0.1","slot":60001,' +
      '"clients":["10.0.0.9:1","10.0.0.8:2"]}',
  )
  assert.is(
    lines.stats(stats),
    '{"type":"stats","v":1,"start":"2020-09-13T12:26:40.000000000Z","end":"2020-09-13T12:27:40.000000000Z",' +
      '"packets":5,"wire_bytes":500,"dropped":{"kernel":1},"flows":3,"sessions":1,"evicted_flows":0,' +
      '"live_flows":2,"live_sessions":1}',
  )
})

test('writes a summary', () => {
  assert.is(
    lines.summary(summary()),
    '{"type":"summary","v":1,"packets":12,"non_ip":{"0x0806":2},"undecoded":{"tcp_cut":1},"wire_bytes":1200,' +
      '"flows":2,"sessions":1,"first_packet_at":"2020-09-13T12:26:40.000000000Z",' +
      '"last_packet_at":"2020-09-13T12:28:40.000000000Z","link_types_undecoded":{"DOCSIS":1},' +
      '"time_backwards":0,"evicted_flows":0,"skipped_inputs":["notes.txt"],"damaged":[{"source":"office.pcapng",' +
      '"offset":4128,"reason":"block length 7","code":"PCAPNG_BLOCK_LENGTH"}],"dropped":{"interface":3}}',
  )
})

test('writes times as decimal numbers when asked to', () => {
  const line = createRecordLines('epoch').session(session({ startSec: -5, startNsec: 900_000_000 }))
  assert.match(line, '"start":-4.100000000,"end":1600000090.000000000,"duration":1600000094.1,')
})

test('a summary names the hundred most frequent of very many EtherTypes, and counts the others', () => {
  const nonIp = new Map(Array.from({ length: 5000 }, (_, i) => [`0x${i.toString(16).padStart(4, '0')}`, 1]))
  nonIp.set('0x0806', 7)
  const line = lines.summary(summary({ nonIp, linkTypesUndecoded: nonIp }))
  const { non_ip: counted, link_types_undecoded: linkTypes } = JSON.parse(line)
  assert.is(Object.keys(counted).length, 101)
  assert.equal(Object.entries(counted)[0], ['0x0806', 7])
  assert.is(counted.other, 4900)
  assert.equal(linkTypes, counted)
})

test.run()
