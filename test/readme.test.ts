/** What the two README files say is so: examples, screens, commands, files and constants. */
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { summaryPicture, summaryText } from '../scripts/pictures/summary.ts'
import { EXIT_STATUSES } from '../src/commands/errors.ts'
import { COMMANDS } from '../src/commands/table.ts'
import { checkRules } from '../src/label/rules/rules.ts'
import { checkSite } from '../src/label/rules/site.ts'

const test = suite('readme')

const project = fileURLToPath(new URL('../../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'flowhawk-readme-'))
test.after(() => rmSync(folder, { recursive: true }))

const readme = readFileSync(join(project, 'README.md'), 'utf8')
const map = readFileSync(join(project, 'src/README.md'), 'utf8')

/** Every js block of the README with the text block behind it. */
function examples(): { code: string; output: string }[] {
  const pairs = readme.matchAll(/```js\n([\s\S]*?)```\n\n```text\n([\s\S]*?)```/g)
  return [...pairs].map(([, code, output]) => ({ code, output }))
}

test('the examples of the README do what it says', () => {
  const found = examples()
  assert.is(found.length, 2)
  assert.is(readme.split('```js').length - 1, found.length)
  const library = new URL('../src/index.js', import.meta.url).href
  for (const [i, { code, output }] of found.entries()) {
    assert.match(code, /from 'flowhawk'/)
    const file = join(folder, `example-${i}.mjs`)
    writeFileSync(file, code.replace("from 'flowhawk'", `from '${library}'`))
    const { stdout, stderr, status } = spawnSync(process.execPath, [file], { cwd: project })
    assert.is(stderr.toString(), '')
    assert.is(stdout.toString(), output)
    assert.is(status, 0)
  }
})

/** Every sh block of the README that needs neither root nor the network, with the text block right behind it. */
function shellExamples(): { code: string; output: string | undefined }[] {
  const blocks = readme.matchAll(/```sh\n([\s\S]*?)```\n(?:\n```text\n([\s\S]*?)```)?/g)
  return [...blocks]
    .map(([, code, output]) => ({ code, output }))
    .filter(({ code }) => !/^(sudo|npm) /m.test(code))
}

/** A folder like a fresh clone, with what the examples call: the built flowhawk, and DuckDB as its library has it. */
function clone(): { cwd: string; path: string } {
  const cwd = join(folder, 'clone')
  const path = join(folder, 'bin')
  for (const each of [cwd, path]) mkdirSync(each)
  symlinkSync(join(project, 'fixtures'), join(cwd, 'fixtures'))
  const [rules, site] = yamlFiles()
  writeFileSync(join(cwd, 'rules.yaml'), rules)
  writeFileSync(join(cwd, 'site.yaml'), site)
  const cli = fileURLToPath(new URL('../src/cli.js', import.meta.url))
  writeFileSync(join(path, 'npx'), `#!/bin/sh\nshift\nexec "${process.execPath}" "${cli}" "$@"\n`)
  writeFileSync(join(path, 'duckdb'), `#!/bin/sh\nexec "${process.execPath}" "${path}/duckdb.mjs" "$@"\n`)
  writeFileSync(join(path, 'duckdb.mjs'), duckdbProgram(import.meta.resolve('@duckdb/node-api')))
  for (const name of ['npx', 'duckdb']) chmodSync(join(path, name), 0o755)
  return { cwd, path }
}

/** `duckdb -csv -c SQL`. */
const duckdbProgram = (library: string) => `import { DuckDBInstance } from '${library}'
if (process.argv[2] !== '-csv' || process.argv[3] !== '-c') throw new Error('expected -csv -c SQL')
const connection = await (await DuckDBInstance.create()).connect()
const rows = await connection.runAndReadAll(process.argv[4])
for (const row of [rows.columnNames(), ...rows.getRows()]) console.log(row.map((value) => value ?? '').join(','))
`

const hasJq = spawnSync('jq', ['--version']).error === undefined
if (!hasJq) console.log('examples with jq are skipped: needs jq')

test('the shell examples of the README do what it says', () => {
  const found = shellExamples()
  assert.ok(found.length >= 10, `${found.length} examples`)
  assert.ok(found.filter(({ output }) => output !== undefined).length >= 6)
  const { cwd, path } = clone()
  const { NODE_V8_COVERAGE: _coverage, FLOWHAWK_DEBUG: _debug, ...env } = process.env
  for (const { code, output } of found) {
    if (!hasJq && !process.env.CI && /\bjq\b/.test(code)) continue
    const { stdout, stderr, status } = spawnSync('bash', ['-c', `set -e\n${code}`], {
      cwd,
      env: { ...env, PATH: `${path}:${env.PATH}` },
    })
    assert.is(stderr.toString(), '', code)
    assert.is(status, 0, code)
    if (output !== undefined) assert.is(stdout.toString(), output, code)
  }
})

test('the picture of the terminal shows what the first command prints', async () => {
  const shown = readFileSync(join(project, 'docs/terminal.svg'), 'utf8')
  assert.ok(shown === (await summaryPicture()), 'docs/terminal.svg is old: run npm run pictures')
  assert.match(readme, /npm start -- fixtures\/framehawk\.pcap/)
  const [headline] = (await summaryText(false)).split('.')
  assert.ok(readme.includes(`![${headline}`), 'the text of the picture')
})

test('the pictures are there, and small', () => {
  const pictures = [...readme.matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)].map(([, path]) => path)
  assert.equal(pictures, ['docs/terminal.svg', 'docs/report.png'])
  for (const path of pictures) assert.ok(statSync(join(project, path)).size < 150_000, path)
})

test('its links lead to files', () => {
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path]) => path)
  assert.ok(links.length > 4)
  for (const path of links) assert.ok(existsSync(join(project, path)), path)
})

test('it has the exit statuses of the program', () => {
  for (const [status, says] of EXIT_STATUSES) assert.ok(readme.includes(`| ${status} | ${says} |\n`), says)
})

test('the README names every command', () => {
  for (const { name } of COMMANDS) assert.match(readme, new RegExp(`flowhawk ${name}\\b`))
})

test('its commands use fixtures that exist', () => {
  const fixtures = [...readme.matchAll(/fixtures\/[\w.-]+/g)].map(([path]) => path)
  assert.ok(fixtures.length > 5)
  for (const path of fixtures) assert.ok(existsSync(join(project, path)), path)
})

function yamlFiles(): string[] {
  return [...readme.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => text)
}

test('its rule and site files have no fault', () => {
  const files = yamlFiles()
  assert.is(files.length, 2)
  const [rules, site] = [checkRules(files[0], 'rules.yaml'), checkSite(files[1], 'site.yaml')]
  assert.equal([rules.faults, rules.warnings, site.faults], [[], [], []])
  assert.equal([rules.value.pools.length, rules.value.labels.length, site.value.servers.length], [1, 3, 2])
})

test('the map names every file at the top and every folder', () => {
  for (const entry of readdirSync(join(project, 'src'), { withFileTypes: true })) {
    const name = entry.isDirectory() ? `${entry.name}/` : entry.name
    if (name !== 'README.md') assert.ok(map.includes(`\`${name}\``), name)
  }
})

test('the files and constants that the map names are there', () => {
  const paths = [...map.matchAll(/`((?:[a-z]+\/)*[\w-]+\.ts)`/g)].map(([, path]) => path)
  assert.ok(paths.length > 25)
  const folders = ['', 'src', 'src/label/signatures']
  for (const path of paths)
    assert.ok(
      folders.some((each) => existsSync(join(project, each, path))),
      path,
    )
  const sources = readdirSync(join(project, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(project, 'src', name), 'utf8'))
    .join('\n')
  for (const [, name] of map.matchAll(/`(MAX_[A-Z_]+)`/g)) assert.match(sources, `const ${name} =`)
})

test.run()
