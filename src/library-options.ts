/**
 * What the library is given, checked before anything is read. TypeScript finds most mistakes earlier; plain JavaScript
 * does not, and an option that means nothing would give records that mean something else. Every wrong value is a
 * UsageError that names it, what was found and what is expected, with the code of the command line's option.
 */
import { UsageError } from './errors.ts'
import { parseInstant } from './instant.ts'
import { nearest } from './label/nearest.ts'
import type { PortRegistry } from './label/ports/registry.ts'
import {
  INSTANT_EXPECTED,
  MAX_COMMUNITY_ID_SEED,
  MOST_FLOWS,
  MOST_SECONDS,
  refuseRepeated,
} from './options.ts'
import { RECORD_NAMES, type RecordName } from './report/record/record.ts'
import type { Instant, PacketSource, RuleSet, Site } from './types.ts'

/**
 * A path (file or directory), several, "-" for standard input, bytes in memory, or a stream of bytes: of Node, of the
 * web, or whatever else `for await` reads.
 */
export type Input = string | readonly string[] | Uint8Array | AsyncIterable<Uint8Array>

export interface OpenOptions {
  /** Bytes read at once, 1 to 16 MiB; default 262,144. Results do not depend on it. */
  chunkSize?: number
}

/** Captures to be read, in the order of their first packets. Nothing is opened before it is read. */
export interface Captures {
  sources(): AsyncGenerator<PacketSource, void, undefined>
}

/** As in the command line's help; seconds, 0 is never. */
export interface AnalyzeOptions {
  /** Exactly these records; default all but `concurrency` and `open_session`. */
  records?: readonly RecordName[]
  idleTimeout?: number
  activeTimeout?: number
  poolIdle?: number
  maxFlows?: number
  /** Only packets from this time on: RFC 3339 or seconds since 1970 as text, or a Date. */
  from?: string | Date
  /** Only packets before this time. */
  to?: string | Date
  decapsulate?: 'inner' | 'outer'
  ignoreVlan?: boolean
  candidates?: boolean
  time?: 'iso' | 'epoch'
  /** 0 to 65,535; default 0. */
  communityIdSeed?: number
  /** Pools and labels besides the built-in ones: see parseRules. */
  rules?: RuleSet | readonly RuleSet[]
  /** Servers of the site: see parseSite. */
  site?: Site
  /** Instead of the built-in one: see parseRegistryCsv. */
  registry?: PortRegistry
}

type Test = (value: unknown) => boolean

interface Kind {
  expected: string
  fits: Test
}

type Kinds<T> = Readonly<Record<keyof T, Kind>>

const MAX_SHOWN = 40

const SECONDS: Kind = {
  expected: `seconds from 0 to ${MOST_SECONDS}, 0 for never`,
  fits: (value) => typeof value === 'number' && value >= 0 && value <= MOST_SECONDS,
}
const INSTANT: Kind = {
  expected: `a time as ${INSTANT_EXPECTED} as text, or a Date`,
  fits: (value) => (typeof value === 'string' || value instanceof Date) && instantFrom(value) !== undefined,
}
const SWITCH: Kind = oneOf(true, false)
const CHUNK: Kind = wholeNumber(1, 16 << 20)

export const OPEN_OPTIONS: Kinds<OpenOptions> = { chunkSize: CHUNK }

export const PACKETS_OPTIONS: Kinds<Pick<AnalyzeOptions, 'decapsulate' | 'ignoreVlan'>> = {
  decapsulate: oneOf('inner', 'outer'),
  ignoreVlan: SWITCH,
}

export const ANALYZE_OPTIONS: Kinds<AnalyzeOptions> = {
  ...PACKETS_OPTIONS,
  records: {
    expected: `a list of one or more of ${RECORD_NAMES.join(', ')}`,
    fits: (value) =>
      Array.isArray(value) && value.length > 0 && value.every((name) => RECORD_NAMES.includes(name)),
  },
  idleTimeout: SECONDS,
  activeTimeout: SECONDS,
  poolIdle: SECONDS,
  maxFlows: wholeNumber(1, MOST_FLOWS),
  from: INSTANT,
  to: INSTANT,
  candidates: SWITCH,
  time: oneOf('iso', 'epoch'),
  communityIdSeed: wholeNumber(0, MAX_COMMUNITY_ID_SEED),
  rules: {
    expected: 'what parseRules returns, or a list of such',
    fits: (value) => (Array.isArray(value) ? value : [value]).every(isRuleSet),
  },
  site: { expected: 'what parseSite returns', fits: isSite },
  registry: having('what parseRegistryCsv returns', 'lookup', 'registered', 'label', 'names'),
}

const CAPTURES = having('what open() returns, as in analyze(open("capture.pcap"))', 'sources')

function oneOf(...values: readonly unknown[]): Kind {
  return { expected: values.map(show).join(' or '), fits: (value) => values.includes(value) }
}

function wholeNumber(least: number, most: number): Kind {
  return {
    expected: `a whole number from ${least} to ${most}`,
    fits: (value) => Number.isInteger(value) && Number(value) >= least && Number(value) <= most,
  }
}

/** An object with these functions. */
function having(expected: string, ...names: readonly string[]): Kind {
  return {
    expected,
    fits: (value) => isObject(value) && names.every((name) => typeof value[name] === 'function'),
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

const listOf = (value: unknown, fits: Test) => Array.isArray(value) && value.every(fits)

/** Read from a file, and not the file's own words: those have other names and no defaults. */
function isRuleSet(value: unknown): boolean {
  return isObject(value) && listOf(value.pools, isPoolRule) && listOf(value.labels, isLabelRule)
}

const isPoolRule: Test = (pool) =>
  isObject(pool) && listOf(pool.ports, isRange) && listOf(pool.supportedBy, isText)

function isLabelRule(rule: unknown): boolean {
  if (!isObject(rule)) return false
  const { ports, cidr, payload } = rule
  return (
    (ports === undefined || listOf(ports, isRange)) &&
    (cidr === undefined || isNetwork(cidr)) &&
    (payload === undefined || isPayload(payload))
  )
}

const isPayload: Test = (payload) =>
  isObject(payload) && payload.bytes instanceof Uint8Array && payload.mask instanceof Uint8Array

function isSite(value: unknown): boolean {
  return isObject(value) && listOf(value.servers, isServer) && listOf(value.internal, isNetwork)
}

const isServer: Test = (server) =>
  isObject(server) && listOf(server.addresses, isNetwork) && listOf(server.pools, isText)

const isText: Test = (value) => typeof value === 'string'
const isRange: Test = (value) => isObject(value) && 'low' in value && 'high' in value
const isNetwork: Test = (value) => isObject(value) && Array.isArray(value.words) && 'bits' in value

/** Undefined where it is no time. */
export function instantFrom(time: string | Date | undefined): Instant | undefined {
  if (time === undefined) return undefined
  if (typeof time === 'string') return parseInstant(time)
  return Number.isNaN(time.getTime()) ? undefined : parseInstant(time.toISOString())
}

/** Options that are undefined are as absent. Options of a class, which it may inherit, are options too. */
export function checkOptions<T extends object>(options: T, kinds: Kinds<T>): void {
  if (!isObject(options) || Symbol.iterator in options)
    throw wrong('OPTIONS', 'options', options, 'an object, or nothing')
  const names = Object.keys(kinds)
  for (const name of Object.keys(options)) if (!names.includes(name)) throw unknownOption(name, names)
  for (const name of names) {
    const kind = kinds[name as keyof T]
    const value = options[name as keyof T]
    if (value !== undefined && !kind.fits(value)) throw wrong(codeOf(name), name, value, kind.expected)
  }
}

/** Where no rules have a pool, nothing would be counted; parseSite may not know the rules. */
export function checkSitePools({ servers }: Site, { pools }: RuleSet): void {
  const known = pools.map(({ name }) => name)
  for (const [i, server] of servers.entries())
    for (const [j, pool] of server.pools.entries()) {
      if (known.includes(pool)) continue
      const near = nearest(pool, known)
      const hint = near === undefined ? '' : `; did you mean ${show(near)}?`
      throw wrong('RULE_POOL', `site: servers[${i}].pools[${j}]`, pool, `one of ${known.join(', ')}${hint}`)
    }
}

export function checkCaptures(captures: Captures): void {
  if (!CAPTURES.fits(captures)) throw wrong('INPUT_KIND', 'captures', captures, CAPTURES.expected)
}

export function checkInput(input: Input): void {
  const paths = typeof input === 'string' ? [input] : input
  const known =
    paths instanceof Uint8Array ||
    (Array.isArray(paths) ? paths.length > 0 && paths.every(isPath) : isStream(paths))
  if (!known)
    throw wrong(
      'INPUT_KIND',
      'input',
      input,
      'a path, a list of paths, "-", a Uint8Array or a readable stream',
    )
  if (Array.isArray(paths)) refuseRepeated(paths, 'input')
}

/** The system takes no name with a NUL. */
const isPath: Test = (value) => typeof value === 'string' && value !== '' && !value.includes('\0')

function isStream(input: unknown): boolean {
  return isObject(input) && Symbol.asyncIterator in input
}

/** OPTION_IDLE_TIMEOUT for idleTimeout, as for --idle-timeout. */
function codeOf(name: string): string {
  return `OPTION_${name.replace(/[A-Z]/g, '_$&').toUpperCase()}`
}

function unknownOption(name: string, known: readonly string[]): UsageError {
  const meant = nearest(name, known)
  const hint = meant === undefined ? `the options are ${known.join(', ')}` : `did you mean ${meant}?`
  return new UsageError('OPTION_UNKNOWN', show(name), `no such option; ${hint}`)
}

function wrong(code: string, name: string, value: unknown, expected: string): UsageError {
  return new UsageError(code, name, `found ${show(value)}, expected ${expected}`)
}

/** One short line, whatever it is. */
function show(value: unknown): string {
  if (Array.isArray(value)) {
    // A list may hold itself.
    const items = value.slice(0, MAX_SHOWN).map((each) => (Array.isArray(each) ? '[…]' : show(each)))
    return shorten(`[${items.join(',')}]`)
  }
  if (isObject(value)) {
    const { constructor: made } = value
    const name = typeof made === 'function' ? made.name : ''
    return shorten(name === 'Object' || name === '' ? 'an object' : `an object of class ${name}`)
  }
  if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`
  if (typeof value === 'bigint') return shorten(`${value}n`)
  return shorten(typeof value === 'string' ? JSON.stringify(value.slice(0, MAX_SHOWN + 1)) : String(value))
}

function shorten(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text
}
