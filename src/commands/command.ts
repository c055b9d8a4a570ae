/** The type of a command. Each has its own file, which is imported when the command is called. */
import type { Flags } from '../options.ts'
import type { Screen } from './screen.ts'

export interface Flag {
  describe: string
  /** One letter. */
  alias?: string
  /** Placeholder of the value in the help; absent: a switch. Values arrive as text, options.ts checks them. */
  value?: string
  /** The valid values, for completion by the shell; absent: anything. */
  choices?: readonly string[]
  /** The value may be several choices, separated by commas. */
  isList?: boolean
  /** Its heading in the help. */
  group?: string
}

export type FlagTable = Readonly<Record<string, Flag>>

export interface Command {
  /** The arguments besides flags: "<input..>", "[record]". */
  positionals: string
  describe: string
  /** By name, without dashes. */
  flags: FlagTable
  examples: readonly (readonly [command: string, says: string])[]
  /** The valid first arguments, for completion by the shell; absent: a file. */
  words?(): Promise<readonly string[]>
  /** `flags.input` holds the arguments that are no flags. Returns the exit status. */
  run(flags: Flags, screen: Screen): Promise<number>
}

/** A line of the table of commands. */
export interface CommandEntry {
  name: string
  /** As `flowhawk --help` shows it. */
  usage: string
  describe: string
  /** Called before `load`, which takes a moment: for what cannot wait that long, such as signal handlers. */
  prepare?(screen: Screen): Promise<unknown>
  load(): Promise<Command>
}
