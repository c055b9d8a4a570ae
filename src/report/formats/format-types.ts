/** The types of formats, which turn records into lines or into a file. No code. */
import type { Cidr } from '../../address.ts'
import type { WriteBytes } from '../ndjson.ts'
import type { RecordName, TimeFormat } from '../record/record.ts'
import type { FlowhawkRecord } from '../record/record-types.ts'

export interface FormatOptions {
  time: TimeFormat
  /** The site's own networks; none: private address space counts as such. */
  internal: readonly Cidr[]
}

/** Writes the records of one file. */
export interface RecordWriter {
  /** `size`: characters of the record as NDJSON, for writers that hold records back. */
  record(record: FlowhawkRecord, size: number): void
  /** Undefined while there is room; otherwise resolves when there is again. Rejects when writing failed. */
  drained(): Promise<void> | undefined
  /** Writes everything that can be read before the file is complete. */
  flush(): Promise<void>
  /** Completes the file: nothing follows. */
  close(): Promise<void>
}

/** Turns records into lines. */
export interface TextFormat {
  /** What a file begins with, without its last newline; '' for nothing. */
  head: string
  /** One or more lines, without the last newline. */
  text(record: FlowhawkRecord): string
}

/** A format of lines: the writer of a file writes the head first. */
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
