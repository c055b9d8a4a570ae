/**
 * Completion of a command line: commands, options, their fixed choices. In: the words after `flowhawk`, the last of them
 * the one being typed. Out: candidates; none where a file or a free value is expected, and the shell then offers files.
 * Not supported: values after "=" in one word, which only zsh passes like that.
 */
import process from 'node:process'
import type { Command, Flag } from './command.ts'
import { DONE } from './errors.ts'
import { type Screen, STDOUT } from './screen.ts'
import { COMMANDS } from './table.ts'

export interface Candidate {
  word: string
  describe: string
}

/** Called by the completion script with the program and the words after it, the last still being typed. */
export async function complete([, ...words]: readonly string[], screen: Screen): Promise<number> {
  const describes = process.env.SHELL?.includes('zsh') === true || process.env.ZSH_NAME !== undefined
  const lines = (await completionWords(words)).map(({ word, describe }) =>
    describes && describe !== '' ? `${word.replaceAll(':', '\\:')}:${describe}` : word,
  )
  screen.write(STDOUT, lines.map((line) => `${line}\n`).join(''))
  return DONE
}

export async function completionWords(words: readonly string[]): Promise<Candidate[]> {
  const typed = words.at(-1) ?? ''
  const before = words.slice(0, -1)
  if (before.includes('--')) return []
  const entry = COMMANDS.find(({ name }) => name === before[0])
  const command = await (entry ?? COMMANDS[0]).load()
  const pending = pendingFlag(command, before)
  if (pending !== undefined) return choicesOf(pending, typed)
  if (typed.startsWith('-')) return optionsOf(command, before)
  if (before.length === 0) return COMMANDS.map(({ name, describe }) => ({ word: name, describe }))
  const given = entry === undefined ? before : before.slice(1)
  return given.length === 0 ? plain((await command.words?.()) ?? []) : []
}

/** The option whose value is being typed; bash passes "=" as a word of its own. */
function pendingFlag(command: Command, before: readonly string[]): Flag | undefined {
  const last = before.at(-1) === '=' ? before.at(-2) : before.at(-1)
  if (last === undefined) return undefined
  const found = Object.entries(command.flags).find(
    ([name, { alias }]) => last === `--${name}` || last === `-${alias}`,
  )
  return found?.[1].value === undefined ? undefined : found[1]
}

function choicesOf({ choices = [], isList }: Flag, typed: string): Candidate[] {
  if (!isList) return plain(choices)
  const head = typed.slice(0, typed.lastIndexOf(',') + 1)
  const used = head.split(',')
  return plain(choices.filter((choice) => !used.includes(choice)).map((choice) => head + choice))
}

function optionsOf(command: Command, before: readonly string[]): Candidate[] {
  const options = Object.entries(command.flags).map(([name, { describe }]) => ({
    word: `--${name}`,
    describe,
  }))
  return [...options, { word: '--help', describe: 'what the command takes' }].filter(
    ({ word }) => !before.includes(word),
  )
}

function plain(words: readonly string[]): Candidate[] {
  return words.map((word) => ({ word, describe: '' }))
}
