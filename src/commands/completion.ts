/**
 * `flowhawk completion`: the script that makes a shell complete the words after `flowhawk`. The script calls
 * flowhawk again, with COMPLETION_KEY and the words typed so far (completion-words.ts). Both come from yargs.
 */
import process from 'node:process'
import yargs from 'yargs'
import { UsageError } from '../errors.ts'
import type { Command } from './command.ts'
import { DONE } from './errors.ts'
import { STDOUT } from './screen.ts'

const SHELLS = ['bash', 'zsh'] as const
type Shell = (typeof SHELLS)[number]
/** The end of yargs' script for zsh; without a candidate files should be offered there, as in bash. */
const ZSH_DESCRIBE = "_describe 'values' reply"

export const completion: Command = {
  positionals: '<bash|zsh>',
  describe:
    'Prints a script that makes the shell complete commands, options and their values. Put its line into ~/.bashrc, ' +
    'or into ~/.zshrc behind compinit.',
  flags: {},
  examples: [
    ['source <(flowhawk completion bash)', 'complete in this bash'],
    ['source <(flowhawk completion zsh)', 'complete in this zsh, with what each word means'],
  ],
  words: async () => SHELLS,
  async run(flags, screen) {
    const words = Array.isArray(flags.input) ? flags.input.map(String) : []
    const shell = SHELLS.find((each) => each === words[0])
    if (shell === undefined || words.length > 1) {
      const found = words.length === 0 ? 'no shell' : JSON.stringify(words.join(' '))
      throw new UsageError('COMPLETION_SHELL', 'completion', `found ${found}, expected bash or zsh`)
    }
    screen.write(STDOUT, await script(shell))
    return DONE
  },
}

/** yargs chooses the script by the shell of the environment. */
async function script(shell: Shell): Promise<string> {
  process.env.SHELL = shell
  delete process.env.ZSH_NAME
  const command = `completion ${shell}`
  const parser = yargs([]).scriptName('flowhawk').completion(command, false)
  const text = await new Promise<string>((resolve) => {
    parser.parse([command], (_error: unknown, _flags: unknown, output: string) => resolve(output))
  })
  const files = text.replace(ZSH_DESCRIBE, `[[ \${#reply} -gt 0 ]] && ${ZSH_DESCRIBE} || _files`)
  return `${files.trimEnd()}\n`
}
