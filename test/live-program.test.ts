/** `flowhawk live --user` where only root can read the program. As root in a network of its own. */
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { missing, Network, type Run } from './live-netns.ts'

const test = suite('live-program')

const real = missing() === undefined || process.env.CI ? test : test.skip
const root = fileURLToPath(new URL('../../', import.meta.url))
const HEAD =
  'Service Name,Port Number,Transport Protocol,Description,Assignee,Contact,Registration Date,Modification Date,' +
  'Reference,Service Code,Unauthorized Use Reported,Assignment Notes\n'
let network: Network
let home: string
let open: string

/** The program in a folder of root's, as a clone in root's home is, and a folder for everybody. */
test.before(() => {
  if (real !== test) return
  network = new Network()
  home = mkdtempSync(join(tmpdir(), 'flowhawk-home-'))
  mkdirSync(join(home, 'build/src'), { recursive: true })
  for (const name of ['package.json', 'build/src/cli.js', 'build/src/chunks'])
    cpSync(join(root, name), join(home, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(home, 'node_modules'))
  open = mkdtempSync(join(tmpdir(), 'flowhawk-open-'))
  chmodSync(open, 0o777)
})
test.after(() => {
  network?.remove()
  for (const folder of [home, open]) if (folder !== undefined) rmSync(folder, { recursive: true })
})

function live(...args: string[]): Run {
  const program = [process.execPath, join(home, 'build/src/cli.js')] as const
  return network.exec(...program, 'live', 'vb', '--user', 'nobody', '--duration', '0.2', ...args)
}

/** A file that everybody can read. */
function file(name: string, content: string): string {
  writeFileSync(join(open, name), content, { mode: 0o644 })
  return join(open, name)
}

real('runs as a user who cannot read the program', () => {
  const rules = file('rules.yaml', 'labels: [{ label: acme, transport: udp, ports: [9] }]\n')
  const site = file('site.yaml', 'internal: [10.0.0.0/8]\n')
  const registry = file('ports.csv', `${HEAD}acme,9,udp,,,,,,,,,\n`)
  const formats = ['ndjson', 'zeek-json', 'zeek-tsv', 'eve', 'ecs', 'csv', 'parquet']
  for (const args of [
    ...formats.map((format) => ['--format', format, '--records', 'summary', '-o', join(open, format)]),
    ['--rules', rules, '--site', site, '--registry', registry, '--metrics', '9464', '--records', 'summary'],
  ]) {
    const { status, err } = live(...args)
    assert.is(err, '', args.join(' '))
    assert.is(status, 0, args.join(' '))
  }
  for (const format of formats) assert.ok(readdirSync(open).includes(format), format)
})

real('says in one line what is wrong, also then', () => {
  const { status, err } = live('--rules', file('wrong.yaml', 'labels: 1\n'))
  assert.match(err, /^[^\n]*wrong\.yaml:1: .*\([A-Z_]+\)\n$/)
  assert.is(status, 2)
})

test.run()
