/** The flags of `flowhawk live`, and their checked values. */
import type { LiveOptions } from '../../capture/live/live-types.ts'
import { UsageError } from '../../errors.ts'
import { UNIT_SEC } from '../../instant.ts'
import {
  type Flags,
  flag,
  integer,
  type Options,
  readOptions,
  seconds,
  text,
  texts,
  word,
} from '../../options.ts'
import type { Alert } from '../../pipeline-live.ts'
import { RECORD_NAMES, type RecordName } from '../../report/record/record.ts'
import { DEFAULT_RECORDS } from '../../report/sink.ts'
import type { ListenAddress } from '../../service/listen.ts'
import { metricsAddress } from '../../service/metrics.ts'
import { type Account, findAccount } from '../../service/privileges.ts'
import { type Rotation, rotationLimit } from '../../service/rotation.ts'
import type { FlagTable } from '../command.ts'
import {
  ANALYSIS_FLAGS,
  choiceFlag,
  inGroup,
  KNOWLEDGE_FLAGS,
  OUTPUT_FLAGS,
  switchFlag,
  valueFlag,
} from '../flags.ts'

export interface LiveCommandOptions extends Options<RecordName> {
  interface: string
  capture: LiveOptions
  /** Seconds; 0 is never. */
  statsIntervalSec: number
  /** Seconds that one pool record covers. */
  poolWindowSec: number
  /** Numbers of sessions above which a notice is written. */
  alerts: Alert[]
  /** Listen address of the metrics. */
  metrics?: ListenAddress
  /** Packets after which the run ends. */
  count?: number
  /** Seconds after which the run ends. */
  durationSec?: number
  /** Of the files; absent: one file that grows. */
  rotation?: Rotation
  /** The account to run as once the interface is open. */
  account?: Account
}

const BACKENDS = ['auto', 'ring', 'cap'] as const
const ACTIVE_TIMEOUT = '300'
const STATS_INTERVAL_SEC = 60
const POOL_WINDOW = '1h'
const MOST_WINDOW_SEC = 366 * UNIT_SEC.d
const MEBIBYTE = 1 << 20
const MOST_RING_MEBIBYTES = 1024
const MOST_PACKETS = 9_999_999_999
const MOST_FILES = 1_000_000
/** The longest that a timer of Node can wait. */
const MOST_DURATION_SEC = 2_147_483

const CAPTURE_FLAGS = inGroup('Capture', {
  filter: valueFlag(
    'take only these packets, in the language of tcpdump (man pcap-filter); default all',
    'EXPRESSION',
    'f',
  ),
  promiscuous: switchFlag('also take frames that are meant for other hosts', 'p'),
  backend: choiceFlag('ring (Linux) or cap (the npm package); default auto: what works here', BACKENDS),
  'ring-size': valueFlag('memory for packets that wait, in MiB, 2 to 1024; default 64', 'MIB'),
  count: valueFlag('end after so many packets; default at Ctrl-C', 'N', 'c'),
  duration: valueFlag('end after so many seconds; default at Ctrl-C', 'SECONDS'),
  user: valueFlag(
    'open the interface, then be this user for good, before any file is opened',
    'NAME[:GROUP]',
  ),
  config: valueFlag('read options from a YAML file; those given here win', 'FILE'),
})

const FILE_FLAGS = inGroup('Output', {
  output: valueFlag(
    'write the records to a file, or to a folder with a file for each kind, and go on where these are there ' +
      'already; or to standard output; default: a terminal shows a view, a pipe gets the records',
    'FILE|DIR/|-',
    'o',
  ),
  rotate: valueFlag(
    'finish the output file at every full 15m, 1h, … (UTC), or before it gets longer than 100MB, …; default never',
    'TIME|SIZE',
  ),
  keep: valueFlag('finished files that stay; default all', 'N'),
  compress: choiceFlag('compress finished files; default not', ['gzip']),
  'stats-interval': valueFlag(
    'write a stats record, and the open_session records asked for, every so often; default 60; 0 never',
    'SECONDS',
  ),
  metrics: valueFlag(
    'serve Prometheus metrics there; of the loopback unless an address is named',
    '[ADDRESS:]PORT',
  ),
})

const POOL_FLAGS = inGroup('Pools', {
  'pool-window': valueFlag(
    'a pool record covers so much time (15m, 1h, 1d, …), aligned to UTC; default 1h',
    'TIME',
  ),
  alert: valueFlag(
    'a notice when more sessions of the pool than this are open on one server; may be repeated',
    'POOL=COUNT',
  ),
})

/** In the order of the help; a flag replaces one of the same name of analyze. */
export const LIVE_FLAGS: FlagTable = {
  ...CAPTURE_FLAGS,
  ...OUTPUT_FLAGS,
  ...FILE_FLAGS,
  ...ANALYSIS_FLAGS,
  ...inGroup('Flows', {
    'active-timeout': valueFlag(
      'a flow is split when it gets older, so that its record is written; default 300; 0 never',
      'SECONDS',
    ),
  }),
  ...POOL_FLAGS,
  ...KNOWLEDGE_FLAGS,
}

export function readLiveOptions(flags: Flags): LiveCommandOptions {
  const names = Array.isArray(flags.input) ? flags.input.map(String) : []
  if (names.length !== 1 || names[0] === '') {
    const found =
      names.length > 1 ? `${names.length} interfaces` : names.length === 1 ? 'an empty name' : 'no interface'
    const what = `found ${found}, expected one, or any; see flowhawk interfaces`
    throw new UsageError('INTERFACE_MISSING', 'live', what)
  }
  const shared = readOptions(
    { ...flags, 'active-timeout': flags['active-timeout'] ?? ACTIVE_TIMEOUT },
    { names: RECORD_NAMES, byDefault: [...DEFAULT_RECORDS] },
  )
  const ringMebibytes = integer(flags, 'ring-size', [2, MOST_RING_MEBIBYTES])
  return {
    ...shared,
    // No file: an output of the same name is not the input.
    inputs: [],
    interface: names[0],
    capture: {
      backend: word(flags, 'backend', BACKENDS) ?? 'auto',
      filter: text(flags, 'filter'),
      promiscuous: flag(flags, 'promiscuous'),
      ringBytes: ringMebibytes === undefined ? undefined : ringMebibytes * MEBIBYTE,
    },
    statsIntervalSec: seconds(flags, 'stats-interval') ?? STATS_INTERVAL_SEC,
    poolWindowSec: poolWindow(flags),
    alerts: texts(flags, 'alert').map(alertOf),
    metrics: metricsOf(flags),
    count: integer(flags, 'count', [1, MOST_PACKETS]),
    durationSec: durationOf(flags),
    rotation: rotationOf(flags, shared),
    account: accountOf(flags),
  }
}

function rotationOf(flags: Flags, { output, format }: Options<RecordName>): Rotation | undefined {
  const limit = text(flags, 'rotate')
  const keep = integer(flags, 'keep', [1, MOST_FILES])
  const compress = word(flags, 'compress', ['gzip'])
  if (limit === undefined) {
    if (keep === undefined && compress === undefined) return undefined
    const name = keep === undefined ? 'compress' : 'keep'
    throw new UsageError(
      'OPTION_ROTATE',
      `--${name}`,
      'found no --rotate, by which files are finished; add one',
    )
  }
  if (output === undefined || output === '-') {
    throw new UsageError(
      'OPTION_ROTATE',
      '--rotate',
      'found no file to rotate, expected --output FILE or DIR/',
    )
  }
  if (format === 'parquet') {
    throw new UsageError(
      'OPTION_ROTATE',
      '--rotate',
      'a Parquet file has no lines to part at; choose another --format',
    )
  }
  return { ...rotationLimit(limit, '--rotate'), keep: keep ?? Infinity, compress: compress !== undefined }
}

/** "15m", "1h", or seconds. */
function poolWindow(flags: Flags): number {
  const value = text(flags, 'pool-window') ?? POOL_WINDOW
  const [, digits, unit = 's'] = /^(\d{1,9})([smhd])?$/.exec(value) ?? []
  const length = Number(digits) * UNIT_SEC[unit]
  if (length >= 1 && length <= MOST_WINDOW_SEC) return length
  const what = `found ${JSON.stringify(value)}, expected a time from 1s to 366d; for example --pool-window 15m`
  throw new UsageError('OPTION_POOL_WINDOW', '--pool-window', what)
}

/** "framehawk=90". */
function alertOf(value: string): Alert {
  const [, pool, count] = /^([^=]+)=(\d{1,9})$/.exec(value) ?? []
  if (pool !== undefined) return { pool, sessions: Number(count) }
  const what = `found ${JSON.stringify(value)}, expected a pool and a count; for example --alert framehawk=90`
  throw new UsageError('OPTION_ALERT', '--alert', what)
}

function metricsOf(flags: Flags): ListenAddress | undefined {
  const address = text(flags, 'metrics')
  return address === undefined ? undefined : metricsAddress(address, '--metrics')
}

function accountOf(flags: Flags): Account | undefined {
  const name = text(flags, 'user')
  return name === undefined ? undefined : findAccount(name)
}

function durationOf(flags: Flags): number | undefined {
  const duration = seconds(flags, 'duration')
  if (duration === undefined || (duration > 0 && duration <= MOST_DURATION_SEC)) return duration
  const what = `found ${duration}, expected seconds from 0.001 to ${MOST_DURATION_SEC}`
  throw new UsageError('OPTION_DURATION', '--duration', what)
}
