/**
 * Sinks: where the pipeline puts records. `createNdjsonSink` writes lines, `createRecordQueue` hands out typed
 * objects, which are the parsed lines: there is one implementation of a record. `createObjectSink` gives such objects
 * to the writers of other formats, `joinSinks` feeds several sinks.
 * Methods are synchronous; the producer awaits `drained()` between batches, and `end()` at the end.
 */
import type { ExtrasText, Instant, OpenSession, RecordSink } from '../types.ts'
import type { RecordWriter } from './formats/format-types.ts'
import { type LineWriter, OutputClosed } from './ndjson.ts'
import { createExtrasText } from './record/extras.ts'
import { createFlowEncoder, type PenOwner } from './record/flow-record.ts'
import { createPen, PEN_SLACK, type Pen, penText } from './record/pen.ts'
import {
  createRecordLines,
  RECORD_NAMES,
  type RecordName,
  type Stats,
  type TimeFormat,
} from './record/record.ts'
import type { FlowhawkRecord } from './record/record-types.ts'

export interface OutputSink extends RecordSink {
  openSession(session: OpenSession, at: Instant): void
  stats(stats: Stats): void
  /** Undefined while there is room; otherwise resolves when there is again. */
  drained(): Promise<void> | undefined
  /** Everything is out, or an error says why not. */
  end(): Promise<void>
}

export interface SinkOptions {
  /** Exactly these; default DEFAULT_RECORDS. */
  records?: ReadonlySet<RecordName>
  time?: TimeFormat
  communityIdSeed?: number
}

/** Written only on request. */
const REQUESTED: readonly RecordName[] = ['open_session', 'concurrency']

export const DEFAULT_RECORDS: ReadonlySet<RecordName> = new Set(
  RECORD_NAMES.filter((name) => !REQUESTED.includes(name)),
)

/** Records as lines; `writerOf` chooses the writer of a record type, the same one or one each. */
export function createNdjsonSink(
  writerOf: (name: RecordName) => LineWriter,
  options: SinkOptions = {},
): OutputSink {
  const wanted = options.records ?? DEFAULT_RECORDS
  const lines = createRecordLines(options.time ?? 'iso')
  const encoder = createFlowEncoder(options)
  const writers = new Map([...wanted].map((name) => [name, writerOf(name)]))
  const distinct = [...new Set(writers.values())]
  const flowWriter = writers.get('flow')

  return {
    capture: (info) => writers.get('capture')?.line(lines.capture(info)),
    flow: (flow) => {
      if (flowWriter !== undefined) encoder.put(flowWriter, flow)
    },
    extrasText: flowWriter === undefined ? noText : createExtrasText(),
    session: (session) => writers.get('session')?.line(lines.session(session)),
    openSession: (session, at) => writers.get('open_session')?.line(lines.openSession(session, at)),
    pool: (report) => writers.get('pool')?.line(lines.pool(report)),
    concurrency: (change) => writers.get('concurrency')?.line(lines.concurrency(change)),
    notice: (notice) => writers.get('notice')?.line(lines.notice(notice)),
    stats: (stats) => writers.get('stats')?.line(lines.stats(stats)),
    summary: (summary) => writers.get('summary')?.line(lines.summary(summary)),
    drained: () => allDrained(distinct),
    end: async () => {
      for (const writer of distinct) await writer.end()
    },
  }
}

/** For a sink without flow records. */
const noText: ExtrasText = { of: () => '', read: () => ({}) }

/** Each line as text; the newline of flows, which come from a pen, is still at their end. */
function createTextSink(take: (name: RecordName, line: string) => void, options: SinkOptions): OutputSink {
  let scratch = createPen(4096)
  const owner: PenOwner = {
    room(bytes: number): Pen {
      if (scratch.bytes.length < bytes + PEN_SLACK) scratch = createPen(bytes + PEN_SLACK)
      scratch.at = 0
      return scratch
    },
  }
  const sink = createNdjsonSink(
    (name) => ({
      ...owner,
      line: (text) => take(name, text),
      drained: () => undefined,
      end: async () => undefined,
    }),
    options,
  )
  const wantsFlows = (options.records ?? DEFAULT_RECORDS).has('flow')
  return {
    ...sink,
    flow: (flow) => {
      if (!wantsFlows) return
      sink.flow(flow)
      take('flow', penText(scratch))
    },
  }
}

/**
 * Records as objects, which are the parsed lines, to writers of other formats; `writerOf` chooses the writer of a kind,
 * the same one or one each.
 */
export function createObjectSink(
  writerOf: (name: RecordName) => RecordWriter,
  options: SinkOptions = {},
): OutputSink {
  const writers = new Map([...(options.records ?? DEFAULT_RECORDS)].map((name) => [name, writerOf(name)]))
  const distinct = [...new Set(writers.values())]
  // Times as RFC 3339: an epoch number would lose digits as a double.
  const sink = createTextSink((name, line) => writers.get(name)?.record(JSON.parse(line), line.length), {
    ...options,
    time: 'iso',
  })
  return {
    ...sink,
    drained: () => allDrained(distinct),
    end: async () => {
      for (const writer of distinct) await writer.flush()
    },
  }
}

function allDrained(writers: readonly { drained(): Promise<void> | undefined }[]): Promise<void> | undefined {
  let waiting: Promise<void>[] | undefined
  for (const writer of writers) {
    const wait = writer.drained()
    if (wait !== undefined) waiting = waiting === undefined ? [wait] : [...waiting, wait]
  }
  return waiting === undefined ? undefined : Promise.all(waiting).then(() => undefined)
}

export interface RecordQueue extends OutputSink {
  /** The records, in order. Ends after `end()`; throws what `fail()` was given. */
  records(): AsyncGenerator<FlowhawkRecord, void, undefined>
  fail(error: unknown): void
}

/** Lines that may wait for the reader before the producer has to. */
const MAX_QUEUED = 4096

export function createRecordQueue(options: SinkOptions = {}): RecordQueue {
  let queued: string[] = []
  let ended = false
  let abandoned = false
  let failed = false
  let failure: unknown
  let wakeReader: (() => void) | undefined
  let wakeProducer: (() => void) | undefined
  const push = (line: string) => {
    if (!abandoned) queued.push(line)
    wakeReader?.()
  }
  const sink = createTextSink((_, line) => push(line), options)

  async function* records(): AsyncGenerator<FlowhawkRecord, void, undefined> {
    try {
      for (;;) {
        const lines = queued
        queued = []
        wakeProducer?.()
        for (const line of lines) yield JSON.parse(line)
        if (queued.length > 0) continue
        if (failed) throw failure
        if (ended) return
        await new Promise<void>((resolve) => (wakeReader = resolve))
        wakeReader = undefined
      }
    } finally {
      abandoned = true
      queued = []
      wakeProducer?.()
    }
  }

  return {
    ...sink,
    drained: () => {
      if (abandoned) return Promise.reject(new OutputClosed('the reader of the records has stopped'))
      return queued.length < MAX_QUEUED ? undefined : new Promise((resolve) => (wakeProducer = resolve))
    },
    end: async () => {
      ended = true
      wakeReader?.()
    },
    fail: (error) => {
      failed = true
      failure = error
      wakeReader?.()
    },
    records,
  }
}

/** Every record to every sink. */
export function joinSinks(sinks: readonly OutputSink[]): OutputSink {
  if (sinks.length === 1) return sinks[0]
  return {
    capture: (info) => {
      for (const sink of sinks) sink.capture(info)
    },
    flow: (flow) => {
      for (const sink of sinks) sink.flow(flow)
    },
    extrasText: sinks.find(({ extrasText }) => extrasText !== undefined)?.extrasText,
    session: (session) => {
      for (const sink of sinks) sink.session(session)
    },
    openSession: (session, at) => {
      for (const sink of sinks) sink.openSession(session, at)
    },
    pool: (report) => {
      for (const sink of sinks) sink.pool(report)
    },
    concurrency: (change) => {
      for (const sink of sinks) sink.concurrency(change)
    },
    notice: (notice) => {
      for (const sink of sinks) sink.notice(notice)
    },
    stats: (stats) => {
      for (const sink of sinks) sink.stats(stats)
    },
    summary: (summary) => {
      for (const sink of sinks) sink.summary(summary)
    },
    drained: () => allDrained(sinks),
    end: async () => {
      for (const sink of sinks) await sink.end()
    },
  }
}
