/**
 * The live view, like `top`. In: the counts of a run, the pools, the busiest flows. Out: lines for a screen of a given
 * size, never more than fit. Pure. Promised: every string from a packet, a rule or a name is escaped.
 */
import { addressText, endpoint } from '../../address.ts'
import { safeText } from '../../text.ts'
import type { ClosedFlow } from '../../types.ts'
import { protocolName } from '../record/protocols.ts'
import {
  bar,
  byteText,
  counted,
  displayWidth,
  durationText,
  fit,
  grouped,
  padEnd,
  padStart,
} from './layout.ts'

export interface LiveViewData {
  interface: string
  seconds: number
  packetsPerSec: number
  bytesPerSec: number
  /** Absent where the backend does not know. */
  dropped?: number
  droppedPerSec: number
  packets: number
  flows: number
  liveFlows: number
  sessions: number
  liveSessions: number
  evictedFlows: number
  recordsLost: number
  pools: readonly LivePool[]
  flowsShown: readonly LiveFlow[]
  order: string
  paused: boolean
  /** There is a keyboard. */
  keys: boolean
  /** The latest message, one line. */
  message: string
}

export interface LivePool {
  pool: string
  serverIp: string
  slots: number
  sessions: number
  /** One port holds many sessions. */
  unlimited: boolean
  peak: number
}

export interface LiveFlow {
  flow: ClosedFlow
  bytesPerSec: number
  packetsPerSec: number
}

export interface ScreenSize {
  columns: number
  rows: number
  color: boolean
}

const BAR_COLUMNS = 10
const RATE_COLUMNS = 11
const LABEL_COLUMNS = 16
const CERTAINTY_COLUMNS = 10
const COUNT_COLUMNS = 7
/** Lines besides pools and flows: head, two headings, two gaps, keys. */
const FIXED_ROWS = 8
const FULL_SHARE = 0.9
const KEYS = 'b bytes  k packets  s sessions  p pause  q quit'
const NO_KEYS = 'Ctrl-C ends'

type Style = 'plain' | 'strong' | 'faint' | 'warn' | 'heading'
interface Line {
  text: string
  style: Style
}

/** At most `rows` lines of at most `columns`. */
export function liveView(data: LiveViewData, { columns, rows, color }: ScreenSize): string[] {
  const room = Math.max(0, rows - FIXED_ROWS)
  const pools = poolLines(data.pools, Math.max(1, Math.floor(room / 2)))
  const flows = data.flowsShown
    .slice(0, Math.max(0, room - pools.length))
    .map((each) => flowLine(each, columns))
  const lines: Line[] = [
    ...headLines(data),
    { text: '', style: 'plain' },
    { text: poolHeading(), style: 'heading' },
    ...pools,
    { text: '', style: 'plain' },
    { text: flowHeading(), style: 'heading' },
    ...flows,
  ].slice(0, Math.max(0, rows - 2)) as Line[]
  while (lines.length < rows - 2) lines.push({ text: '', style: 'plain' })
  lines.push({ text: data.message, style: 'warn' })
  lines.push({ text: data.keys ? `${KEYS}   sorted by ${data.order}` : NO_KEYS, style: 'faint' })
  return lines.slice(0, rows).map((line) => paint(line, columns, color))
}

function headLines(data: LiveViewData): Line[] {
  const dropped =
    data.dropped === undefined
      ? 'drops unknown'
      : `dropped ${grouped(data.dropped)}${data.droppedPerSec > 0 ? ` (${rate(data.droppedPerSec)}/s)` : ''}`
  const first = [
    `${data.interface}  ${durationText(Math.floor(data.seconds))}`,
    `${rate(data.packetsPerSec)} packets/s`,
    `${byteText(Math.round(data.bytesPerSec))}/s`,
    dropped,
  ]
  const second = [
    counted(data.packets, 'packet'),
    `flows ${grouped(data.liveFlows)} alive, ${grouped(data.flows)} ended`,
    `sessions ${grouped(data.liveSessions)} alive, ${grouped(data.sessions)} ended`,
  ]
  if (data.evictedFlows > 0) second.push(`${grouped(data.evictedFlows)} evicted`)
  if (data.recordsLost > 0) second.push(`${grouped(data.recordsLost)} records lost`)
  const isLosing = data.droppedPerSec > 0
  const pause = data.paused ? '   PAUSED' : ''
  return [
    { text: first.join('   ') + pause, style: isLosing ? 'warn' : 'strong' },
    { text: second.join('   '), style: 'plain' },
  ]
}

function poolHeading(): string {
  return poolColumns('POOL', 'SERVER', ['IN USE', 'OF', 'PEAK'])
}

function poolColumns(pool: string, server: string, [sessions, slots, peak]: string[]): string {
  const numbers = [sessions, slots, peak].map((text) => padStart(text, COUNT_COLUMNS)).join(' ')
  return `${padEnd(fit(pool, LABEL_COLUMNS), LABEL_COLUMNS)} ${padEnd(server, ADDRESS_COLUMNS)} ${numbers}`
}

const ADDRESS_COLUMNS = 22

/** Most in use first. */
function poolLines(pools: readonly LivePool[], limit: number): Line[] {
  if (pools.length === 0) return [{ text: 'no slot of a pool is in use', style: 'faint' }]
  const byUse = pools.slice().sort((a, b) => b.sessions - a.sessions || b.peak - a.peak)
  const shown = byUse.length > limit ? byUse.slice(0, Math.max(1, limit - 1)) : byUse
  const lines = shown.map(poolLine)
  if (shown.length < byUse.length && limit > 1)
    lines.push({ text: `and ${counted(byUse.length - shown.length, 'more server')}`, style: 'faint' })
  return lines
}

function poolLine({ pool, serverIp, sessions, slots, unlimited, peak }: LivePool): Line {
  const numbers = [grouped(sessions), unlimited ? '' : grouped(slots), grouped(peak)]
  const share = unlimited ? 0 : sessions / slots
  const style = share >= FULL_SHARE ? 'warn' : sessions === 0 ? 'faint' : 'plain'
  return { text: `${poolColumns(safeText(pool), serverIp, numbers)} ${bar(share, BAR_COLUMNS)}`, style }
}

function flowHeading(): string {
  return flowColumns(['BYTES/S', 'PACKETS/S'], 'LABEL', 'CERTAINTY', 'FLOW')
}

function flowColumns(rates: string[], label: string, certainty: string, rest: string): string {
  const numbers = rates.map((text) => padStart(text, RATE_COLUMNS)).join(' ')
  const named = padEnd(fit(label, LABEL_COLUMNS), LABEL_COLUMNS)
  return `${numbers}  ${named} ${padEnd(certainty, CERTAINTY_COLUMNS)} ${rest}`
}

function flowLine({ flow, bytesPerSec, packetsPerSec }: LiveFlow, columns: number): Line {
  const { label, certainty } = flow.verdict
  const src = endText(flow, 'src')
  const dst = endText(flow, 'dst')
  const names = [flow.hostname, flow.process?.name].filter((name) => name !== undefined)
  const ends = `${protocolName(flow.protocol)} ${src} > ${dst}`
  const text = flowColumns(
    [byteText(Math.round(bytesPerSec)), rate(packetsPerSec)],
    safeText(label),
    certainty,
    names.length === 0 ? ends : `${ends}  ${names.join(' ')}`,
  )
  return { text: fit(text, columns), style: packetsPerSec === 0 ? 'faint' : 'plain' }
}

function endText(flow: ClosedFlow, side: 'src' | 'dst'): string {
  const { ipVersion } = flow
  const port = side === 'src' ? flow.srcPort : flow.dstPort
  const address =
    side === 'src'
      ? addressText(ipVersion, flow.src0, flow.src1, flow.src2, flow.src3)
      : addressText(ipVersion, flow.dst0, flow.dst1, flow.dst2, flow.dst3)
  return endpoint(address, port < 0 ? undefined : port)
}

/** Small numbers with a digit more. */
function rate(perSec: number): string {
  return perSec > 0 && perSec < 10 ? perSec.toFixed(1) : grouped(perSec)
}

const STYLES: Readonly<Record<Style, string>> = {
  plain: '',
  strong: '\u001b[1m',
  faint: '\u001b[2m',
  warn: '\u001b[33m',
  heading: '\u001b[7m',
}
const PLAIN = '\u001b[0m'

function paint({ text, style }: Line, columns: number, color: boolean): string {
  const safe = fit(safeText(text), columns)
  const whole = style === 'heading' ? safe + ' '.repeat(Math.max(0, columns - displayWidth(safe))) : safe
  return color && style !== 'plain' ? `${STYLES[style]}${whole}${PLAIN}` : whole
}
