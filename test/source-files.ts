/** The project's own sources as text, for the tests of the tree: what each file is and imports. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'

export const root = fileURLToPath(new URL('../../', import.meta.url))

export interface Import {
  specifier: string
  dynamic: boolean
}

export interface SourceFile {
  /** Relative to the project, with forward slashes: src/decode/internet/ipv4.ts. */
  path: string
  text: string
  lines: string[]
  imports: Import[]
}

function load(folder: string): SourceFile[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .sort()
    .map((name) => {
      const path = posix.join(folder, name.replaceAll('\\', '/'))
      const text = readFileSync(join(root, path), 'utf8')
      return { path, text, lines: text.replace(/\n$/, '').split('\n'), imports: importsOf(text) }
    })
}

export function importsOf(text: string): Import[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
  const imports: Import[] = []
  for (const match of code.matchAll(/^(?:import|export)\b(?:[^'"`;]*?\bfrom)?\s*'([^']+)'/gm)) {
    imports.push({ specifier: match[1], dynamic: false })
  }
  for (const match of code.matchAll(/\bimport\(\s*'([^']+)'\s*\)/g)) {
    imports.push({ specifier: match[1], dynamic: true })
  }
  return imports
}

export const sources = load('src')
export const tests = load('test')
export const scripts = load('scripts')
export const everything = [...sources, ...tests, ...scripts]

export const data = (file: SourceFile) => file.path.endsWith('.data.ts')

/** Fails with what was found. */
export function none(found: string[]): void {
  assert.is(found.length, 0, `\n${found.join('\n')}\n`)
}
