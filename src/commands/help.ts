/** The help texts: of the program, and of one command from its table of flags. Lines break between words. */
import { wrap } from '../report/layout.ts'
import type { Command, CommandEntry } from './command.ts'

const MAX_COLUMNS = 100
const MIN_COLUMNS = 50
const FLAG_COLUMNS = 34

export function overviewText(commands: readonly CommandEntry[]): string {
  const width = Math.max(...commands.map(({ usage }) => usage.length))
  return lines([
    'flowhawk: what talked to what, on which ports, and how many sessions ran at once',
    '',
    'flowhawk <input..>, with files, directories or -; or one of these commands:',
    '',
    ...commands.map(({ usage, describe }) => `  ${usage.padEnd(width)}  ${describe}`),
    '',
    'flowhawk COMMAND --help shows the options of a command, flowhawk --version the version.',
  ])
}

export function commandText(entry: CommandEntry, command: Command, terminalColumns: number): string {
  const columns = Math.max(MIN_COLUMNS, Math.min(MAX_COLUMNS, terminalColumns))
  const flags = Object.entries(command.flags).flatMap(([name, flag]) => flagLines(name, flag, columns))
  return lines([
    `flowhawk ${entry.name} ${command.positionals}`,
    '',
    ...wrap(command.describe, columns),
    ...(flags.length > 0 ? ['', 'Options:', ...flags] : []),
    ...(command.examples.length > 0 ? ['', 'Examples:'] : []),
    ...command.examples.flatMap(([example, says]) => [`  ${example}`, `      ${says}`]),
  ])
}

function flagLines(name: string, flag: Command['flags'][string], columns: number): string[] {
  const short = flag.alias === undefined ? '   ' : `-${flag.alias},`
  const head = `  ${short} --${name}${flag.value === undefined ? '' : ` ${flag.value}`}`
  const text = wrap(flag.describe, columns - FLAG_COLUMNS)
  const first = head.length < FLAG_COLUMNS ? [head.padEnd(FLAG_COLUMNS) + text[0]] : [head]
  const rest = head.length < FLAG_COLUMNS ? text.slice(1) : text
  return [...first, ...rest.map((line) => ' '.repeat(FLAG_COLUMNS) + line)]
}

function lines(text: readonly string[]): string {
  return `${text.join('\n')}\n`
}
