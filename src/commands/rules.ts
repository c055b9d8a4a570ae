/** `flowhawk rules check FILE…` tells every fault of rule and site files, `rules builtin` prints the built-in rules. */
import { UsageError } from '../errors.ts'
import { builtinRulesText } from '../label/knowledge.ts'
import type { Fault } from '../label/rules.ts'
import type { Command } from './command.ts'
import { DONE, WRONG_USAGE } from './errors.ts'
import { readText } from './knowledge-files.ts'
import { type Screen, STDERR, STDOUT } from './screen.ts'

export const rules: Command = {
  positionals: '<check|builtin> [file..]',
  describe: 'Checks rule and site files, naming line and path of every fault; or prints the built-in rules.',
  flags: {},
  examples: [
    ['flowhawk rules check rules.yaml', 'every fault of a file'],
    ['flowhawk rules builtin', 'the built-in rules, to copy from'],
  ],
  async run(flags, screen) {
    const [verb, ...files] = Array.isArray(flags.input) ? flags.input.map(String) : []
    if (verb === 'builtin' && files.length === 0) {
      screen.write(STDOUT, builtinRulesText)
      return DONE
    }
    if (verb !== 'check' || files.length === 0) {
      const found = verb === undefined ? 'nothing' : JSON.stringify([verb, ...files].join(' '))
      throw new UsageError(
        'RULES_COMMAND',
        'rules',
        `found ${found}, expected: rules check FILE, or: rules builtin`,
      )
    }
    let status = DONE
    for (const file of files) status = Math.max(status, await checkFile(file, screen))
    return status
  },
}

interface Report {
  says: string
  faults: Fault[]
  warnings: Fault[]
}

async function checkFile(file: string, screen: Screen): Promise<number> {
  const text = await readText(file)
  const { says, faults, warnings } = isSite(text)
    ? await siteReport(text, file)
    : await rulesReport(text, file)
  for (const warning of warnings) screen.write(STDERR, `warning: ${warning.text}\n`)
  for (const fault of faults) screen.write(STDERR, `${fault.text}\n`)
  if (faults.length > 0) return WRONG_USAGE
  screen.write(STDOUT, `ok: ${says}\n`)
  return DONE
}

/** Site files have other top keys; a file with neither is judged as a rule file. */
function isSite(text: string): boolean {
  return (
    /^[ {"']*(?:servers|internal)["']?\s*:/m.test(text) && !/^[ {"']*(?:pools|labels)["']?\s*:/m.test(text)
  )
}

async function rulesReport(text: string, file: string): Promise<Report> {
  const { checkRules } = await import('../label/rules.ts')
  const { value, faults, warnings } = checkRules(text, file)
  return { says: `${count(value.pools, 'pool')}, ${count(value.labels, 'label')}`, faults, warnings }
}

async function siteReport(text: string, file: string): Promise<Report> {
  const { checkSite } = await import('../label/site.ts')
  const { value, faults, warnings } = checkSite(text, file)
  const says = `${count(value.servers, 'server')}, ${count(value.internal, 'internal network')}`
  return { says, faults, warnings }
}

function count(list: readonly unknown[], noun: string): string {
  return `${list.length} ${noun}${list.length === 1 ? '' : 's'}`
}
