/**
 * (d) Captures made with the real programs: mosh against its truth file, four calls with RTP. The truth holds when
 * the programs started and ended; packets come some 20 ms after the one and 30 ms before the other.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FlowRecord } from '../../src/report/record/record-types.ts'
import { flowsOf, recordsOf } from './run.ts'

const TOLERANCE_NS = 100_000_000n

/** "1795305150.896771414" and "2026-11-22T…" in nanoseconds. */
function nanoseconds(text: string): bigint {
  if (/^\d+\.\d{9}$/.test(text)) return BigInt(text.replace('.', ''))
  return BigInt(Date.parse(`${text.slice(0, 19)}Z`)) * 1_000_000n + BigInt(text.slice(20, 29))
}

export async function compareReal(folder: string, say: (line: string) => void): Promise<boolean> {
  const truth = readFileSync(join(folder, 'mosh.truth.tsv'), 'utf8')
    .split('\n')
    .filter((line) => /^\d/.test(line))
    .map((line) => line.split('\t'))
  let fine = true
  const sessions: string[] = []
  for await (const record of recordsOf(join(folder, 'mosh.pcap'))) {
    if (record.type === 'session' && record.pool === 'mosh') {
      const row = truth.find(([slot]) => Number(slot) === record.slot)
      const off = row
        ?.slice(1, 3)
        .map((time, i) => nanoseconds(String(i === 0 ? record.start : record.end)) - nanoseconds(time))
      sessions.push(
        `  slot ${record.slot}, ${record.certainty}, start and end off by ${off?.join(' and ') ?? '?'} ns`,
      )
      if (off === undefined || off.some((value) => value > TOLERANCE_NS || value < -TOLERANCE_NS))
        fine = false
    }
    if (record.type === 'pool' && record.pool === 'mosh' && record.server_ip === undefined) {
      say(`mosh: ${record.sessions} sessions of ${truth.length}, peak ${record.peak} at ${record.peak_at}`)
      fine &&= record.sessions === truth.length && record.peak === truth.length
    }
  }
  for (const line of sessions) say(line)
  if (sessions.length !== truth.length) fine = false
  const streams = (await flowsOf(join(folder, 'sip-rtp.pcap'))).flows.filter((flow) => flow.label === 'rtp')
  const peak = Math.max(0, ...streams.map((one) => streams.filter((other) => overlaps(one, other)).length))
  say(`sip-rtp: ${streams.length} RTP streams of 4, ${peak} at once`)
  return fine && streams.length === 4 && peak === 4
}

/** The other stream is running when the first one starts. */
function overlaps(one: FlowRecord, other: FlowRecord): boolean {
  return other.start <= one.start && one.start <= other.end
}
