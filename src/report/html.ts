/**
 * The page as one HTML document. In: its data (overview.ts). Out: a file that opens from disk, with styles, scripts and
 * data embedded. Promised: nothing is fetched from anywhere; scripts run only by their hash, so that a string of a
 * capture can never become one; the headline can be read without scripts.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { safeStrings, safeText } from '../text.ts'
import type { PageData } from './overview/page-data.ts'

/** The compiled page, as `npm run build` writes it. */
interface Assets {
  library: string
  licence: string
  script: string
  style: string
}

export interface Page {
  html: string
  /** Content-Security-Policy; in the document itself, too. */
  policy: string
}

/** A hawk's head, in the colour of the page. */
const ICON =
  'data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 viewBox=%220 0 32 32%22%3E%3Cpath fill=%22%230b62a4%22 d=%22M4 18C4 9 11 4 19 5c6 1 9 6 9 10l-7 1c-3 0-5 2-5 5v7C9 28 4 24 4 18z%22/%3E%3Ccircle cx=%2219%22 cy=%2212%22 r=%222%22 fill=%22%23fff%22/%3E%3C/svg%3E'

let loaded: Assets | undefined

function assets(): Assets {
  loaded ??= JSON.parse(readFileSync(new URL('../page/assets.json', import.meta.url), 'utf8')) as Assets
  return loaded
}

export function htmlPage(data: PageData): Page {
  const { library, licence, script, style } = assets()
  const policy = [
    "default-src 'none'",
    `script-src ${hash(library)} ${hash(script)}`,
    // uPlot places its parts by properties of elements, which no policy forbids.
    `style-src ${hash(style)}`,
    'img-src data:',
    `connect-src ${data.live ? "'self'" : "'none'"}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(data.title)} - flowhawk</title>
<link rel="icon" href="${ICON}">
<!-- Charts: uPlot.
${licence.replaceAll('--', '- -')}
-->
<style>${style}</style>
</head>
<body>
<div id="page"></div>
<noscript>${withoutScript(data)}</noscript>
<script type="application/json" id="data">${embedded(data)}</script>
<script>${library}</script>
<script>${script}</script>
</body>
</html>
`
  return { html, policy }
}

function withoutScript({ answers, title }: PageData): string {
  const sentences = answers
    .map(({ sentence }) => `<p><strong>${escapeHtml(sentence)}</strong></p>`)
    .join('\n')
  return `<h1>${escapeHtml(title)}</h1>\n${sentences}\n<p>The tables and charts need JavaScript; nothing is fetched.</p>`
}

/** JSON that no HTML parser can see an end tag or a comment in, nor a person text in the wrong order. */
export function embedded(data: PageData): string {
  const plain = JSON.stringify(data)
  const json =
    MAYBE_UNSAFE.test(plain) || safeText(plain) !== plain ? JSON.stringify(data, safeStrings) : plain
  return json.replaceAll('<', '\\u003c')
}

/** A control character in JSON; a page of strings from packets has none. */
const MAYBE_UNSAFE = /\\(?:u00[01]|[bfnrt])/

function hash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escapeHtml(text: string): string {
  return safeText(text).replace(/[&<>"']/g, (character) => ENTITIES[character])
}
