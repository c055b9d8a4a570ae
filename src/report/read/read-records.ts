/**
 * NDJSON records read back. In: the bytes of flowhawk's own lines. Out: every record of the requested kinds, or what a recount needs: sessions, rejections, the window, sums of the summaries.
 * Promised: each is checked against its schema; a line that is no record is skipped and reported; lines of more than
 * 4 MiB are skipped, too. Not supported: other versions of the records.
 */

import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import ndjson from 'ndjson'
import { InputError } from '../../errors.ts'
import { compareInstants } from '../../instant.ts'
import { safeText } from '../../text.ts'
import type { Damage, Instant, RejectReason, Session, Summary } from '../../types.ts'
import { OTHER } from '../record/json.ts'
import type { RecordName } from '../record/record.ts'
import type {
  FlowhawkRecord,
  PoolRecord,
  SessionRecord,
  SummaryRecord,
  Time,
} from '../record/record-types.ts'
import { bareSchema } from '../record/schema.ts'
import { instantOf } from '../record/time.ts'
import { createLineNumbers, type LineNumbers } from './line-numbers.ts'
import { backwardsPeriod } from './periods.ts'

export interface ReadBack {
  sessions: Omit<Session, 'closeSec' | 'closeNsec'>[]
  /** Of pools at one server, by all of them but the flows: windows of a long run say the same again and again. */
  rejections: Map<
    string,
    { pool: string; serverIp: string; reason: RejectReason; label: string; flows: number }
  >
  /** First and last packet, as far as the records show. */
  first?: Instant
  last?: Instant
  /** Of the summaries. */
  sums: Sums
  /** Session, pool and summary records. */
  records: number
  /** Lines that are no records, and those that the sensors themselves reported. */
  damaged: Damage[]
}

/** What a summary counts and a recount does not count anew. */
export type Sums = Omit<Summary, 'sessions' | 'firstPacketAt' | 'lastPacketAt' | 'damaged'>

const MAX_SESSIONS = 2_000_000
/** Different ones. */
const MAX_REJECTIONS = 1_000_000
/** Inputs that the sensors skipped or found damaged: records list as many as they list of anything. */
const MAX_REPORTED = 100_000
/** Damaged lines of one file that are listed; the rest is counted. */
const MAX_NAMED = 100
/** Damaged lines of one file after which it is given up. */
const MAX_DAMAGED = 100_000
/** Reasons that are counted separately: as many as there are EtherTypes. */
const MAX_COUNTED = 65_536
/** What a recount needs. */
export const RECOUNTED = ['session', 'pool', 'summary'] as const

export function createReadBack(): ReadBack {
  const sums: Sums = {
    packets: 0,
    wireBytes: 0,
    flows: 0,
    nonIp: new Map(),
    undecoded: new Map(),
    linkTypesUndecoded: new Map(),
    timeBackwards: 0,
    evictedFlows: 0,
    skippedInputs: [],
    dropped: {},
  }
  return { sessions: [], rejections: new Map(), sums, records: 0, damaged: [] }
}

/**
 * Adds what the file holds. Lines that are no records are named in `damaged`; a file without any valid record is an
 * InputError, and so is one that cannot be read or holds too many sessions.
 */
export async function readRecords(path: string, bytes: Bytes, into: ReadBack): Promise<void> {
  await readEachRecord(path, {
    bytes,
    kinds: RECOUNTED,
    damaged: into.damaged,
    take(record, line) {
      addRecord(record, into)
      const over =
        into.sessions.length > MAX_SESSIONS
          ? `${MAX_SESSIONS} sessions`
          : into.rejections.size > MAX_REJECTIONS
            ? `${MAX_REJECTIONS} different rejections`
            : undefined
      if (over === undefined) return
      const what = `line ${line}: more than ${over}; recount fewer files at once`
      throw new InputError('RECORD_LIMIT', safeText(path), what)
    },
  })
}

/** Not compressed. An InputError ends them early: everything before it was delivered. */
export type Bytes = AsyncIterable<Uint8Array>

export interface RecordReader {
  bytes: Bytes
  /** The kinds that are checked against their schema and delivered; others are skipped. */
  kinds: readonly RecordName[]
  take(record: FlowhawkRecord, line: number): void
  /** A promise while the consumer is behind. */
  drained?(): Promise<void> | undefined
  /** Gets the lines that are no records. */
  damaged: Damage[]
}

/**
 * Every record of these kinds, one after another. A file without any valid record is an InputError, and so is one
 * that cannot be read.
 */
export async function readEachRecord(path: string, reader: RecordReader): Promise<void> {
  const place = safeText(path)
  const faults = createFaults(path, reader.damaged)
  const take = createTaker(reader)
  const lines = createLineNumbers((line, offset) => faults.add(line, offset, NOT_JSON))
  let refused: unknown
  const source = createSource(reader.bytes)
  try {
    const parse = ndjson.parse({ strict: false })
    const consume = async (records: AsyncIterable<unknown>) => {
      for await (const numbered of records) {
        try {
          takeNumbered(numbered, lines, take, faults)
        } catch (error) {
          refused = error
          throw error
        }
        const behind = reader.drained?.()
        if (behind !== undefined) await behind
      }
    }
    await pipeline(source.stream, lines.stream, parse, consume)
  } catch (error) {
    // The streams that are torn down with it may end with an error of their own.
    if (refused !== undefined) throw refused
    if (error instanceof InputError || !(error instanceof Error && 'code' in error)) throw error
    throw new InputError('INPUT_READ', place, `cannot be read, ${error.code}`)
  }
  lines.skippedUntil(Number.POSITIVE_INFINITY)
  const { fault } = source
  if (fault !== undefined) faults.add(lines.count + 1, lines.offset, fault.what, fault.code)
  faults.end(take.valid(), lines.count)
}

interface Source {
  stream: Readable
  /** What ended the bytes early; before the first of them it is thrown. */
  fault?: InputError
}

function createSource(bytes: Bytes): Source {
  const source: Source = { stream: Readable.from(delivered()) }
  async function* delivered(): AsyncGenerator<Uint8Array> {
    let any = false
    try {
      for await (const chunk of bytes) {
        any = true
        yield chunk
      }
    } catch (error) {
      if (!any || !(error instanceof InputError)) throw error
      source.fault = error
    }
  }
  return source
}

const NOT_JSON = 'not one JSON object; was the file cut?'

/** Each line comes as [number, record]; numbers that are missing were no JSON. */
function takeNumbered(numbered: unknown, lines: LineNumbers, take: Taker, faults: Faults): void {
  if (!Array.isArray(numbered) || typeof numbered[0] !== 'number') return
  const [line, record] = numbered
  lines.skippedUntil(line)
  const offset = lines.take(line)
  const isObject = typeof record === 'object' && record !== null && !Array.isArray(record)
  const fault = numbered.length !== 2 || !isObject ? NOT_JSON : take.record(record, line)
  if (fault !== undefined) faults.add(line, offset, fault)
}

interface Taker {
  /** Why the object is no record; undefined when it was taken. */
  record(record: FlowhawkRecord, line: number): string | undefined
  valid(): number
}

function createTaker(reader: RecordReader): Taker {
  const validators = compileSchemas(reader.kinds)
  let valid = 0
  return {
    valid: () => valid,
    record(record, line) {
      if (record.v !== 1 || typeof record.type !== 'string') return 'not a record of version 1'
      const validate = validators.get(record.type)
      const sound: boolean = validate === undefined || validate(record)
      if (!sound) {
        const [fault] = validate?.errors ?? []
        const what = safeText(`${fault?.instancePath ?? ''} ${fault?.message ?? ''}`.trim())
        return `not a ${record.type} record of version 1: ${what}`
      }
      const backwards = validate === undefined ? undefined : backwardsPeriod(record)
      if (backwards !== undefined) return `not a ${record.type} record of version 1: ${backwards}`
      valid++
      if (validate !== undefined) reader.take(record, line)
      return undefined
    },
  }
}

interface Faults {
  add(line: number, offset: number, what: string, code?: string): void
  /** Throws if nothing in the file was a record; an empty file is a kind without records. */
  end(valid: number, lines: number): void
}

function createFaults(source: string, damaged: Damage[]): Faults {
  let found = 0
  let first = ''
  let lastOffset = 0
  const note = (offset: number, reason: string, code = 'RECORD_INVALID') =>
    damaged.push({ source, offset, reason, code })
  return {
    add(line, offset, what, code) {
      const reason = `line ${line}: ${what}`
      if (found++ === 0) first = reason
      lastOffset = offset
      if (found <= MAX_NAMED) note(offset, reason, code)
      if (found > MAX_DAMAGED)
        throw new InputError(
          'RECORD_LIMIT',
          safeText(source),
          `${reason}; so are ${MAX_DAMAGED} lines before`,
        )
    },
    end(valid, lines) {
      if (found > MAX_NAMED) note(lastOffset, `${found - MAX_NAMED} more lines are no records`)
      if (valid > 0 || (found === 0 && lines === 0)) return
      for (let i = damaged.length - 1; i >= 0; i--) if (damaged[i].source === source) damaged.splice(i, 1)
      throw new InputError('RECORD_INVALID', safeText(source), first || 'holds no record')
    },
  }
}

function compileSchemas(kinds: readonly RecordName[]): Map<string, ValidateFunction> {
  const ajv = new Ajv2020({ strict: true, strictTypes: false })
  return new Map(kinds.map((name) => [name, ajv.compile(bareSchema(name))]))
}

function addRecord(record: FlowhawkRecord, into: ReadBack): void {
  into.records++
  if (record.type === 'session') addSession(record, into)
  else if (record.type === 'pool') addPool(record, into)
  else if (record.type === 'summary') addSummary(record, into)
}

/** A run that is not finished, or was killed, has no summary that covers its last sessions: they widen the window. */
function addSession(record: SessionRecord, into: ReadBack): void {
  widen(into, record.start, record.end)
  into.sessions.push(sessionOf(record))
}

function sessionOf(record: SessionRecord): ReadBack['sessions'][number] {
  const [startSec, startNsec] = instantOf(record.start)
  const [endSec, endNsec] = instantOf(record.end)
  return {
    sessionId: record.session_id,
    pool: record.pool,
    serverIp: record.server_ip,
    transport: record.transport,
    slot: record.slot,
    slotIndex: record.slot_index,
    clients: record.clients.map(({ ip, port }) => ({ ip: safeText(ip), port })),
    clientsTotal: record.clients_total ?? record.clients.length,
    startSec,
    startNsec,
    endSec,
    endNsec,
    packets: record.packets,
    ipBytes: record.ip_bytes,
    longestGap: record.longest_gap,
    certainty: record.certainty,
    endReason: record.end_reason,
    openAtStart: record.open_at_start,
    openAtEnd: record.open_at_end,
    flowIds: record.flow_ids,
    flowIdsTotal: record.flow_ids_total ?? record.flow_ids.length,
  }
}

function addPool(record: PoolRecord, into: ReadBack): void {
  widen(into, record.window_start, record.window_end)
  const { pool, server_ip: serverIp } = record
  if (serverIp === undefined) return
  for (const { reason, label: text, flows } of record.rejected) {
    const label = safeText(text)
    const key = JSON.stringify([pool, serverIp, reason, label])
    const known = into.rejections.get(key)
    if (known === undefined) into.rejections.set(key, { pool, serverIp, reason, label, flows })
    else known.flows = plus(known.flows, flows)
  }
}

function addSummary(record: SummaryRecord, into: ReadBack): void {
  addSums(record, into.sums)
  for (const { source, offset, reason, code } of record.damaged)
    if (into.damaged.length < MAX_REPORTED)
      into.damaged.push({ source, offset, reason: safeText(reason), code: safeText(code) })
  if (record.first_packet_at !== undefined && record.last_packet_at !== undefined) {
    widen(into, record.first_packet_at, record.last_packet_at)
  }
}

function addSums(record: SummaryRecord, sums: Sums): void {
  sums.packets = plus(sums.packets, record.packets)
  sums.wireBytes = plus(sums.wireBytes, record.wire_bytes)
  sums.flows = plus(sums.flows, record.flows)
  addCounts(record.non_ip, sums.nonIp)
  addCounts(record.undecoded, sums.undecoded)
  addCounts(record.link_types_undecoded, sums.linkTypesUndecoded)
  sums.timeBackwards = plus(sums.timeBackwards, record.time_backwards)
  sums.evictedFlows = plus(sums.evictedFlows, record.evicted_flows)
  for (const input of record.skipped_inputs)
    if (sums.skippedInputs.length < MAX_REPORTED) sums.skippedInputs.push(input)
  sums.dropped = {
    kernel: known(sums.dropped.kernel, record.dropped?.kernel),
    interface: known(sums.dropped.interface, record.dropped?.interface),
  }
  sums.recordsLost = known(sums.recordsLost, record.records_lost)
  const outside = known(sums.outside?.packets, record.packets_outside)
  if (outside !== undefined) sums.outside = { packets: outside }
  sums.extrasLeftOut = known(sums.extrasLeftOut, record.extras_left_out)
}

function addCounts(counts: Record<string, number>, into: Map<string, number>): void {
  for (const [name, count] of Object.entries(counts)) {
    const safe = safeText(name)
    const key = into.size < MAX_COUNTED || into.has(safe) ? safe : OTHER
    into.set(key, plus(into.get(key) ?? 0, count))
  }
}

/** The sum of what is known; undefined where nothing is. */
function known(sum: number | undefined, count: number | undefined): number | undefined {
  return count === undefined ? sum : plus(sum ?? 0, count)
}

/** No more than a record can say. */
function plus(sum: number, count: number): number {
  return Math.min(sum + count, Number.MAX_SAFE_INTEGER)
}

function widen(into: ReadBack, from: Time, to: Time): void {
  const first = instantOf(from)
  const last = instantOf(to)
  if (into.first === undefined || compareInstants(first, into.first) < 0) into.first = first
  if (into.last === undefined || compareInstants(last, into.last) > 0) into.last = last
}
