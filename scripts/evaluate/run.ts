/** A capture through the library, in this process. */
import { analyze, open } from '../../src/index.ts'
import type { FlowhawkRecord, FlowRecord, SummaryRecord } from '../../src/report/record/record-types.ts'

export function recordsOf(path: string): AsyncIterable<FlowhawkRecord> {
  return analyze(open(path))
}

export async function flowsOf(path: string): Promise<{ flows: FlowRecord[]; summary?: SummaryRecord }> {
  const flows: FlowRecord[] = []
  let summary: SummaryRecord | undefined
  for await (const record of recordsOf(path)) {
    if (record.type === 'flow') flows.push(record)
    else if (record.type === 'summary') summary = record
  }
  return { flows, summary }
}
