/**
 * Writes what the tool says of itself: man/flowhawk.1, docs/fields.md, docs/labels.md, and each help text as a file of
 * fixtures/help.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fieldsPage } from './manual/fields.ts'
import { helpTexts } from './manual/help.ts'
import { labelsPage } from './manual/labels.ts'
import { manualPage } from './manual/page.ts'

const PROJECT = fileURLToPath(new URL('../../', import.meta.url))
const HELP = join(PROJECT, 'fixtures/help')

function write(path: string, text: string): void {
  writeFileSync(path, text)
  process.stdout.write(`${path.slice(PROJECT.length)}: ${text.length} characters\n`)
}

const { version }: { version: string } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'))
mkdirSync(join(PROJECT, 'man'), { recursive: true })
write(join(PROJECT, 'man/flowhawk.1'), await manualPage(version))
write(join(PROJECT, 'docs/fields.md'), fieldsPage())
write(join(PROJECT, 'docs/labels.md'), labelsPage())
rmSync(HELP, { recursive: true, force: true })
mkdirSync(HELP)
for (const [name, text] of await helpTexts()) write(join(HELP, name), text)
