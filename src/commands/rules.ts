/** `flowhawk rules check FILE…` lists every fault of rule and site files, `rules builtin` prints the built-in rules. */
import { UsageError } from '../errors.ts'
import { builtinRules, builtinRulesText } from '../label/rules/knowledge.ts'
import type { Fault } from '../label/rules/rules.ts'
import { MAX_FAULTS } from '../label/rules/rules-document.ts'
import { safeText } from '../text.ts'
import type { Command } from './command.ts'
import { DONE, WRONG_USAGE } from './errors.ts'
import { readText } from './knowledge-files.ts'
import { type Screen, STDERR, STDOUT } from './screen.ts'

const SYNTAX = 'RULE_SYNTAX'
const MAX_SYNTAX = 5

export const rules: Command = {
  positionals: '<check|builtin> [file..]',
  describe: 'Checks rule and site files, naming line and path of every fault; or prints the built-in rules.',
  flags: {},
  examples: [
    ['flowhawk rules check rules.yaml', 'every fault of a file'],
    ['flowhawk rules check rules.yaml site.yaml', 'a site file and the pools that it names'],
    ['flowhawk rules builtin', 'the built-in rules, to copy from'],
  ],
  words: async () => ['check', 'builtin'],
  async run(flags, screen) {
    const [verb, ...files] = Array.isArray(flags.input) ? flags.input.map(String) : []
    if (verb === 'builtin' && files.length === 0) {
      screen.write(STDOUT, builtinRulesText)
      return DONE
    }
    if (verb !== 'check' || files.length === 0) {
      const words = verb === undefined ? 'nothing' : JSON.stringify([verb, ...files].join(' '))
      const found = verb === 'check' ? 'check without a file' : words
      throw new UsageError(
        'RULES_COMMAND',
        'rules',
        `found ${found}, expected: rules check FILE, or: rules builtin`,
      )
    }
    const texts: [file: string, text: string][] = []
    for (const file of files) texts.push([file, await readText(file)])
    const known = await knownNames(texts)
    let status = DONE
    for (const each of texts) status = Math.max(status, await checkFile(each, known, screen))
    return status
  },
}

/** What files may name: built in, or of a rule file that is checked with them. */
interface Known {
  pools: string[]
  /** Labels that payload may show. */
  labels: string[]
}

async function knownNames(texts: readonly [file: string, text: string][]): Promise<Known> {
  const { checkRules } = await import('../label/rules/rules.ts')
  const { builtinSignatures } = await import('../label/signatures/all.ts')
  const own = texts.filter(([, text]) => !isSite(text)).map(([file, text]) => checkRules(text, file).value)
  const byPayload = own.flatMap(({ labels }) => labels).filter(({ payload }) => payload !== undefined)
  return {
    pools: [builtinRules(), ...own].flatMap((rules) => rules.pools.map(({ name }) => name)),
    labels: [...new Set([...builtinSignatures(), ...byPayload].map(({ label }) => label))],
  }
}

interface Report {
  says: string
  faults: Fault[]
  warnings: Fault[]
}

async function checkFile(
  [file, text]: [file: string, text: string],
  known: Known,
  screen: Screen,
): Promise<number> {
  const { says, faults, warnings } = isSite(text)
    ? await siteReport(text, file, known)
    : await rulesReport(text, file, known)
  for (const warning of warnings) screen.write(STDERR, `warning: ${warning.text}\n`)
  for (const line of faultLines(file, faults)) screen.write(STDERR, `${line}\n`)
  if (faults.length > 0) return WRONG_USAGE
  screen.write(STDOUT, `ok: ${says}\n`)
  return DONE
}

/**
 * Every fault up to a limit, but only the first ones of the syntax: one often causes others, and a file may be no YAML
 * at all.
 */
function faultLines(file: string, faults: readonly Fault[]): string[] {
  let syntax = 0
  const told = faults.filter(({ code }) => code !== SYNTAX || ++syntax <= MAX_SYNTAX)
  const lines = told.map(({ text }) => text)
  if (syntax > MAX_SYNTAX) {
    const more = `${syntax - MAX_SYNTAX} more faults of syntax; correct those above first, or is it no YAML?`
    lines.push(`${safeText(file)}: ${more} (${SYNTAX})`)
  }
  if (faults.length === MAX_FAULTS) {
    const more = `${MAX_FAULTS} faults, and there may be more; correct those above, then check again`
    lines.push(`${safeText(file)}: ${more} (RULE_LIMIT)`)
  }
  return lines
}

/** Site files have other top keys, and a top key comes before those within; a file with neither is judged as a rule file. */
function isSite(text: string): boolean {
  const [, first] = /^[ \t{"']*(servers|internal|pools|labels)["']?\s*:/m.exec(text) ?? []
  return first === 'servers' || first === 'internal'
}

async function rulesReport(text: string, file: string, { labels }: Known): Promise<Report> {
  const { checkRules } = await import('../label/rules/rules.ts')
  const { value, faults, warnings } = checkRules(text, file, labels)
  return { says: `${count(value.pools, 'pool')}, ${count(value.labels, 'label')}`, faults, warnings }
}

/** An unknown pool is only a warning: it may be in a rule file that was not named here. */
async function siteReport(text: string, file: string, { pools }: Known): Promise<Report> {
  const { checkSite } = await import('../label/rules/site.ts')
  const { value, faults, warnings } = checkSite(text, file)
  const says = `${count(value.servers, 'server')}, ${count(value.internal, 'internal network')}`
  const doubts = checkSite(text, file, pools).faults.filter(({ code }) => code === 'RULE_POOL')
  return { says, faults, warnings: [...warnings, ...doubts] }
}

function count(list: readonly unknown[], noun: string): string {
  return `${list.length} ${noun}${list.length === 1 ? '' : 's'}`
}
