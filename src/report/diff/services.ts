/**
 * The flows of a run aggregated by server, transport and port, so that two days can be compared although the clients
 * used other ports. In: flow records. Out: a service for each server port that answered, in the order of their first
 * flows, with its clients, flows, packets and bytes, and the most certain label of its flows. Not supported: flows
 * without an answer and refused connections, which show no service.
 */
import { CERTAINTIES } from '../../certainty.ts'
import type { Certainty } from '../../types.ts'
import type { FlowRecord } from '../record/record-types.ts'

/** The server port of a flow without ports is left out. */
export interface ServiceKey {
  transport: string
  server_ip: string
  server_port?: number
}

export interface Service {
  key: ServiceKey
  label: string
  certainty: Certainty
  category?: string
  /** Of the first flow that has one. */
  hostname?: string
  /** Addresses. */
  clients: number
  /** Without those that continue another after a timeout. */
  flows: number
  packets: number
  wire_bytes: number
}

export interface Services {
  add(flow: FlowRecord): void
  list(): Service[]
  /** Number of services in memory, and of their clients and labels. */
  readonly size: number
}

/** A connection that was refused: Zeek's name for it. */
const REFUSED = 'REJ'

interface Verdict {
  certainty: Certainty
  category?: string
  flows: number
}

interface Held {
  key: ServiceKey
  hostname?: string
  clients: Set<string>
  verdicts: Map<string, Verdict>
  flows: number
  packets: number
  wireBytes: number
}

export function createServices(): Services {
  const services = new Map<string, Held>()
  let size = 0

  function serviceOf({ transport, dst_ip, dst_port }: FlowRecord): Held {
    const name = `${transport} ${dst_ip} ${dst_port}`
    const known = services.get(name)
    if (known !== undefined) return known
    const key = { transport, server_ip: dst_ip, server_port: dst_port }
    const made = { key, clients: new Set<string>(), verdicts: new Map(), flows: 0, packets: 0, wireBytes: 0 }
    services.set(name, made)
    size++
    return made
  }

  return {
    add(flow) {
      if (flow.dst_packets === 0 || flow.conn_state === REFUSED) return
      const service = serviceOf(flow)
      const { clients, verdicts } = service
      size -= clients.size + verdicts.size
      clients.add(flow.src_ip)
      addVerdict(verdicts, flow)
      size += clients.size + verdicts.size
      service.hostname ??= flow.hostname
      if (flow.continues === undefined) service.flows++
      service.packets += flow.src_packets + flow.dst_packets
      service.wireBytes += flow.src_wire_bytes + flow.dst_wire_bytes
    },
    list: () => Array.from(services.values(), summedUp),
    get size() {
      return size
    },
  }
}

function addVerdict(verdicts: Map<string, Verdict>, { label, certainty, category }: FlowRecord): void {
  const known = verdicts.get(label)
  if (known === undefined) {
    verdicts.set(label, { certainty, category, flows: 1 })
    return
  }
  known.flows++
  if (CERTAINTIES.indexOf(certainty) < CERTAINTIES.indexOf(known.certainty)) known.certainty = certainty
}

function summedUp({ key, hostname, clients, verdicts, flows, packets, wireBytes }: Held): Service {
  const [[label, { certainty, category }]] = [...verdicts].sort(mostCertain)
  const service = { key, label, certainty, category, hostname }
  return { ...service, clients: clients.size, flows, packets, wire_bytes: wireBytes }
}

/** The most certain label first, of those the one of most flows. */
function mostCertain([name, a]: [string, Verdict], [otherName, b]: [string, Verdict]): number {
  const certainty = CERTAINTIES.indexOf(a.certainty) - CERTAINTIES.indexOf(b.certainty)
  return certainty || b.flows - a.flows || (name < otherName ? -1 : 1)
}
