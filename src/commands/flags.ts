/** Flags that the commands share. */
import type { Options as FlagOptions } from 'yargs'

type FlagTable = Readonly<Record<string, FlagOptions>>

/** A flag with a value; everything is text until options.ts has checked it. */
export function valueFlag(describe: string, placeholder: string, alias?: string): FlagOptions {
  return { describe: `${describe} [${placeholder}]`, type: 'string', requiresArg: true, alias }
}

export function switchFlag(describe: string, alias?: string): FlagOptions {
  return { describe, type: 'boolean', alias }
}

export const OUTPUT_FLAGS: FlagTable = {
  output: valueFlag('write records to a file, a folder of files, or standard output', 'FILE|DIR/|-', 'o'),
  format: valueFlag('form of the records', 'ndjson'),
  records: valueFlag('exactly these records; default all but concurrency', 'flow,session,…'),
  time: valueFlag('times as RFC 3339 or as seconds since 1970', 'iso|epoch'),
  quiet: switchFlag('no progress, no warnings', 'q'),
  color: valueFlag('colours', 'auto|always|never'),
}

export const KNOWLEDGE_FLAGS: FlagTable = {
  rules: valueFlag('rule file with pools and labels; may be repeated', 'FILE'),
  site: valueFlag('site file with servers and networks', 'FILE'),
  registry: valueFlag("port registry in IANA's CSV form", 'FILE.csv'),
}

export const ANALYSIS_FLAGS: FlagTable = {
  'idle-timeout': valueFlag(
    'a flow ends after this silence; default 300 for TCP, else 60; 0 never',
    'SECONDS',
  ),
  'active-timeout': valueFlag('a flow is split when it gets older; 0 never', 'SECONDS'),
  'pool-idle': valueFlag("a session ends after this silence; default the pool's own; 0 never", 'SECONDS'),
  'max-flows': valueFlag('flows kept at once; beyond that the least active leave early', 'N'),
  decapsulate: valueFlag('take the inner or the outer flow of a tunnel', 'inner|outer'),
  'ignore-vlan': switchFlag('VLAN ids do not tell flows apart'),
  candidates: switchFlag('write the labels that lost, too'),
  'community-id-seed': valueFlag('seed of the Community ID', '0-65535'),
  jobs: valueFlag('threads', '1'),
}
