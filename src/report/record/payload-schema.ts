/** JSON Schema of the payload fields of a flow record: a property for each protocol, as listed in protocol-fields.ts. */
import { type FieldType, PROTOCOL_FIELDS } from '../../protocol-fields.ts'
import { type JsonSchema, list } from './schema-parts.ts'

const TYPES: Record<FieldType, JsonSchema> = {
  text: { type: 'string' },
  number: { type: 'number' },
  flag: { type: 'boolean' },
  texts: list({ type: 'string' }),
}

const anyValue: JsonSchema = {
  anyOf: [{ type: ['string', 'number', 'boolean'] }, list({ type: ['string', 'number'] })],
}

/** Of any protocol. */
export const payloadGroup: JsonSchema = { type: 'object', additionalProperties: anyValue }

/** Of those there are. */
export const payloadGroups: Record<string, JsonSchema> = Object.fromEntries(
  Object.entries(PROTOCOL_FIELDS).map(([group, fields]) => [group, groupSchema(Object.entries(fields))]),
)

function groupSchema(fields: [name: string, field: readonly [type: FieldType, says: string]][]): JsonSchema {
  const properties = fields.map(([name, [type, says]]) => [name, { ...TYPES[type], description: says }])
  return { ...payloadGroup, properties: Object.fromEntries(properties) }
}
