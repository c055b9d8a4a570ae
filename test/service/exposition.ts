/** A strict reader of Prometheus' text format (version 0.0.4): throws at whatever the format does not allow. */
export interface Exposition {
  /** By name and labels in the order given: name{a=b,c=d}, values unescaped. */
  samples: Map<string, number>
  types: Map<string, string>
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)/
const VALUE = /^(?:[-+]?(?:\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)|NaN|[-+]?Inf)$/
const ESCAPES: Record<string, string> = { '\\\\': '\\', '\\"': '"', '\\n': '\n' }

export function parseExposition(text: string): Exposition {
  const samples = new Map<string, number>()
  const types = new Map<string, string>()
  const helped = new Set<string>()
  if (!text.endsWith('\n')) throw new Error('the last line does not end')
  let family = ''
  for (const line of text.slice(0, -1).split('\n')) {
    if (line === '') continue
    const comment = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line)
    if (comment !== null) {
      const [, kind, name, rest] = comment
      const seen = kind === 'HELP' ? helped.has(name) : types.has(name)
      if (seen || !NAME.test(name)) throw new Error(`a second ${kind}, or a wrong name: ${line}`)
      if (kind === 'HELP') helped.add(name)
      else if (!/^(counter|gauge|histogram|summary|untyped)$/.test(rest)) throw new Error(line)
      else types.set(name, rest)
      family = name
      continue
    }
    const sample = /^([^{ ]+)(?:\{(.*)\})? (\S+)$/.exec(line)
    if (sample === null) throw new Error(`no sample: ${line}`)
    const [, name, labels = '', value] = sample
    if (name !== family || !types.has(name) || !helped.has(name)) throw new Error(`no family: ${line}`)
    if (!VALUE.test(value)) throw new Error(`no number: ${line}`)
    const key = labels === '' ? name : `${name}{${readLabels(labels)}}`
    if (samples.has(key)) throw new Error(`twice: ${line}`)
    samples.set(key, Number(value))
  }
  return { samples, types }
}

function readLabels(text: string): string {
  const labels: string[] = []
  for (let rest = text; rest !== ''; ) {
    const match = LABEL.exec(rest)
    if (match === null) throw new Error(`no label: ${rest}`)
    const [all, name, value] = match
    labels.push(`${name}=${value.replace(/\\[\\"n]/g, (escaped) => ESCAPES[escaped])}`)
    rest = rest.slice(all.length)
  }
  return labels.join()
}
