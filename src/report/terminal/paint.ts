/** The colours of a terminal. */

/** Wraps text in colours, or leaves it. */
export interface Paint {
  strong(text: string): string
  faint(text: string): string
  accent(text: string): string
  warn(text: string): string
}

const plain: Paint = {
  strong: (text) => text,
  faint: (text) => text,
  accent: (text) => text,
  warn: (text) => text,
}
const colors: Paint = {
  strong: (text) => `\u001b[1m${text}\u001b[22m`,
  faint: (text) => `\u001b[2m${text}\u001b[22m`,
  accent: (text) => `\u001b[36m${text}\u001b[39m`,
  warn: (text) => `\u001b[33m${text}\u001b[39m`,
}

export function paintFor(color: boolean): Paint {
  return color ? colors : plain
}
