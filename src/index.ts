/** The public library: exports only. See library.ts. */
export { InputError, OutputError, UsageError } from './errors.ts'
export { parseRules } from './label/rules.ts'
export { parseSite } from './label/site.ts'
export {
  type AnalyzeOptions,
  analyze,
  type Captures,
  type Input,
  type OpenOptions,
  open,
  type PacketRecord,
  packets,
} from './library.ts'
export type * from './report/record-types.ts'
