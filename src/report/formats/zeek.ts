/**
 * Zeek's logs, as JSON lines or as tab-separated text, one kind of record a file. In: records. Out: conn.log for flows,
 * with Zeek's fields and then flowhawk's own (label, certainty, hostname, encapsulation); for other kinds
 * flowhawk_session.log and so on, with the fields of the schema under Zeek's types. Promised: what Zeek's
 * readers expect of escapes, unset and empty fields. Not supported: `#open` and `#close`, which hold the time of
 * day (the same input gives the same bytes), and `missed_bytes`, which takes reassembly: it stays unset.
 */

import { jsonText, numberText, RawJson } from '../record/json.ts'
import type { RecordName } from '../record/record.ts'
import type { FlowhawkRecord, FlowRecord, Time } from '../record/record-types.ts'
import { epochText, instantOf } from '../record/time.ts'
import type { FormatOptions, TextFormat } from './format-types.ts'
import { createLocality } from './locality.ts'
import { columnsOf, createGatherer, type Shape, valueAt } from './shape.ts'
import { zeekPath } from './zeek-path.ts'

type Value = string | number | boolean | readonly (string | number)[] | RawJson | undefined

interface LogField {
  name: string
  type: string
  of(record: FlowhawkRecord): Value
}

/** Zeek's own precision. */
const SECOND_DECIMALS = 6
const BEYOND_MICROSECONDS = 3
/** Where Zeek's analyzer has another name than the protocol. */
const SERVICES: Readonly<Record<string, string>> = {
  tls: 'ssl',
  vnc: 'rfb',
  dcerpc: 'dce_rpc',
  'dce-rpc': 'dce_rpc',
}
/** Where Zeek has an analyzer for each transport. */
const BY_TRANSPORT: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  kerberos: { tcp: 'krb_tcp', udp: 'krb' },
  ldap: { tcp: 'ldap_tcp', udp: 'ldap_udp' },
  dnp3: { tcp: 'dnp3_tcp', udp: 'dnp3_udp' },
}
const PROTOCOLS: Readonly<Record<string, string>> = {
  tcp: 'tcp',
  udp: 'udp',
  icmp: 'icmp',
  'ipv6-icmp': 'icmp',
}

export function zeekJson(name: RecordName, options: FormatOptions): TextFormat {
  const fields = fieldsOf(name, options)
  const names = fields.map(({ name: field }) => `,${JSON.stringify(field)}:`)
  return {
    head: '',
    text(record) {
      let line = ''
      for (let i = 0; i < fields.length; i++) {
        const value = fields[i].of(record)
        if (value !== undefined) line += names[i] + jsonText(value)
      }
      return `{${line.slice(1)}}`
    },
  }
}

export function zeekTsv(name: RecordName, options: FormatOptions): TextFormat {
  const fields = fieldsOf(name, options)
  const head = [
    '#separator \\x09',
    '#set_separator\t,',
    '#empty_field\t(empty)',
    '#unset_field\t-',
    `#path\t${zeekPath(name)}`,
    ['#fields', ...fields.map((field) => field.name)].join('\t'),
    ['#types', ...fields.map(({ type }) => type)].join('\t'),
  ]
  return {
    head: head.join('\n'),
    text: (record) => fields.map((field) => cellText(field.of(record))).join('\t'),
  }
}

function fieldsOf(name: RecordName, options: FormatOptions): LogField[] {
  if (name === 'flow') return connFields(options)
  const gather = createGatherer(name)
  return columnsOf(name).map(({ name: field, path, shape }) => ({
    name: field,
    type: typeOf(shape),
    of: (record) => plainValue(valueAt(gather(record), path), shape),
  }))
}

function connFields({ internal }: FormatOptions): LogField[] {
  const isLocal = createLocality(internal)
  const field = (name: string, type: string, of: (flow: FlowRecord) => Value): LogField => ({
    name,
    type,
    of: (record) => of(record as FlowRecord),
  })
  return [
    field('ts', 'time', ({ start }) => timeValue(start)),
    field('uid', 'string', ({ flow_id }) => `C${flow_id}`),
    field('id.orig_h', 'addr', ({ src_ip }) => src_ip),
    field('id.orig_p', 'port', ({ src_port, icmp_type }) => src_port ?? icmp_type ?? 0),
    field('id.resp_h', 'addr', ({ dst_ip }) => dst_ip),
    field('id.resp_p', 'port', ({ dst_port, icmp_code }) => dst_port ?? icmp_code ?? 0),
    field('proto', 'enum', ({ transport }) => PROTOCOLS[transport] ?? 'unknown_transport'),
    field('service', 'string', serviceOf),
    field('duration', 'interval', ({ duration }) => new RawJson(duration.toFixed(SECOND_DECIMALS))),
    field('orig_bytes', 'count', (flow) => flow.src_payload_bytes),
    field('resp_bytes', 'count', (flow) => flow.dst_payload_bytes),
    field('conn_state', 'string', ({ conn_state }) => conn_state ?? 'OTH'),
    field('local_orig', 'bool', ({ src_ip }) => isLocal(src_ip)),
    field('local_resp', 'bool', ({ dst_ip }) => isLocal(dst_ip)),
    field('missed_bytes', 'count', () => undefined),
    field('history', 'string', ({ history }) => history),
    field('orig_pkts', 'count', (flow) => flow.src_packets),
    field('orig_ip_bytes', 'count', (flow) => flow.src_ip_bytes),
    field('resp_pkts', 'count', (flow) => flow.dst_packets),
    field('resp_ip_bytes', 'count', (flow) => flow.dst_ip_bytes),
    field('tunnel_parents', 'set[string]', () => undefined),
    field('ip_proto', 'count', ({ ip_proto }) => ip_proto),
    field('community_id', 'string', ({ community_id }) => community_id),
    field('label', 'string', ({ label }) => label),
    field('certainty', 'string', ({ certainty }) => certainty),
    field('hostname', 'string', ({ hostname }) => hostname),
    field('encapsulation', 'vector[string]', ({ encapsulation }) => encapsulation),
  ]
}

/** Zeek names a service once its analyzer has confirmed it; so does this. */
function serviceOf({ label, certainty, transport }: FlowRecord): string | undefined {
  if (certainty !== 'confirmed' || label === 'unknown' || label === transport) return undefined
  return BY_TRANSPORT[label]?.[transport] ?? SERVICES[label] ?? label
}

/** Seconds since 1970; digits beyond a microsecond are cut. */
function timeValue(time: Time): RawJson {
  return new RawJson(epochText(...instantOf(time)).slice(0, -BEYOND_MICROSECONDS))
}

function typeOf(shape: Shape): string {
  switch (shape.kind) {
    case 'integer':
      return 'count'
    case 'number':
      return 'double'
    case 'boolean':
      return 'bool'
    case 'time':
      return 'time'
    case 'list':
      return shape.of.kind === 'group' ? 'string' : `vector[${typeOf(shape.of)}]`
    default:
      return 'string'
  }
}

/** What Zeek's types cannot hold, lists of groups and groups without fixed names, is JSON in a string. */
function plainValue(value: unknown, shape: Shape): Value {
  if (value === undefined) return undefined
  if (shape.kind === 'time') return timeValue(value as Time)
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  if (Array.isArray(value) && shape.kind === 'list' && shape.of.kind !== 'group') return value
  return jsonText(value)
}

function cellText(value: Value): string {
  if (value === undefined) return '-'
  if (value instanceof RawJson) return value.text
  if (typeof value === 'boolean') return value ? 'T' : 'F'
  if (typeof value === 'number') return numberText(value)
  if (typeof value === 'string') return stringText(value)
  if (value.length === 0) return '(empty)'
  return value.map((each) => stringText(String(each)).replaceAll(',', '\\x2c')).join(',')
}

/** The marks for unset and empty are escaped where they are a value, and so is a # that could begin a line. */
function stringText(text: string): string {
  if (text === '') return '(empty)'
  if (text === '-' || text === '(empty)' || text.startsWith('#')) return hex(text[0]) + escaped(text.slice(1))
  return escaped(text)
}

/** What would end a field or begin an escape, and any other control character. */
function escaped(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f\\]/g, hex)
}

function hex(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
}
