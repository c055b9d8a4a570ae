/**
 * The formats besides NDJSON. In: records as objects, which are the parsed lines of NDJSON: there is one
 * implementation of a record. Out: lines of text, or bytes of a file that is complete only once it is closed.
 * Promised: records in their order, bounded memory as long as the producer awaits `drained()`, the same bytes for
 * the same records. Each format is a file of its own, which is imported when it is asked for; docs/exports.md
 * has the tables of fields.
 */

import { createLineWriter, type WriteBytes } from '../ndjson.ts'
import type { RecordName } from '../record/record.ts'
import type { FileEntry, RecordWriter, TextEntry, TextFormat } from './format-types.ts'
import { zeekPath } from './zeek-path.ts'

export const FORMATS = {
  'zeek-json': {
    kind: 'text',
    fileName: zeekFileName,
    load: async () => (await import('./zeek.ts')).zeekJson,
  },
  'zeek-tsv': {
    kind: 'text',
    fileName: zeekFileName,
    load: async () => (await import('./zeek.ts')).zeekTsv,
  },
  eve: {
    kind: 'text',
    fileName: (name) => `${name}.json`,
    load: async () => (await import('./eve.ts')).eve,
  },
  ecs: {
    kind: 'text',
    fileName: (name) => `${name}.json`,
    load: async () => (await import('./ecs.ts')).ecs,
  },
  csv: {
    kind: 'text',
    fileName: (name) => `${name}.csv`,
    load: async () => (await import('./csv.ts')).csv,
  },
  parquet: {
    kind: 'file',
    fileName: (name) => `${name}.parquet`,
    load: async () => (await import('./parquet.ts')).openParquet,
  },
} satisfies Record<string, TextEntry | FileEntry>

function zeekFileName(name: RecordName): string {
  return `${zeekPath(name)}.log`
}

/** Writes lines of a format, after the head has been written. */
export function createTextWriter(write: WriteBytes, format: TextFormat): RecordWriter {
  const lines = createLineWriter(write)
  return {
    record: (record) => lines.line(format.text(record)),
    drained: lines.drained,
    flush: lines.end,
    close: lines.end,
  }
}
