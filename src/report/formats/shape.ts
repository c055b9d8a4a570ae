/**
 * The shape of a record, from its schema: for formats whose columns are fixed before the first record is seen. In:
 * the name of a record. Out: its fields in the schema's order, each with a kind; fields that the schema does not name
 * (payload fields, the subject of a notice) are combined in a last one.
 */

import type { RecordName } from '../record/record.ts'
import { bareSchema } from '../record/schema.ts'
import type { JsonSchema } from '../record/schema-parts.ts'

export type Shape =
  | { kind: 'text' | 'integer' | 'number' | 'boolean' | 'time' | 'json' }
  | { kind: 'list'; of: Shape }
  | { kind: 'group'; fields: readonly Field[] }

export interface Field {
  name: string
  optional: boolean
  shape: Shape
}

/** A field that is not a group, under its name with dots: "registry.status". */
export interface Column {
  name: string
  path: readonly string[]
  shape: Shape
}

/** The column of the fields that the schema does not name. */
const REST: Partial<Record<RecordName, string>> = { flow: 'extras', notice: 'about' }

export function fieldsOf(name: RecordName): Field[] {
  const fields = groupFields(bareSchema(name))
  const rest = REST[name]
  return rest === undefined ? fields : [...fields, { name: rest, optional: true, shape: { kind: 'json' } }]
}

export function columnsOf(name: RecordName): Column[] {
  return fieldsOf(name).flatMap((field) => flatten(field, []))
}

/** Moves the fields that the schema does not name to their column. */
export function createGatherer(name: RecordName): (record: object) => Record<string, unknown> {
  const rest = REST[name]
  if (rest === undefined) return (record) => ({ ...record })
  const known = new Set(fieldsOf(name).map((field) => field.name))
  return (record) => {
    const named: Record<string, unknown> = {}
    const others: Record<string, unknown> = {}
    let some = false
    for (const [field, value] of Object.entries(record)) {
      if (known.has(field) && field !== rest) named[field] = value
      else {
        others[field] = value
        some = true
      }
    }
    if (some) named[rest] = others
    return named
  }
}

/** The value at a column's place; undefined where the record has none. */
export function valueAt(record: Record<string, unknown>, path: readonly string[]): unknown {
  let value: unknown = record
  for (const name of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Record<string, unknown>)[name]
  }
  return value
}

function flatten({ name, shape }: Field, above: readonly string[]): Column[] {
  const path = [...above, name]
  if (shape.kind === 'group') return shape.fields.flatMap((field) => flatten(field, path))
  return [{ name: path.join('.'), path, shape }]
}

function groupFields(schema: JsonSchema): Field[] {
  const required = schema.required as readonly string[]
  return Object.entries(schema.properties as Record<string, JsonSchema>).map(([name, property]) => ({
    name,
    optional: !required.includes(name),
    shape: shapeOf(property),
  }))
}

function shapeOf(schema: JsonSchema): Shape {
  if ('const' in schema) return { kind: typeof schema.const === 'number' ? 'integer' : 'text' }
  // Only a time may be one of two types.
  if ('anyOf' in schema) return { kind: 'time' }
  switch (schema.type) {
    case 'array':
      return { kind: 'list', of: shapeOf(schema.items as JsonSchema) }
    case 'object':
      return 'properties' in schema ? { kind: 'group', fields: groupFields(schema) } : { kind: 'json' }
    case 'integer':
    case 'number':
    case 'boolean':
      return { kind: schema.type }
    default:
      return { kind: 'text' }
  }
}
