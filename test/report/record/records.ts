/** One value of every kind that the pipeline hands to a sink, to change at will. */
import type { RecordLines, Stats } from '../../../src/report/record/record.ts'
import type { CaptureInfo, Concurrency, Notice, PoolReport, Session, Summary } from '../../../src/types.ts'

export const captureInfo: CaptureInfo = {
  source: 'office.pcapng',
  format: 'pcapng',
  compression: 'gzip',
  linkTypes: [1, 113],
  timestampPrecision: 'nanoseconds',
}

export function session(fields: Partial<Session> = {}): Session {
  return {
    sessionId: '00000000000000a1',
    pool: 'mosh',
    serverIp: '10.0.0.1',
    transport: 'udp',
    slot: 60001,
    slotIndex: 0,
    clients: [{ ip: '10.0.0.9', port: 40112 }],
    clientsTotal: 1,
    startSec: 1_600_000_000,
    startNsec: 100_000_000,
    endSec: 1_600_000_090,
    endNsec: 0,
    closeSec: 1_600_000_210,
    closeNsec: 0,
    packets: 64,
    ipBytes: 6400,
    longestGap: 3.000_000_1,
    certainty: 'confirmed',
    endReason: 'idle',
    openAtStart: false,
    openAtEnd: false,
    flowIds: ['0123456789abcdef'],
    flowIdsTotal: 1,
    ...fields,
  }
}

export function poolReport(fields: Partial<PoolReport> = {}): PoolReport {
  return {
    pool: 'mosh',
    serverIp: '10.0.0.1',
    slots: 999,
    sessions: 3,
    peak: 2,
    peakAt: [1_600_000_030, 0],
    peakDuration: 12.5,
    peakTotalSeconds: 20,
    peakSessionIds: ['00000000000000a1', '00000000000000a2'],
    peakSessionIdsTotal: 2,
    mean: 1.25,
    p50: 1,
    p95: 2,
    slotsUsed: 2,
    highestSlot: 60002,
    saturatedSeconds: 0,
    windowStart: [1_600_000_000, 0],
    windowEnd: [1_600_000_120, 0],
    idleTimeout: 120,
    sensitivity: [{ idleTimeout: 60, sessions: 4, peak: 2 }],
    certainty: 'confirmed',
    rejected: [{ reason: 'probe', label: 'unknown', flows: 5 }],
    ...fields,
  }
}

export const change: Concurrency = {
  pool: 'mosh',
  serverIp: '10.0.0.1',
  at: [1_600_000_030, 0],
  sessions: 2,
}

export const notice: Notice = {
  notice: 'slot_shared',
  says: 'two clients used slot 60001 at the same time',
  at: [1_600_000_031, 0],
  about: { pool: 'mosh', server_ip: '10.0.0.1', slot: 60001, clients: ['10.0.0.9:1', '10.0.0.8:2'] },
}

export const stats: Stats = {
  start: [1_600_000_000, 0],
  end: [1_600_000_060, 0],
  packets: 5,
  wireBytes: 500,
  dropped: { kernel: 1 },
  flows: 3,
  sessions: 1,
  evictedFlows: 0,
  liveFlows: 2,
  liveSessions: 1,
}

export function summary(fields: Partial<Summary> = {}): Summary {
  return {
    packets: 12,
    wireBytes: 1200,
    flows: 2,
    sessions: 1,
    firstPacketAt: [1_600_000_000, 0],
    lastPacketAt: [1_600_000_120, 0],
    nonIp: new Map([['0x0806', 2]]),
    undecoded: new Map([['tcp_cut', 1]]),
    linkTypesUndecoded: new Map([['DOCSIS', 1]]),
    timeBackwards: 0,
    evictedFlows: 0,
    skippedInputs: ['notes.txt'],
    damaged: [
      { source: 'office.pcapng', offset: 4128, reason: 'block length 7', code: 'PCAPNG_BLOCK_LENGTH' },
    ],
    dropped: { interface: 3 },
    ...fields,
  }
}

/** Each record's line, made by the given lines. */
export function linesOf(lines: RecordLines): string[] {
  return [
    lines.capture(captureInfo),
    lines.session(session()),
    lines.openSession(session(), stats.end),
    lines.pool(poolReport()),
    lines.concurrency(change),
    lines.notice(notice),
    lines.stats(stats),
    lines.summary(summary()),
  ]
}
