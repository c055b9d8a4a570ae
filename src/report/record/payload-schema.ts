/** JSON Schema of what a flow record tells of its payload: a property a protocol, as protocol-fields.ts has them. */
import { type FieldType, PROTOCOL_FIELDS } from '../../protocol-fields.ts'

export type JsonSchema = { readonly [keyword: string]: unknown }

const strings = { type: 'array', items: { type: 'string' }, maxItems: 100 }

const TYPES: Record<FieldType, JsonSchema> = {
  text: { type: 'string' },
  number: { type: 'number' },
  flag: { type: 'boolean' },
  texts: strings,
}

const anyValue: JsonSchema = {
  anyOf: [
    { type: ['string', 'number', 'boolean'] },
    { type: 'array', items: { type: ['string', 'number'] }, maxItems: 100 },
  ],
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
