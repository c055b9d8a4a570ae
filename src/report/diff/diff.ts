/**
 * The difference of two runs. In: the flow, session and pool records of the first, then those of the second. Out: a
 * `change` record for each that is new, gone or changed, in the order of the second run, what is gone after it; last a
 * `diff` record that counts. Records are paired by what they are about (a flow by its ends, a session by its slot and
 * client, a pool by its server) and by their order among equals. Promised: memory for the first run's records and
 * nothing of the second; more than MAX_COMPARED are refused. Not supported: times. The same traffic an hour later is
 * the same.
 */
import { InputError } from '../../errors.ts'
import type {
  ChangeRecord,
  DiffCounts,
  DiffRecord,
  FlowhawkRecord,
  FlowRecord,
  PoolRecord,
  SessionRecord,
} from '../record/record-types.ts'

/** Records of the first run that are held, some 800 bytes each. */
const MAX_COMPARED = 1_000_000

export const COMPARED_KINDS = ['flow', 'session', 'pool'] as const
export type ComparedKind = (typeof COMPARED_KINDS)[number]
type Compared = FlowRecord | SessionRecord | PoolRecord
type Fields = Record<string, unknown>

/** What is compared. The ends of a flow are its identity, but which of them is the client may change. */
const COMPARED: Record<ComparedKind, readonly string[]> = {
  flow: [
    ...['label', 'certainty', 'category', 'hostname', 'src_ip', 'src_port'],
    ...['src_packets', 'src_wire_bytes', 'src_payload_bytes'],
    ...['dst_packets', 'dst_wire_bytes', 'dst_payload_bytes'],
    ...['conn_state', 'end_reason', 'anomalies'],
  ],
  session: ['certainty', 'clients', 'packets', 'ip_bytes', 'end_reason', 'open_at_start', 'open_at_end'],
  pool: ['sessions', 'peak', 'slots', 'slots_used', 'highest_slot', 'certainty', 'rejected'],
}

/** What is kept of a record: texts, which are smaller than objects. */
interface Held {
  kind: ComparedKind
  about: string
  id: string | undefined
  /** Of the fields in COMPARED, as JSON. */
  values: string
}

/** Records that are about the same, in their order; those before `next` have been paired. */
interface Queue {
  held: Held[]
  next: number
}

export interface Diff {
  /** A record of the first run. Throws an InputError when there are too many. */
  before(record: FlowhawkRecord): void
  /** A record of the second run; all of the first must have come. */
  after(record: FlowhawkRecord): void
  /** What the second run had no more; both must have come. */
  gone(): Generator<ChangeRecord, void, undefined>
  /** After all of it. */
  counts(): DiffRecord
}

export interface DiffOptions {
  /** Names of the two runs. */
  names: readonly [before: string, after: string]
  change(record: ChangeRecord): void
  maxHeld?: number
}

export function createDiff({ names, change, maxHeld = MAX_COMPARED }: DiffOptions): Diff {
  const queues = new Map<string, Queue>()
  const counts = { flow: noCounts(), session: noCounts(), pool: noCounts() }
  let labelChanges = 0
  let peakChanges = 0
  let size = 0

  function compare(kind: ComparedKind, earlier: Held, now: Held): void {
    if (earlier.values === now.values) {
      counts[kind].same++
      return
    }
    counts[kind].changed++
    const [before, after] = differing(fieldsOf(earlier), fieldsOf(now))
    if (kind === 'flow' && 'label' in after) labelChanges++
    if (kind === 'pool' && 'peak' in after) peakChanges++
    const ids = { before_id: earlier.id, after_id: now.id }
    change({ ...head('changed', now), ...ids, before, after })
  }

  return {
    before(record) {
      if (!isCompared(record)) return
      if (++size > maxHeld) {
        const what = `more than ${maxHeld} flows, sessions and pools; compare smaller parts`
        throw new InputError('DIFF_LIMIT', names[0], what)
      }
      const key = keyOf(record)
      const queue = queues.get(key)
      if (queue === undefined) queues.set(key, { held: [hold(record)], next: 0 })
      else queue.held.push(hold(record))
    },
    after(record) {
      if (!isCompared(record)) return
      const now = hold(record)
      const queue = queues.get(keyOf(record))
      const earlier = queue?.held[queue.next]
      if (queue !== undefined && earlier !== undefined) {
        queue.next++
        return compare(now.kind, earlier, now)
      }
      counts[now.kind].new++
      change({ ...head('new', now), after_id: now.id, after: present(fieldsOf(now)) })
    },
    *gone() {
      for (const { held, next } of queues.values()) {
        for (const gone of held.slice(next)) {
          counts[gone.kind].gone++
          yield { ...head('gone', gone), before_id: gone.id, before: present(fieldsOf(gone)) }
        }
      }
    },
    counts: () => ({
      type: 'diff',
      v: 1,
      before: names[0],
      after: names[1],
      flows: { ...counts.flow, label_changes: labelChanges },
      sessions: counts.session,
      pools: { ...counts.pool, peak_changes: peakChanges },
    }),
  }
}

/** True where the two runs are not the same. */
export function differs({ flows, sessions, pools }: DiffRecord): boolean {
  return [flows, sessions, pools].some((counts) => counts.new + counts.gone + counts.changed > 0)
}

function noCounts(): DiffCounts {
  return { same: 0, changed: 0, new: 0, gone: 0 }
}

function isCompared(record: FlowhawkRecord): record is Compared {
  return (COMPARED_KINDS as readonly string[]).includes(record.type)
}

function hold(record: Compared): Held {
  const values = COMPARED[record.type].map((name) => (record as unknown as Fields)[name] ?? null)
  const id =
    record.type === 'flow' ? record.flow_id : record.type === 'session' ? record.session_id : undefined
  return {
    kind: record.type,
    about: JSON.stringify(aboutOf(record)),
    id,
    values: JSON.stringify(values),
  }
}

function aboutOf(record: Compared): Fields {
  switch (record.type) {
    case 'flow': {
      const { transport, src_ip, src_port, dst_ip, dst_port, icmp_type, icmp_code, encapsulation } = record
      return { transport, src_ip, src_port, dst_ip, dst_port, icmp_type, icmp_code, encapsulation }
    }
    case 'session': {
      const { pool, server_ip, transport, slot, clients } = record
      return { pool, server_ip, transport, slot, client: clients[0] }
    }
    case 'pool': {
      const { pool, server_ip } = record
      return { pool, server_ip }
    }
  }
}

/** The lesser end of a flow first, so that it is found with its roles swapped, too. */
function keyOf(record: Compared): string {
  const about = aboutOf(record)
  if (record.type !== 'flow') return JSON.stringify([record.type, about])
  const { transport, icmp_type, icmp_code, encapsulation } = record
  const ends = [`${record.src_ip} ${record.src_port}`, `${record.dst_ip} ${record.dst_port}`].sort()
  return JSON.stringify([transport, ends, icmp_type, icmp_code, encapsulation])
}

function head(what: ChangeRecord['change'], { kind, about }: Held) {
  return { type: 'change', v: 1, change: what, of: kind, ...(JSON.parse(about) as Fields) } as const
}

function fieldsOf({ kind, values }: Held): Fields {
  const list: unknown[] = JSON.parse(values)
  return Object.fromEntries(COMPARED[kind].map((name, i) => [name, list[i]]))
}

/** Without those that the record did not have. */
function present(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null))
}

/** The fields that are not equal; null where one of the two has none. */
function differing(before: Fields, after: Fields): [before: Fields, after: Fields] {
  const names = Object.keys(before).filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  )
  const only = (fields: Fields) => Object.fromEntries(names.map((name) => [name, fields[name]]))
  return [only(before), only(after)]
}
