/** Rows of text with a label in the margin, for `flowhawk explain`. Filters are never wrapped: they are to be copied. */
import { safeText } from '../../text.ts'
import type { Certainty } from '../../types.ts'
import { displayWidth } from '../terminal/layout.ts'
import type { Filters } from './facts.ts'

const LABEL_COLUMNS = 12
const MIN_TEXT_COLUMNS = 40
const MAX_TEXT_COLUMNS = 110

export interface TextOptions {
  columns: number
  color: boolean
}

export interface Page {
  /** A heading line. */
  head(text: string): void
  /** A row; the label is shown where it differs from the row before. Nothing in it reaches the terminal raw. */
  row(label: string, text: string): void
  /** The same with colours in it, and nothing that came from outside unescaped. */
  painted(label: string, text: string): void
  /** A row that is marked as one of a list. */
  item(text: string): void
  /** A line as it is, under the label's column. */
  verbatim(label: string, text: string): void
  gap(): void
  strong(text: string): string
  faint(text: string): string
  certainty(certainty: Certainty): string
  text(): string
}

const CERTAINTY_COLORS: Record<Certainty, number> = { confirmed: 32, likely: 36, possible: 33, unknown: 2 }

export function createPage({ columns, color }: TextOptions): Page {
  const lines: string[] = []
  let shown = ''
  const width = Math.min(MAX_TEXT_COLUMNS, Math.max(MIN_TEXT_COLUMNS, columns - LABEL_COLUMNS - 2))
  const painted = (text: string, on: number, off: number) =>
    color ? `\u001b[${on}m${text}\u001b[${off}m` : text
  const strong = (text: string) => painted(safeText(text), 1, 22)
  const faint = (text: string) => painted(text, 2, 22)
  const margin = (label: string) => {
    const text = label === shown ? '' : label
    if (label !== '') shown = label
    return `  ${faint(text.padEnd(LABEL_COLUMNS))}`
  }
  const row = (label: string, text: string) => {
    wrapPainted(text, width).forEach((line, i) => {
      lines.push((i === 0 ? margin(label) : ' '.repeat(LABEL_COLUMNS + 2)) + line)
    })
  }
  return {
    head(text) {
      shown = ''
      lines.push(strong(text))
    },
    row: (label, text) => row(label, safeText(text)),
    painted: row,
    item(text) {
      shown = ''
      row('-', safeText(text))
    },
    verbatim: (label, text) => lines.push(margin(label) + text),
    gap() {
      shown = ''
      if (lines.length > 0 && lines.at(-1) !== '') lines.push('')
    },
    strong,
    faint,
    certainty: (certainty) => {
      const on = CERTAINTY_COLORS[certainty]
      return painted(certainty, on, on === 2 ? 22 : 39)
    },
    text: () => `${lines.join('\n').trimEnd()}\n`,
  }
}

export function addFilters(page: Page, filters: Filters): void {
  page.gap()
  page.head('Filters')
  page.verbatim('wireshark', filters.wireshark)
  if (filters.tcpdump !== undefined) page.verbatim('tcpdump', filters.tcpdump)
  for (const note of filters.notes) page.row('note', note)
}

/** Words in lines of at most `columns`; colours take none. A longer word stands alone. */
function wrapPainted(text: string, columns: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && displayWidth(bare(line)) + 1 + displayWidth(bare(word)) > columns) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

function bare(text: string): string {
  return text.replace(/\u001b\[\d+m/g, '')
}
