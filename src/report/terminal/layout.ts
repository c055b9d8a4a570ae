/** Text for a terminal of a given width: numbers, bars, sparklines, columns. Knows nothing of records. */

const THOUSANDS = /\B(?=(\d{3})+$)/g
const SPARKS = '▁▂▃▄▅▆▇█'
const EIGHTHS = ' ▏▎▍▌▋▊▉'
const FULL = '█'
const ELLIPSIS = '…'
/** Code points that take no column: combining marks, joiners, variation selectors. */
const ZERO_WIDTH = /^(?:\p{Mn}|\p{Me}|\u200b|\u200c|\u200d)$/u
/** East Asian wide and full-width blocks, and emoji: two columns. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]$/u

export function displayWidth(text: string): number {
  let width = 0
  for (const character of text) {
    if (!ZERO_WIDTH.test(character)) width += WIDE.test(character) ? 2 : 1
  }
  return width
}

/** The text, cut to `columns` with an ellipsis. */
export function fit(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text
  let cut = ''
  let width = 0
  for (const character of text) {
    const next = displayWidth(character)
    if (width + next > columns - 1) break
    cut += character
    width += next
  }
  return columns < 1 ? '' : cut + ELLIPSIS
}

export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - displayWidth(text)))
}

export function padStart(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - displayWidth(text))) + text
}

/** 1,234,567 */
export function grouped(value: number): string {
  return String(Math.round(value)).replace(THOUSANDS, ',')
}

/** "1 flow", "2 flows" */
export function counted(value: number, noun: string, plural = `${noun}s`): string {
  return `${grouped(value)} ${value === 1 ? noun : plural}`
}

/** Bytes in decimal units with three digits: 345 B, 1.23 kB, 45.6 MB. */
export function byteText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 ? String(value) : value.toPrecision(3)} ${units[unit]}`
}

/** "1 h 2 min 3 s"; below a minute with up to three decimals. */
export function durationText(seconds: number): string {
  if (seconds < 60) return `${Number(seconds.toFixed(3))} s`
  const whole = Math.round(seconds)
  const parts: [number, string][] = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor(whole / 3600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'min'],
    [whole % 60, 's'],
  ]
  const first = parts.findIndex(([value]) => value > 0)
  return parts
    .slice(first, first + 3)
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${value} ${unit}`)
    .join(' ')
}

/** A share of 0..1 as "98.1 %"; a share above 0 that would round to 0 as "< 0.1 %". */
export function percent(share: number): string {
  if (share > 0 && share < 0.001) return '< 0.1 %'
  return `${(share * 100).toFixed(1)} %`
}

/** A bar of at most `columns`, exact to an eighth of a column. */
export function bar(share: number, columns: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * columns * 8)
  const rest = eighths % 8
  return FULL.repeat(Math.floor(eighths / 8)) + (rest === 0 ? '' : EIGHTHS[rest])
}

/** One character a value; the highest value is a full block, 0 is a space. */
export function sparkline(values: readonly number[]): string {
  const most = Math.max(0, ...values)
  if (most === 0) return ' '.repeat(values.length)
  return values
    .map((value) => (value === 0 ? ' ' : SPARKS[Math.ceil((value / most) * SPARKS.length) - 1]))
    .join('')
}

/**
 * The highest level in each of `columns` equal parts of from..to. `steps` change the level at `times`; at one
 * instant rises come before falls, as sessions are closed intervals.
 */
export function levelsOverTime(
  changes: { times: readonly number[]; steps: readonly number[] },
  from: number,
  to: number,
  columns: number,
): number[] {
  const { times, steps } = changes
  const order = times.map((_, i) => i).sort((a, b) => times[a] - times[b] || steps[b] - steps[a] || a - b)
  const levels = new Array<number>(columns).fill(0)
  const span = to - from || 1
  const columnOf = (time: number) =>
    Math.min(columns - 1, Math.max(0, Math.floor(((time - from) / span) * columns)))
  let level = 0
  let column = 0
  for (const i of order) {
    const next = columnOf(times[i])
    while (column < next) levels[++column] = level
    level += steps[i]
    if (level > levels[column]) levels[column] = level
  }
  while (column < columns - 1) levels[++column] = level
  return levels
}

/** Words of the text in lines of at most `columns`; a longer word stands alone. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && displayWidth(line) + 1 + displayWidth(word) > columns) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

/**
 * Folds a line into lines of at most `columns`, indented by `indent` after the first: at a gap between columns if the
 * rest up to the next gap fits on the next line, else between words. A longer word is cut with an ellipsis.
 */
export function fold(line: string, columns: number, indent = 0): string[] {
  if (displayWidth(line) <= columns) return [line]
  const lines: string[] = []
  let rest = ''
  const isFull = (more: string) => rest.trim() !== '' && displayWidth(rest) + displayWidth(more) > columns
  const add = (piece: string) => {
    if (!isFull(piece)) rest += piece
    else {
      lines.push(rest)
      rest = ' '.repeat(indent) + piece.trimStart()
    }
  }
  for (const [cell, words] of line.matchAll(/ *([^ ]+(?: [^ ]+)*)/g)) {
    if (displayWidth(words) + indent <= columns) add(cell)
    else for (const [word] of cell.matchAll(/ *[^ ]+/g)) add(word)
  }
  return [...lines, rest].map((each) => fit(each, columns))
}
