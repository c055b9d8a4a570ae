/**
 * The help texts: of the program, and of one command from its table of flags, in groups. Lines break between words;
 * no line of the overview is longer than a terminal of 80 columns.
 */
import { wrap } from '../report/terminal/layout.ts'
import type { Command, CommandEntry, Flag, FlagTable } from './command.ts'
import { EXIT_STATUSES } from './errors.ts'

const MAX_COLUMNS = 100
const MIN_COLUMNS = 50
const FLAG_COLUMNS = 34
const USAGE_COLUMNS = 36
const STATUS_COLUMNS = 5
const OWN_GROUP = 'Options'

function columnsWithin(terminalColumns: number): number {
  return Math.max(MIN_COLUMNS, Math.min(MAX_COLUMNS, terminalColumns))
}

export function overviewText(commands: readonly CommandEntry[], terminalColumns: number): string {
  const columns = columnsWithin(terminalColumns)
  return lines([
    ...wrap('flowhawk: what talked to what, on which ports, and how many sessions ran at once', columns),
    '',
    'Usage: flowhawk <input..>, with files, directories or - for standard input',
    '       flowhawk COMMAND …',
    '',
    'Commands:',
    ...commands.flatMap(({ usage, describe }) =>
      entryLines(`  ${usage}`, describe, [USAGE_COLUMNS, columns]),
    ),
    '',
    'Exit status:',
    ...EXIT_STATUSES.flatMap(([status, says]) => entryLines(`  ${status}`, says, [STATUS_COLUMNS, columns])),
    '',
    ...wrap('flowhawk COMMAND --help shows what a command takes, flowhawk --version the version.', columns),
  ])
}

export function commandText(entry: CommandEntry, command: Command, terminalColumns: number): string {
  const columns = columnsWithin(terminalColumns)
  return lines([
    `Usage: flowhawk ${entry.name} ${command.positionals}`.trimEnd(),
    '',
    ...wrap(command.describe, columns),
    ...flagGroups(command.flags).flatMap(([group, flags]) => [
      '',
      `${group}:`,
      ...flags.flatMap(([name, flag]) => flagLines(name, flag, columns)),
    ]),
    ...(command.examples.length > 0 ? ['', 'Examples:'] : []),
    ...command.examples.flatMap(([example, says]) => [`  ${example}`, `      ${says}`]),
  ])
}

/** The flags under their headings, both in the order of the table. */
export function flagGroups(flags: FlagTable): [group: string, flags: [name: string, flag: Flag][]][] {
  const groups = new Map<string, [name: string, flag: Flag][]>()
  for (const [name, flag] of Object.entries(flags)) {
    const group = flag.group ?? OWN_GROUP
    const members = groups.get(group) ?? []
    groups.set(group, members)
    members.push([name, flag])
  }
  return [...groups]
}

function flagLines(name: string, flag: Flag, columns: number): string[] {
  const short = flag.alias === undefined ? '   ' : `-${flag.alias},`
  const head = `  ${short} --${name}${flag.value === undefined ? '' : ` ${flag.value}`}`
  return entryLines(head, flag.describe, [FLAG_COLUMNS, columns])
}

/** A term with its description beside it, or below it if the term is too long. */
function entryLines(
  head: string,
  text: string,
  [indent, columns]: [indent: number, columns: number],
): string[] {
  const beside = wrap(text, columns - indent)
  const fits = head.length < indent
  const first = fits ? [head.padEnd(indent) + beside[0]] : [head]
  return [...first, ...beside.slice(fits ? 1 : 0).map((line) => ' '.repeat(indent) + line)]
}

function lines(text: readonly string[]): string {
  return `${text.join('\n')}\n`
}
