/**
 * Bundles the browser's code: `npm run build` runs this after the compiler. In: the compiled src/page/ and uPlot. Out:
 * src/page/assets.json beside it, with the library, the page's script and the style, as the HTML embeds them.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rollup } from '@rollup/wasm-node'

const page = fileURLToPath(new URL('../src/page/', import.meta.url))
const sources = fileURLToPath(new URL('../../src/page/', import.meta.url))
const uplot = dirname(createRequire(import.meta.url).resolve('uplot'))

const bundle = await rollup({ input: join(page, 'main.js'), external: ['uplot'] })
const { output } = await bundle.generate({ format: 'iife', globals: { uplot: 'uPlot' }, indent: false })

const text = (path: string) => readFileSync(path, 'utf8').trim()
const assets = {
  library: text(join(uplot, 'uPlot.iife.min.js')),
  licence: text(join(uplot, '../LICENSE')),
  script: output[0].code.trim(),
  style: `${text(join(uplot, 'uPlot.min.css'))}\n${text(join(sources, 'page.css'))}`,
}
writeFileSync(join(page, 'assets.json'), JSON.stringify(assets))
