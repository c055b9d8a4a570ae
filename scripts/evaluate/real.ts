/** (d) Captures made with the real programs: mosh against its truth file, four calls with RTP. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { recordsOf } from './run.ts'

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
      if (off === undefined || off.some((value) => value > 1000n || value < -1000n)) fine = false
    }
    if (record.type === 'pool' && record.pool === 'mosh' && record.server_ip === undefined) {
      say(`mosh: ${record.sessions} sessions of ${truth.length}, peak ${record.peak} at ${record.peak_at}`)
      fine &&= record.sessions === truth.length && record.peak === truth.length
    }
  }
  for (const line of sessions) say(line)
  if (sessions.length !== truth.length) fine = false
  const streams = new Set<number>()
  for await (const record of recordsOf(join(folder, 'sip-rtp.pcap'))) {
    if (record.type === 'session' && record.pool === 'asterisk-rtp') streams.add(record.slot)
    if (record.type === 'pool' && record.server_ip === undefined) {
      say(
        `sip-rtp: pool ${record.pool}: ${record.sessions} sessions, peak ${record.peak} at ${record.peak_at}`,
      )
      if (record.pool === 'asterisk-rtp') fine &&= record.sessions === 4 && record.peak === 4
    }
  }
  if (streams.size === 0) fine = false
  return fine
}
