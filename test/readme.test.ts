/** What the two README files say is so: examples, screens, commands, files and constants. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { linkTypeName } from '../src/capture/linktypes.ts'
import { openBytes } from '../src/capture/open.ts'
import { COMMANDS } from '../src/commands/table.ts'
import { checkRules } from '../src/label/rules.ts'
import { checkSite } from '../src/label/site.ts'
import { runPipeline } from '../src/pipeline.ts'
import { createTally } from '../src/report/tally.ts'
import { terminalSummary } from '../src/report/terminal.ts'
import { pipelineOptions } from './analyzed.ts'

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

test('the README shows the screen of its first command', async () => {
  const shown = /```text\n(\d+ likely[\s\S]*?)```/.exec(readme)?.[1]
  const tally = createTally()
  const source = await openBytes(readFileSync(join(project, 'fixtures/framehawk.pcap')), {
    source: 'fixtures/framehawk.pcap',
  })
  await runPipeline([source], await pipelineOptions(), tally)
  assert.is(shown, terminalSummary(tally, { columns: 80, color: false, linkTypeName }))
})

test('the README names every command', () => {
  for (const { name } of COMMANDS) assert.match(readme, new RegExp(`flowhawk ${name}\\b`))
})

test('its commands use fixtures that exist', () => {
  const fixtures = [...readme.matchAll(/fixtures\/[\w.-]+/g)].map(([path]) => path)
  assert.ok(fixtures.length > 5)
  for (const path of fixtures) assert.ok(existsSync(join(project, path)), path)
})

test('its rule and site files have no fault', () => {
  const files = [...readme.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => text)
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
