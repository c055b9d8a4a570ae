import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { rules } from '../../src/commands/rules.ts'
import type { Screen } from '../../src/commands/screen.ts'
import { UsageError } from '../../src/errors.ts'
import { builtinRulesText } from '../../src/label/rules/knowledge.ts'

const test = suite('commands/rules')

const folder = mkdtempSync(join(tmpdir(), 'flowhawk-rules-'))
test.after(() => rmSync(folder, { recursive: true }))

function file(name: string, text: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

async function run(...input: string[]): Promise<{ status: number; out: string; err: string }> {
  const texts = ['', '', '']
  const screen: Screen = {
    isTerminal: () => false,
    columns: () => 80,
    color: () => false,
    write: (descriptor, text) => {
      texts[descriptor] += text
    },
  }
  return { status: await rules.run({ input }, screen), out: texts[1], err: texts[2] }
}

test('counts what a good file holds', async () => {
  const path = file(
    'good.yaml',
    'pools: [{ name: p, transport: tcp, ports: 1-2 }]\nlabels: [{ label: l, ports: 9 }]\n',
  )
  assert.equal(await run('check', path), { status: 0, out: 'ok: 1 pool, 1 label\n', err: '' })
})

test('tells of a file that is no YAML only the first faults, and how many more', async () => {
  const path = file('notes.yaml', '# a\n`b`: c: d\n'.repeat(40))
  const { status, err } = await run('check', path)
  const lines = err.trimEnd().split('\n')
  assert.is(status, 2)
  assert.is(lines.length, 6)
  assert.match(lines[5], /notes\.yaml: \d\d+ more faults of syntax; .* \(RULE_SYNTAX\)$/)
})

test('checks site files too', async () => {
  const path = file('site.yaml', 'servers: [{ cidr: 10.0.0.0/24 }, { cidr: 10.0.1.1 }]\n')
  assert.is((await run('check', path)).out, 'ok: 2 servers, 0 internal networks\n')
  const bad = file('bad-site.yaml', 'internal:\n  - 10.0.0.0/99\n')
  const { status, err } = await run('check', bad)
  assert.is(status, 2)
  assert.match(err, /bad-site\.yaml:2: internal\[0\]: found "10\.0\.0\.0\/99"/)
})

test('knows a site file by its top key, however it is laid out', async () => {
  const block = 'servers:\n  - name: vda7\n    addresses: [10.1.0.4]\n    pools: [framehawk]\n'
  const json = JSON.stringify(
    { internal: [], servers: [{ cidr: '10.1.0.4', pools: ['framehawk'] }] },
    null,
    2,
  )
  for (const [name, text] of Object.entries({ 'block.yaml': block, 'site.json': json })) {
    const { status, out, err } = await run('check', file(name, text))
    assert.equal([status, out, err], [0, 'ok: 1 server, 0 internal networks\n', ''], name)
  }
})

test('doubts pools that nobody knows in site files', async () => {
  const site = file('pools.yaml', 'servers: [{ cidr: 10.0.0.1, pools: [framehawk, own] }]\n')
  const alone = await run('check', site)
  assert.is(alone.status, 0)
  assert.match(alone.err, /^warning: .*pools\.yaml:1: servers\[0\]\.pools\[1\]: found "own", expected one of/)
  const own = file('own.yaml', 'pools: [{ name: own, transport: udp, ports: 1-2 }]\n')
  assert.is((await run('check', site, own)).err, '')
})

test('doubts labels that nothing shows where a pool waits for them', async () => {
  const pool =
    'pools: [{ name: a, transport: udp, ports: 6100, requires: rpt, supported_by: [cgp, wireguart, mine] }]'
  const path = file('waits.yaml', `${pool}\nlabels: [{ label: mine, payload: { bytes: "a1b2c3d4" } }]\n`)
  const { status, out, err } = await run('check', path)
  assert.is(status, 0)
  assert.is(out, 'ok: 1 pool, 1 label\n')
  const what = 'which no signature or payload rule shows'
  assert.is(
    err,
    `warning: ${path}:1: pools[0].requires: found "rpt", ${what}; docs/labels.md lists the built-in ones (RULE_LABEL)\n` +
      `warning: ${path}:1: pools[0].supported_by[1]: found "wireguart", ${what}; did you mean wireguard? (RULE_LABEL)\n`,
  )
})

test('prints a line a fault, status 2', async () => {
  const path = file('bad.yaml', 'pools:\n  - name: p\n    transport: udp\n    ports: 9-1\n    colour: red\n')
  const { status, out, err } = await run('check', path)
  assert.is(status, 2)
  assert.is(out, '')
  const lines = err.trimEnd().split('\n')
  assert.is(lines.length, 2)
  assert.ok(lines.some((line) => line.startsWith(`${path}:4: pools[0].ports: found "9-1", expected lo-hi`)))
  assert.ok(lines.some((line) => line.startsWith(`${path}:5: pools[0].colour: found an unknown key`)))
})

test('a doubt is a warning, not a fault', async () => {
  const path = file('doubt.yaml', 'pools: [{ name: p, transport: udp, ports: 50000-50010 }]\n')
  const { status, err } = await run('check', path)
  assert.is(status, 0)
  assert.match(err, /^warning: .*doubt\.yaml:1: pools\[0\]\.ports: reaches into the client ports/)
})

test('prints the built-in rules, which pass the check', async () => {
  const { status, out } = await run('builtin')
  assert.is(status, 0)
  assert.is(out, builtinRulesText)
  assert.is((await run('check', file('builtin.yaml', out))).out, 'ok: 6 pools, 0 labels\n')
})

test('says what is missing of a command', async () => {
  try {
    await run('check')
    assert.unreachable()
  } catch (error) {
    assert.match((error as UsageError).message, 'found check without a file, expected: rules check FILE')
  }
})

test('refuses other words', async () => {
  for (const [words, code] of [
    [[], 'RULES_COMMAND'],
    [['check'], 'RULES_COMMAND'],
    [['list'], 'RULES_COMMAND'],
    [['check', join(folder, 'none.yaml')], 'FILE_UNREADABLE'],
    [['check', folder], 'FILE_UNREADABLE'],
    // It says that it is empty, and never ends.
    ...(existsSync('/dev/zero') ? ([[['check', '/dev/zero'], 'FILE_TOO_LARGE']] as const) : []),
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

test('names a fault that stands after many doubts', async () => {
  const servers = Array.from({ length: 150 }, (_, i) => `  - { cidr: 10.0.${i}.0/24, pools: [nowhere] }\n`)
  const path = file('doubts.yaml', `servers:\n${servers.join('')}  - { addresses: [10.0.0.300] }\n`)
  const { status, out, err } = await run('check', path)
  assert.is(status, 2)
  assert.is(out, '')
  assert.match(err, /doubts\.yaml:152: servers\[150\]\.addresses\[0\]: found "10\.0\.0\.300"/)
})

test('says that there may be more faults than it names', async () => {
  const labels = Array.from({ length: 101 }, (_, i) => `  - { label: a, cidr: x${i} }\n`)
  const lines = (await run('check', file('faults.yaml', `labels:\n${labels.join('')}`))).err
    .trimEnd()
    .split('\n')
  assert.is(lines.length, 101)
  assert.match(lines[100], /faults\.yaml: 100 faults, and there may be more; .* \(RULE_LIMIT\)$/)
})

test('refuses a file that is no UTF-8, with its line', async () => {
  const latin1 = Buffer.from('labels:\n  - { label: a, hostname_suffix: caf\xe9.example }\n', 'latin1')
  const utf16 = Buffer.from('\ufefflabels:\n  - { label: a, ports: 5 }\n', 'utf16le')
  // What begins like the character that stands for bytes that are none.
  const cut = Buffer.concat([Buffer.from('labels: []\n# \ufffd '), Buffer.from([0xef, 0xbf])])
  const other = Buffer.concat([cut, Buffer.from('A\n')])
  const zero = Buffer.from('labels:\n  - { label: a, ports: 5 }\n\n# \0\n')
  for (const [bytes, place] of [
    [latin1, /text\.yaml:2: found the byte 0xe9, expected text in UTF-8; .* \(FILE_ENCODING\)$/],
    [utf16, /text\.yaml:1: found the byte 0xff, /],
    [cut, /text\.yaml:2: found the byte 0xef, /],
    [other, /text\.yaml:2: found the byte 0xef, /],
    [zero, /text\.yaml:4: found the byte 0x00, /],
  ] as const) {
    const path = file('text.yaml', bytes)
    await run('check', path).then(
      () => assert.unreachable(),
      (error) => {
        assert.instance(error, UsageError)
        assert.match(error.message, place)
      },
    )
  }
  const replacement = file('good.yaml', '# \ufffd é 😀\nlabels: [{ label: a, ports: 5 }]\n')
  assert.is((await run('check', replacement)).status, 0)
})

test.run()
