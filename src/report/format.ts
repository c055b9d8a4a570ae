/**
 * The formats besides NDJSON. In: records as objects, which are the parsed lines of NDJSON: there is one
 * implementation of a record. Out: lines of text, or bytes of a file that is complete only once it is closed.
 * Promised: records in their order, bounded memory as long as the producer awaits `drained()`, the same bytes for
 * the same records. Each format is a file of its own, which is imported when it is asked for; docs/exports.md
 * has the tables of fields.
 */
import type { Cidr } from '../address.ts'
import { createLineWriter, type WriteBytes } from './ndjson.ts'
import type { RecordName, TimeFormat } from './record.ts'
import type { FlowhawkRecord } from './record-types.ts'

export interface FormatOptions {
  time: TimeFormat
  /** The site's own networks; none: private address space counts as such. */
  internal: readonly Cidr[]
}

/** Takes the records of one file. */
export interface RecordWriter {
  /** `size`: characters of the record as NDJSON, for writers that hold records back. */
  record(record: FlowhawkRecord, size: number): void
  /** Undefined while there is room; otherwise resolves when there is again. Rejects when writing failed. */
  drained(): Promise<void> | undefined
  /** Sends out what can be read before the file is complete. */
  flush(): Promise<void>
  /** Completes the file: nothing follows. */
  close(): Promise<void>
}

/** How records become lines. */
export interface TextFormat {
  /** What a file begins with, without its last newline; '' for nothing. */
  head: string
  /** One or more lines, without the last newline. */
  text(record: FlowhawkRecord): string
}

/** Lines: whoever opens a file writes the head first. */
export interface TextEntry {
  kind: 'text'
  /** Name of a file for one kind of record. */
  fileName(name: RecordName): string
  load(): Promise<(name: RecordName, options: FormatOptions) => TextFormat>
}

/** A file that can be read once it is closed. */
export interface FileEntry {
  kind: 'file'
  fileName(name: RecordName): string
  load(): Promise<(name: RecordName, write: WriteBytes) => RecordWriter>
}

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

/** Zeek names a log after its path, which zeek.ts writes into it. */
function zeekFileName(name: RecordName): string {
  return `${zeekPath(name)}.log`
}

export function zeekPath(name: RecordName): string {
  return name === 'flow' ? 'conn' : `flowhawk_${name}`
}

/** Lines of a format, to where the head has been written already. */
export function createTextWriter(write: WriteBytes, format: TextFormat): RecordWriter {
  const lines = createLineWriter(write)
  return {
    record: (record) => lines.line(format.text(record)),
    drained: lines.drained,
    flush: lines.end,
    close: lines.end,
  }
}
