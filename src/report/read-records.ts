/**
 * NDJSON records read back: the inverse of record.ts for what a recount needs. In: a file of flowhawk's own lines.
 * Out: sessions, rejections, the window, sums of the summaries. Promised: every record of these kinds is checked
 * against its schema, a line holds at most 4 MiB. Not supported: other kinds (they are passed over), other versions.
 */
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import ndjson from 'ndjson'
import { InputError } from '../errors.ts'
import { safeText } from '../text.ts'
import type { Instant, RejectReason, Session } from '../types.ts'
import type { FlowhawkRecord, PoolRecord, SessionRecord, SummaryRecord, Time } from './record-types.ts'
import { recordSchema } from './schema.ts'

export interface ReadBack {
  sessions: Omit<Session, 'closeSec' | 'closeNsec'>[]
  /** Of pools at one server. */
  rejections: { pool: string; serverIp: string; reason: RejectReason; label: string; flows: number }[]
  /** First and last packet, as far as the records tell. */
  first?: Instant
  last?: Instant
  packets: number
  wireBytes: number
  flows: number
}

const MAX_LINE = 4 * 1024 * 1024
const MAX_SESSIONS = 2_000_000
const CHECKED = ['session', 'pool', 'summary'] as const
const ISO = /^(.{19})\.(\d{9})Z$/

export function createReadBack(): ReadBack {
  return { sessions: [], rejections: [], packets: 0, wireBytes: 0, flows: 0 }
}

/** Adds what the file holds. Throws InputError for a line that is no record; what came before it has been added. */
export async function readRecords(path: string, into: ReadBack): Promise<void> {
  const validators = compileSchemas()
  const place = safeText(path)
  let line = 0
  const take = (record: FlowhawkRecord) => {
    line++
    const validate = validators.get(record.type)
    const valid: boolean = validate === undefined || validate(record)
    if (!valid) {
      const [fault] = validate?.errors ?? []
      const what = safeText(`${fault?.instancePath ?? ''} ${fault?.message ?? ''}`.trim())
      throw new InputError(
        'RECORD_INVALID',
        place,
        `line ${line}: not a ${record.type} record of version 1: ${what}`,
      )
    }
    addRecord(record, into)
    if (into.sessions.length > MAX_SESSIONS) {
      const what = `line ${line}: more than ${MAX_SESSIONS} sessions; recount fewer files at once`
      throw new InputError('RECORD_LIMIT', place, what)
    }
  }
  const options = { strict: true, maxLength: MAX_LINE }
  try {
    await pipeline(
      createReadStream(path),
      ndjson.parse(options),
      async (records: AsyncIterable<FlowhawkRecord>) => {
        for await (const record of records) take(record)
      },
    )
  } catch (error) {
    if (error instanceof InputError) throw error
    if (error instanceof Error && 'syscall' in error) {
      throw new InputError(
        'INPUT_READ',
        place,
        `cannot be read, ${'code' in error ? error.code : error.message}`,
      )
    }
    throw new InputError('RECORD_INVALID', place, `line ${line + 1}: not JSON; was the file cut?`)
  }
}

function compileSchemas(): Map<string, ValidateFunction> {
  const ajv = new Ajv2020({ strict: true, strictTypes: false })
  return new Map(CHECKED.map((name) => [name, ajv.compile(recordSchema(name))]))
}

function addRecord(record: FlowhawkRecord, into: ReadBack): void {
  if (record.type === 'session') into.sessions.push(sessionOf(record))
  else if (record.type === 'pool') addPool(record, into)
  else if (record.type === 'summary') addSummary(record, into)
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
    clients: record.clients,
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
  for (const { reason, label, flows } of record.rejected) {
    into.rejections.push({ pool, serverIp, reason, label, flows })
  }
}

function addSummary(record: SummaryRecord, into: ReadBack): void {
  into.packets += record.packets
  into.wireBytes += record.wire_bytes
  into.flows += record.flows
  if (record.first_packet_at !== undefined && record.last_packet_at !== undefined) {
    widen(into, record.first_packet_at, record.last_packet_at)
  }
}

function widen(into: ReadBack, from: Time, to: Time): void {
  const first = instantOf(from)
  const last = instantOf(to)
  if (into.first === undefined || compare(first, into.first) < 0) into.first = first
  if (into.last === undefined || compare(last, into.last) > 0) into.last = last
}

function compare(a: Instant, b: Instant): number {
  return a[0] - b[0] || a[1] - b[1]
}

/** Epoch numbers were parsed as doubles: exact to some 200 ns in our century. */
export function instantOf(time: Time): Instant {
  if (typeof time === 'number') {
    const sec = Math.floor(time)
    return [sec, Math.min(999_999_999, Math.round((time - sec) * 1e9))]
  }
  const match = ISO.exec(time)
  return match === null ? [0, 0] : [Date.parse(`${match[1]}Z`) / 1000, Number(match[2])]
}
