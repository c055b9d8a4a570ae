/** Records as they stand in NDJSON, for pages: sessions in rounds over servers and slots, with known peaks. */
import type {
  FlowhawkRecord,
  FlowRecord,
  OpenSessionRecord,
  PoolRecord,
  SessionRecord,
  StatsRecord,
  SummaryRecord,
} from '../../../src/report/record/record-types.ts'

export const BEGIN = 1_520_000_000

/** "2018-03-02T14:13:20.000000000Z", seconds after the begin. */
export function at(seconds: number): string {
  return new Date((BEGIN + seconds) * 1000).toISOString().replace('Z', '000000Z')
}

export function sessionRecord(fields: Partial<SessionRecord> = {}): SessionRecord {
  return {
    type: 'session',
    v: 1,
    session_id: '00000000000000a1',
    pool: 'framehawk',
    server_ip: '10.1.0.4',
    transport: 'udp',
    slot: 3224,
    slot_index: 0,
    clients: [{ ip: '10.20.0.9', port: 40112 }],
    start: at(0),
    end: at(60),
    duration: 60,
    packets: 64,
    ip_bytes: 6400,
    longest_gap: 3,
    certainty: 'likely',
    end_reason: 'idle',
    open_at_start: false,
    open_at_end: false,
    flow_ids: ['0123456789abcdef'],
    ...fields,
  }
}

/** The session on a slot that began at the begin, looked at so many seconds later. */
export function openSessionRecord(slot: number, seconds: number): OpenSessionRecord {
  const { pool, server_ip, transport, clients, certainty } = sessionRecord()
  return {
    ...{ type: 'open_session', v: 1, session_id: openId(slot), at: at(seconds) },
    ...{ pool, server_ip, transport, slot, slot_index: slot - 3224, clients, start: at(0) },
    ...{ last_packet_at: at(seconds - 2), packets: 40, ip_bytes: 4000, certainty, flow_ids: [] },
  }
}

export function openId(slot: number): string {
  return slot.toString(16).padStart(16, '0')
}

export function statsRecord(fields: Partial<StatsRecord> = {}): StatsRecord {
  return {
    type: 'stats',
    v: 1,
    start: at(0),
    end: at(60),
    packets: 80,
    wire_bytes: 9000,
    flows: 0,
    sessions: 0,
    evicted_flows: 0,
    live_flows: 2,
    live_sessions: 2,
    ...fields,
  }
}

export function flowRecord(fields: Partial<FlowRecord> = {}): FlowRecord {
  return {
    type: 'flow',
    v: 1,
    flow_id: '0123456789abcdef',
    community_id: '1:crodRHL2FEsHjbv3UkRrfbs4bZ0=',
    first_frame: 1,
    start: at(0),
    end: at(60),
    duration: 60,
    transport: 'udp',
    ip_proto: 17,
    src_ip: '10.20.0.9',
    src_port: 40112,
    dst_ip: '10.1.0.4',
    dst_port: 3224,
    orientation: 'pool',
    src_packets: 30,
    src_wire_bytes: 3000,
    src_ip_bytes: 2500,
    src_payload_bytes: 2000,
    dst_packets: 34,
    dst_wire_bytes: 4000,
    dst_ip_bytes: 3900,
    dst_payload_bytes: 3000,
    end_reason: 'idle',
    label: 'framehawk',
    certainty: 'likely',
    category: 'remote-desktop',
    evidence: [
      {
        source: 'context',
        says: 'ica was confirmed by payload at the same server',
        for: 'framehawk',
        weight: 45,
      },
      {
        source: 'pool',
        says: 'server port 3224/udp is slot 1 of 101 of pool framehawk',
        for: 'framehawk',
        weight: 30,
      },
    ],
    ...fields,
  }
}

export function poolRecord(fields: Partial<PoolRecord> = {}): PoolRecord {
  return {
    type: 'pool',
    v: 1,
    pool: 'framehawk',
    slots: 101,
    sessions: 1,
    peak: 1,
    peak_at: at(0),
    peak_duration: 60,
    peak_total_seconds: 60,
    peak_session_ids: ['00000000000000a1'],
    mean: 1,
    p50: 1,
    p95: 1,
    slots_used: 1,
    highest_slot: 3224,
    saturated_seconds: 0,
    window_start: at(0),
    window_end: at(60),
    idle_timeout: 120,
    sensitivity: [],
    certainty: 'likely',
    rejected: [],
    ...fields,
  }
}

export function summaryRecord(fields: Partial<SummaryRecord> = {}): SummaryRecord {
  return {
    type: 'summary',
    v: 1,
    packets: 64,
    non_ip: {},
    undecoded: {},
    wire_bytes: 7000,
    flows: 1,
    sessions: 1,
    first_packet_at: at(0),
    last_packet_at: at(60),
    link_types_undecoded: {},
    time_backwards: 0,
    evicted_flows: 0,
    skipped_inputs: [],
    damaged: [],
    ...fields,
  }
}

/**
 * `rounds` sessions on each of `slots` slots of `servers` servers; each round lasts 1,000 s, its sessions start a
 * second apart and end together: at the peak all slots of all servers are busy, for 900 s less the starts.
 */
export function* rounds(servers: number, slots: number, count: number): Generator<FlowhawkRecord> {
  let n = 0
  for (let round = 0; round < count; round++) {
    for (let server = 0; server < servers; server++) {
      for (let slot = 0; slot < slots; slot++) {
        const start = round * 1000 + slot
        yield sessionRecord({
          session_id: (0x1000_0000 + n).toString(16).padStart(16, '0'),
          server_ip: `10.1.${server}.4`,
          slot: 3224 + slot,
          slot_index: slot,
          clients: [{ ip: `10.${20 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`, port: 1024 + (n % 60_000) }],
          start: at(start),
          end: at(round * 1000 + 900),
          duration: round * 1000 + 900 - start,
          ip_bytes: 1000 + n,
        })
        n++
      }
    }
  }
  yield summaryRecord({ sessions: n, last_packet_at: at(count * 1000) })
}
