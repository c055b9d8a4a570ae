/** docs/fields.md: what flow records tell of payloads, from src/protocol-fields.ts. */
import { type FieldType, PROTOCOL_FIELDS } from '../../src/protocol-fields.ts'

const TYPE_WORDS: Record<FieldType, string> = {
  text: 'text',
  number: 'number',
  flag: 'true',
  texts: 'list of text',
}

const HEAD = `# What flow records tell of payloads

A flow record has a group for each protocol whose payload told something: \`jq 'select(.tls.sni)'\`,
\`jq '[.dns.query, .dns.rcode]'\`. A field is there when a packet told it: the first that did, where nothing else
is said. Names and texts are as the packets had them, with what is not printable as \`\\x00\` escapes, cut at
1,024 bytes. Passwords, tokens and community strings are never told. \`flowhawk schema flow\` says the same as
JSON Schema, the types of the library say it to TypeScript. Written by \`npm run manual\`.
`

export function fieldsPage(): string {
  const groups = Object.entries(PROTOCOL_FIELDS).map(([group, fields]) =>
    section(group, Object.entries(fields)),
  )
  return [HEAD, ...groups].join('\n')
}

function section(group: string, fields: [name: string, field: readonly [FieldType, string]][]): string {
  const rows = fields.map(
    ([name, [type, says]]) => `| \`${group}.${name}\` | ${TYPE_WORDS[type]} | ${says} |\n`,
  )
  return `## ${group}\n\n| field | type | meaning |\n|---|---|---|\n${rows.join('')}`
}
