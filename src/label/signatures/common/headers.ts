/** Header fields "name: value" of HTTP, SIP, RTSP and other text protocols (RFC 5322 section 2.2). */
import { CR, LF, lineEnd, lineText, MAX_HEAD, nextLine, SPACE, startsWithAnyCase, TAB } from './text-scan.ts'

const COLON = 0x3a

/**
 * Where the value of header `name` (lower case, without colon) starts, blanks skipped, or -1. `at` is the start
 * of the first header line; the search stops at the empty line.
 */
export function headerStart(bytes: Uint8Array, at: number, end: number, name: string): number {
  const limit = Math.min(end, at + MAX_HEAD)
  let line = at
  while (line >= 0 && line < limit) {
    if (bytes[line] === CR || bytes[line] === LF) return -1
    if (bytes[line + name.length] === COLON && startsWithAnyCase(bytes, line, end, name)) {
      let value = line + name.length + 1
      while (value < end && (bytes[value] === SPACE || bytes[value] === TAB)) value++
      return Math.min(value, end)
    }
    line = nextLine(bytes, line, end)
  }
  return -1
}

/** The value of header `name` as a safe string, or undefined when absent or empty. */
export function headerText(bytes: Uint8Array, at: number, end: number, name: string): string | undefined {
  const start = headerStart(bytes, at, end, name)
  // A line that was cut may hold only the start of the value: report nothing.
  if (start < 0 || lineEnd(bytes, start, end) < 0) return undefined
  const text = lineText(bytes, start, end)
  return text === '' ? undefined : text
}
