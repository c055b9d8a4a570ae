/** Zeek's logs, read back as zeek-cut reads them. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseCidr } from '../../../src/address.ts'
import { columnsOf } from '../../../src/report/formats/shape.ts'
import { communityId } from '../../../src/report/record/community-id.ts'
import { RECORD_NAMES } from '../../../src/report/record/record.ts'
import type { ClosedFlow } from '../../../src/types.ts'
import { between, closedFlow, side } from '../record/flows.ts'
import { poolReport, summary } from '../record/records.ts'
import { feedAll, fileOf, type Given, HOSTILE, objectsOf } from './formatting.ts'

const test = suite('report/zeek')

const FLOWS = { records: ['flow'] } as const

/** Zeek's own, then those of the policy scripts for protocols and Community IDs, then flowhawk's. */
const CONN_FIELDS =
  'ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto service duration orig_bytes resp_bytes conn_state ' +
  'local_orig local_resp missed_bytes history orig_pkts orig_ip_bytes resp_pkts resp_ip_bytes tunnel_parents ' +
  'ip_proto community_id label certainty hostname encapsulation'
const CONN_TYPES =
  'time string addr port addr port enum string interval count count string bool bool count string count count ' +
  'count count set[string] count string string string string vector[string]'

interface Log {
  path: string
  fields: string[]
  types: string[]
  rows: Record<string, string | string[] | undefined>[]
}

/** What zeek-cut does: the header says how to read, and every \xHH is a byte. */
function readLog(text: string): Log {
  const lines = text.trimEnd().split('\n')
  assert.is(lines[0], '#separator \\x09')
  const meta = new Map<string, string[]>()
  for (const line of lines.slice(1)) {
    if (!line.startsWith('#')) break
    const [name, ...values] = line.split('\t')
    meta.set(name.slice(1), values)
  }
  const [[setSeparator], [empty], [unset], [path]] = [
    'set_separator',
    'empty_field',
    'unset_field',
    'path',
  ].map((name) => meta.get(name)!)
  const fields = meta.get('fields')!
  const types = meta.get('types')!
  const plain = (cell: string) =>
    cell === empty ? '' : cell.replace(/\\x(..)/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
  const cellValue = (cell: string, type: string) => {
    if (cell === unset) return undefined
    if (!/^(vector|set)\[/.test(type)) return plain(cell)
    return cell === empty ? [] : cell.split(setSeparator).map(plain)
  }
  const rows = lines
    .filter((line) => !line.startsWith('#'))
    .map((line) => {
      const cells = line.split('\t')
      assert.is(cells.length, fields.length, line)
      return Object.fromEntries(fields.map((name, i) => [name, cellValue(cells[i], types[i])]))
    })
  return { path, fields, types, rows }
}

async function logOf(given: Given, ...flows: ClosedFlow[]): Promise<Log> {
  const file = await fileOf('zeek-tsv', given, (sink) => {
    for (const flow of flows) sink.flow(flow)
  })
  return readLog(file.toString('utf8'))
}

async function connOf(flow: ClosedFlow, given: Given = FLOWS) {
  return (await logOf(given, flow)).rows[0]
}

test('conn.log has the fields and types of Zeek', async () => {
  const log = await logOf(FLOWS)
  assert.is(log.path, 'conn')
  assert.is(log.fields.join(' '), CONN_FIELDS)
  assert.is(log.types.join(' '), CONN_TYPES)
  assert.is(log.rows.length, 0)
})

test('a flow is read back with its values', async () => {
  assert.equal(await connOf(closedFlow()), {
    ts: '1600000000.000000',
    uid: 'C0123456789abcdef',
    'id.orig_h': '192.0.2.1',
    'id.orig_p': '53124',
    'id.resp_h': '198.51.100.53',
    'id.resp_p': '53',
    proto: 'udp',
    service: 'dns',
    duration: '1.250000',
    orig_bytes: '29',
    resp_bytes: '45',
    conn_state: 'SF',
    local_orig: 'F',
    local_resp: 'F',
    missed_bytes: undefined,
    history: 'Dd',
    orig_pkts: '1',
    orig_ip_bytes: '57',
    resp_pkts: '1',
    resp_ip_bytes: '73',
    tunnel_parents: undefined,
    ip_proto: '17',
    community_id: communityId(closedFlow()),
    label: 'dns',
    certainty: 'confirmed',
    hostname: undefined,
    encapsulation: undefined,
  })
})

test('what Zeek would not have confirmed is no service', async () => {
  const { verdict } = closedFlow()
  const service = async (fields: Partial<ClosedFlow>) => (await connOf(closedFlow(fields))).service
  const labelled = (label: string) => ({ verdict: { ...verdict, label } })
  assert.is(await service(labelled('tls')), 'ssl')
  assert.is(await service({ ...labelled('kerberos'), protocol: 6 }), 'krb_tcp')
  assert.is(await service(labelled('kerberos')), 'krb')
  assert.is(await service({ ...labelled('ldap'), protocol: 6 }), 'ldap_tcp')
  assert.is(await service(labelled('dcerpc')), 'dce_rpc')
  assert.is(await service({ verdict: { ...verdict, certainty: 'likely' } }), undefined)
  assert.is(await service(labelled('unknown')), undefined)
})

test('ICMP has type and code for ports, other protocols have none', async () => {
  const ports = async (fields: Partial<ClosedFlow>) => {
    const row = await connOf(closedFlow({ srcPort: -1, dstPort: -1, connState: '', ...fields }))
    return [row['id.orig_p'], row['id.resp_p'], row.proto, row.conn_state, row.ip_proto].join(' ')
  }
  assert.is(await ports({ protocol: 1, icmpType: 3, icmpCode: 1 }), '3 1 icmp OTH 1')
  assert.is(
    await ports({ protocol: 58, icmpType: 128, icmpCode: 0, ...between('2001:db8::1', '2001:db8::2') }),
    '128 0 icmp OTH 58',
  )
  assert.is(await ports({ protocol: 47 }), '0 0 unknown_transport OTH 47')
})

test('the site file says what is local, else private address space is', async () => {
  const flow = closedFlow(between('10.0.0.1', '192.0.2.1'))
  const local = async (given: Given) => {
    const row = await connOf(flow, given)
    return `${row.local_orig}${row.local_resp}`
  }
  assert.is(await local(FLOWS), 'TF')
  assert.is(await local({ ...FLOWS, internal: [parseCidr('192.0.2.0/24')!] }), 'FT')
  const six = await connOf(closedFlow(between('fd00::1', '2001:db8::1')))
  assert.is(`${six.local_orig}${six.local_resp}`, 'TF')
})

test('times before 1970 and far ones are numbers, too', async () => {
  const early = await connOf(closedFlow({ startSec: -2, startNsec: 500_000_000, endSec: 0, endNsec: 0 }))
  assert.is(early.ts, '-1.500000')
  assert.is(early.duration, '1.500000')
})

test('JSON holds the same, and leaves out what is unset', async () => {
  const flow = closedFlow({
    encapsulation: ['vlan:12', 'vxlan:5000'],
    hostname: 'a.example',
    src: side({ packets: 2 }),
  })
  const feed = (sink: { flow(flow: ClosedFlow): void }) => sink.flow(flow)
  const file = (await fileOf('zeek-json', FLOWS, feed)).toString('utf8')
  const [object] = objectsOf(Buffer.from(file))
  const row = await connOf(flow)
  const set = Object.keys(row).filter((name) => row[name] !== undefined)
  assert.equal(Object.keys(object), set)
  for (const name of set) {
    const value = object[name]
    const text = typeof value === 'boolean' ? (value ? 'T' : 'F') : value
    if (name === 'ts' || name === 'duration') assert.is(Number(row[name]), value, name)
    else if (Array.isArray(value)) assert.equal(row[name], value, name)
    else assert.is(String(text), row[name], name)
  }
  assert.match(file, /^\{"ts":1600000000\.000000,/)
})

test('hostile strings come back as they are in the record, and break no line', async () => {
  for (const text of HOSTILE) {
    assert.is((await connOf(closedFlow({ hostname: text }))).hostname, text)
    const file = await fileOf('zeek-tsv', { records: ['summary'] }, (sink) =>
      sink.summary(summary({ skippedInputs: [text, 'b'] })),
    )
    assert.equal(readLog(file.toString('utf8')).rows[0].skipped_inputs, [text, 'b'])
  }
  const raw = await fileOf('zeek-tsv', FLOWS, (sink) => {
    for (const hostname of HOSTILE) sink.flow(closedFlow({ hostname }))
  })
  assert.not.match(raw.toString('latin1'), /[\u0000-\u0008\u000b-\u001f\u007f]/)
  assert.not.match(
    raw.toString('utf8'),
    /\\x1B/,
    'what was escaped cannot be turned into a control character',
  )
})

test('other records have a log of their own with the fields of their schema', async () => {
  for (const name of RECORD_NAMES.filter((each) => each !== 'flow')) {
    const log = readLog((await fileOf('zeek-tsv', { records: [name] }, feedAll)).toString('utf8'))
    assert.is(log.path, `flowhawk_${name}`)
    assert.equal(
      log.fields,
      columnsOf(name).map((column) => column.name),
    )
    assert.is(log.rows.length, 1)
    assert.is(log.rows[0].type, name)
  }
  const file = await fileOf('zeek-tsv', { records: ['pool'] }, (sink) => sink.pool(poolReport()))
  const [row] = readLog(file.toString('utf8')).rows
  assert.is(row.peak_at, '1600000030.000000')
  assert.equal(row.peak_session_ids, ['00000000000000a1', '00000000000000a2'])
  assert.equal(JSON.parse(String(row.rejected)), [{ reason: 'probe', label: 'unknown', flows: 5 }])
})

test.run()
