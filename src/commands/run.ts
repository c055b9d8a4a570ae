/**
 * Arguments to a command's run. In: the words after `flowhawk`. Out: the exit status. Which command is meant is
 * decided before its file is imported; yargs then parses its flags and writes the help.
 */
import { existsSync } from 'node:fs'
import yargs, { type Argv } from 'yargs'
import { UsageError } from '../errors.ts'
import type { Flags } from '../options.ts'
import type { Command, CommandEntry } from './command.ts'
import { DONE } from './errors.ts'
import { type Screen, STDOUT, screen } from './screen.ts'
import { COMMANDS, FUTURE_COMMANDS } from './table.ts'

const MAX_COLUMNS = 100
/** A word that could be meant as a command: files usually have a dot or a slash. */
const COMMAND_LIKE = /^[a-z][a-z-]*$/

export async function runCommandLine(args: readonly string[]): Promise<number> {
  const asksHelp = args.some((arg) => arg === '--help' || arg === '-h')
  const named = COMMANDS.find(({ name }) => name === args[0])
  if (named === undefined && (asksHelp || args.length === 0)) return printOverview(args.length === 0)
  if (named === undefined) checkWord(args[0])
  const entry = named ?? COMMANDS[0]
  const command = await entry.load()
  const parser = createParser(entry, command, screen)
  if (asksHelp) {
    screen.write(STDOUT, `${await parser.getHelp()}\n`)
    return DONE
  }
  const flags = await parser.parseAsync(named === undefined ? args : args.slice(1))
  return command.run(withInputs(flags), screen)
}

/** Refuses a first word that is neither a command nor a file, but looks like the former. */
function checkWord(word: string): void {
  if (!COMMAND_LIKE.test(word) || existsSync(word)) return
  if (FUTURE_COMMANDS.includes(word)) {
    throw new UsageError(
      'COMMAND_NOT_BUILT',
      word,
      'this version has no such command yet; see flowhawk --help',
    )
  }
  const names = COMMANDS.map(({ name }) => name).join(', ')
  const what = `neither a command nor a file; commands are ${names}`
  throw new UsageError('COMMAND_UNKNOWN', word, what)
}

/** Everything that is no flag, in the order given, also what stands behind "--". */
function withInputs(flags: Record<string, unknown>): Flags {
  const words = Array.isArray(flags._) ? flags._.map(String) : []
  return { ...flags, input: words }
}

function createParser(entry: CommandEntry, command: Command, { columns }: Screen): Argv {
  const parser = yargs([])
    .scriptName('flowhawk')
    .parserConfiguration({
      'camel-case-expansion': false,
      'dot-notation': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'boolean-negation': false,
      'duplicate-arguments-array': true,
      'strip-aliased': true,
    })
    .usage(`flowhawk ${entry.name} ${command.positionals}\n\n${command.describe}`)
    .exitProcess(false)
    .help(false)
    .version(false)
    .options({ ...command.flags })
    .option('help', { alias: 'h', type: 'boolean', describe: 'this text' })
    .strictOptions()
    .wrap(Math.min(columns(STDOUT), MAX_COLUMNS))
    .fail((message: string | undefined, error: Error | undefined) => {
      throw error ?? new UsageError('OPTION_UNKNOWN', 'flowhawk', usageText(message, entry.name))
    })
  for (const [example, says] of command.examples) parser.example(example, says)
  return parser
}

function usageText(message: string | undefined, name: string): string {
  const what = (message ?? 'wrong usage').split('\n')[0]
  return `${what.charAt(0).toLowerCase()}${what.slice(1)}; see flowhawk ${name} --help`
}

function printOverview(missing: boolean): number {
  const width = Math.max(...COMMANDS.map(({ usage }) => usage.length))
  const lines = [
    'flowhawk: what talked to what, on which ports, and how many sessions ran at once',
    '',
    'flowhawk <input..>, with files, directories or -; or one of these commands:',
    '',
    ...COMMANDS.map(({ usage, describe }) => `  ${usage.padEnd(width)}  ${describe}`),
    '',
    'flowhawk COMMAND --help shows the options of a command, flowhawk --version the version.',
    '',
  ]
  if (missing) {
    throw new UsageError('INPUT_MISSING', 'flowhawk', 'no input; name a capture file, or see flowhawk --help')
  }
  screen.write(STDOUT, lines.join('\n'))
  return DONE
}
