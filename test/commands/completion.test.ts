/** Completion: the words by themselves, and as a real bash asks for them with the generated script. */
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { completionWords } from '../../src/commands/completion-words.ts'
import { COMMANDS } from '../../src/commands/table.ts'
import { FORMATS } from '../../src/options.ts'
import { RECORD_NAMES } from '../../src/report/record/record.ts'
import { SCHEMA_NAMES } from '../../src/report/record/schema.ts'

const test = suite('commands/completion')

const cli = fileURLToPath(new URL('../../src/cli.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'flowhawk-completion-'))
test.before(() => {
  const program = join(folder, 'flowhawk')
  writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${cli}" "$@"\n`)
  chmodSync(program, 0o755)
  writeFileSync(join(folder, 'capture.pcap'), '')
})
test.after(() => rmSync(folder, { recursive: true }))

const words = async (...typed: string[]) => (await completionWords(typed)).map(({ word }) => word)

test('the first word is a command', async () => {
  assert.equal(
    await words(''),
    COMMANDS.map(({ name }) => name),
  )
})

test('options are those of the command, those of analyze without one, and none twice', async () => {
  assert.ok((await words('live', '--')).includes('--promiscuous'))
  const plain = await words('a.pcap', '-')
  assert.ok(plain.includes('--max-flows') && plain.includes('--help') && !plain.includes('--promiscuous'))
  assert.not((await words('a.pcap', '--quiet', '--')).includes('--quiet'))
  assert.equal(await words('a.pcap', '--', '-'), [])
})

test('values are the fixed choices of the option', async () => {
  assert.equal(await words('sessions', '--format', ''), [...FORMATS])
  assert.equal(await words('--color', 'al'), ['auto', 'always', 'never'])
  assert.equal(await words('a.pcap', '--format', '=', 'z'), [...FORMATS])
  assert.equal(await words('a.pcap', '--rules', ''), [])
  assert.equal(await words('a.pcap', '--idle-timeout', ''), [])
})

test('a list of records goes on behind its comma, with what it has not yet', async () => {
  assert.equal(await words('--records', ''), [...RECORD_NAMES])
  assert.equal(await words('diff', '--records', 'flow,session,'), [
    'flow,session,pool',
    'flow,session,service',
  ])
})

test('the word behind a command is one that it knows', async () => {
  assert.equal(await words('schema', ''), [...SCHEMA_NAMES])
  assert.equal(await words('rules', ''), ['check', 'builtin'])
  assert.equal(await words('completion', ''), ['bash', 'zsh'])
  assert.ok((await words('live', '')).includes('lo') || process.platform !== 'linux')
  assert.equal(await words('schema', 'flow', ''), [])
  assert.equal(await words('sessions', ''), [])
})

/** What bash offers for the words; the last is being typed. */
function inBash(...typed: string[]): string[] {
  const line = ['flowhawk', ...typed]
  const quoted = line.map((word) => `'${word}'`).join(' ')
  const script = `
    source <(flowhawk completion bash) || exit 9
    COMP_WORDS=(${quoted}) COMP_CWORD=${line.length - 1}
    _flowhawk_yargs_completions && printf '%s\\n' "\${COMPREPLY[@]}"
    complete -p flowhawk`
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}`, SHELL: '/bin/bash' }
  const { stdout, stderr, status } = spawnSync('bash', ['--norc', '-c', script], { cwd: folder, env })
  assert.is(stderr.toString(), '')
  assert.is(status, 0)
  const lines = stdout.toString().trimEnd().split('\n')
  assert.match(lines.pop() ?? '', /^complete -o bashdefault -o default -F \w+ flowhawk$/)
  return lines.filter((each) => each !== '')
}

test('bash completes with the script', () => {
  assert.equal(inBash('ses'), ['sessions'])
  assert.equal(inBash('live', '--pro'), ['--promiscuous'])
  assert.equal(inBash('a.pcap', '--format', 'zeek'), ['zeek-json', 'zeek-tsv'])
  assert.equal(inBash('a.pcap', '--records', 'flow,se'), ['flow,session'])
  // None: bash goes on with file names.
  assert.equal(inBash('analyze', 'cap'), [])
})

test('zsh gets the meaning of each word, and files where there is none', () => {
  const env = { ...process.env, SHELL: '/usr/bin/zsh' }
  const run = (...args: string[]) => spawnSync(process.execPath, [cli, ...args], { env }).stdout.toString()
  const offered = run('--get-yargs-completions', 'flowhawk', 'live', '--').trimEnd().split('\n')
  assert.ok(offered.some((line) => line.startsWith('--promiscuous:also take frames')))
  assert.is(run('--get-yargs-completions', 'flowhawk', 'sessions', ''), '')
  assert.match(run('completion', 'zsh'), /^#compdef flowhawk\n[\s\S]*\|\| _files\n/)
})

/** Types each line into a zsh, then a tab; what the line is after it. */
function inZsh(...typed: string[]): string[] {
  const script = `
    zmodload zsh/zpty || exit 9
    zpty shell zsh -f -i
    zpty -w shell "bindkey -e; autoload -U compinit; compinit -u -D; source <(flowhawk completion zsh)"
    zpty -w shell 'show() { print -r -- "$BUFFER" >> lines; BUFFER= }; zle -N show; bindkey "^X" show; : > lines'
    await() { repeat 400; do [[ -e lines && $(wc -l < lines) -eq $1 ]] && return; sleep 0.05; done; exit 8 }
    await 0
    for line in "$@"; do
      zpty -wn shell "$line"$'\\t\\x18'
      await $((++n))
    done
    cat lines`
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}`, SHELL: '/usr/bin/zsh' }
  const { stdout, stderr, status } = spawnSync('zsh', ['-f', '-c', script, 'zsh', ...typed], {
    cwd: folder,
    env,
  })
  rmSync(join(folder, 'lines'), { force: true })
  assert.is(stderr.toString(), '')
  assert.is(status, 0)
  return stdout.toString().trimEnd().split('\n')
}

const zsh = spawnSync('zsh', ['--version']).error === undefined
if (zsh || process.env.CI)
  test('zsh completes with the script', () => {
    const typed = ['an', 'live --pro', 'a.pcap --format zeek', 'analyze cap'].map(
      (rest) => `flowhawk ${rest}`,
    )
    assert.equal(
      inZsh(...typed).map((line) => line.trimEnd()),
      ['analyze', 'live --promiscuous', 'a.pcap --format zeek-', 'analyze capture.pcap'].map(
        (rest) => `flowhawk ${rest}`,
      ),
    )
  })

test('another shell is refused', () => {
  const { stderr, status } = spawnSync(process.execPath, [cli, 'completion', 'fish'])
  assert.is(status, 2)
  assert.is(stderr.toString(), 'completion: found "fish", expected bash or zsh (COMPLETION_SHELL)\n')
})

test.run()
