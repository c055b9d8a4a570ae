/**
 * A terminal as SVG. In: a command, and its output with the colours that flowhawk uses (bold, faint, cyan, yellow).
 * Out: a framed picture; every run of one style stands at its column, whatever font draws it. Not supported: other
 * sequences, which would show as text.
 */
import { displayWidth } from '../../src/report/terminal/layout.ts'

const CELL_WIDTH = 8.4
const LINE_HEIGHT = 19
const MARGIN = 18
const HEAD = 30
const STYLES: Readonly<Record<string, string>> = { 1: 'strong', 2: 'faint', 36: 'accent', 33: 'warn' }
const ENDS = ['22', '39', '0']
// Chosen for a contrast above 7:1 on the background.
const CSS = `text { font: 14px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; fill: #d7dde5; white-space: pre }
.strong { font-weight: bold; fill: #ffffff }
.faint { fill: #a5b0bd }
.accent { fill: #6fd3e3 }
.warn { fill: #f0c454 }`

export function terminalPicture(command: string, output: string, columns: number): string {
  const lines = [`\u001b[2m$\u001b[22m ${command}`, '', ...output.trimEnd().split('\n')]
  const width = Math.ceil(2 * MARGIN + columns * CELL_WIDTH)
  const height = HEAD + MARGIN + lines.length * LINE_HEIGHT
  const dots = ['#ff5f57', '#febc2e', '#28c840'].map(
    (color, i) => `<circle cx="${MARGIN + 4 + i * 18}" cy="18" r="5.5" fill="${color}"/>`,
  )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escaped(`Output of ${command}`)}</title>`,
    `<style>${CSS}</style>`,
    `<rect width="${width}" height="${height}" rx="9" fill="#14181d"/>`,
    dots.join(''),
    ...lines.map((line, i) => lineText(line, HEAD + MARGIN + i * LINE_HEIGHT)).filter((text) => text !== ''),
    '</svg>',
    '',
  ].join('\n')
}

function lineText(line: string, y: number): string {
  let style = ''
  let column = 0
  let spans = ''
  for (const [, code, text] of line.matchAll(/(?:\u001b\[(\d+)m)?([^\u001b]*)/g)) {
    if (code !== undefined) style = ENDS.includes(code) ? '' : (STYLES[code] ?? '')
    const width = displayWidth(text)
    if (text.trim() !== '') {
      const lead = text.length - text.trimStart().length
      spans += span(text.trim(), column + lead, style)
    }
    column += width
  }
  return spans === '' ? '' : `<text y="${y}">${spans}</text>`
}

/** Its length is fixed, so that columns stay columns. */
function span(text: string, column: number, style: string): string {
  const at = (MARGIN + column * CELL_WIDTH).toFixed(1)
  const length = (displayWidth(text) * CELL_WIDTH).toFixed(1)
  const named = style === '' ? '' : ` class="${style}"`
  return `<tspan x="${at}" textLength="${length}" lengthAdjust="spacingAndGlyphs"${named}>${escaped(text)}</tspan>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
