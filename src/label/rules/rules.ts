/**
 * Rule files: pools and label rules in YAML or JSON. In: text and the file's name for messages (nothing is read
 * from disk here). Out: a RuleSet, or every fault with line, path, found and expected. Promised: nothing that was
 * not understood is silently dropped; size, nesting, aliases and counts are bounded. Not supported: YAML merge
 * keys, several documents in one file.
 */
import { addressText, networkOf, parseCidr } from '../../address.ts'
import { safeText } from '../../text.ts'
import type { LabelRule, PoolRule, RuleSet } from '../../types.ts'
import { nearest } from '../nearest.ts'
import {
  byLine,
  type Checked,
  MAX_FAULTS,
  type Path,
  pathText,
  RuleDocument,
  show,
  valueOrThrow,
} from './rules-document.ts'
import { ruleSchema } from './rules-schema.ts'
import { validate } from './rules-validate.ts'

export type { Checked, Fault } from './rules-document.ts'
export { ruleSchema } from './rules-schema.ts'

const MAX_PORT = 65535
/** The first port that Linux gives to clients by default; pools above need a payload label to be distinguished from clients. */
const EPHEMERAL_LOW = 32768

interface RawPool {
  name: string
  label?: string
  transport: 'tcp' | 'udp'
  ports: unknown
  stride?: number
  session?: PoolRule['session']
  allocation?: PoolRule['allocation']
  idle_timeout?: number
  min_packets?: number
  bidirectional?: boolean
  supported_by?: string[]
  requires?: string
  start_marker?: PoolRule['startMarker']
  retired?: { since: string; says: string }
}

interface RawLabel {
  label: string
  transport?: 'tcp' | 'udp'
  ports?: unknown
  cidr?: string
  certainty?: LabelRule['certainty']
  hostname_suffix?: string
  payload?: RawPayload
  category?: string
}

interface RawPayload {
  offset?: number
  bytes: string
  mask?: string
  direction?: NonNullable<LabelRule['payload']>['direction']
  min_length?: number
}

interface RawRules {
  pools?: RawPool[]
  labels?: RawLabel[]
}

/** The rules of the file; throws a UsageError for the first fault. */
export function parseRules(text: string, fileName = 'rules'): RuleSet {
  return valueOrThrow(checkRules(text, fileName), fileName)
}

/**
 * The rules of the file with all its faults and doubts. Never throws. `shown`: labels that payload may show; where given,
 * a pool that waits for another one is doubtful.
 */
export function checkRules(text: string, fileName: string, shown?: readonly string[]): Checked<RuleSet> {
  const document = new RuleDocument(text, fileName)
  const value: RuleSet = { pools: [], labels: [] }
  if (document.faults.length === 0) readRules(document, value)
  if (document.faults.length === 0 && shown !== undefined) doubtLabels(document, value, shown)
  return { value, faults: byLine(document.faults), warnings: document.warnings }
}

function readRules(document: RuleDocument, value: RuleSet): void {
  if (document.value === null || document.value === undefined) {
    document.fault([], 'found nothing, expected pools: […] or labels: […]', 'RULE_EMPTY')
    return
  }
  const bad = validate(document, ruleSchema)
  const raw = document.value as RawRules
  const names = new Map<string, number>()
  for (const [i, pool] of listOf(raw.pools).entries()) {
    const path: Path = ['pools', i]
    const ports = isRecord(pool) && 'ports' in pool ? readPorts(document, [...path, 'ports'], pool.ports) : []
    if (isRecord(pool) && typeof pool.name === 'string') checkName(document, path, pool.name, names)
    if (bad.has(`pools[${i}]`)) continue
    value.pools.push(toPool(document, path, pool, ports))
  }
  for (const [i, label] of listOf(raw.labels).entries()) {
    const path: Path = ['labels', i]
    const ports =
      isRecord(label) && 'ports' in label ? readPorts(document, [...path, 'ports'], label.ports) : undefined
    if (bad.has(`labels[${i}]`)) checkLabel(document, path, label, bad)
    else value.labels.push(toLabel(document, path, label, ports))
  }
}

/** Without faults the pools stand as in the file. */
function doubtLabels(document: RuleDocument, { pools }: RuleSet, shown: readonly string[]): void {
  const known = new Set(shown)
  const doubt = (path: Path, label: string) => {
    if (known.has(label) || document.warnings.length >= MAX_FAULTS) return
    const near = nearest(label, shown)
    const hint = near === undefined ? 'docs/labels.md lists the built-in ones' : `did you mean ${near}?`
    document.warn(
      path,
      `found ${show(label)}, which no signature or payload rule shows; ${hint}`,
      'RULE_LABEL',
    )
  }
  for (const [i, { requires, supportedBy }] of pools.entries()) {
    if (requires !== undefined) doubt(['pools', i, 'requires'], requires)
    for (const [k, label] of supportedBy.entries()) doubt(['pools', i, 'supported_by', k], label)
  }
}

function checkName(document: RuleDocument, path: Path, name: string, names: Map<string, number>): void {
  const earlier = names.get(name)
  if (earlier === undefined) names.set(name, Number(path[1]))
  else {
    const says = `found "${name}" again, first in pools[${earlier}]; give every pool a name of its own`
    document.fault([...path, 'name'], says, 'RULE_DUPLICATE')
  }
}

function toPool(document: RuleDocument, path: Path, raw: RawPool, ports: PoolRule['ports']): PoolRule {
  const pool: PoolRule = {
    name: raw.name,
    label: raw.label ?? raw.name,
    transport: raw.transport,
    ports,
    stride: raw.stride ?? 1,
    session: raw.session ?? 'per-port',
    allocation: raw.allocation ?? 'any',
    idleTimeoutSec: raw.idle_timeout ?? 120,
    minPackets: raw.min_packets ?? 4,
    bidirectional: raw.bidirectional ?? true,
    supportedBy: raw.supported_by ?? [],
  }
  if (raw.requires !== undefined) pool.requires = raw.requires
  if (raw.start_marker !== undefined) pool.startMarker = raw.start_marker
  if (raw.retired !== undefined) {
    const sinceSec = daySec(raw.retired.since)
    if (sinceSec === undefined)
      document.fault(
        [...path, 'retired', 'since'],
        `found "${raw.retired.since}", expected a day such as "2020-01-01"`,
        'RULE_DATE',
      )
    else pool.retired = { sinceSec, says: safeText(raw.retired.says) }
  }
  if (pool.startMarker !== undefined && pool.transport !== 'udp') {
    const says = `found ${pool.startMarker} in a tcp pool, expected transport: udp`
    document.fault([...path, 'start_marker'], says, 'RULE_VALUE')
  }
  if (pool.transport === 'udp' && pool.requires === undefined && ports.some(inEphemeralPorts)) {
    const says =
      `reaches into the client ports of common systems (${EPHEMERAL_LOW} and up); ` +
      'without "requires" clients may be taken for servers'
    document.warn([...path, 'ports'], says, 'RULE_EPHEMERAL')
  }
  return pool
}

/** "2020-01-31" as seconds since 1970; Date takes "2020-02-30" for the first of March. */
function daySec(day: string): number | undefined {
  const ms = Date.parse(day)
  return new Date(ms).getUTCDate() === Number(day.slice(8)) ? ms / 1000 : undefined
}

function inEphemeralPorts(range: { high: number }): boolean {
  return range.high >= EPHEMERAL_LOW
}

function toLabel(document: RuleDocument, path: Path, raw: RawLabel, ports: LabelRule['ports']): LabelRule {
  const rule: LabelRule = { label: raw.label }
  if (raw.transport !== undefined) rule.transport = raw.transport
  if (ports !== undefined) rule.ports = ports
  if (raw.certainty !== undefined) rule.certainty = raw.certainty
  if (raw.hostname_suffix !== undefined) rule.hostnameSuffix = raw.hostname_suffix.toLowerCase()
  if (raw.category !== undefined) rule.category = raw.category
  if (raw.cidr !== undefined) rule.cidr = readCidr(document, [...path, 'cidr'], raw.cidr)
  if (raw.payload !== undefined) rule.payload = readPayload(document, [...path, 'payload'], raw.payload)
  return rule
}

/** Checks the remaining parts of a rule that has a fault already, so that all faults are reported at once. */
function checkLabel(document: RuleDocument, path: Path, raw: unknown, bad: ReadonlySet<string>): void {
  if (!isRecord(raw)) return
  const { cidr, payload } = raw
  if (typeof cidr === 'string' && !bad.has(pathText([...path, 'cidr'])))
    readCidr(document, [...path, 'cidr'], cidr)
  if (!isRecord(payload)) return
  const readable = (name: string) =>
    payload[name] === undefined || !bad.has(pathText([...path, 'payload', name]))
  if (typeof payload.bytes === 'string' && ['bytes', 'mask', 'offset', 'min_length'].every(readable))
    readPayload(document, [...path, 'payload'], { ...payload, bytes: payload.bytes })
}

/** Shared with site.ts: the network, or undefined and a fault. */
export function readCidr(document: RuleDocument, path: Path, text: string): LabelRule['cidr'] {
  const cidr = parseCidr(text)
  if (cidr === undefined) {
    const says = `found ${show(text)}, expected an address or network such as 10.0.0.0/8 or 2001:db8::/32`
    document.fault(path, says, 'RULE_CIDR')
    return undefined
  }
  const network = networkOf(cidr)
  if (network.words.some((word, i) => word !== cidr.words[i])) {
    const read = `${addressText(network.version, ...network.words)}/${network.bits}`
    const says = `found ${text}, read as ${read}; is one address meant? Then take "/${network.bits}" out`
    document.warn(path, says, 'RULE_HOST_BITS')
  }
  return network
}

function readPayload(document: RuleDocument, path: Path, raw: RawPayload): NonNullable<LabelRule['payload']> {
  const bytes = fromHex(raw.bytes)
  const mask = raw.mask === undefined ? new Uint8Array(bytes.length).fill(0xff) : fromHex(raw.mask)
  if (mask.length !== bytes.length) {
    const says = `found ${mask.length} bytes, expected ${bytes.length} as in "bytes"`
    document.fault([...path, 'mask'], says, 'RULE_MASK')
  } else if (mask.every((bits) => bits === 0)) {
    document.fault([...path, 'mask'], 'found only zero bits, which fit every packet', 'RULE_MASK')
  }
  const offset = raw.offset ?? 0
  return {
    offset,
    bytes,
    mask,
    direction: raw.direction ?? 'either',
    minLength: Math.max(raw.min_length ?? 0, offset + bytes.length),
  }
}

function fromHex(digits: string): Uint8Array {
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) =>
    Number.parseInt(digits.slice(i * 2, i * 2 + 2), 16),
  )
}

type Range = { low: number; high: number }

/** A port, "lo-hi" or a list of them as ascending ranges; every fault is reported. */
function readPorts(document: RuleDocument, path: Path, value: unknown): Range[] {
  const list: unknown[] = Array.isArray(value) ? value.slice(0, 1025) : [value]
  if (list.length === 0 || list.length > 1024) {
    document.fault(
      path,
      `found ${list.length === 0 ? 'an empty list' : 'a longer list'}, expected 1 to 1024 entries`,
      'RULE_PORTS',
    )
    return []
  }
  const ranges: Range[] = []
  for (const [i, item] of list.entries()) {
    const itemPath = Array.isArray(value) ? [...path, i] : path
    const range = toRange(item)
    if (range === undefined) {
      const says = `found ${show(item)}, expected lo-hi with lo <= hi, or a port; from 1 to ${MAX_PORT}`
      document.fault(itemPath, says, 'RULE_PORTS')
      continue
    }
    const other = ranges.find(({ low, high }) => range.low <= high && low <= range.high)
    if (other !== undefined) {
      const says = `found ${show(item)}, which overlaps ${other.low}-${other.high}; list every port once`
      document.fault(itemPath, says, 'RULE_PORTS')
      continue
    }
    ranges.push(range)
  }
  return ranges.sort((a, b) => a.low - b.low)
}

function toRange(item: unknown): Range | undefined {
  if (typeof item !== 'number' && typeof item !== 'string') return undefined
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(String(item))
  if (match === null) return undefined
  const low = Number(match[1])
  const high = Number(match[2] ?? match[1])
  return low >= 1 && low <= high && high <= MAX_PORT ? { low, high } : undefined
}

/** The list, or an empty one where the value is no list (which the schema has reported already). */
export function listOf<T>(value: T[] | undefined): T[] {
  return Array.isArray(value) ? value : []
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
