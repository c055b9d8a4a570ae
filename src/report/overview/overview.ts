/**
 * Gathers the data of the page from records. In: records of captures, of NDJSON files or of a live run. Out: `data()`,
 * at any time. Promised: memory is bounded however many records come, and what a bound left out is reported; the same
 * records give the same data. Not supported: flows other than the busiest.
 */

import { endpoint } from '../../address.ts'
import { CERTAINTIES } from '../../certainty.ts'
import type {
  CaptureRecord,
  FlowhawkRecord,
  NoticeRecord,
  StatsRecord,
  Time,
} from '../record/record-types.ts'
import { answersOf } from './answers.ts'
import { createBusiest, createGreatest } from './busiest.ts'
import { seconds } from './curve.ts'
import { EvidenceBook, NO_EVIDENCE } from './evidence.ts'
import type { FlowFacts } from './flow.ts'
import { MethodBook } from './method.ts'
import type { ByCertainty, FlowData, HostData, LabelData, PageData, PoolData } from './page-data.ts'
import { PoolBook } from './pools.ts'
import { ofPool, runningAt, SessionBook } from './sessions.ts'

export interface OverviewOptions {
  title: string
  live: boolean
  /** Sessions that are kept and listed. */
  sessions: number
  /** Pools of which one port holds many sessions. */
  perClient: ReadonlySet<string>
  /** The first rows of the method section; those derived from the records follow. */
  method: readonly [name: string, says: string][]
  linkTypeName(linkType: number): string
}

export interface Overview {
  add(record: FlowhawkRecord): void
  /** A flow that is no record yet; the span of time is left to the summary. */
  addFlow(flow: FlowFacts): void
  data(): PageData
}

const MAX_SOURCES = 50
const MAX_LABELS_KEPT = 20_000
const MAX_LABELS = 500
const MAX_HOSTS_KEPT = 100_000
const MAX_HOSTS = 100
const MAX_FLOWS = 100
const MAX_NOTICES = 200
/** An hour of those that come every second. */
const MAX_STATS = 3600
/** Flows whose evidence is kept, for each session. */
const FLOWS_A_SESSION = 2

type KeptFlow = Omit<FlowData, 'start' | 'evidence'> & Pick<FlowFacts, 'evidence'> & { start: Time }

export function createOverview(options: OverviewOptions): Overview {
  const book = new Book(options)
  return { add: (record) => book.add(record), addFlow: (flow) => book.addFlow(flow), data: () => book.data() }
}

class Book {
  readonly #options: OverviewOptions
  readonly #sessions: SessionBook
  readonly #pools: PoolBook
  readonly #evidence: EvidenceBook
  readonly #method: MethodBook
  readonly #sources: PageData['sources'] = []
  #sourcesTotal = 0
  readonly #labels = createBusiest(MAX_LABELS_KEPT, newLabel, ({ bytes }) => sum(bytes))
  readonly #hosts = createBusiest(MAX_HOSTS_KEPT, newHost, ({ bytes }) => bytes)
  readonly #flows = createGreatest(MAX_FLOWS, compareFlows, ({ bytes }: KeptFlow) => bytes)
  readonly #notices: NoticeRecord[] = []
  #noticesTotal = 0
  #counted = { packets: 0, bytes: 0, flows: 0 }
  #now: StatsRecord | undefined
  /** The last stats records: when, and how many sessions were open then. */
  #open: { end: Time; sessions: number }[] = []
  #first: Time | undefined
  #last: Time | undefined

  constructor(options: OverviewOptions) {
    this.#options = options
    this.#sessions = new SessionBook(options.sessions, options.perClient)
    this.#pools = new PoolBook(this.#sessions)
    this.#evidence = new EvidenceBook(FLOWS_A_SESSION * options.sessions)
    this.#method = new MethodBook()
  }

  add(record: FlowhawkRecord): void {
    if (record.type === 'flow') {
      this.addFlow(record)
      this.#widen(record.start, record.end)
    } else if (record.type === 'session') {
      this.#sessions.add(record)
      this.#widen(record.start, record.end)
    } else if (record.type === 'open_session') {
      this.#sessions.addOpen(record)
      this.#widen(record.start, record.at)
    } else if (record.type === 'pool') {
      this.#pools.add(record)
      this.#widen(record.window_start, record.window_end)
    } else if (record.type === 'capture') this.#addCapture(record)
    else if (record.type === 'notice') this.#addNotice(record)
    else if (record.type === 'stats') {
      this.#addStats(record)
    } else if (record.type === 'summary') {
      this.#method.addSummary(record)
      this.#sessions.forgetOpen()
      if (record.first_packet_at !== undefined && record.last_packet_at !== undefined)
        this.#widen(record.first_packet_at, record.last_packet_at)
    }
  }

  data(): PageData {
    const window = this.#window()
    const evidence = this.#evidence
    const rows = this.#sessions.rows()
    const pools = this.#pools.data(rows, window)
    const sessions = this.#sessions.data(rows, evidence)
    const labels = [...this.#labels.entries.values()].sort(compareLabels)
    const totals = this.#totals()
    const rest = labels.slice(MAX_LABELS)
    const parts = {
      base: this.#sessions.base ?? 0,
      pools,
      servers: this.#sessions.servers.list,
      labels,
      totals,
      openNow: this.#now?.live_sessions ?? 0,
      evidence: (session: number) => evidence.sentences(sessions.evidence[session]),
      certainty: (session: number) => sessions.certainty[session],
      atPeak: ({ pool, peakAt }: PoolData) =>
        runningAt(rows, ofPool(rows, this.#sessions.pools.of(pool)), peakAt ?? Number.NaN),
    }
    return {
      live: this.#options.live,
      title: this.#options.title,
      sources: this.#sources,
      sourcesTotal: this.#sourcesTotal,
      base: parts.base,
      ...window,
      answers: answersOf(parts),
      totals,
      now: this.#nowData(),
      open: this.#openData(),
      servers: parts.servers,
      pools,
      sessions,
      labels: labels.slice(0, MAX_LABELS),
      labelsRest: {
        labels: rest.length,
        flows: rest.reduce((total, { flows }) => total + sum(flows), 0),
        bytes: rest.reduce((total, { bytes }) => total + sum(bytes), 0),
      },
      hosts: this.#hostData(),
      hostsTotal: this.#hosts.entries.size,
      hostsApproximate: this.#hosts.approximate,
      flows: this.#flowData(),
      evidence: evidence.data(),
      notices: this.#notices.map((record) => ({
        at: seconds(this.#sessions.after(record.at)),
        name: record.notice,
        says: record.says,
      })),
      noticesTotal: this.#noticesTotal,
      unseen: this.#method.unseen(),
      method: [...this.#options.method, ...this.#method.sentences()],
    }
  }

  addFlow(flow: FlowFacts): void {
    const bytes = flow.src_wire_bytes + flow.dst_wire_bytes
    const packets = flow.src_packets + flow.dst_packets
    this.#counted.flows++
    this.#counted.bytes += bytes
    this.#counted.packets += packets
    const label = this.#labels.of(flow.label)
    const place = CERTAINTIES.indexOf(flow.certainty)
    label.label = flow.label
    label.category = flow.category ?? label.category
    label.flows[place]++
    label.bytes[place] += bytes
    this.#addHost(flow.src_ip, bytes, packets).flowsAsClient++
    this.#addHost(flow.dst_ip, bytes, packets).flowsAsServer++
    if (this.#flows.wants(bytes)) this.#flows.add(keptFlow(flow, bytes, packets))
    if (flow.evidence.some(({ source }) => source === 'pool'))
      this.#evidence.keep(flow.flow_id, flow.evidence)
    for (const anomaly of flow.anomalies ?? []) this.#method.addAnomaly(anomaly)
  }

  #addHost(ip: string, bytes: number, packets: number): HostData {
    const host = this.#hosts.of(ip)
    host.ip = ip
    host.bytes += bytes
    host.packets += packets
    return host
  }

  #addCapture(record: CaptureRecord): void {
    this.#sourcesTotal++
    this.#sessions.forgetOpen()
    if (this.#sources.length >= MAX_SOURCES) return
    const links = record.link_types.map(this.#options.linkTypeName).join(', ')
    const detail = [record.format, record.compression, links, record.timestamp_precision]
      .filter(Boolean)
      .join(', ')
    this.#sources.push({ name: record.source, detail })
  }

  /** The first ones of a report, the last ones of a dashboard. */
  #addNotice(record: NoticeRecord): void {
    this.#noticesTotal++
    if (this.#options.live && this.#notices.length >= MAX_NOTICES) this.#notices.shift()
    if (this.#notices.length < MAX_NOTICES) this.#notices.push(record)
  }

  /** Texts of one form sort as times do; so do numbers. */
  #widen(from: Time, to: Time): void {
    if (this.#first === undefined || from < this.#first) this.#first = from
    if (this.#last === undefined || to > this.#last) this.#last = to
  }

  #window(): { from: number; to: number } {
    if (this.#first === undefined || this.#last === undefined) return { from: 0, to: 0 }
    // The first time that is converted becomes the base; the earliest gives the smallest numbers.
    const from = this.#sessions.after(this.#first)
    return { from: seconds(from), to: seconds(this.#sessions.after(this.#last)) }
  }

  #totals(): PageData['totals'] {
    const { packets, bytes, flows } = this.#method.counted(this.#counted)
    return { packets, bytes, flows, sessions: this.#sessions.total }
  }

  #nowData(): PageData['now'] {
    if (this.#now === undefined) return undefined
    const { live_flows: flows, live_sessions: sessions, end } = this.#now
    return { flows, sessions, at: seconds(this.#sessions.after(end)) }
  }

  #addStats(record: StatsRecord): void {
    this.#now = record
    this.#method.addStats(record)
    this.#sessions.settleOpen(record)
    this.#open.push({ end: record.end, sessions: record.live_sessions })
    if (this.#open.length > MAX_STATS) this.#open.shift()
    this.#widen(record.start, record.end)
  }

  /** Drawn as the concurrency of a pool is. */
  #openData(): PoolData | undefined {
    if (this.#open.length === 0) return undefined
    const at = this.#open.map(({ end }) => seconds(this.#sessions.after(end)))
    const most = this.#open.map(({ sessions }) => sessions)
    const peak = most.reduce((a, b) => Math.max(a, b), 0)
    return {
      pool: '',
      slots: 0,
      sessions: most[most.length - 1],
      open: most[most.length - 1],
      peak,
      peakAt: peak === 0 ? undefined : at[most.indexOf(peak)],
      peakSeconds: 0,
      peakTotalSeconds: 0,
      mean: 0,
      slotsUsed: 0,
      sensitivity: [],
      certainty: 'unknown',
      rejected: [],
      curve: { binSeconds: 0, at, most, least: [] },
    }
  }

  #hostData(): HostData[] {
    const order = (a: HostData, b: HostData) =>
      b.bytes - a.bytes || b.packets - a.packets || (a.ip < b.ip ? -1 : 1)
    return [...this.#hosts.entries.values()].sort(order).slice(0, MAX_HOSTS)
  }

  #flowData(): FlowData[] {
    return this.#flows.list().map((flow) => ({
      ...flow,
      start: seconds(this.#sessions.after(flow.start)),
      evidence: flow.evidence.length === 0 ? NO_EVIDENCE : this.#evidence.set(flow.evidence),
    }))
  }
}

function newLabel(): LabelData {
  return { label: '', category: '', flows: [0, 0, 0, 0], bytes: [0, 0, 0, 0] }
}

function newHost(): HostData {
  return { ip: '', bytes: 0, packets: 0, flowsAsClient: 0, flowsAsServer: 0 }
}

function keptFlow(flow: FlowFacts, bytes: number, packets: number): KeptFlow {
  return {
    id: flow.flow_id,
    client: endpoint(flow.src_ip, flow.src_port),
    server: endpoint(flow.dst_ip, flow.dst_port),
    transport: flow.transport,
    label: flow.label,
    certainty: flow.certainty,
    hostname: flow.hostname ?? '',
    start: flow.start,
    seconds: flow.duration,
    packets,
    bytes,
    evidence: flow.evidence,
  }
}

function compareFlows(a: KeptFlow, b: KeptFlow): number {
  return b.bytes - a.bytes || b.packets - a.packets || (a.id < b.id ? -1 : 1)
}

function compareLabels(a: LabelData, b: LabelData): number {
  return sum(b.bytes) - sum(a.bytes) || sum(b.flows) - sum(a.flows) || (a.label < b.label ? -1 : 1)
}

function sum(counts: ByCertainty): number {
  return counts[0] + counts[1] + counts[2] + counts[3]
}
