/**
 * What is known about a port. In: a number (or words a person typed), the registry and the pools in force. Out:
 * registration per transport, known uses with their source, the pool slot and what its rank implies, dated history
 * and commands to look. Promised: facts with a source, no judgement; a registration is never said to be what runs.
 */
import { UsageError } from '../../errors.ts'
import { slotCount, slotOf } from '../../slots.ts'
import { safeText } from '../../text.ts'
import type { PoolRule, Registry } from '../../types.ts'
import { nearest } from '../nearest.ts'
import { ASSIGNEES, PORT_HISTORY, PORT_USES, type UseTransport } from './port-uses.data.ts'
import { MAX_PORT, type PortRegistry, TRANSPORTS, type Transport } from './registry.ts'
import { registryLabel } from './registry-labels.data.ts'

export interface PortSlot {
  pool: string
  label: string
  transport: 'tcp' | 'udp'
  /** From 0. */
  slotIndex: number
  slots: number
  /** A sentence: what a session on this slot says about the others. */
  implies: string
}

export interface PortInfo {
  port: number
  /** RFC 6335, section 6. */
  range: 'system' | 'user' | 'dynamic'
  /** TCP and UDP always, others where registered. */
  registry: { transport: Transport; entry: Registry }[]
  assignee?: string
  uses: { transport: UseTransport; label: string; use: string; source: string }[]
  pools: PortSlot[]
  history: { transport: UseTransport; when: string; says: string }[]
  /** Shell commands that show what listens there. */
  check: string[]
}

export interface PortKnowledge {
  registry: PortRegistry
  pools: readonly PoolRule[]
  /** Only this transport; absent: all. */
  transport?: 'tcp' | 'udp'
}

export interface NamedPort {
  port: number
  /** Only this transport was asked for; absent: all. */
  transport?: 'tcp' | 'udp'
}

interface Range {
  low: number
  high: number
}

const SYSTEM_HIGH = 1023
const USER_HIGH = 49151
/** A name stands for the ranges of up to so many ports; whole media ranges would drown the rest. */
const MAX_NAMED_RANGE = 128

export function portInfo(port: number, { registry, pools, transport }: PortKnowledge): PortInfo {
  const wanted = (each: UseTransport) => transport === undefined || each === 'any' || each === transport
  const info: PortInfo = {
    port,
    range: port <= SYSTEM_HIGH ? 'system' : port <= USER_HIGH ? 'user' : 'dynamic',
    registry: registrations(port, registry, transport),
    uses: PORT_USES.filter(([ports, on]) => wanted(on) && within(port, ports)).map(
      ([, on, label, use, source]) => ({ transport: on, label, use, source }),
    ),
    pools: pools.filter((pool) => wanted(pool.transport)).flatMap((pool) => portSlot(port, pool) ?? []),
    history: PORT_HISTORY.filter(([ports, on]) => wanted(on) && within(port, ports)).map(
      ([, on, when, says]) => ({ transport: on, when, says }),
    ),
    check: checkCommands(port, transport),
  }
  // Of the built-in registry: another one may know another owner.
  const assignee = ASSIGNEES.get(port)
  if (assignee !== undefined && info.registry.some(({ entry }) => entry.name === assignee.name))
    info.assignee = assignee.by
  return info
}

function registrations(port: number, registry: PortRegistry, only?: Transport): PortInfo['registry'] {
  return TRANSPORTS.filter((transport) => only === undefined || transport === only)
    .map((transport) => ({ transport, entry: registry.lookup(port, transport) }))
    .filter(
      ({ transport, entry }) => entry.status === 'registered' || transport === 'tcp' || transport === 'udp',
    )
}

function within(port: number, ports: string): boolean {
  const { low, high } = toRange(ports)
  return port >= low && port <= high
}

function toRange(ports: string): Range {
  const [low, high] = ports.split('-')
  return { low: Number(low), high: Number(high ?? low) }
}

/** What the port is in the pool, or undefined when it is not of the pool. */
export function portSlot(port: number, pool: PoolRule): PortSlot | undefined {
  const slot = slotOf(pool, port)
  if (slot === undefined) return undefined
  const { name, label, transport } = pool
  const slotIndex = slot.index
  return {
    pool: name,
    label,
    transport,
    slotIndex,
    slots: slotCount(pool),
    implies: implication(pool, slotIndex),
  }
}

function implication(pool: PoolRule, slotIndex: number): string {
  const needs = pool.requires === undefined ? '' : `; counts only with a payload of ${pool.requires}`
  if (pool.session === 'per-client') return `every client of this port is a session of its own${needs}`
  if (pool.allocation !== 'lowest-first') return `any free slot may be taken, its rank says nothing${needs}`
  if (slotIndex === 0) return `the first slot: where ${pool.name} runs, the first session is here${needs}`
  return (
    `lowest slots fill first: if this is ${pool.name}, about ${slotIndex + 1} sessions ran on one host at once, ` +
    `and a lone flow here speaks against it${needs}`
  )
}

function checkCommands(port: number, transport?: 'tcp' | 'udp'): string[] {
  const commands: string[] = []
  if (transport !== 'tcp') commands.push(`ss -lunp 'sport = :${port}'`)
  if (transport !== 'udp') commands.push(`ss -ltnp 'sport = :${port}'`)
  if (transport !== 'tcp') commands.push(`lsof -nP -iUDP:${port}`)
  if (transport !== 'udp') commands.push(`lsof -nP -iTCP:${port} -sTCP:LISTEN`)
  commands.push(`netstat -ano | findstr :${port}`)
  return commands
}

/**
 * The ports a person named: "3280", "3280/udp", "3224-3324", a pool, a label or an IANA name. In the order given,
 * each once: of all transports where it was named without one, or with both. Throws a UsageError.
 */
export function portsOf(words: readonly string[], knowledge: PortKnowledge): NamedPort[] {
  const named = new Map<number, NamedPort>()
  for (const word of words) {
    const transport = transportOf(word, knowledge)
    for (const { low, high } of rangesOf(word, knowledge)) {
      for (let port = low; port <= high; port++) {
        const known = named.get(port)
        const alike = known === undefined || known.transport === transport
        named.set(port, alike && transport !== undefined ? { port, transport } : { port })
      }
    }
  }
  return [...named.values()]
}

/** The transport behind the port's number, or what holds for all words. */
function transportOf(word: string, { transport }: PortKnowledge): NamedPort['transport'] {
  const own = /^[\d-]+\/(tcp|udp)$/i.exec(word)?.[1].toLowerCase()
  if (own !== 'tcp' && own !== 'udp') return transport
  if (transport === undefined || transport === own) return own
  const what = `found ${transport}, expected ${own} as in ${JSON.stringify(safeText(word))}, or no --transport`
  throw new UsageError('OPTION_TRANSPORT', '--transport', what)
}

function rangesOf(word: string, knowledge: PortKnowledge): Range[] {
  const match = /^(\d+)(?:-(\d+))?(?:\/([a-z]+))?$/i.exec(word)
  if (match === null) return rangesOfName(word.toLowerCase(), knowledge)
  if (match[3] !== undefined && !/^(?:tcp|udp)$/i.test(match[3])) {
    const what = `found the transport ${JSON.stringify(match[3])}, expected /tcp, /udp or neither`
    throw new UsageError('PORT_TRANSPORT', 'port', what)
  }
  const low = Number(match[1])
  const high = Number(match[2] ?? match[1])
  if (low > high || high > MAX_PORT) {
    const what = `found ${JSON.stringify(safeText(word))}, expected 0 to ${MAX_PORT}, or lo-hi with lo <= hi`
    throw new UsageError('PORT_RANGE', 'port', what)
  }
  return [{ low, high }]
}

/** A pool's range first; otherwise every port that is registered, or known to be used, under the name. */
function rangesOfName(name: string, { registry, pools }: PortKnowledge): Range[] {
  const pool = pools.find((each) => each.name === name)
  if (pool !== undefined) return [...pool.ports]
  const known = new Set<string>()
  const found: Range[] = PORT_USES.filter(([, , label]) => label === name)
    .map(([ports]) => toRange(ports))
    .filter(({ low, high }) => high - low < MAX_NAMED_RANGE)
  for (const { name: registered, port, transport } of registry.names()) {
    const lower = registered.toLowerCase()
    if (lower === name || registryLabel(lower, transport) === name) found.push({ low: port, high: port })
    known.add(lower)
  }
  if (found.length > 0) return found.sort((a, b) => a.low - b.low)
  const labelled = pools.filter((each) => each.label === name).flatMap((each) => each.ports)
  if (labelled.length > 0) return labelled
  const near = nearest(name, [
    ...pools.map((each) => each.name),
    ...PORT_USES.map(([, , label]) => label),
    ...known,
  ])
  const hint = near === undefined ? '' : `; did you mean "${near}"?`
  const what = `found ${JSON.stringify(safeText(name))}, expected a number, lo-hi, or the name of a service${hint}`
  throw new UsageError('PORT_UNKNOWN', 'port', what)
}
