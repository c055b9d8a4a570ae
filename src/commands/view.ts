/** The summary for a person: whether it is shown, and where. */
import { linkTypeName } from '../capture/linktypes.ts'
import type { Options } from '../options.ts'
import { terminalSummary } from '../report/terminal/summary.ts'
import type { Tally } from '../report/terminal/tally.ts'
import { type Screen, STDERR, STDOUT } from './screen.ts'

export interface View {
  /** The summary takes the place of the records. */
  insteadOfRecords: boolean
  show(tally: Tally): void
}

/** On standard output where that is a terminal; beside --output FILE on standard error where that is one. */
export function viewOf(options: Options, screen: Screen, sessionsOnly: boolean): View | undefined {
  const descriptor = viewDescriptor(options, screen)
  if (descriptor === undefined) return undefined
  const show = (tally: Tally) => {
    const columns = screen.columns(descriptor)
    const color = screen.color(descriptor, options.color)
    screen.write(descriptor, terminalSummary(tally, { columns, color, sessionsOnly, linkTypeName }))
  }
  return { insteadOfRecords: descriptor === STDOUT, show }
}

/** Undefined where no view is shown. */
export function viewDescriptor({ output, quiet }: Options, screen: Screen): number | undefined {
  if (output === undefined) return screen.isTerminal(STDOUT) ? STDOUT : undefined
  return output !== '-' && !quiet && screen.isTerminal(STDERR) ? STDERR : undefined
}
