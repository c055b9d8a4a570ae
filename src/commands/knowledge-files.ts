/** Reads the rule, site and registry files that the options name. */
import { isUtf8 } from 'node:buffer'
import { createReadStream } from 'node:fs'
import { UsageError } from '../errors.ts'
import { loadRegistry, type PortRegistry } from '../label/ports/registry.ts'
import { builtinRules, mergeRules } from '../label/rules/knowledge.ts'
import type { RuleSet, Site } from '../types.ts'

export interface Knowledge {
  rules: RuleSet
  site: Site | undefined
  registry: PortRegistry
}

/** IANA's file has some 3 MB. */
const MAX_FILE_BYTES = 64 * 1024 * 1024
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file; check the name',
  EISDIR: 'found a folder, expected a file; name one in it',
  EACCES: 'may not be read by this user; check its permissions',
}

interface KnowledgeFiles {
  rules: readonly string[]
  site?: string
  registry?: string
}

/** Imported on demand: most runs name no file. */
const READERS = {
  rules: () => import('../label/rules/rules.ts'),
  site: () => import('../label/rules/site.ts'),
  registry: () => import('../label/ports/registry-csv.ts'),
}

/** Imports the modules that `loadKnowledge` needs: after this it reads only the named files. */
export async function loadReaders({ rules, site, registry }: KnowledgeFiles): Promise<void> {
  if (rules.length > 0) await READERS.rules()
  if (site !== undefined) await READERS.site()
  if (registry === undefined) await loadRegistry()
  else await READERS.registry()
}

export async function loadKnowledge(files: KnowledgeFiles): Promise<Knowledge> {
  const sets: RuleSet[] = [builtinRules()]
  for (const path of files.rules) {
    const { parseRules } = await READERS.rules()
    sets.push(parseRules(await readText(path), path))
  }
  const rules = mergeRules(sets)
  return { rules, site: await loadSite(files.site, rules), registry: await loadPorts(files.registry) }
}

async function loadSite(path: string | undefined, rules: RuleSet): Promise<Site | undefined> {
  if (path === undefined) return undefined
  const { parseSite } = await READERS.site()
  return parseSite(
    await readText(path),
    path,
    rules.pools.map(({ name }) => name),
  )
}

async function loadPorts(path: string | undefined): Promise<PortRegistry> {
  if (path === undefined) return loadRegistry()
  const { parseRegistryCsv } = await READERS.registry()
  return parseRegistryCsv(await readText(path), path)
}

/** The file's text. Devices and pipes have no size, so the limit applies to the bytes read. */
export async function readText(path: string): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of createReadStream(path)) {
      chunks.push(chunk)
      size += chunk.length
      if (size > MAX_FILE_BYTES)
        throw new UsageError('FILE_TOO_LARGE', path, `at most ${MAX_FILE_BYTES} bytes expected`)
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && 'syscall' in error)) throw error
    const reason = REASONS[String(error.code)] ?? `cannot be read, ${error.code}; check the name`
    throw new UsageError('FILE_UNREADABLE', path, reason)
  }
  return textOf(Buffer.concat(chunks), path)
}

/** A byte that is no UTF-8 would become a character that stands nowhere in the file; no text has zero bytes, but UTF-16. */
function textOf(bytes: Buffer, path: string): string {
  const text = bytes.toString('utf8')
  if (isUtf8(bytes) && !bytes.includes(0)) return text
  const at = textEnd(bytes, text)
  const line = bytes.subarray(0, at).toString('latin1').split('\n').length
  const found = `found the byte 0x${bytes.toString('hex', at, at + 1)}, expected text in UTF-8; save the file as that`
  throw new UsageError('FILE_ENCODING', `${path}:${line}`, found)
}

const REPLACEMENT = '\uFFFD'
const REPLACEMENT_BYTES = Buffer.from(REPLACEMENT)

/** Where the bytes stop being text, `text` being what they decode to. */
function textEnd(bytes: Buffer, text: string): number {
  let at = 0
  for (const character of text) {
    const length = Buffer.byteLength(character)
    const replaced = character === REPLACEMENT && !bytes.subarray(at, at + length).equals(REPLACEMENT_BYTES)
    if (replaced || bytes[at] === 0) break
    at += length
  }
  return at
}
