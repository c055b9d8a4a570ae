/**
 * The headline of the page, one sentence for each pool: the peak of its sessions, where, when, its certainty, and why.
 * Without a session on any pool: the number of flows, and the label with the most bytes.
 */
import { CERTAINTIES } from '../../certainty.ts'
import type { Certainty } from '../../types.ts'
import { instantOf, readableTime } from '../record/time.ts'
import { durationText, grouped, percent } from '../terminal/layout.ts'
import type { LabelData, PageData, PoolData, Sentence } from './page-data.ts'

const MAX_ANSWERS = 4
const CLASSES: readonly Sentence['source'][] = ['payload', 'site', 'rule', 'context', 'pool', 'registry']
/** Lengths of "2021-03-04" and of "2021-03-04 05:06:07". */
const DATE = 10
const DATE_TIME = 19

type Answers = PageData['answers']

export interface AnswerParts {
  base: number
  pools: readonly PoolData[]
  servers: readonly string[]
  labels: readonly LabelData[]
  totals: PageData['totals']
  /** Sessions that are open, of a live source. */
  openNow: number
  /** A session by its index. */
  evidence(session: number): readonly Sentence[]
  certainty(session: number): Certainty
  /** The sessions that were running at a pool's peak. */
  atPeak(pool: PoolData): readonly number[]
}

export function answersOf(parts: AnswerParts): Answers {
  const pools = parts.pools.filter(({ server, sessions }) => server === undefined && sessions > 0)
  pools.sort((a, b) => CERTAINTIES.indexOf(a.certainty) - CERTAINTIES.indexOf(b.certainty) || b.peak - a.peak)
  if (pools.length === 0 && parts.openNow > 0)
    return [{ sentence: openSentence(parts.openNow), certainty: '' }]
  if (pools.length === 0) return [{ sentence: `${flowSentence(parts)}.`, certainty: '' }]
  return pools.slice(0, MAX_ANSWERS).map((pool) => ({
    sentence: poolSentence(pool, parts),
    certainty: pool.certainty,
  }))
}

function openSentence(open: number): string {
  return `${grouped(open)} ${open === 1 ? 'session is' : 'sessions are'} open now; none has ended yet.`
}

function flowSentence({ totals, labels }: AnswerParts): string {
  const flows = `${grouped(totals.flows)} ${totals.flows === 1 ? 'flow' : 'flows'}, no session on a port pool`
  const [top] = labels
  if (top === undefined) return flows
  const bytes = top.bytes.reduce((sum, each) => sum + each, 0)
  return `${flows}; most bytes are ${top.label} (${percent(bytes / Math.max(1, totals.bytes))})`
}

function poolSentence(pool: PoolData, parts: AnswerParts): string {
  const noun = pool.peak === 1 ? 'session' : 'sessions'
  const most = `At most ${grouped(pool.peak)} ${pool.pool} ${noun} at once`
  const when = [most, placeText(pool, parts), spanText(pool, parts.base)].filter(Boolean).join(', ')
  const open = pool.open === 0 ? '' : `${grouped(pool.open)} open now`
  return [when, reasonText(pool, parts), fullText(pool, parts), open].filter(Boolean).join('; ') + '.'
}

function busyServers({ pool }: PoolData, { pools }: AnswerParts): PoolData[] {
  return pools.filter((each) => each.pool === pool && each.server !== undefined && each.sessions > 0)
}

function placeText(pool: PoolData, parts: AnswerParts): string {
  const busy = busyServers(pool, parts)
  if (busy.length === 1) return `on ${parts.servers[busy[0].server as number]}`
  return busy.length === 0 ? '' : `on ${grouped(busy.length)} servers`
}

function fullText(pool: PoolData, parts: AnswerParts): string {
  const { saturatedSeconds = 0, slots } = pool
  if (saturatedSeconds === 0) return ''
  const lasted = `for ${durationText(saturatedSeconds)}`
  if (busyServers(pool, parts).length !== 1) return `some server had no free slot ${lasted}`
  return `all ${grouped(slots)} slots were in use ${lasted}`
}

/** "2018-03-14 09:06:40 to 09:08:40 UTC"; an instant where it lasted less than a second. */
function spanText({ peakAt, peakSeconds }: PoolData, base: number): string {
  if (peakAt === undefined) return ''
  const from = clock(base + peakAt)
  const to = clock(base + peakAt + peakSeconds)
  if (peakSeconds < 1) return `at ${readableTime(instantOf(base + peakAt), 3)}`
  const sameDay = from.slice(0, DATE) === to.slice(0, DATE)
  return `${from} to ${sameDay ? to.slice(DATE + 1) : to} UTC`
}

function clock(seconds: number): string {
  return readableTime(instantOf(seconds)).slice(0, DATE_TIME)
}

/** The most frequent of the strongest reasons of the least certain sessions at the peak. */
function reasonText(pool: PoolData, parts: AnswerParts): string {
  const counts = new Map<string, number>()
  const proof = parts.atPeak(pool)
  const doubtful = proof.filter((session) => parts.certainty(session) === pool.certainty)
  for (const session of doubtful) {
    const reason = reasonOf(parts.evidence(session))
    if (reason !== undefined) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  }
  const [best] = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
  if (best === undefined) return pool.certainty
  const some = best[1] < proof.length ? ` (${grouped(best[1])} of ${grouped(proof.length)})` : ''
  return `${pool.certainty}, because ${best[0]}${some}`
}

function reasonOf(sentences: readonly Sentence[]): string | undefined {
  const known = sentences.filter(({ weight }) => weight > 0)
  known.sort((a, b) => CLASSES.indexOf(a.source) - CLASSES.indexOf(b.source) || b.weight - a.weight)
  const [best] = known
  if (best === undefined) return undefined
  if (best.source === 'pool' || best.source === 'registry') return 'nothing but the port speaks for it'
  return best.source === 'payload' ? `the payload ${best.says}` : best.says
}
