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
export const seconds = (description?: string): JsonSchema => ({
  type: 'number',
  minimum: 0,
  maximum: MAX_SECONDS,
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
