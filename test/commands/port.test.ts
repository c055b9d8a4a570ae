import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { listenersOn, noteFor } from '../../src/commands/listeners.ts'
import { port } from '../../src/commands/port.ts'
import type { Screen } from '../../src/commands/screen.ts'
import { UsageError } from '../../src/errors.ts'

const test = suite('commands/port')

async function run(...words: string[]): Promise<string> {
  let output = ''
  const screen: Screen = {
    isTerminal: () => false,
    columns: () => 80,
    color: () => false,
    write: (descriptor, text) => {
      assert.is(descriptor, 1)
      output += text
    },
  }
  const json = words.includes('--json')
  const transport = words.includes('--udp') ? 'udp' : undefined
  const input = words.filter((word) => !word.startsWith('--'))
  assert.is(await port.run({ input, json, transport }, screen), 0)
  return output
}

test('shows a block a port', async () => {
  const text = await run('3280', '3321', '1494')
  const blocks = text.split('\n\n')
  assert.is(blocks.length, 3)
  assert.match(blocks[0], /^port 3280\n {2}registry {4}tcp, udp: registered as vs-server \(VS Server\)\n/)
  assert.match(blocks[0], 'Scott Godlew')
  assert.match(blocks[1], 'pool        framehawk: udp slot 98 of 101 (index 97)')
  assert.match(blocks[2], 'registered as ica')
  for (const line of text.split('\n')) assert.ok(line.length <= 80, line)
})

test('shows a long range as a table', async () => {
  const lines = (await run('3224-3324')).trimEnd().split('\n')
  assert.is(lines.length, 102)
  assert.match(lines[0], /^PORT {2}TCP +UDP +POOL SLOT +USE$/)
  assert.match(lines[57], /^3280 {2}vs-server +vs-server +framehawk 57\/101/)
  assert.match(lines[77], /^3300 {2}ceph +reserved +framehawk 77\/101/)
})

test('shows only the transport that is given with a port', async () => {
  const text = await run('53/udp')
  assert.match(text, /registry {4}udp: registered as domain/)
  assert.not.match(text, /tcp:|tcp,|-iTCP|ss -ltn/)
  const lines = (await run('3224-3324/udp', '--json')).trimEnd().split('\n')
  for (const line of lines) assert.equal(Object.keys(JSON.parse(line).registry), ['udp'])
})

test('writes one object a port', async () => {
  const lines = (await run('3280', '80', '--json')).trimEnd().split('\n')
  const [first, second] = lines.map((line) => JSON.parse(line))
  assert.is(lines.length, 2)
  assert.equal(Object.keys(first).slice(0, 3), ['type', 'v', 'port'])
  assert.is(first.port, 3280)
  assert.equal(first.registry.udp, { status: 'registered', name: 'vs-server', description: 'VS Server' })
  assert.is(first.pools[0].slot_index, 56)
  assert.is(first.pools[0].slots, 101)
  assert.is(second.registry.sctp.name, 'http')
  assert.ok(Array.isArray(second.listeners))
})

test('keeps to one transport', async () => {
  const text = await run('1494', '--udp')
  assert.match(text, 'registry    udp: registered as ica')
  assert.not.match(text, 'ltnp')
})

test('refuses wrong words', async () => {
  for (const [words, code] of [
    [[], 'PORT_MISSING'],
    [['70000'], 'PORT_RANGE'],
    [['no-such-service'], 'PORT_UNKNOWN'],
  ] as const) {
    try {
      await run(...words)
      assert.unreachable()
    } catch (error) {
      assert.instance(error, UsageError)
      assert.is((error as UsageError).code, code)
    }
  }
})

test('names the assignee of the built-in registry only', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'flowhawk-port-')), 'registry.csv')
  const header = 'Service Name,Port Number,Transport Protocol,Description,Assignee'
  writeFileSync(file, `${header}\nelsewhere,3280,udp,Another,[Another]\n`)
  let output = ''
  const screen = { isTerminal: () => false, columns: () => 80, color: () => false }
  const write = (_: number, text: string) => {
    output += text
  }
  await port.run({ input: ['3280'], registry: file, json: true }, { ...screen, write })
  rmSync(dirname(file), { recursive: true })
  const { registry, assignee } = JSON.parse(output)
  assert.equal([registry.udp.name, assignee], ['elsewhere', undefined])
})

test('finds the process behind a UDP socket of this host', async () => {
  if (process.platform !== 'linux') return
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const bound = socket.address().port
  const listening = await listenersOn(new Set([bound]))
  socket.close()
  assert.is(listening.listeners.length, 1)
  const [listener] = listening.listeners
  assert.is(listener.address, '127.0.0.1')
  assert.is(listener.transport, 'udp')
  assert.is(listener.pid, process.pid)
  assert.is(listener.user, userInfo().username)
  assert.is(noteFor(bound, listening), undefined)
})

test('says what it may not see', () => {
  const listeners = [{ transport: 'tcp' as const, address: '0.0.0.0', port: 22 }]
  assert.match(noteFor(22, { listeners })!, 'another user')
  assert.is(noteFor(23, { listeners }), undefined)
  assert.is(noteFor(23, { listeners: [], note: 'no' }), 'no')
})

test.run()
