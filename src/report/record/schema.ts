/**
 * JSON Schema (2020-12) of every record. Strict: a field that is not named here is an error, except the groups
 * under a protocol's name in a flow and what a notice is about. `flowhawk schema [record]` prints them, the tests
 * validate every record against them.
 */
import { CERTAINTIES } from '../../certainty.ts'
import { ANOMALIES, CONNECTION_STATES, DATAGRAM_STATES, FLOW_ENDS, ORIENTATIONS } from '../explain/words.ts'
import { payloadGroup, payloadGroups } from './payload-schema.ts'
import { RECORD_NAMES, RECORD_VERSION } from './record.ts'
import {
  count,
  counts,
  id,
  type JsonSchema,
  list,
  object,
  oneOf,
  port,
  seconds,
  text,
  time,
  total,
} from './schema-parts.ts'

const DIALECT = 'https://json-schema.org/draft/2020-12/schema'

const certainty = oneOf(...CERTAINTIES)
const weight: JsonSchema = { type: 'integer', minimum: -100, maximum: 100 }
const dropped = object({ kernel: count(), interface: count() }, ['kernel', 'interface'])

const retransmissions = count(
  'segments without new sequence numbers, but for those that fill a gap within a round trip: they were overtaken',
)
const recordsLost = count('that found no room in the output; left out: none')

/** A program of this host. */
const owner = object({ pid: count(), name: text(), user: text() }, ['user'])

const evidence = object({
  source: oneOf('payload', 'site', 'rule', 'context', 'pool', 'registry'),
  says: text('one sentence'),
  for: text('the label it speaks for, or against with a negative weight'),
  weight,
})

const capture = object(
  {
    source: text('the input as it was named, - for standard input'),
    format: oneOf('pcap', 'pcapng', 'live'),
    compression: oneOf('gzip', 'zstd', 'lz4'),
    link_types: list(count(), 'LINKTYPE_ values of the interfaces'),
    link_types_total: total,
    timestamp_precision: text('the finest resolution of the input'),
  },
  ['compression', 'link_types_total'],
)

/** What each word of a field says, a line each. */
function meaning(words: Readonly<Record<string, string>>): string {
  return Object.entries(words)
    .map(([word, says]) => `${word}: ${says}`)
    .join('\n')
}

function sideFields(side: 'src' | 'dst'): Record<string, JsonSchema> {
  return {
    [`${side}_packets`]: count(),
    [`${side}_wire_bytes`]: count('original frame lengths'),
    [`${side}_ip_bytes`]: count("lengths by the IP header; the frame's where that is 0"),
    [`${side}_payload_bytes`]: count('transport payload lengths by the headers'),
  }
}

/** In the order of the record: formats with fixed columns take theirs from here. */
const flowFields: Record<string, JsonSchema> = {
  flow_id: id,
  continues: { ...id, description: 'the flow it goes on from after a timeout split' },
  community_id: { type: 'string', pattern: '^1:[A-Za-z0-9+/]{27}=$' },
  first_frame: { type: 'integer', minimum: 1, description: 'frame number in its source' },
  start: time,
  end: time,
  duration: seconds(),
  transport: text('tcp, udp, sctp, icmp, ipv6-icmp or the IANA keyword'),
  ip_proto: { type: 'integer', minimum: 0, maximum: 255 },
  src_ip: text('the client side'),
  src_port: port,
  dst_ip: text('the server side'),
  dst_port: port,
  orientation: { ...oneOf(...Object.keys(ORIENTATIONS)), description: meaning(ORIENTATIONS) },
  ...sideFields('src'),
  ...sideFields('dst'),
  encapsulation: list(text(), 'outermost first'),
  encapsulation_total: total,
  icmp_type: { type: 'integer', minimum: 0, maximum: 255 },
  icmp_code: { type: 'integer', minimum: 0, maximum: 255 },
  src_tcp_flags: { type: 'string', pattern: '^F?S?R?P?A?U?E?C?$' },
  dst_tcp_flags: { type: 'string', pattern: '^F?S?R?P?A?U?E?C?$' },
  handshake_rtt_ms: seconds('milliseconds from the SYN that was answered to the end of the handshake'),
  src_retransmissions: retransmissions,
  dst_retransmissions: retransmissions,
  conn_state: text(`Zeek's, of TCP\n${meaning(CONNECTION_STATES)}\nof all else\n${meaning(DATAGRAM_STATES)}`),
  history: text("Zeek's history"),
  end_reason: { ...oneOf(...Object.keys(FLOW_ENDS)), description: meaning(FLOW_ENDS) },
  anomalies: list(text(), meaning(ANOMALIES)),
  anomalies_total: total,
  label: text(),
  certainty,
  category: text('service group'),
  evidence: list(evidence),
  evidence_total: total,
  candidates: list(object({ label: text(), certainty, weight: { type: 'integer' } })),
  candidates_total: total,
  registry: object(
    {
      status: oneOf('registered', 'reserved', 'unassigned', 'not_listed'),
      name: text(),
      description: text(),
    },
    ['name', 'description'],
  ),
  hostname: text(),
  hostname_source: text(),
  process: owner,
}

const OPTIONAL_FLOW: readonly string[] = (
  'continues src_port dst_port encapsulation encapsulation_total icmp_type icmp_code src_tcp_flags dst_tcp_flags ' +
  'handshake_rtt_ms src_retransmissions dst_retransmissions conn_state history anomalies anomalies_total category ' +
  'evidence_total candidates candidates_total registry hostname hostname_source process'
).split(' ')

/** `groups`: the schemas of payload fields, by protocol. */
function flowSchema(groups: Record<string, JsonSchema>): JsonSchema {
  const listed = { ...flowFields, ...groups }
  return {
    ...object(listed, [...OPTIONAL_FLOW, ...Object.keys(groups)]),
    patternProperties: {
      [`^(?!(${[...Object.keys(listed), 'type', 'v'].join('|')})$)[a-z0-9][a-z0-9_-]*$`]: payloadGroup,
    },
  }
}

const place = {
  pool: text(),
  server_ip: text(),
  transport: oneOf('tcp', 'udp'),
  slot: port,
  slot_index: count('from 0'),
  clients: list(object({ ip: text(), port })),
  clients_total: total,
}

const session = object(
  {
    session_id: id,
    ...place,
    start: time,
    end: time,
    duration: seconds(),
    packets: count(),
    ip_bytes: count(),
    longest_gap: seconds(),
    certainty,
    end_reason: oneOf('idle', 'start_marker', 'client_changed', 'fin', 'rst', 'capture_end'),
    open_at_start: { type: 'boolean' },
    open_at_end: { type: 'boolean' },
    process: owner,
    flow_ids: list(id),
    flow_ids_total: total,
  },
  ['clients_total', 'process', 'flow_ids_total'],
)

const openSession = object(
  {
    session_id: { ...id, description: 'that of the session record, unless clients turn out to share it' },
    at: { ...time, description: 'the moment of looking: end of the stats record that follows' },
    ...place,
    start: time,
    last_packet_at: time,
    packets: count('so far'),
    ip_bytes: count('so far'),
    certainty,
    flow_ids: list(id),
    flow_ids_total: total,
  },
  ['clients_total', 'flow_ids_total'],
)

const pool = object(
  {
    pool: text(),
    server_ip: text('left out: over all servers'),
    slots: count(),
    sessions: count(),
    peak: count(),
    peak_at: { ...time, description: 'first instant of the peak' },
    peak_duration: seconds('seconds of the first interval at the peak'),
    peak_total_seconds: seconds(),
    peak_session_ids: list(id),
    peak_session_ids_total: total,
    mean: seconds('time-weighted over the window: erlangs'),
    p50: seconds('time-weighted'),
    p95: seconds('time-weighted'),
    slots_used: count(),
    highest_slot: port,
    saturated_seconds: seconds(),
    window_start: time,
    window_end: time,
    idle_timeout: seconds('seconds, 0: never'),
    sensitivity: list(object({ idle_timeout: seconds(), sessions: count(), peak: count() })),
    certainty,
    rejected: list(
      object({
        reason: oneOf(
          ...['probe', 'scan', 'one_way', 'client_port'],
          ...['both_in_range', 'multicast', 'other_protocol', 'other_pool'],
        ),
        label: text(),
        flows: count(),
      }),
    ),
    rejected_total: total,
  },
  ['server_ip', 'peak_at', 'peak_session_ids_total', 'highest_slot', 'rejected_total'],
)

const concurrency = object({ pool: text(), server_ip: text(), at: time, sessions: count() })

const notice: JsonSchema = {
  type: 'object',
  properties: { notice: text(), says: text('one sentence'), at: time },
  required: ['notice', 'says', 'at'],
  patternProperties: {
    '^(?!(type|v|notice|says|at)$)[a-z][a-z0-9_]*$': {
      anyOf: [
        { type: ['string', 'number'] },
        { type: 'array', items: { type: ['string', 'number'] }, maxItems: 100 },
      ],
    },
  },
  additionalProperties: false,
}

const stats = object(
  {
    start: time,
    end: time,
    packets: count(),
    wire_bytes: count(),
    dropped,
    flows: count('that ended in the window'),
    sessions: count('that ended in the window'),
    evicted_flows: count('that were written early, to stay within --max-flows'),
    live_flows: count(),
    live_sessions: count('slots of pools in use at the end of the window'),
    records_lost: recordsLost,
  },
  ['dropped', 'records_lost'],
)

const summary = object(
  {
    packets: count('packets in flows, non_ip and undecoded together'),
    non_ip: { ...counts, description: 'by EtherType; beyond 100 of them, the rarest together as other' },
    undecoded: { ...counts, description: 'by the reason why decoding stopped' },
    wire_bytes: count(),
    flows: count(),
    sessions: count(),
    first_packet_at: time,
    last_packet_at: time,
    link_types_undecoded: counts,
    time_backwards: count(),
    evicted_flows: count(),
    packets_outside: count('packets before --from, or not before --to; left out: all packets were asked for'),
    extras_left_out: count('flows of which not all extras were kept, for want of room; left out: none'),
    skipped_inputs: list(text()),
    skipped_inputs_total: total,
    damaged: list(object({ source: text(), offset: count(), reason: text(), code: text() })),
    damaged_total: total,
    dropped,
    records_lost: recordsLost,
  },
  [
    ...['first_packet_at', 'last_packet_at', 'skipped_inputs_total', 'damaged_total', 'dropped'],
    ...['records_lost', 'extras_left_out', 'packets_outside'],
  ],
)

/** Any fields of flow, session and pool. */
const someFields: JsonSchema = { type: 'object', propertyNames: { pattern: '^[a-z][a-z0-9_]*$' } }
const clientEnd = object({ ip: text(), port })

const change = object(
  {
    change: oneOf('new', 'gone', 'changed'),
    of: oneOf('flow', 'session', 'pool', 'service'),
    transport: text(),
    src_ip: text(),
    src_port: port,
    dst_ip: text(),
    dst_port: port,
    icmp_type: count(),
    icmp_code: count(),
    encapsulation: list(text()),
    pool: text(),
    server_ip: text(),
    server_port: port,
    slot: port,
    client: clientEnd,
    before_id: { ...id, description: 'flow or session of the first input' },
    after_id: { ...id, description: 'flow or session of the second input' },
    before: { ...someFields, description: 'of what changed only the fields that differ, null for none' },
    after: someFields,
  },
  [
    ...['transport', 'src_ip', 'src_port', 'dst_ip', 'dst_port', 'icmp_type', 'icmp_code', 'encapsulation'],
    ...['pool', 'server_ip', 'server_port', 'slot', 'client', 'before_id', 'after_id', 'before', 'after'],
  ],
)

const pairs = { same: count(), changed: count(), new: count(), gone: count() }
const diff = object(
  {
    before: text('the first input'),
    after: text('the second input'),
    flows: object({ ...pairs, label_changes: count() }),
    sessions: object(pairs),
    pools: object({ ...pairs, peak_changes: count() }),
    services: object({ ...pairs, label_changes: count() }),
  },
  ['services'],
)

/** The records of an analysis, and those of `flowhawk diff`. */
export const SCHEMA_NAMES = [...RECORD_NAMES, 'change', 'diff'] as const
export type SchemaName = (typeof SCHEMA_NAMES)[number]

const bodies: Record<SchemaName, JsonSchema> = {
  capture,
  flow: flowSchema({}),
  session,
  open_session: openSession,
  pool,
  concurrency,
  notice,
  stats,
  summary,
  change,
  diff,
}

/** The schema of one record, complete in itself. */
export function recordSchema(name: SchemaName): JsonSchema {
  return complete(name, name === 'flow' ? flowSchema(payloadGroups) : bodies[name])
}

/** As recordSchema, without the fields of each protocol: for those who check every record of a file. */
export function bareSchema(name: SchemaName): JsonSchema {
  return complete(name, bodies[name])
}

function complete(name: SchemaName, body: JsonSchema): JsonSchema {
  return {
    $schema: DIALECT,
    $id: `https://flowhawk.invalid/schema/v${RECORD_VERSION}/${name}.json`,
    title: `flowhawk ${name} record`,
    ...body,
    properties: { type: { const: name }, v: { const: RECORD_VERSION }, ...(body.properties as JsonSchema) },
    required: ['type', 'v', ...(body.required as string[])],
  }
}

/** Every record, distinguished by `type`. */
export function allRecordsSchema(): JsonSchema {
  const definitions = SCHEMA_NAMES.map((name) => {
    const { $schema: _dialect, $id: _id, ...schema } = recordSchema(name)
    return [name, schema] as const
  })
  return {
    $schema: DIALECT,
    $id: `https://flowhawk.invalid/schema/v${RECORD_VERSION}/record.json`,
    title: 'a flowhawk record',
    oneOf: SCHEMA_NAMES.map((name) => ({ $ref: `#/$defs/${name}` })),
    $defs: Object.fromEntries(definitions),
  }
}
