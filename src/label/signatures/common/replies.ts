/** Replies of three digits, as FTP (RFC 959 section 4.2) and SMTP (RFC 5321 section 4.2) have them. */
import { CR, findText, LF, SPACE, threeDigits } from './text-scan.ts'

const DASH = 0x2d
/** How far a list of commands is searched. */
const MAX_HELP = 1024

/** Position of the text behind a reply's code, or -1. Of a code alone on its line: of the next line, if it has a code. */
export function replyText(bytes: Uint8Array, start: number, end: number): number {
  if (start + 4 > end) return -1
  const separator = bytes[start + 3]
  if (separator === SPACE || separator === DASH) return start + 4
  if (separator !== CR && separator !== LF) return -1
  const next = separator === LF ? start + 4 : start + 5
  return bytes[next - 1] === LF && threeDigits(bytes, next, end) > 0 ? next : -1
}

/** How many of the words stand in a reply to HELP (211 or 214), which may come in one segment with the reply before it. */
export function countHelp(bytes: Uint8Array, start: number, end: number, words: readonly string[]): number {
  const at = helpStart(bytes, start, Math.min(end, start + MAX_HELP))
  if (at < 0) return 0
  const stop = Math.min(end, at + MAX_HELP)
  let count = 0
  for (const word of words) if (findText(bytes, at, stop, word) >= 0) count++
  return count
}

function helpStart(bytes: Uint8Array, start: number, end: number): number {
  const code = threeDigits(bytes, start, end)
  if (code === 214 || code === 211) return start
  const help = findText(bytes, start, end, '\n214')
  return help >= 0 ? help : findText(bytes, start, end, '\n211')
}
