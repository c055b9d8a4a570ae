/** Flags of several commands. A description includes the unit if the value does not, and ends with the default. */
import { FORMATS } from '../options.ts'
import { RECORD_NAMES } from '../report/record/record.ts'
import type { Flag, FlagTable } from './command.ts'

export function valueFlag(describe: string, value: string, alias?: string): Flag {
  return { describe, value, alias }
}

/** Its value is one of a few words. */
export function choiceFlag(describe: string, choices: readonly string[]): Flag {
  return { describe, value: choices.join('|'), choices }
}

/** Its value is one or more of a few words, with commas. */
export function listFlag(describe: string, value: string, choices: readonly string[]): Flag {
  return { describe, value, choices, isList: true }
}

export function switchFlag(describe: string, alias?: string): Flag {
  return { describe, alias }
}

/** Under one heading of the help. */
export function inGroup<T extends FlagTable>(group: string, flags: T): T {
  const placed = Object.entries(flags).map(([name, flag]) => [name, { ...flag, group }])
  return Object.fromEntries(placed) as T
}

export const OUTPUT_FLAGS = inGroup('Output', {
  output: valueFlag(
    'write the records to a file, to a folder with a file for each kind, or to standard output; default: a ' +
      'terminal shows a summary, a pipe gets the records',
    'FILE|DIR/|-',
    'o',
  ),
  format: choiceFlag('form of the records; default ndjson', FORMATS),
  records: listFlag(
    'write exactly these records; default all but concurrency and open_session',
    'flow,session,…',
    RECORD_NAMES,
  ),
  time: choiceFlag('times as RFC 3339, or as seconds since 1970; default iso', ['iso', 'epoch']),
  quiet: switchFlag('no progress; no summary beside --output', 'q'),
  color: choiceFlag('colours of the summary; default auto: on a terminal, unless NO_COLOR is set', [
    'auto',
    'always',
    'never',
  ]),
})

export const KNOWLEDGE_FLAGS = inGroup('Labels', {
  rules: valueFlag('rule file with pools and labels, besides the built-in ones; may be repeated', 'FILE'),
  site: valueFlag('site file: which server runs what, which networks are internal', 'FILE'),
  registry: valueFlag("port registry in IANA's CSV form; default the built-in copy", 'FILE.csv'),
})

/** Not for live runs: they begin now. */
export const SPAN_FLAGS = inGroup('Input', {
  from: valueFlag(
    'only packets from this time on, as 2026-01-02T09:05:00Z or in seconds since 1970; default: from the first',
    'TIME',
  ),
  to: valueFlag('only packets before this time; default: to the last', 'TIME'),
})

export const ANALYSIS_FLAGS = {
  ...inGroup('Flows', {
    'idle-timeout': valueFlag(
      'a flow ends after a longer silence; default 300 for TCP, 60 for all else; 0 never',
      'SECONDS',
    ),
    'active-timeout': valueFlag('a flow is split when it gets older; default 0, never', 'SECONDS'),
    'max-flows': valueFlag(
      'flows kept at once; beyond it the least active are written early; default 1,000,000',
      'N',
    ),
    decapsulate: choiceFlag('which flow of a tunnel is reported; default inner', ['inner', 'outer']),
    'ignore-vlan': switchFlag('VLAN ids do not tell flows apart'),
    'community-id-seed': valueFlag('seed of the Community ID, 0 to 65535; default 0', 'N'),
    jobs: valueFlag('threads; default 1; more are accepted, but one is used so far', 'N'),
  }),
  ...inGroup('Pools', {
    'pool-idle': valueFlag(
      "a session ends after a longer silence; default the pool's own; 0 never",
      'SECONDS',
    ),
  }),
  ...inGroup('Labels', {
    candidates: switchFlag('write the labels that lost, too'),
  }),
}

/** Those that change what is counted, without those that only add fields to records. */
export const COUNTING_FLAGS: FlagTable = Object.fromEntries(
  Object.entries(ANALYSIS_FLAGS).filter(([name]) => name !== 'candidates' && name !== 'community-id-seed'),
)
