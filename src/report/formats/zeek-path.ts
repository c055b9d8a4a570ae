import type { RecordName } from '../record/record.ts'

/** Zeek names a log after its path, which stands in the log, too. */
export function zeekPath(name: RecordName): string {
  return name === 'flow' ? 'conn' : `flowhawk_${name}`
}
