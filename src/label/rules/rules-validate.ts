/** Validates a parsed rule or site file against its JSON Schema, in sentences: found, expected, what to do. */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import { nearest } from '../nearest.ts'
import { pathText, type RuleDocument, show } from './rules-document.ts'

interface SchemaNode {
  description?: string
  properties?: Record<string, unknown>
}

const validators = new WeakMap<object, ValidateFunction>()

function validatorOf(schema: object): ValidateFunction {
  let validate = validators.get(schema)
  if (validate === undefined) {
    validate = new Ajv2020({ allErrors: true, verbose: true, allowUnionTypes: true }).compile(schema)
    validators.set(schema, validate)
  }
  return validate
}

/** Reports faults into `document`; returns the paths of what has one, and of what that is in, from list items ("pools[3]") on. */
export function validate(document: RuleDocument, schema: object): Set<string> {
  const check = validatorOf(schema)
  const bad = new Set<string>()
  if (check(document.value)) return bad
  const errors = check.errors ?? []
  const alternatives = new Set(
    errors.filter(({ keyword }) => keyword === 'anyOf').map(({ schemaPath }) => schemaPath),
  )
  for (const error of errors) {
    const path = pathOf(error.instancePath)
    for (let depth = 2; depth <= Math.max(2, path.length); depth++) bad.add(pathText(path.slice(0, depth)))
    // Faults in ports are reported by the code that turns them into ranges.
    if (path.includes('ports')) continue
    // Faults inside alternatives: the "anyOf" that failed says it better.
    if ([...alternatives].some((alternative) => error.schemaPath.startsWith(`${alternative}/`))) continue
    if (!document.full) report(document, error, path)
  }
  return bad
}

function report(document: RuleDocument, error: ErrorObject, path: (string | number)[]): void {
  const schema = (error.parentSchema ?? {}) as SchemaNode
  if (error.keyword === 'additionalProperties') {
    const key = String(error.params.additionalProperty)
    const known = Object.keys(schema.properties ?? {})
    const near = nearest(key, known)
    const hint = near === undefined ? '' : `; did you mean "${near}"?`
    const says = `found an unknown key, expected one of ${known.join(', ')}${hint}`
    document.keyFault([...path, key], says, 'RULE_KEY')
    return
  }
  if (error.keyword === 'required') {
    const says = `"${String(error.params.missingProperty)}" is missing, expected ${schema.description ?? 'it'}`
    document.fault(path, says, 'RULE_MISSING')
    return
  }
  const expected = schema.description ?? error.message ?? 'another value'
  document.fault(path, `found ${show(error.data)}, expected ${expected}`, 'RULE_VALUE')
}

/** A JSON Pointer (RFC 6901) as steps; a step of digits is an index. */
function pathOf(pointer: string): (string | number)[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step))
}
