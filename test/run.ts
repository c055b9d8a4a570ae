/**
 * Runs every *.test.js under build/test, one process a file, a few at a time, and prints a closing
 * "N passed, N failed" line. A file that prints no totals (a forgotten `.run()`) counts as failed.
 */
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('.', import.meta.url))
const pattern = new RegExp(process.argv[2] ?? '.')
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.js') && pattern.test(name))
  .map((name) => join(root, name))
  .sort()

interface Outcome {
  file: string
  passed: number
  failed: number
  output: string
}

function run(file: string): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    child.on('close', (status) => resolve(judge(file, status, output)))
  })
}

/** uvu closes with "Total: 9" and "Passed: 9"; anything else is a failure of the file as a whole. */
function judge(file: string, status: number | null, output: string): Outcome {
  const total = Number(/Total:\s+(\d+)/.exec(output)?.[1] ?? 0)
  const passed = Number(/Passed:\s+(\d+)/.exec(output)?.[1] ?? 0)
  const ran = total > 0 && (status === 0) === (passed === total)
  return { file, passed, failed: ran ? total - passed : Math.max(1, total - passed), output }
}

const queue = [...files]
let passed = 0
let failed = 0

async function worker(): Promise<void> {
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    const outcome = await run(file)
    passed += outcome.passed
    failed += outcome.failed
    const name = relative(root, outcome.file)
    if (outcome.failed > 0) process.stdout.write(`FAIL ${name}\n${outcome.output}\n`)
    else process.stdout.write(`ok   ${name} (${outcome.passed})\n`)
  }
}

await Promise.all(Array.from({ length: availableParallelism() }, worker))
if (files.length === 0) failed++
process.stdout.write(`${passed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1
