/** The captures of fixtures/ are exactly what scripts/fixtures.ts builds, small, and readable by others. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { buildFixtures } from '../scripts/fixtures/all.ts'

const test = suite('fixtures')

const folder = fileURLToPath(new URL('../../fixtures/', import.meta.url))
const MAX_BYTES = 200 * 1024
const fixtures = buildFixtures()

test('the committed files are what the script builds', () => {
  for (const [name, bytes] of fixtures) {
    const committed = readFileSync(join(folder, name))
    assert.ok(committed.equals(bytes), `${name} differs: run npm run fixtures and look at what changed`)
  }
})

test('no capture without a script', () => {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) =>
    name.replaceAll('\\', '/'),
  )
  for (const name of files) {
    // What commands write of the captures, and folders.
    if (/\.(ndjson|expected|md|txt)$/.test(name) || !name.includes('.')) continue
    assert.ok(fixtures.has(name), `${name} is not built by scripts/fixtures`)
  }
})

test('fixtures are small', () => {
  for (const [name, bytes] of fixtures) assert.ok(bytes.length < MAX_BYTES, `${name}: ${bytes.length} bytes`)
})

/** Packets as capinfos counts them; the mixed pcapng is not in the list, because libpcap refuses it. */
const PACKETS: [name: string, packets: number][] = [
  ['fragments.pcap', 13],
  ['framehawk.pcap', 1176],
  ['icmp.pcap', 22],
  ['ipv6.pcap', 19],
  ['mosh.pcap', 160],
  ['nanosecond.pcap', 4],
  ['raw.pcap', 4],
  ['rotated-1.pcap', 37],
  ['rotated-2.pcap', 35],
  ['saturated.pcap', 812],
  ['scan.pcap', 201],
  ['snaplen.pcap', 12],
  ['tcp-states.pcap', 101],
  ['time-backwards.pcap', 9],
  ['tunnels.pcap', 28],
  ['vlan-qinq.pcap', 17],
  ['voip.pcap', 412],
]

const missing = spawnSync('capinfos', ['--version']).error !== undefined
const oracle = missing && !process.env.CI ? test.skip : test

oracle('capinfos counts the same packets', () => {
  for (const [name, packets] of PACKETS) {
    const run = spawnSync('capinfos', ['-c', '-M', '-T', '-r', join(folder, name)], { encoding: 'utf8' })
    assert.is(run.status, 0, run.stderr)
    assert.is(Number(run.stdout.trim().split('\t').at(-1)), packets, name)
  }
})

test.run()
