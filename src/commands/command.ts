/** What a command is. Each lives in its own file, which is imported when the command is chosen. */
import type { Flags } from '../options.ts'
import type { Screen } from './screen.ts'

export interface Flag {
  describe: string
  /** One letter. */
  alias?: string
  /** What stands for the value in the help; absent: a switch. Values arrive as text, options.ts checks them. */
  value?: string
  /** All that the value may be, for the shell to complete; absent: anything. */
  choices?: readonly string[]
  /** Several choices may stand in one value, with commas. */
  isList?: boolean
  /** Its heading in the help. */
  group?: string
}

export type FlagTable = Readonly<Record<string, Flag>>

export interface Command {
  /** What may follow the name besides flags: "<input..>", "[record]". */
  positionals: string
  describe: string
  /** By name, without dashes. */
  flags: FlagTable
  examples: readonly (readonly [command: string, says: string])[]
  /** What the first word that is no flag may be, for the shell to complete; absent: a file. */
  words?(): Promise<readonly string[]>
  /** `flags.input` holds the words that are no flags. Returns the exit status. */
  run(flags: Flags, screen: Screen): Promise<number>
}

/** A line of the table of commands. */
export interface CommandEntry {
  name: string
  /** As `flowhawk --help` shows it. */
  usage: string
  describe: string
  /** What a run cannot leave until its file is loaded, which takes a moment. */
  prepare?(screen: Screen): Promise<unknown>
  load(): Promise<Command>
}
