/**
 * The difference of two runs. In: the flow, session and pool records of the first, then those of the second. Out: a
 * `change` record for each that is new, gone or changed: in the order of the second run, then services and what is gone;
 * last a `diff` record with the counts. Records are paired by identity (a flow by its ends, a session by its slot and
 * client, a pool by its server, a service by its server's port) and by their order among equals.
 * Promised: memory for the first run's records and nothing of the second but its services; more than MAX_COMPARED are
 * refused. Not supported: times. The same traffic an hour later is the same.
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
import { createServices, type Service, type Services } from './services.ts'

/** Records of one run that are held, some 800 bytes each. */
const MAX_COMPARED = 1_000_000

/** Services are no records: they are aggregated from flows. */
export const COMPARED_KINDS = ['flow', 'session', 'pool', 'service'] as const
/** What is compared by default. */
export const COMPARED_RECORDS = ['flow', 'session', 'pool'] as const
export type ComparedKind = (typeof COMPARED_KINDS)[number]
export type ComparedRecord = (typeof COMPARED_RECORDS)[number]
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
  service: ['label', 'certainty', 'category', 'hostname', 'clients', 'flows', 'packets', 'wire_bytes'],
}

/** A record of the first run, as texts, which are smaller than objects. */
interface Held {
  kind: ComparedKind
  /** Equal for records of the same flow, session, pool or service. */
  key: string
  about: string
  id: string | undefined
  /** Of the fields in COMPARED, as JSON. */
  values: string
}

/** Records with the same key, in their order; those before `next` have been paired. */
interface Queue {
  held: Held[]
  next: number
}

export interface Diff {
  /** A record of the first run. Throws an InputError when there are too many. */
  before(record: FlowhawkRecord): void
  /** A record of the second run; all of the first must have come. Throws as `before` does. */
  after(record: FlowhawkRecord): void
  /** The services, and what is gone in the second run; all records of both must have come. */
  rest(): Generator<ChangeRecord, void, undefined>
  /** After all of it. */
  counts(): DiffRecord
}

export interface DiffOptions {
  /** Names of the two runs. */
  names: readonly [before: string, after: string]
  change(record: ChangeRecord): void
  /** What is compared; default COMPARED_RECORDS. */
  kinds?: ReadonlySet<ComparedKind>
  maxHeld?: number
}

export function createDiff({ names, change, kinds, maxHeld = MAX_COMPARED }: DiffOptions): Diff {
  const compared: ReadonlySet<string> = kinds ?? new Set(COMPARED_RECORDS)
  const wantsServices = compared.has('service')
  const queues = createQueues()
  const services = [createServices(), createServices()] as const
  const counts = { flow: noCounts(), session: noCounts(), pool: noCounts(), service: noCounts() }
  /** Changes of a label, or of a peak. */
  const notable = { flow: 0, session: 0, pool: 0, service: 0 }
  let size = 0

  /** Undefined where the two are the same. */
  function compare(earlier: Held, now: Held): ChangeRecord | undefined {
    const { kind } = now
    if (earlier.values === now.values) {
      counts[kind].same++
      return undefined
    }
    counts[kind].changed++
    const [before, after] = differing(fieldsOf(earlier), fieldsOf(now))
    if (kind === 'pool' ? 'peak' in after : 'label' in after) notable[kind]++
    return { ...head('changed', now), before_id: earlier.id, after_id: now.id, before, after }
  }

  function pair(now: Held): ChangeRecord | undefined {
    const earlier = queues.take(now.key)
    if (earlier !== undefined) return compare(earlier, now)
    counts[now.kind].new++
    return { ...head('new', now), after_id: now.id, after: present(fieldsOf(now)) }
  }

  function limit(held: number, name: string): void {
    if (held <= maxHeld) return
    const what = `more than ${maxHeld} flows, sessions, pools and services; compare smaller parts`
    throw new InputError('DIFF_LIMIT', name, what)
  }

  function addService(found: Services, record: FlowhawkRecord, name: string): void {
    if (!wantsServices || record.type !== 'flow') return
    found.add(record)
    limit(size + found.size, name)
  }

  return {
    before(record) {
      addService(services[0], record, names[0])
      if (!isRecord(record) || !compared.has(record.type)) return
      limit(++size + services[0].size, names[0])
      queues.put(hold(record))
    },
    after(record) {
      addService(services[1], record, names[1])
      if (!isRecord(record) || !compared.has(record.type)) return
      const found = pair(hold(record))
      if (found !== undefined) change(found)
    },
    *rest() {
      for (const service of services[0].list()) queues.put(holdService(service))
      for (const service of services[1].list()) {
        const found = pair(holdService(service))
        if (found !== undefined) yield found
      }
      for (const gone of queues.left()) {
        counts[gone.kind].gone++
        yield { ...head('gone', gone), before_id: gone.id, before: present(fieldsOf(gone)) }
      }
    },
    counts: () => ({
      type: 'diff',
      v: 1,
      before: names[0],
      after: names[1],
      flows: { ...counts.flow, label_changes: notable.flow },
      sessions: counts.session,
      pools: { ...counts.pool, peak_changes: notable.pool },
      ...(wantsServices ? { services: { ...counts.service, label_changes: notable.service } } : {}),
    }),
  }
}

/** True where the two runs are not the same. */
export function differs({ flows, sessions, pools, services }: DiffRecord): boolean {
  return [flows, sessions, pools, services ?? noCounts()].some(isDifferent)
}

function isDifferent({ new: appeared, gone, changed }: DiffCounts): boolean {
  return appeared + gone + changed > 0
}

/** The records of the first run, by key and in order. */
function createQueues() {
  const queues = new Map<string, Queue>()
  return {
    put(held: Held): void {
      const queue = queues.get(held.key)
      if (queue === undefined) queues.set(held.key, { held: [held], next: 0 })
      else queue.held.push(held)
    },
    /** The next with this key that is not paired yet. */
    take(key: string): Held | undefined {
      const queue = queues.get(key)
      return queue?.held[queue.next++]
    },
    *left(): Generator<Held, void, undefined> {
      for (const { held, next } of queues.values()) yield* held.slice(next)
    },
  }
}

function noCounts(): DiffCounts {
  return { same: 0, changed: 0, new: 0, gone: 0 }
}

function isRecord(record: FlowhawkRecord): record is Compared {
  return (COMPARED_RECORDS as readonly string[]).includes(record.type)
}

function hold(record: Compared): Held {
  const values = COMPARED[record.type].map((name) => (record as unknown as Fields)[name] ?? null)
  const id =
    record.type === 'flow' ? record.flow_id : record.type === 'session' ? record.session_id : undefined
  return {
    kind: record.type,
    key: keyOf(record),
    about: JSON.stringify(aboutOf(record)),
    id,
    values: JSON.stringify(values),
  }
}

function holdService({ key, ...service }: Service): Held {
  const values = COMPARED.service.map((name) => (service as Fields)[name] ?? null)
  const about = JSON.stringify(key)
  return { kind: 'service', key: `service ${about}`, about, id: undefined, values: JSON.stringify(values) }
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

/** The lesser end of a flow first, so that it is also found with client and server swapped. */
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

/** Without fields that the record did not have. */
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
