/** Common parts of the event formats: the time of a record, its label if that is certain enough, and fields they lack. */
import type { FlowhawkRecord, FlowRecord, Time } from '../record/record-types.ts'

/** A capture without a packet has no time, and an event must have one. */
const NO_TIME = '1970-01-01T00:00:00.000000000Z'
/** Fields of flows for which every event format has a field. */
const MAPPED = new Set(
  (
    'type start end community_id transport ip_proto src_ip src_port dst_ip dst_port src_packets src_wire_bytes ' +
    'dst_packets dst_wire_bytes'
  ).split(' '),
)

const TYPE = new Set(['type'])

/** The instant at which it ended or happened. */
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

/** Event formats have no field for certainty: they get labels that are at least likely. */
export function claimedLabel({ label, certainty }: FlowRecord): string | undefined {
  return certainty === 'confirmed' || certainty === 'likely' ? label : undefined
}

/** Grouped by the record's type, as the same name has different meanings in different records. */
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
