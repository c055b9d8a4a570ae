/**
 * Flags to one checked Options object. Pure: reads no file and no environment, prints nothing. Every wrong value is
 * a UsageError that names the flag, what was found, what is expected and a way out.
 */
import { UsageError } from './errors.ts'
import { isBefore, parseInstant } from './instant.ts'
import type { Instant, TimeSpan } from './types.ts'

/** Flags as the command line's parser hands them over: text, lists of text where repeated, switches. */
export type Flags = Readonly<Record<string, unknown>>

export interface Options<R extends string = string> {
  /** Files, directories, "-"; at least one. */
  inputs: string[]
  /** A file, a folder ending in "/", or "-"; absent: what standard output is decides. */
  output?: string
  format: Format
  /** Exactly these records are written. */
  records: ReadonlySet<R>
  /** Paths of rule files, in the order given. */
  rules: string[]
  site?: string
  /** Path of a registry in IANA's CSV form. */
  registry?: string
  /** Seconds for every transport; 0 is never; absent: the defaults of each. */
  idleTimeoutSec?: number
  /** Seconds; 0 is never. */
  activeTimeoutSec: number
  /** Seconds for every pool; 0 is never; absent: each pool's own. */
  poolIdleSec?: number
  maxFlows: number
  /** Absent: all packets. */
  span?: TimeSpan
  decapsulate: 'inner' | 'outer'
  ignoreVlan: boolean
  time: 'iso' | 'epoch'
  candidates: boolean
  jobs: 1
  quiet: boolean
  color: 'auto' | 'always' | 'never'
  communityIdSeed: number
}

/** The records that a command can write, and those it writes by default. */
export interface RecordChoice<R extends string> {
  names: readonly R[]
  byDefault: readonly R[]
}

export const DEFAULT_MAX_FLOWS = 1_000_000
export const MOST_FLOWS = 100_000_000
/** Some thirty years: longer is "never", which is 0. */
export const MOST_SECONDS = 1e9
export const MAX_COMMUNITY_ID_SEED = 65_535

export const FORMATS = ['ndjson', 'zeek-json', 'zeek-tsv', 'eve', 'ecs', 'csv', 'parquet'] as const
export type Format = (typeof FORMATS)[number]
/** One kind of record a file, for its columns are fixed. */
const TABLES: readonly Format[] = ['zeek-json', 'zeek-tsv', 'csv', 'parquet']
/** Records are events there, and so need a time. */
const EVENTS: readonly Format[] = ['eve', 'ecs']
const TIMELESS = 'capture'
/** These write times as --time says; the others have their own. */
const FREE_TIMES: readonly Format[] = ['ndjson', 'csv']

export function readOptions<R extends string>(flags: Flags, choice: RecordChoice<R>): Options<R> {
  const inputs = inputsOf(flags)
  const output = text(flags, 'output')
  const format = word(flags, 'format', FORMATS) ?? 'ndjson'
  const chosen = records(flags, EVENTS.includes(format) ? withoutTimeless(choice) : choice)
  if (TABLES.includes(format) && chosen.size !== 1 && output?.endsWith('/') !== true)
    throw severalKinds(format, [...chosen], choice.names)
  return {
    inputs,
    output,
    format,
    records: chosen,
    rules: texts(flags, 'rules'),
    site: text(flags, 'site'),
    registry: text(flags, 'registry'),
    idleTimeoutSec: seconds(flags, 'idle-timeout'),
    activeTimeoutSec: seconds(flags, 'active-timeout') ?? 0,
    poolIdleSec: seconds(flags, 'pool-idle'),
    maxFlows: integer(flags, 'max-flows', [1, MOST_FLOWS]) ?? DEFAULT_MAX_FLOWS,
    span: spanOf(instant(flags, 'from'), instant(flags, 'to')),
    decapsulate: word(flags, 'decapsulate', ['inner', 'outer']) ?? 'inner',
    ignoreVlan: flag(flags, 'ignore-vlan'),
    time: time(flags, format),
    candidates: flag(flags, 'candidates'),
    jobs: jobs(flags),
    quiet: flag(flags, 'quiet'),
    color: word(flags, 'color', ['auto', 'always', 'never']) ?? 'auto',
    communityIdSeed: integer(flags, 'community-id-seed', [0, MAX_COMMUNITY_ID_SEED]) ?? 0,
  }
}

function inputsOf({ input }: Flags): string[] {
  const inputs = Array.isArray(input) ? input.map(String) : []
  refuseRepeated(inputs, 'flowhawk')
  const what = inputs.length === 0 ? 'no input' : inputs.includes('') ? 'found an empty name' : undefined
  if (what === undefined) return inputs
  throw wrong('INPUT_MISSING', 'flowhawk', `${what}; name a capture file, a directory or -`)
}

/** Standard input may be named once. */
export function refuseRepeated(inputs: readonly string[], place: string): void {
  if (inputs.indexOf('-') === inputs.lastIndexOf('-')) return
  throw wrong('INPUT_REPEATED', place, 'found - more than once; standard input gives its bytes only once')
}

function wrong(code: string, place: string, what: string): UsageError {
  return new UsageError(code, place, what)
}

/** OPTION_IDLE_TIMEOUT for --idle-timeout. */
export function codeOf(name: string): string {
  return `OPTION_${name.toUpperCase().replaceAll('-', '_')}`
}

function found(name: string, value: string, expected: string): UsageError {
  return wrong(codeOf(name), `--${name}`, `found ${JSON.stringify(value)}, expected ${expected}`)
}

/** A switch; repeating it changes nothing. */
export function flag(flags: Flags, name: string): boolean {
  const value = flags[name]
  return Array.isArray(value) ? value.some(Boolean) : value === true
}

/** The texts of a flag that may be repeated. */
export function texts(flags: Flags, name: string): string[] {
  const value = flags[name]
  const list = value === undefined ? [] : Array.isArray(value) ? value.map(String) : [String(value)]
  if (list.includes('')) throw found(name, '', 'a name; leave the option out for none')
  return list
}

/** The text of a flag that stands once. */
export function text(flags: Flags, name: string): string | undefined {
  const list = texts(flags, name)
  if (list.length > 1) {
    throw wrong('OPTION_REPEATED', `--${name}`, `found ${list.length} times, expected once; keep one of them`)
  }
  return list[0]
}

export function word<W extends string>(flags: Flags, name: string, words: readonly W[]): W | undefined {
  const value = text(flags, name)
  if (value === undefined) return undefined
  const known = words.find((each) => each === value)
  if (known === undefined)
    throw found(name, value, words.length > 2 ? `one of ${words.join(', ')}` : words.join(' or '))
  return known
}

export function seconds(flags: Flags, name: string): number | undefined {
  const value = text(flags, name)
  if (value === undefined) return undefined
  const number = /^\d{1,10}(\.\d{1,9})?$/.test(value) ? Number(value) : Number.NaN
  if (!(number <= MOST_SECONDS)) {
    throw found(name, value, `seconds from 0 to ${MOST_SECONDS}, 0 for never; for example --${name} 60`)
  }
  return number
}

export function integer(flags: Flags, name: string, [least, most]: [number, number]): number | undefined {
  const value = text(flags, name)
  if (value === undefined) return undefined
  const number = /^\d{1,10}$/.test(value) ? Number(value) : Number.NaN
  if (!(number >= least && number <= most)) {
    throw found(name, value, `a whole number from ${least} to ${most}`)
  }
  return number
}

export const INSTANT_EXPECTED = '2026-01-02T09:05:00Z, with a zone or in UTC, or seconds since 1970'

function instant(flags: Flags, name: string): Instant | undefined {
  const value = text(flags, name)
  if (value === undefined) return undefined
  const at = parseInstant(value)
  if (at === undefined) throw found(name, value, `a time as ${INSTANT_EXPECTED}`)
  return at
}

/** Undefined for all time; throws where nothing could lie between the two. */
export function spanOf(from?: Instant, to?: Instant): TimeSpan | undefined {
  if (from === undefined && to === undefined) return undefined
  if (from === undefined || to === undefined || isBefore(from, to)) return { from, to }
  throw wrong(
    'OPTION_TO',
    '--to',
    'found a time that is not after --from; give a later one, or leave one of them out',
  )
}

/** Any number is taken, and the records are the same whatever it is: one thread does all the work so far. */
function jobs(flags: Flags): 1 {
  integer(flags, 'jobs', [1, 1024])
  return 1
}

function time(flags: Flags, format: Format): 'iso' | 'epoch' {
  const chosen = word(flags, 'time', ['iso', 'epoch'])
  if (chosen !== undefined && !FREE_TIMES.includes(format)) {
    const what = `found ${chosen}, but ${format} has times of its own; leave the option out`
    throw wrong('OPTION_TIME', '--time', what)
  }
  return chosen ?? 'iso'
}

function withoutTimeless<R extends string>(choice: RecordChoice<R>): RecordChoice<R> {
  const timed = (list: readonly R[]) => list.filter((name) => name !== TIMELESS)
  return { names: timed(choice.names), byDefault: timed(choice.byDefault) }
}

function severalKinds(format: Format, chosen: readonly string[], names: readonly string[]): UsageError {
  const example = names.includes('flow') ? 'flow' : 'session'
  const what =
    `${format} holds one kind of record a file, found ${chosen.join(',') || 'none'}; ` +
    `add --records ${example} (or another kind), or --output DIR/ for a file of each kind`
  return wrong('OPTION_FORMAT', '--format', what)
}

/** "flow,session"; may be repeated. */
function records<R extends string>(flags: Flags, { names, byDefault }: RecordChoice<R>): ReadonlySet<R> {
  const given = texts(flags, 'records')
  if (given.length === 0) return new Set(byDefault)
  const chosen = new Set<R>()
  for (const name of given.join(',').split(',')) {
    const known = names.find((each) => each === name.trim())
    if (known === undefined) throw found('records', name.trim(), `one or more of ${names.join(',')}`)
    chosen.add(known)
  }
  return chosen
}
