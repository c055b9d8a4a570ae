/** The parts that the JSON Schemas of records are made of. */
import { MAX_LIST } from '../../bytes.ts'

export type JsonSchema = { readonly [keyword: string]: unknown }

/** More than 2^64, the most that a time in pcapng can be. */
export const MAX_SECONDS = 1e20

export const text = (description?: string): JsonSchema => ({
  type: 'string',
  ...(description && { description }),
})
/** A whole number that a double holds exactly. */
export const count = (description?: string): JsonSchema => ({
  type: 'integer',
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  ...(description && { description }),
})
/** A duration, at most from the earliest time to the latest. */
export const seconds = (description?: string): JsonSchema => ({
  type: 'number',
  minimum: 0,
  maximum: 2 * MAX_SECONDS,
  description: description ?? 'seconds',
})
export const oneOf = (...values: string[]): JsonSchema => ({ enum: values })
export const list = (items: JsonSchema, description?: string): JsonSchema => ({
  type: 'array',
  items,
  maxItems: MAX_LIST,
  ...(description && { description }),
})
/** All properties are required but the optional ones; no others are allowed. */
export const object = (
  properties: Record<string, JsonSchema>,
  optional: readonly string[] = [],
): JsonSchema => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  additionalProperties: false,
})
export const counts: JsonSchema = { type: 'object', additionalProperties: count() }
export const total = count('how many there were, where the list was cut at 100')
export const port: JsonSchema = { type: 'integer', minimum: 0, maximum: 65_535 }
export const id: JsonSchema = { type: 'string', pattern: '^[0-9a-f]{16}$' }
const DATE = '\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])'
const CLOCK = '([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d\\.\\d{9}'
export const time: JsonSchema = {
  description: 'RFC 3339, UTC, nine digits; with --time epoch seconds since 1970 as a number',
  anyOf: [
    { type: 'string', pattern: `^${DATE}T${CLOCK}Z$` },
    { type: 'number', minimum: -MAX_SECONDS, maximum: MAX_SECONDS },
  ],
}
