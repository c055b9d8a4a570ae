/** The files in packaging/: the unit of systemd and the configuration that goes with it. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseConfig, readJoined } from '../../src/commands/live/config.ts'
import { live } from '../../src/commands/live/live.ts'
import { readLiveOptions } from '../../src/commands/live/options.ts'

const test = suite('service/unit')

const folder = fileURLToPath(new URL('../../../packaging/', import.meta.url))
const unit = readFileSync(join(folder, 'flowhawk.service'), 'utf8')
const setting = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(unit)?.[1] ?? ''

test('the configuration has no fault, and its files are where the unit lets them be', () => {
  const config = parseConfig(readFileSync(join(folder, 'live.yaml'), 'utf8'), 'live.yaml', live.flags)
  const options = readJoined({}, config, readLiveOptions)
  assert.ok(options.output?.startsWith(`/var/log/${setting('LogsDirectory')}/`))
  assert.ok(options.rotation !== undefined && options.rotation.keep < Infinity)
})

test('the unit starts what there is, and gives it one capability', () => {
  assert.is(setting('ExecStart'), '/usr/bin/flowhawk live --config /etc/flowhawk/live.yaml')
  assert.is(setting('AmbientCapabilities'), 'CAP_NET_RAW')
  assert.is(setting('CapabilityBoundingSet'), 'CAP_NET_RAW')
  assert.is(setting('Restart'), 'on-failure')
  assert.match(setting('ExecReload'), /^\/bin\/kill -HUP \$MAINPID$/)
})

const hasSystemd = spawnSync('systemd-analyze', ['--version']).error === undefined
const checked = hasSystemd || process.env.CI ? test : test.skip
if (!hasSystemd) console.log('the check of the unit by systemd is skipped: needs systemd-analyze')

checked('systemd finds no fault in the unit, and little that it exposes', () => {
  const place = mkdtempSync(join(tmpdir(), 'flowhawk-unit-'))
  // Only the program itself need not be installed here.
  const path = join(place, 'flowhawk.service')
  writeFileSync(path, unit.replace('ExecStart=/usr/bin/flowhawk', `ExecStart=${process.execPath}`))
  const verified = spawnSync('systemd-analyze', ['verify', '--man=no', path])
  const exposed = spawnSync('systemd-analyze', ['security', '--offline=true', '--threshold=25', path])
  rmSync(place, { recursive: true })
  assert.is(saidOf(verified.stderr.toString(), path), '')
  assert.is(verified.status, 0)
  assert.is(exposed.status, 0, exposed.stdout.toString())
})

/** What is said of the unit itself: systemd looks at all others that are installed here, too, and names their files. */
function saidOf(said: string, path: string): string {
  const others = (line: string) => /^\/\S+:\d+: /.test(line) && !line.startsWith(`${path}:`)
  return said
    .split('\n')
    .filter((line) => !others(line))
    .join('\n')
}

test.run()
