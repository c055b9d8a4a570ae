/** What `npm pack` puts into the package: it is unpacked beside the dependencies that it names, and used from there. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const test = suite('package')

const root = fileURLToPath(new URL('../../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'flowhawk-package-'))
const installed = join(folder, 'node_modules/flowhawk')
const fixture = join(installed, 'fixtures/framehawk.pcap')
const FLOWS = 26

function run(program: string, args: readonly string[], cwd = folder): string {
  const { NODE_V8_COVERAGE: _coverage, ...env } = process.env
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, env, encoding: 'utf8' })
  assert.is(status, 0, `${program} ${args.join(' ')}: ${stderr}`)
  return stdout
}

const flowhawk = (...args: string[]) => run(process.execPath, [join(installed, 'build/src/cli.js'), ...args])

/** Everything that the locked dependencies need, but for those of development. */
function linkDependencies(): void {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  for (const [path, { dev }] of Object.entries<{ dev?: boolean }>(packages)) {
    if (!path.startsWith('node_modules/') || dev || !existsSync(join(root, path))) continue
    if (path.indexOf('node_modules/', 1) > 0) continue
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    symlinkSync(join(root, path), join(folder, path))
  }
}

test.before(() => {
  run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], root)
  const [file] = readdirSync(folder)
  mkdirSync(installed, { recursive: true })
  run('tar', ['-xzf', join(folder, file), '-C', installed, '--strip-components=1'])
  linkDependencies()
})
test.after(() => rmSync(folder, { recursive: true }))

test('every command works', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  assert.is(flowhawk('--version'), `${version}\n`)
  const records = flowhawk('analyze', fixture).trim().split('\n')
  const flows = records.map((line) => JSON.parse(line)).filter(({ type }) => type === 'flow')
  assert.is(flows.length, FLOWS)
  const [flow] = flows
  assert.match(flowhawk('explain', fixture, '--flow', flow.flow_id), flow.label)
  assert.match(flowhawk('sessions', fixture), '"type":"session"')
  for (const format of ['zeek-tsv', 'eve', 'ecs', 'csv', 'parquet'])
    flowhawk('analyze', fixture, '--format', format, '-q', '-o', join(folder, `${format}/`))
  flowhawk('report', fixture, '-q', '-o', join(folder, 'report.html'))
  assert.match(readFileSync(join(folder, 'report.html'), 'utf8'), 'uPlot')
  assert.not.match(flowhawk('diff', fixture, fixture), '"type":"change"')
  assert.match(flowhawk('port', '3224'), 'framehawk')
  assert.match(flowhawk('rules', 'builtin'), 'pools:')
  assert.match(flowhawk('schema', 'flow'), '"$schema"')
  assert.match(flowhawk('completion', 'bash'), 'flowhawk')
  for (const command of ['live', 'serve', 'interfaces']) assert.match(flowhawk(command, '--help'), command)
})

test('the library works, and its types stand alone', () => {
  const code = `
    import { analyze, open } from 'flowhawk'
    let flows = 0
    for await (const { type } of analyze(open(${JSON.stringify(fixture)}))) if (type === 'flow') flows++
    console.log(flows)`
  assert.is(run(process.execPath, ['--input-type=module', '-e', code]), `${FLOWS}\n`)
  const { exports } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
  const missing: string[] = []
  const seen = new Set<string>()
  const visit = (path: string) => {
    if (seen.has(path)) return
    seen.add(path)
    if (!existsSync(path)) missing.push(path)
    else
      for (const [, next] of readFileSync(path, 'utf8').matchAll(/from '(\.[^']+)'/g))
        visit(join(dirname(path), next.replace(/\.(ts|js)$/, '.d.ts')))
  }
  visit(join(installed, exports['.'].types))
  assert.equal(missing, [])
  assert.ok(seen.size > 5)
})

test('without the packages for live sources, live says which one to install', () => {
  for (const name of ['koffi', 'cap']) rmSync(join(folder, 'node_modules', name), { force: true })
  const { status, stderr } = spawnSync(process.execPath, [join(installed, 'build/src/cli.js'), 'live', 'lo'])
  assert.is(status, 1)
  assert.match(stderr.toString(), process.platform === 'linux' ? 'npm install koffi' : 'npm install cap')
})

test.run()
