/**
 * The manual page, from the same tables as the help: what a command alone takes stands with the command, what several
 * commands take alike stands once, under OPTIONS.
 */
import type { Command, CommandEntry, Flag, FlagTable } from '../../src/commands/command.ts'
import { EXIT_STATUSES } from '../../src/commands/errors.ts'
import { flagGroups } from '../../src/commands/help.ts'
import { COMMANDS } from '../../src/commands/table.ts'
import { bold, italic, quoted, roffText } from './roff.ts'

const NAME = 'what talked to what, on which ports, and how many sessions ran at once'

const DESCRIPTION = [
  'Reads captured packets (pcap, pcapng; also gzip, zstd, lz4) from files, folders, standard input or an interface. ' +
    'It reports flows with a label and the evidence for it, and sessions over port pools: ranges of ports of which a ' +
    'server gives one to each session, such as Citrix Framehawk on UDP 3224-3324.',
  'On a terminal it shows a summary. Into a pipe, or with -o -, it writes records and nothing else, one JSON object a ' +
    'line; with -o FILE it does both. Warnings, errors and progress go to standard error. Several inputs are one ' +
    'continuous capture in the order of their first packets.',
]

const ENVIRONMENT: [name: string, says: string][] = [
  ['NO_COLOR', 'set and not empty: no colours, unless --color asks for them'],
  ['FLOWHAWK_DEBUG', 'set and not empty: an error also shows where in the program it arose'],
]

const SEE_ALSO = [
  ['tshark', '1'],
  ['tcpdump', '8'],
  ['pcap-filter', '7'],
  ['capinfos', '1'],
  ['jq', '1'],
]

/** The page as man(7) reads it. */
export async function manualPage(version: string): Promise<string> {
  const loaded: Loaded[] = []
  for (const entry of COMMANDS) loaded.push({ entry, command: await entry.load() })
  const shared = sharedFlags(loaded.map(({ command }) => command.flags))
  const lines = [
    `.TH FLOWHAWK 1 "" ${quoted(`flowhawk ${version}`)} "User Commands"`,
    '.SH NAME',
    `flowhawk \\- ${roffText(NAME)}`,
    '.SH SYNOPSIS',
    synopsis('', loaded[0].command.positionals, loaded[0].command.flags),
    ...loaded.flatMap(({ entry, command }) => [
      '.br',
      synopsis(entry.name, command.positionals, command.flags),
    ]),
    '.SH DESCRIPTION',
    ...DESCRIPTION.flatMap((text) => ['.PP', roffText(text)]),
    '.SH COMMANDS',
    ...loaded.flatMap((each) => commandLines(each, shared)),
    '.SH OPTIONS',
    'What several commands take; each says above which.',
    ...flagGroups(Object.fromEntries(shared)).flatMap(([group, flags]) => [
      `.SS ${quoted(roffText(group))}`,
      ...flags.flatMap(([name, flag]) => flagLines(name, flag)),
    ]),
    '.SH EXIT STATUS',
    ...EXIT_STATUSES.flatMap(([status, says]) => ['.TP', bold(String(status)), roffText(says)]),
    '.SH ENVIRONMENT',
    ...ENVIRONMENT.flatMap(([name, says]) => ['.TP', bold(name), roffText(says)]),
    '.SH SEE ALSO',
    ...SEE_ALSO.map(
      ([name, section], i) => `.BR ${roffText(name)} (${section})${i < SEE_ALSO.length - 1 ? ',' : ''}`,
    ),
  ]
  return `${lines.join('\n')}\n`
}

interface Loaded {
  entry: CommandEntry
  command: Command
}

/** Those that two commands or more take, in the same words. */
function sharedFlags(tables: readonly FlagTable[]): Map<string, Flag> {
  const seen = new Set<Flag>()
  const shared = new Map<string, Flag>()
  for (const [name, flag] of tables.flatMap((table) => Object.entries(table))) {
    if (seen.has(flag)) shared.set(name, flag)
    seen.add(flag)
  }
  return shared
}

function synopsis(name: string, positionals: string, flags: FlagTable): string {
  const words = ['flowhawk', name].filter((word) => word !== '').join(' ')
  const options = Object.keys(flags).length > 0 ? '[options]' : ''
  return [bold(words), roffText(positionals), options].filter((word) => word !== '').join(' ')
}

function commandLines({ entry, command }: Loaded, shared: ReadonlyMap<string, Flag>): string[] {
  const flags = Object.entries(command.flags)
  const isShared = ([name, flag]: [string, Flag]) => shared.get(name) === flag
  const others = flags.filter(isShared).map(([name]) => bold(`--${name}`))
  return [
    `.SS ${quoted(roffText(`${entry.name} ${command.positionals}`.trimEnd()))}`,
    roffText(command.describe),
    ...flags.filter((each) => !isShared(each)).flatMap(([name, flag]) => flagLines(name, flag)),
    ...(others.length > 0 ? ['.PP', `Of the options below: ${others.join(', ')}.`] : []),
    ...command.examples.flatMap(([example, says]) => [
      '.PP',
      roffText(`${upper(says)}:`),
      ...exampleLines(example),
    ]),
  ]
}

function exampleLines(example: string): string[] {
  return ['.RS 4', '.nf', roffText(example), '.fi', '.RE']
}

function flagLines(name: string, { alias, value, describe }: Flag): string[] {
  const short = alias === undefined ? '' : `${bold(`-${alias}`)}, `
  return [
    '.TP',
    `${short}${bold(`--${name}`)}${value === undefined ? '' : ` ${italic(value)}`}`,
    roffText(describe),
  ]
}

function upper(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
