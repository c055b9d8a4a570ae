/** Flags that the commands share. */
import type { Flag } from './command.ts'

type FlagTable = Readonly<Record<string, Flag>>

export function valueFlag(describe: string, value: string, alias?: string): Flag {
  return { describe, value, alias }
}

export function switchFlag(describe: string, alias?: string): Flag {
  return { describe, alias }
}

export const OUTPUT_FLAGS: FlagTable = {
  output: valueFlag(
    'write the records to a file, to a folder with a file for each kind, or to standard output',
    'FILE|DIR/|-',
    'o',
  ),
  format: valueFlag('form of the records, default ndjson', 'ndjson|zeek-json|zeek-tsv|eve|ecs|csv|parquet'),
  records: valueFlag('write exactly these records; default all but concurrency', 'flow,session,…'),
  time: valueFlag('times as RFC 3339 or as seconds since 1970', 'iso|epoch'),
  quiet: switchFlag('no progress; no summary beside --output', 'q'),
  color: valueFlag('colours of the summary; NO_COLOR is honoured', 'auto|always|never'),
}

export const KNOWLEDGE_FLAGS: FlagTable = {
  rules: valueFlag('rule file with pools and labels; may be repeated', 'FILE'),
  site: valueFlag('site file with servers and networks', 'FILE'),
  registry: valueFlag("port registry in IANA's CSV form", 'FILE.csv'),
}

export const ANALYSIS_FLAGS: FlagTable = {
  'idle-timeout': valueFlag(
    'a flow ends after this silence; default 300 for TCP, 60 for all else; 0 never',
    'SECONDS',
  ),
  'active-timeout': valueFlag('a flow is split when it gets older; default and 0 never', 'SECONDS'),
  'pool-idle': valueFlag("a session ends after this silence; default the pool's own; 0 never", 'SECONDS'),
  'max-flows': valueFlag(
    'flows kept at once, default 1,000,000; beyond it the least active are written early',
    'N',
  ),
  decapsulate: valueFlag('take the inner (default) or the outer flow of a tunnel', 'inner|outer'),
  'ignore-vlan': switchFlag('VLAN ids do not tell flows apart'),
  candidates: switchFlag('write the labels that lost, too'),
  'community-id-seed': valueFlag('seed of the Community ID, default 0', 'N'),
  jobs: valueFlag('threads; only 1 so far', 'N'),
}
