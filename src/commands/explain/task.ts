/** Common parts of the explanations of flows, sessions and packets. */
import { UsageError } from '../../errors.ts'
import type { Options } from '../../options.ts'
import type { PipelineOptions } from '../../pipeline.ts'
import type { RecordName } from '../../report/record/record.ts'
import { safeText } from '../../text.ts'
import type { Damage } from '../../types.ts'
import type { RepeatableInputs } from './inputs.ts'

/** The input of every kind of explanation. */
export interface Task {
  inputs: RepeatableInputs
  options: Options<RecordName>
  pipeline: PipelineOptions
  text: { columns: number; color: boolean }
  json: boolean
  /** Places where an input is damaged, as far as it was read. */
  damaged: Damage[]
}

/** The error when no flow or session, or more than one, matches the id. `ids`: the matches. */
export function notOne(
  kind: 'flow' | 'session',
  asked: string,
  ids: readonly string[],
  inputs: string,
): UsageError {
  const code = kind.toUpperCase()
  if (ids.length === 0) {
    const list = `flowhawk ${safeText(inputs)} -o - --records ${kind} lists them`
    const what = `found no ${kind} with id ${asked}; ${list}, with the same options`
    return new UsageError(`${code}_NOT_FOUND`, `--${kind}`, what)
  }
  const what = `${asked} begins the ids of ${ids.length} ${kind}s or more: ${ids.join(', ')}; give more digits`
  return new UsageError(`${code}_AMBIGUOUS`, `--${kind}`, what)
}
