/**
 * Joins the modules of the command line and of the library: `npm run build` runs this last. In: the compiled src/; out:
 * src/cli.js and src/index.js again, which now load a few files of src/chunks/ where they loaded hundreds, in three
 * quarters of the time; the library runs faster, too. Commands still load only what they need. The modules stay for the
 * tests. What is joined is ASCII: one letter beyond Latin-1 makes the engine keep the whole text at two bytes a letter.
 */
import { chmodSync, rmSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rollup } from '@rollup/wasm-node'

const folder = fileURLToPath(new URL('../src/', import.meta.url))

// One level down, as the folders of the modules are: paths that are relative to a module stay right.
const CHUNKS = 'chunks/[name]-[hash].js'

const bundle = await rollup({
  input: ['cli.js', 'index.js'].map((name) => join(folder, name)),
  external: (id) => !id.startsWith('.') && !isAbsolute(id),
  onLog: (_level, { message }) => {
    throw new Error(message)
  },
})
rmSync(join(folder, 'chunks'), { recursive: true, force: true })
await bundle.write({
  dir: folder,
  format: 'es',
  importAttributesKey: 'with',
  chunkFileNames: CHUNKS,
  plugins: [{ name: 'ascii', renderChunk: toAscii }],
})
// A command runs by its first line.
chmodSync(join(folder, 'cli.js'), 0o755)

/** The escapes mean the same in texts, templates, patterns and names; in comments they mean nothing. */
function toAscii(code: string): string {
  return code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
