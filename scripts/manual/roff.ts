/** Text for man(7): what is special to roff is escaped, and everything beyond ASCII has its code point. */

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\(rs',
  '-': '\\-',
  "'": '\\(aq',
  '`': '\\(ga',
  '^': '\\(ha',
  '~': '\\(ti',
}

/** A line of text; never a request, whatever it begins with. */
export function roffText(text: string): string {
  const escaped = text.replaceAll(/[\\\-'`^~]|[^\0-\x7f]/gu, (found) => ESCAPES[found] ?? codePoint(found))
  return escaped.startsWith('.') ? `\\&${escaped}` : escaped
}

function codePoint(character: string): string {
  const number = character.codePointAt(0) ?? 0
  return `\\[u${number.toString(16).toUpperCase().padStart(4, '0')}]`
}

export function bold(text: string): string {
  return `\\fB${roffText(text)}\\fR`
}

export function italic(text: string): string {
  return `\\fI${roffText(text)}\\fR`
}

/** A macro's argument. */
export function quoted(text: string): string {
  return `"${text.replaceAll('"', '\\(dq')}"`
}
