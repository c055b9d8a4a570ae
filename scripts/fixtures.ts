/** Writes the captures of fixtures/. The same bytes every time; a test compares them with what is committed. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildFixtures } from './fixtures/all.ts'

const folder = fileURLToPath(new URL('../../fixtures/', import.meta.url))

for (const [name, bytes] of buildFixtures()) {
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, bytes)
  process.stdout.write(`${name}: ${bytes.length} bytes\n`)
}
