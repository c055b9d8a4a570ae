/**
 * What would change a flow's verdict. In: its record, the rules of the pools in force, whether a site file was given.
 * Out: sentences, each with the label and the certainty that would follow. They are derived from the order of
 * evidence (payload, site, rule, context, pool, registry) and from the rules, so they hold for any pool.
 */
import type { Certainty, Evidence, PoolRule } from '../../types.ts'
import type { FlowRecord } from '../record/record-types.ts'
import type { Change } from './facts.ts'

const CERTAINTY_ORDER: readonly Certainty[] = ['unknown', 'possible', 'likely', 'confirmed']
const BOTH_WAYS = ', once traffic runs both ways'

interface Situation {
  flow: FlowRecord
  pools: readonly PoolRule[]
  hasSite: boolean
  twoWay: boolean
  changes: Change[]
}

export function changesOf(flow: FlowRecord, pools: readonly PoolRule[], hasSite: boolean): Change[] {
  const twoWay = flow.src_packets > 0 && flow.dst_packets > 0
  const situation: Situation = { flow, pools, hasSite, twoWay, changes: [] }
  addPayload(situation)
  if (!isProved(flow)) for (const pool of poolsOf(situation)) addPool(situation, pool)
  addObstacles(situation)
  if (flow.evidence[0]?.source !== 'payload' || flow.evidence[0].weight < 0) addMissingPayload(situation)
  addRule(situation)
  return situation.changes
}

/** By the payload itself: no site file, rule or port can outrank it. */
function isProved({ certainty, evidence }: FlowRecord): boolean {
  return certainty === 'confirmed' && evidence[0]?.source === 'payload'
}

function add({ changes }: Situation, says: string, label: string, certainty: Certainty): void {
  changes.push({ says, label, certainty })
}

function addPayload(situation: Situation): void {
  const { label, certainty, evidence } = situation.flow
  const [best] = evidence
  if (best?.source === 'payload' && best.for === label) {
    if (certainty === 'likely') {
      add(situation, `the same sign from the other side as well would prove ${label}`, label, 'confirmed')
    } else {
      const weight = weightOf(evidence, 'payload', label)
      const what = `only payload evidence for another protocol that weighs more than ${weight}: no site file, rule or port outranks it`
      add(situation, what, label, 'confirmed')
    }
    return
  }
  if (best?.source === 'site') {
    add(situation, 'payload that shows another protocol would outrank the site file', label, certainty)
  }
}

/** Why no signature could match. */
function addMissingPayload(situation: Situation): void {
  const { flow, twoWay } = situation
  const has = (anomaly: string) => flow.anomalies?.includes(anomaly) === true
  const any = 'a signature that recognises the payload would outrank all of this'
  const { label } = flow
  if (flow.src_payload_bytes + flow.dst_payload_bytes === 0) {
    add(situation, `payload: neither side sent any; ${any}`, label, 'confirmed')
  } else if (has('snaplen_cut')) {
    add(situation, `whole packets: the capture cut them; ${any}`, label, 'confirmed')
  } else if (has('midstream')) {
    add(
      situation,
      `the connection's beginning, where protocols introduce themselves; ${any}`,
      label,
      'confirmed',
    )
  } else if (!twoWay) {
    add(situation, `an answer: payload in both directions proves more than in one`, label, 'confirmed')
  } else if (label !== 'unknown') {
    add(situation, `no signature knows the payload that was seen; ${any}`, label, 'confirmed')
  }
}

// ---------------------------------------------------------------- pools

/** Pools of the flow's ports, by its server's port and by its client's. */
function poolsOf({ flow, pools }: Situation): { rule: PoolRule; byClient: boolean }[] {
  const on = (rule: PoolRule, port: number | undefined) =>
    port !== undefined &&
    rule.transport === flow.transport &&
    rule.ports.some(({ low, high }) => port >= low && port <= high)
  return pools.flatMap((rule) => {
    if (on(rule, flow.dst_port)) return { rule, byClient: false }
    return on(rule, flow.src_port) ? { rule, byClient: true } : []
  })
}

function addPool(situation: Situation, { rule, byClient }: { rule: PoolRule; byClient: boolean }): void {
  const { flow, twoWay, hasSite } = situation
  const { label, requires, name } = rule
  const own = flow.evidence.filter((each) => each.for === label)
  const has = (source: Evidence['source']) => own.some((each) => each.source === source && each.weight > 0)
  if (requires !== undefined && requires !== flow.label && !has('payload')) {
    const what = `payload of ${requires} would make port ${byClient ? flow.src_port : flow.dst_port} a slot of pool ${name}`
    if (flow.label === 'unknown' || !byClient) add(situation, what, label, 'likely')
    return
  }
  if (byClient) {
    addClientSide(situation, rule)
    return
  }
  const settled = flow.label === label ? flow.certainty : 'unknown'
  if (settled === 'confirmed') return
  const server = flow.dst_ip
  if (has('site')) {
    add(
      situation,
      `an answer from ${flow.dst_ip}: the site file confirms only traffic in both directions`,
      label,
      'confirmed',
    )
  } else {
    const file = hasSite ? 'the site file, did it list' : 'a site file that lists'
    const then = twoWay ? '' : BOTH_WAYS
    const what = `${file} ${server} under pool ${name}${hasSite ? ',' : ''} would make ${label} confirmed${then}`
    add(situation, what, label, 'confirmed')
  }
  addContext(situation, rule, own)
}

function addContext(situation: Situation, rule: PoolRule, own: readonly Evidence[]): void {
  const { flow, twoWay } = situation
  const { label, supportedBy, name } = rule
  const lonely = own.some((each) => each.source === 'pool' && each.weight < 0)
  const supported = own.some((each) => each.source === 'context' && each.weight > 0)
  const settled = flow.label === label ? flow.certainty : 'unknown'
  const isBelow = CERTAINTY_ORDER.indexOf(settled) < CERTAINTY_ORDER.indexOf('likely')
  if (!supported && supportedBy.length > 0 && isBelow) {
    const seen = `${listed(supportedBy)} seen by payload at ${flow.dst_ip} before this flow closes`
    const then = twoWay ? '' : BOTH_WAYS
    const lower = lonely ? ', if lower slots were in use' : ''
    add(situation, `${seen} would make ${label} likely${lower}${then}`, label, 'likely')
  }
  if (lonely) {
    const low = Math.min(...rule.ports.map((range) => range.low))
    const what = `sessions on lower slots of pool ${name} (from port ${low}) at ${flow.dst_ip}: slots fill lowest first`
    add(situation, what, label, supported ? 'likely' : 'possible')
  }
}

/** The slot is the client's port: a SYN or the payload decided that for good, a well-known peer port did not. */
function addClientSide(situation: Situation, { name, label }: PoolRule): void {
  const { flow, twoWay } = situation
  if (flow.orientation === 'syn' || flow.orientation === 'payload') return
  if (!flow.evidence.some((each) => each.for === label)) return
  const then = twoWay ? '' : BOTH_WAYS
  const what = `a site file that lists ${flow.src_ip} under pool ${name} would make its port ${flow.src_port} a slot${then}`
  add(situation, what, label, 'confirmed')
}

// ---------------------------------------------------------------- the rest

/** Labels with evidence both for and against them. */
function addObstacles(situation: Situation): void {
  const { flow } = situation
  for (const against of flow.evidence) {
    if (against.weight >= 0 || against.source === 'pool') continue
    const speaks = flow.evidence.some((each) => each.for === against.for && each.weight > 0)
    if (speaks) add(situation, `were it not that ${against.says}`, against.for, 'possible')
  }
}

function addRule(situation: Situation): void {
  const { flow } = situation
  const low = CERTAINTY_ORDER.indexOf(flow.certainty) < CERTAINTY_ORDER.indexOf('likely')
  if (!low || flow.dst_port === undefined) return
  if (flow.transport !== 'tcp' && flow.transport !== 'udp') return
  const label = flow.label === 'unknown' ? 'NAME' : flow.label
  const rule = `{ label: ${label}, transport: ${flow.transport}, ports: [${flow.dst_port}], cidr: ${flow.dst_ip}, certainty: likely }`
  const then = isUnanswered(flow) ? BOTH_WAYS : ''
  add(situation, `a rule file with the label rule ${rule}${then}`, label, 'likely')
}

/** Rules make such a flow no more than possible: a lone SYN, repeated or not, or one packet that nobody answered. */
function isUnanswered(flow: FlowRecord): boolean {
  if (flow.src_packets > 0 && flow.dst_packets > 0) return false
  if (flow.transport === 'tcp') return flow.src_payload_bytes + flow.dst_payload_bytes === 0
  return flow.src_packets + flow.dst_packets <= 1
}

function weightOf(evidence: readonly Evidence[], source: Evidence['source'], label: string): number {
  return evidence
    .filter((each) => each.source === source && each.for === label)
    .reduce((sum, each) => sum + each.weight, 0)
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}
