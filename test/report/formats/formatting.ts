/** What a format makes of records, as bytes in memory. */
import type { Cidr } from '../../../src/address.ts'
import { createTextWriter, FORMATS } from '../../../src/report/formats/format.ts'
import type { FileEntry, RecordWriter, TextEntry } from '../../../src/report/formats/format-types.ts'
import { RECORD_NAMES, type RecordName } from '../../../src/report/record/record.ts'
import { createObjectSink, type OutputSink } from '../../../src/report/sink.ts'
import type { Extras } from '../../../src/types.ts'
import { closedFlow } from '../record/flows.ts'
import { captureInfo, change, notice, poolReport, session, stats, summary } from '../record/records.ts'

export interface Given {
  records: readonly RecordName[]
  time?: 'iso' | 'epoch'
  internal?: readonly Cidr[]
}

/** The file that the records make. */
export async function fileOf(
  format: keyof typeof FORMATS,
  { records, time = 'iso', internal = [] }: Given,
  feed: (sink: OutputSink) => void | Promise<void>,
): Promise<Buffer> {
  const chunks: Buffer[] = []
  const write = async (bytes: Uint8Array) => {
    chunks.push(Buffer.from(bytes))
  }
  const entry: TextEntry | FileEntry = FORMATS[format]
  let writer: RecordWriter
  if (entry.kind === 'file') writer = (await entry.load())(records[0], write)
  else {
    const text = (await entry.load())(records[0], { time, internal })
    if (text.head !== '') chunks.push(Buffer.from(`${text.head}\n`))
    writer = createTextWriter(write, text)
  }
  const sink = createObjectSink(() => writer, { records: new Set(records) })
  await feed(sink)
  await sink.end()
  await writer.close()
  return Buffer.concat(chunks)
}

/** One record of each kind. */
export function feedAll(sink: OutputSink): void {
  sink.capture(captureInfo)
  sink.flow(closedFlow())
  sink.session(session())
  sink.openSession(session(), stats.end)
  sink.pool(poolReport())
  sink.concurrency(change)
  sink.notice(notice)
  sink.stats(stats)
  sink.summary(summary())
}

/** All that have a time of their own. */
export const TIMED = RECORD_NAMES.filter((name) => name !== 'capture')

export function objectsOf(file: Buffer): Record<string, unknown>[] {
  return file
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

/** What a packet may try, as the safe text that records hold (see text.ts). */
export const HOSTILE: readonly string[] = [
  '<script>alert(1)</script>',
  '\\x1B[31mred\\x1B]0;title\\x07',
  '=cmd|"/c calc"!A0',
  '+1+2',
  '-2+3',
  '@SUM(A1)',
  'a\\u202Egpj.exe',
  '\\xFF\\xFE',
  'x'.repeat(1024),
  'tab\\x09cr\\x0D\\x0Alf',
  '-',
  '(empty)',
  '#fields',
  '',
  'a,b;c"d\'e',
]

export function hostileExtras(text: string): Extras {
  return { dns: { query: text, answers: [text, 'plain'] } }
}
