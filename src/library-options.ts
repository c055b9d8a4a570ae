/**
 * What the library is given, checked before anything is read. TypeScript finds most mistakes earlier; plain JavaScript
 * does not, and an option that means nothing would give records that mean something else. Every wrong value is a
 * UsageError that names it, what was found and what is expected, with the code of the command line's option.
 */
import { UsageError } from './errors.ts'
import { nearest } from './label/nearest.ts'
import type { AnalyzeOptions, Captures, Input, OpenOptions } from './library.ts'
import { MAX_COMMUNITY_ID_SEED, MOST_FLOWS, MOST_SECONDS } from './options.ts'
import { RECORD_NAMES } from './report/record.ts'

interface Kind {
  expected: string
  fits(value: unknown): boolean
}

type Kinds<T> = Readonly<Record<keyof T, Kind>>

const MAX_SHOWN = 40

const SECONDS: Kind = {
  expected: `seconds from 0 to ${MOST_SECONDS}, 0 for never`,
  fits: (value) => typeof value === 'number' && value >= 0 && value <= MOST_SECONDS,
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
    expected: `a list of ${RECORD_NAMES.join(', ')}`,
    fits: (value) => Array.isArray(value) && value.every((name) => RECORD_NAMES.includes(name)),
  },
  idleTimeout: SECONDS,
  activeTimeout: SECONDS,
  poolIdle: SECONDS,
  maxFlows: wholeNumber(1, MOST_FLOWS),
  candidates: SWITCH,
  time: oneOf('iso', 'epoch'),
  communityIdSeed: wholeNumber(0, MAX_COMMUNITY_ID_SEED),
  rules: having('what parseRules returns', 'pools', 'labels'),
  site: having('what parseSite returns', 'servers', 'internal'),
  registry: having('a PortRegistry', 'lookup', 'registered', 'label', 'names'),
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

/** An object with these members. */
function having(expected: string, ...members: readonly string[]): Kind {
  return {
    expected,
    fits: (value) => typeof value === 'object' && value !== null && members.every((name) => name in value),
  }
}

/** Options that are undefined are as absent. */
export function checkOptions<T extends object>(options: T, kinds: Kinds<T>): void {
  if (typeof options !== 'object' || options === null)
    throw wrong('OPTIONS', 'options', options, 'an object, or nothing')
  for (const [name, value] of Object.entries(options)) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name as keyof T] : undefined
    if (kind === undefined) throw unknownOption(name, Object.keys(kinds))
    if (value !== undefined && !kind.fits(value)) throw wrong(codeOf(name), name, value, kind.expected)
  }
}

export function checkCaptures(captures: Captures): void {
  if (!CAPTURES.fits(captures)) throw wrong('INPUT_KIND', 'captures', captures, CAPTURES.expected)
}

export function checkInput(input: Input): void {
  const paths = typeof input === 'string' ? [input] : input
  const known =
    paths instanceof Uint8Array ||
    (Array.isArray(paths)
      ? paths.length > 0 && paths.every((path) => typeof path === 'string' && path !== '')
      : isStream(paths))
  if (!known)
    throw wrong(
      'INPUT_KIND',
      'input',
      input,
      'a path, a list of paths, "-", a Uint8Array or a readable stream',
    )
}

function isStream(input: unknown): boolean {
  return typeof input === 'object' && input !== null && Symbol.asyncIterator in input
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
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return 'an object'
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? typeof value)
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text
}
