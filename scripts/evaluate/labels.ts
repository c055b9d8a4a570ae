/**
 * (e) Do our labels agree with the oracle's, where the oracle saw payload (confidence "DPI…")? Compared exactly as
 * the map of labels.json says; masters that are not in the map are counted apart. Where several of our records
 * have the oracle's 5-tuple, the one that knows most speaks.
 */
import type { FlowRecord } from '../../src/report/record/record-types.ts'
import { percent } from './flows.ts'
import { best, type OracleCapture, sumOracle, sumOurs } from './oracle.ts'

export interface Tally {
  flows: number
  /** Same label, confirmed or likely; and same label, possible. */
  agree: number
  agreePossible: number
  wrongConfirmed: number
  wrongLikely: number
  /** Another label, but only possible or unknown. */
  honest: number
  missing: number
  /** Wrong labels and how often. */
  wrong: Map<string, number>
}

export interface LabelAgreement {
  masters: Map<string, Tally>
  others: Map<string, Tally>
  hostnames: { flows: number; equal: number; different: number; absent: number; examples: string[] }
  /** Lines about one master's disagreeing flows. */
  listed: string[]
}

const MAX_EXAMPLES = 40

export function emptyLabels(): LabelAgreement {
  return {
    masters: new Map(),
    others: new Map(),
    hostnames: { flows: 0, equal: 0, different: 0, absent: 0, examples: [] },
    listed: [],
  }
}

function tallyOf(map: Map<string, Tally>, master: string): Tally {
  let tally = map.get(master)
  if (tally === undefined) {
    tally = {
      flows: 0,
      agree: 0,
      agreePossible: 0,
      wrongConfirmed: 0,
      wrongLikely: 0,
      honest: 0,
      missing: 0,
      wrong: new Map(),
    }
    map.set(master, tally)
  }
  return tally
}

/** Counts one flow; true when the label is the expected one. */
function count(tally: Tally, expected: string | undefined, ours: FlowRecord | undefined): boolean {
  tally.flows++
  if (ours === undefined) {
    tally.missing++
    return false
  }
  if (ours.label === expected) {
    if (ours.certainty === 'confirmed' || ours.certainty === 'likely') tally.agree++
    else tally.agreePossible++
    return true
  }
  if (ours.certainty === 'confirmed') tally.wrongConfirmed++
  else if (ours.certainty === 'likely') tally.wrongLikely++
  else tally.honest++
  const name = `${ours.label} (${ours.certainty})`
  tally.wrong.set(name, (tally.wrong.get(name) ?? 0) + 1)
  return false
}

/** Of a name service's flow the oracle tells the name asked for, of DHCP the client's; so do we, but not as the server's. */
function nameOf(ours: FlowRecord | undefined): string | undefined {
  const dns = ours?.dns as { query?: string } | undefined
  const netbios = ours?.netbios as { name?: string } | undefined
  const dhcp = ours?.dhcp as { client_hostname?: string } | undefined
  return dns?.query ?? netbios?.name ?? dhcp?.client_hostname ?? ours?.hostname
}

function countHostname(
  agreement: LabelAgreement,
  theirs: string,
  ours: FlowRecord | undefined,
  place: string,
): void {
  const { hostnames } = agreement
  hostnames.flows++
  const name = nameOf(ours)
  if (name === undefined) hostnames.absent++
  else if (name.toLowerCase() === theirs.toLowerCase()) hostnames.equal++
  else {
    hostnames.different++
    if (hostnames.examples.length < MAX_EXAMPLES) {
      hostnames.examples.push(
        `${place}: ${ours?.label} ${name} (${ours?.hostname_source ?? 'asked for'}), oracle ${theirs}`,
      )
    }
  }
}

export interface LabelOptions {
  map: Record<string, string>
  /** Master whose disagreeing flows are listed. */
  list?: string
}

export function compareLabels(
  agreement: LabelAgreement,
  capture: OracleCapture,
  records: readonly FlowRecord[],
  options: LabelOptions,
): void {
  const { sums } = sumOurs(records)
  for (const [key, theirs] of sumOracle(capture)) {
    const found = sums.get(key)
    const ours = found === undefined ? undefined : best(found.records)
    for (const flow of theirs.flows) {
      if (!flow.confidence.startsWith('DPI')) continue
      const expected = options.map[flow.master]
      const tally = tallyOf(expected === undefined ? agreement.others : agreement.masters, flow.master)
      const agrees = count(tally, expected, ours)
      if (!agrees && flow.master === options.list) agreement.listed.push(listLine(capture.pcap, key, ours))
      if (flow.hostname !== undefined) countHostname(agreement, flow.hostname, ours, `${capture.pcap} ${key}`)
    }
  }
}

function listLine(pcap: string, key: string, ours: FlowRecord | undefined): string {
  if (ours === undefined) return `${pcap} ${key}: no flow`
  const says = ours.evidence.map((item) => item.says).join(' | ')
  return `${pcap} frame ${ours.first_frame} ${key}: ${ours.label} ${ours.certainty}: ${says}`
}

export function totals(map: Map<string, Tally>): Tally & { mean: number } {
  const total = tallyOf(new Map(), '')
  let sum = 0
  for (const tally of map.values()) {
    for (const field of FIELDS) total[field] += tally[field]
    sum += (tally.agree + tally.agreePossible) / tally.flows
  }
  return { ...total, mean: map.size === 0 ? 0 : sum / map.size }
}

const FIELDS = [
  'flows',
  'agree',
  'agreePossible',
  'wrongConfirmed',
  'wrongLikely',
  'honest',
  'missing',
] as const
const HEAD = ['flows', 'agree', 'possible', 'wrong conf.', 'wrong likely', 'honest', 'missing']

function rowText(name: string, tally: Tally): string {
  const cells = FIELDS.map((field, i) => String(tally[field]).padStart(Math.max(6, HEAD[i].length)))
  const share = percent(tally.agree + tally.agreePossible, tally.flows).padStart(9)
  const wrong = [...tally.wrong].sort((a, b) => b[1] - a[1]).slice(0, 4)
  return `  ${name.padEnd(16)}${share}  ${cells.join('  ')}  ${wrong.map(([label, n]) => `${n} ${label}`).join(', ')}`
}

export function printLabels(agreement: LabelAgreement, say: (line: string) => void): void {
  const byFlows = (map: Map<string, Tally>) => [...map].sort((a, b) => b[1].flows - a[1].flows)
  const head = HEAD.map((title) => title.padStart(Math.max(6, title.length))).join('  ')
  say(
    `labels: ${''.padEnd(10)}${'agreement'.padStart(9)}  ${head}  (agree: confirmed or likely; possible: same label)`,
  )
  for (const [master, tally] of byFlows(agreement.masters)) say(rowText(master, tally))
  const total = totals(agreement.masters)
  say(rowText('all', total))
  say(`  mean over ${agreement.masters.size} protocols: ${(100 * total.mean).toFixed(2)} %`)
  say(`  wrong confirmed: ${percent(total.wrongConfirmed, total.flows)} of the flows`)
  say('other masters (no label in the map; what we said):')
  for (const [master, tally] of byFlows(agreement.others)) {
    const said = [...tally.wrong].sort((a, b) => b[1] - a[1]).slice(0, 4)
    say(
      `  ${master.padEnd(24)}${String(tally.flows).padStart(5)}  ${said.map(([label, n]) => `${n} ${label}`).join(', ')}`,
    )
  }
  const { hostnames } = agreement
  say(
    `hostnames: ${hostnames.equal} of ${hostnames.flows} equal, ${hostnames.different} different, ${hostnames.absent} absent`,
  )
  for (const line of hostnames.examples) say(`    ${line}`)
  for (const line of agreement.listed) say(line)
}
