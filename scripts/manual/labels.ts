/** docs/labels.md: what payload is recognised as, and by what, from the built-in signatures. */
import { categoryOf } from '../../src/label/categories.data.ts'
import { builtinSignatures } from '../../src/label/signatures/all.ts'

const OTHERS = 'others'

export function labelsPage(): string {
  const labels = new Map<string, string[]>()
  for (const { label, says } of builtinSignatures()) labels.set(label, [...(labels.get(label) ?? []), says])
  const categories = new Map<string, string[]>()
  for (const label of [...labels.keys()].sort()) {
    const category = categoryOf(label) ?? OTHERS
    categories.set(category, [...(categories.get(category) ?? []), label])
  }
  const sections = [...categories.keys()].sort().map((category) => {
    const rows = (categories.get(category) ?? []).map((label) => row(label, labels.get(label) ?? []))
    return `## ${category}\n\n| label | its payload |\n|---|---|\n${rows.join('')}`
  })
  return [head(labels.size), ...sections].join('\n')
}

function head(count: number): string {
  return `# What is recognised by its bytes

${count} labels come from the payload, on whatever port it runs unless the sentence names one. The sentences are those
that stand as evidence in the records, with the weight of each; one that fits by accident now and then makes
a label \`likely\`, and \`confirmed\` when both directions show it. What is only registered for a port is \`possible\` at
most. Your own rules add to these: \`flowhawk rules builtin\` shows how they are written. Written by
\`npm run manual\`.
`
}

function row(label: string, says: readonly string[]): string {
  return `| \`${label}\` | ${[...new Set(says)].map(cell).join('; ')} |\n`
}

/** A sentence in a cell of Markdown. */
function cell(text: string): string {
  return text.replaceAll(/[|<>*_`]/g, (special) => `\\${special}`)
}
