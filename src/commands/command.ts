/** What a command is. Each lives in its own file, which is imported when the command is chosen. */
import type { Options as FlagOptions } from 'yargs'
import type { Flags } from '../options.ts'
import type { Screen } from './screen.ts'

export interface Command {
  /** Positional arguments as yargs writes them: "<input..>". */
  positionals: string
  describe: string
  /** Flags by name. Values are taken as text: options.ts checks them. */
  flags: Readonly<Record<string, FlagOptions>>
  examples: readonly (readonly [command: string, says: string])[]
  /** Returns the exit status. */
  run(flags: Flags, screen: Screen): Promise<number>
}

/** A line of the table of commands. */
export interface CommandEntry {
  name: string
  /** As `flowhawk --help` shows it. */
  usage: string
  describe: string
  load(): Promise<Command>
}
