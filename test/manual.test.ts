/** What the tool says of itself: the help of every command and the manual page, as committed and as the table has it. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { fieldsPage } from '../scripts/manual/fields.ts'
import { helpTexts } from '../scripts/manual/help.ts'
import { labelsPage } from '../scripts/manual/labels.ts'
import { manualPage } from '../scripts/manual/page.ts'
import { roffText } from '../scripts/manual/roff.ts'
import type { Flag } from '../src/commands/command.ts'
import { commandText } from '../src/commands/help.ts'
import { sessions } from '../src/commands/sessions.ts'
import { COMMANDS } from '../src/commands/table.ts'
import { displayWidth } from '../src/report/terminal/layout.ts'

const test = suite('manual')

const project = fileURLToPath(new URL('../../', import.meta.url))
const cli = fileURLToPath(new URL('../src/cli.js', import.meta.url))
const page = join(project, 'man/flowhawk.1')
const AGAIN = 'read the difference, then run: npm run manual'
/** Options that the README and scripts rely on, of every command that analyses. */
const COMMON =
  'output format records rules site registry idle-timeout active-timeout pool-idle max-flows decapsulate ignore-vlan ' +
  'time candidates jobs quiet color'

const expected = (name: string) => readFileSync(join(project, 'fixtures/help', name), 'utf8')

function help(...args: string[]): string {
  const { stdout, stderr, status } = spawnSync(process.execPath, [cli, ...args])
  assert.is(stderr.toString(), '')
  assert.is(status, 0)
  return stdout.toString()
}

test('the help is as committed', async () => {
  const texts = await helpTexts()
  for (const [name, text] of texts) assert.is(text, expected(name), `fixtures/help/${name}: ${AGAIN}`)
  assert.equal(readdirSync(join(project, 'fixtures/help')).sort(), [...texts.keys()].sort(), AGAIN)
})

test('the help of sessions says which records it writes', () => {
  const run = spawnSync(process.execPath, [cli, 'sessions', 'fixtures/framehawk.pcap'], { cwd: project })
  const written = run.stdout.toString().matchAll(/^\{"type":"(\w+)"/gm)
  for (const [, type] of written)
    assert.match(sessions.flags.records.describe, new RegExp(`default .*\\b${type}\\b`))
})

test('--help, -h and help show it', () => {
  for (const args of [['--help'], ['-h'], ['help']]) assert.is(help(...args), expected('flowhawk.txt'))
  for (const args of [
    ['port', '--help'],
    ['port', '80', '-h'],
    ['help', 'port'],
  ])
    assert.is(help(...args), expected('port.txt'))
})

test('the help fits a terminal of 80 columns, and of 100', async () => {
  for (const entry of COMMANDS) {
    const command = await entry.load()
    for (const columns of [80, 100]) {
      const [, ...body] = commandText(entry, command, columns).split('\n')
      for (const line of body) assert.ok(displayWidth(line) <= columns, line)
    }
  }
  for (const line of expected('flowhawk.txt').split('\n')) assert.ok(displayWidth(line) <= 80, line)
})

test('every option says what it does, under a heading, and what holds without it', async () => {
  for (const { name, load } of COMMANDS) {
    for (const [option, flag] of Object.entries((await load()).flags)) {
      const place = `${name} --${option}`
      assert.match(flag.describe, /^\S.{9,}[^.]$/, place)
      if (needsDefault(flag)) assert.match(flag.describe, /default/, place)
      if (flag.choices !== undefined && !flag.isList) assert.is(flag.value, flag.choices.join('|'), place)
    }
  }
})

/** A number, a time or one of a few words; a file that is not named is not read. */
function needsDefault({ value = '', choices }: Flag): boolean {
  return choices !== undefined || /^(MIB|SECONDS|TIME.*)$/.test(value)
}

test('a command that analyses has the options that all share', async () => {
  for (const name of ['analyze', 'sessions', 'live']) {
    const command = await COMMANDS.find((entry) => entry.name === name)?.load()
    for (const option of COMMON.split(' ')) assert.ok(command?.flags[option], `${name} --${option}`)
  }
})

test('the manual page is as committed', async () => {
  const { version, man } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'))
  // As a list: as a text newer releases of npm install no page.
  assert.equal(man, ['man/flowhawk.1'])
  assert.is(join(project, man[0]), page)
  assert.ok((await manualPage(version)) === readFileSync(page, 'utf8'), `man/flowhawk.1: ${AGAIN}`)
})

test('the page of fields is as committed', () => {
  assert.ok(
    fieldsPage() === readFileSync(join(project, 'docs/fields.md'), 'utf8'),
    `docs/fields.md: ${AGAIN}`,
  )
})

test('the page of labels is as committed', () => {
  assert.ok(
    labelsPage() === readFileSync(join(project, 'docs/labels.md'), 'utf8'),
    `docs/labels.md: ${AGAIN}`,
  )
})

test('the manual page names every option of every command', async () => {
  const text = readFileSync(page, 'utf8')
  for (const { load } of COMMANDS) {
    for (const option of Object.keys((await load()).flags)) {
      assert.ok(
        text.includes(`\n.TP\n\\fB${roffText(`--${option}`)}\\fR`) ||
          text.includes(`, \\fB${roffText(`--${option}`)}\\fR`),
        option,
      )
    }
  }
})

test('text cannot become a request of roff', () => {
  assert.is(roffText('.so /etc/passwd'), '\\&.so /etc/passwd')
  assert.is(roffText("'br \\fB -x… ~"), '\\(aqbr \\(rsfB \\-x\\[u2026] \\(ti')
})

const hasMan = spawnSync('man', ['--version']).error === undefined
const shown = hasMan || process.env.CI ? test : test.skip
if (!hasMan) console.log('showing the manual page is skipped: needs man')

shown('man finds no fault in the page, and shows its sections', () => {
  const env = { ...process.env, MANWIDTH: '80', LC_ALL: 'C.UTF-8', MANROFFOPT: '' }
  const { stdout, stderr, status } = spawnSync('man', ['--warnings=w', '-l', page], { env })
  assert.is(stderr.toString(), '')
  assert.is(status, 0)
  const text = stdout.toString()
  for (const heading of ['NAME', 'SYNOPSIS', 'COMMANDS', 'OPTIONS', 'EXIT STATUS', 'ENVIRONMENT', 'SEE ALSO'])
    assert.match(text, new RegExp(`^${heading}$`, 'm'))
  assert.match(text, `flowhawk capture.pcapng -o - | jq 'select(.type=="pool")'`)
})

test.run()
