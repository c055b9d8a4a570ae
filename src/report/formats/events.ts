/** What event formats share: the time of a record, the label as far as it may be claimed, and what they have no field for. */
import type { FlowhawkRecord, FlowRecord, Time } from '../record/record-types.ts'

/** A capture without a packet has no time, and an event must have one. */
const NO_TIME = '1970-01-01T00:00:00.000000000Z'
/** Fields of flows that every event format has a place for. */
const MAPPED = new Set(
  (
    'type start end community_id transport ip_proto src_ip src_port dst_ip dst_port src_packets src_wire_bytes ' +
    'dst_packets dst_wire_bytes'
  ).split(' '),
)

const TYPE = new Set(['type'])

/** When it ended, or happened. */
export function eventTime(record: FlowhawkRecord): Time {
  switch (record.type) {
    case 'flow':
    case 'session':
    case 'stats':
      return record.end
    case 'pool':
      return record.window_end
    case 'open_session':
    case 'concurrency':
    case 'notice':
      return record.at
    case 'summary':
      return record.last_packet_at ?? NO_TIME
    case 'capture':
      return NO_TIME
  }
}

/** Event formats know no certainty: they get what is likely at least. */
export function claimedLabel({ label, certainty }: FlowRecord): string | undefined {
  return certainty === 'confirmed' || certainty === 'likely' ? label : undefined
}

/** Under the record's type, for the same name means different things in different records. */
export function ownFields(record: FlowhawkRecord): Record<string, object> {
  const mapped = record.type === 'flow' ? MAPPED : TYPE
  const own: Record<string, unknown> = {}
  for (const name in record) if (!mapped.has(name)) own[name] = record[name as keyof FlowhawkRecord]
  return { [record.type]: own }
}

/** VLAN ids, the outermost first. */
export function vlanIds({ encapsulation = [] }: FlowRecord): number[] {
  return encapsulation.filter((each) => each.startsWith('vlan:')).map((each) => Number(each.slice(5)))
}
