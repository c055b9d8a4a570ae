/** The help texts as a terminal of 80 columns shows them: of the program, and of each command. */
import { commandText, overviewText } from '../../src/commands/help.ts'
import { COMMANDS } from '../../src/commands/table.ts'

const COLUMNS = 80

/** By file name: "flowhawk.txt", "live.txt". */
export async function helpTexts(): Promise<Map<string, string>> {
  const texts = new Map([['flowhawk.txt', overviewText(COMMANDS, COLUMNS)]])
  for (const entry of COMMANDS) {
    texts.set(`${entry.name}.txt`, commandText(entry, await entry.load(), COLUMNS))
  }
  return texts
}
