/** The public library: exports only. See library.ts. */
export { InputError, OutputError, UsageError } from './errors.ts'
export type { PortRegistry } from './label/ports/registry.ts'
export { parseRegistryCsv } from './label/ports/registry-csv.ts'
export { parseRules } from './label/rules/rules.ts'
export { parseSite } from './label/rules/site.ts'
export { analyze, open, type PacketRecord, packets } from './library.ts'
export type { AnalyzeOptions, Captures, Input, OpenOptions } from './library-options.ts'
export type { ProtocolFields } from './protocol-fields.ts'
export type { RecordName } from './report/record/record.ts'
export type * from './report/record/record-types.ts'
export type {
  Certainty,
  EndReason,
  Evidence,
  LabelRule,
  PoolRule,
  Registry,
  RejectReason,
  RuleSet,
  Site,
  SiteServer,
} from './types.ts'
