/**
 * JSON text of records other than flows: numbers never in exponent form, `undefined` left out, a Map as an object in its
 * own order, text that is already JSON passed on. Flows are written by flow-record.ts.
 */
import { MAX_LIST } from '../../bytes.ts'

const MAX_DECIMALS = 9
const MAX_PLAIN = 1e21

/** Text that is JSON already, such as a number with more digits than a double holds. */
export class RawJson {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** A JSON number with up to nine decimals, without trailing zeros; what is no number becomes null. */
export function numberText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < MAX_PLAIN) return value === 0 ? '0' : String(value)
  if (!(Math.abs(value) < MAX_PLAIN)) return 'null'
  const text = value.toFixed(MAX_DECIMALS).replace(/\.?0+$/, '')
  return text === '-0' ? '0' : text
}

/** A JSON string. */
export function quoted(text: string): string {
  return JSON.stringify(text)
}

export function jsonText(value: unknown): string {
  if (typeof value === 'number') return numberText(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  if (value instanceof RawJson) return value.text
  if (Array.isArray(value)) return listText(value)
  return `{${value instanceof Map ? entriesText(value) : fieldsText(value as Record<string, unknown>)}}`
}

/** The object's fields without its braces; '' when it has none. */
export function fieldsText(fields: Record<string, unknown>): string {
  let text = ''
  for (const name in fields) {
    const field = fields[name]
    if (field !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${jsonText(field)}`
  }
  return text
}

function entriesText(entries: ReadonlyMap<unknown, unknown>): string {
  let text = ''
  for (const [name, field] of entries)
    if (field !== undefined)
      text += `${text === '' ? '' : ','}${JSON.stringify(String(name))}:${jsonText(field)}`
  return text
}

function listText(list: readonly unknown[]): string {
  let text = ''
  for (let i = 0; i < list.length; i++) text += (i === 0 ? '' : ',') + jsonText(list[i])
  return `[${text}]`
}

/** `values` as a field, cut to MAX_LIST; where elements are missing, `name_total` says how many there were. */
export function listFields(
  name: string,
  values: readonly unknown[],
  total = values.length,
): Record<string, unknown> {
  const listed = values.length > MAX_LIST ? values.slice(0, MAX_LIST) : values
  return total > listed.length ? { [name]: listed, [`${name}_total`]: total } : { [name]: listed }
}

/** The same as text, of elements that are JSON already. */
export function listField(name: string, values: readonly string[], total: number): string {
  const listed = values.length > MAX_LIST ? values.slice(0, MAX_LIST) : values
  const rest = total > listed.length ? `,"${name}_total":${total}` : ''
  return `"${name}":[${listed.join()}]${rest}`
}

/** The name of the sum of all counts that are not listed. */
export const OTHER = 'other'

/** Counts by name, the greatest MAX_LIST of them; the sum of the others is "other". */
export function greatestCounts(counts: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  if (counts.size <= MAX_LIST) return counts
  const named = [...counts].filter(([name]) => name !== OTHER)
  const ordered = named.sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
  const rest = ordered.slice(MAX_LIST).reduce((sum, [, count]) => sum + count, counts.get(OTHER) ?? 0)
  return new Map([...ordered.slice(0, MAX_LIST), [OTHER, Math.min(rest, Number.MAX_SAFE_INTEGER)]])
}
