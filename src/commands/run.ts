/**
 * Runs a command line. In: the words after `flowhawk`. Out: the exit status. The command is determined before its file
 * is imported; yargs then parses its flags.
 */
import { existsSync } from 'node:fs'
import yargs from 'yargs'
import { UsageError } from '../errors.ts'
import { nearest } from '../label/nearest.ts'
import type { Flags } from '../options.ts'
import { safeText } from '../text.ts'
import type { Command, CommandEntry } from './command.ts'
import { DONE } from './errors.ts'
import { commandText, overviewText } from './help.ts'
import { STDOUT, screen } from './screen.ts'
import { COMMANDS } from './table.ts'

/** A word that could be meant as a command: files usually have a dot or a slash. */
const COMMAND_LIKE = /^[a-z][a-z-]*$/

/** What the completion script of yargs puts before the words to complete. */
const COMPLETION_KEY = '--get-yargs-completions'

export async function runCommandLine(given: readonly string[]): Promise<number> {
  if (given[0] === COMPLETION_KEY) {
    const { complete } = await import('./completion-words.ts')
    return complete(given.slice(1), screen)
  }
  const args = given[0] === 'help' && !existsSync('help') ? [...given.slice(1), '--help'] : given
  const named = COMMANDS.find(({ name }) => name === args[0])
  const flagsEnd = args.indexOf('--')
  const asksHelp = args
    .slice(0, flagsEnd < 0 ? undefined : flagsEnd)
    .some((arg) => arg === '--help' || arg === '-h')
  if (named === undefined && asksHelp) {
    if (!args[0].startsWith('-')) checkWord(args[0])
    screen.write(STDOUT, overviewText(COMMANDS, screen.columns(STDOUT)))
    return DONE
  }
  if (named === undefined) checkWord(args[0])
  const entry = named ?? COMMANDS[0]
  if (!asksHelp) await entry.prepare?.(screen)
  const command = await entry.load()
  if (asksHelp) {
    screen.write(STDOUT, commandText(entry, command, screen.columns(STDOUT)))
    return DONE
  }
  return command.run(await parse(entry, command, named === undefined ? args : args.slice(1)), screen)
}

/** Refuses a first word that is neither a command nor a file, but looks like the former. */
function checkWord(word: string | undefined): void {
  if (word === undefined) {
    throw new UsageError('INPUT_MISSING', 'flowhawk', 'no input; name a capture file, or see flowhawk --help')
  }
  if (!COMMAND_LIKE.test(word) || existsSync(word)) return
  const names = COMMANDS.map(({ name }) => name)
  const hint = nearest(word, names)
  const meant = hint === undefined ? `commands are ${names.join(', ')}` : `did you mean ${hint}?`
  const what = `neither a command nor a file; ${meant}`
  throw new UsageError('COMMAND_UNKNOWN', word, what)
}

/** The flags, and as `input` all other arguments in their order, including those after "--". */
async function parse(entry: CommandEntry, command: Command, args: readonly string[]): Promise<Flags> {
  const parser = yargs([])
    .parserConfiguration({
      'camel-case-expansion': false,
      'dot-notation': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'boolean-negation': false,
      'duplicate-arguments-array': true,
      'strip-aliased': true,
    })
    .exitProcess(false)
    .help(false)
    .version(false)
    .strictOptions()
    .fail((message: string | undefined, error: Error | undefined) => {
      const what = message ?? error?.message ?? 'wrong usage'
      throw new UsageError('OPTION_WRONG', 'flowhawk', usageText(what, entry.name, command))
    })
  for (const [name, { alias, value }] of Object.entries(command.flags)) {
    parser.option(name, {
      alias,
      type: value === undefined ? 'boolean' : 'string',
      requiresArg: value !== undefined,
    })
  }
  refuseValues(args, command)
  const flags: Record<string, unknown> = await parser.parseAsync(args)
  return { ...flags, input: Array.isArray(flags._) ? flags._.map(String) : [] }
}

/** Refuses a value of a switch; `=true` and `=false` are allowed for scripts. */
function refuseValues(args: readonly string[], { flags }: Command): void {
  for (const arg of args) {
    if (arg === '--') return
    const [, name, value] = /^--?([^=]+)=(.*)$/s.exec(arg) ?? []
    if (name === undefined) continue
    const named = Object.entries(flags).find(([long, { alias }]) => long === name || alias === name)
    if (named === undefined || named[1].value !== undefined || value === 'true' || value === 'false') continue
    const what = `found ${JSON.stringify(value)}, expected no value: --${named[0]} is on or left out`
    throw new UsageError('OPTION_VALUE', `--${named[0]}`, what)
  }
}

/** The parser's message, shorter and with a hint. */
function usageText(message: string, name: string, { flags }: Command): string {
  const what = safeText(message.split('\n')[0])
  const help = `see flowhawk ${name} --help`
  const unknown = /^Unknown argument: (\S+)$/.exec(what)?.[1]
  if (unknown !== undefined) {
    const hint = nearest(unknown, [...Object.keys(flags), 'help', 'version'])
    return `unknown option ${dashed(unknown)}; ${hint === undefined ? help : `did you mean --${hint}?`}`
  }
  const bare = /^Not enough arguments following: (\S+)$/.exec(what)?.[1]
  if (bare !== undefined) return `found no value behind ${dashed(bare)}; ${help}`
  return `${what.charAt(0).toLowerCase()}${what.slice(1)}; ${help}`
}

function dashed(option: string): string {
  return option.length === 1 ? `-${option}` : `--${option}`
}
