/**
 * Apache Parquet, one kind of record a file. In: records. Out: a file with the types of the schema: times as
 * TIMESTAMP in nanoseconds (UTC), integers as INT64, lists as LIST, groups as structs, groups without fixed names as
 * JSON. Promised: memory for one row group and the file's index; a group ends at MAX_ROWS rows or MAX_GROUP_TEXT of
 * records. Not supported: reading the file before it is closed, and times outside 1677..2262, which 64 bits of
 * nanoseconds cannot hold: they become the nearest that these can.
 */
import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer'
import type { WriteBytes } from '../ndjson.ts'
import type { RecordName } from '../record/record.ts'
import type { FlowhawkRecord } from '../record/record-types.ts'
import { instantOf } from '../record/time.ts'
import type { RecordWriter } from './format-types.ts'
import { createGatherer, type Field, fieldsOf, type Shape } from './shape.ts'

const MAX_ROWS = 10_000
/** Characters of records as NDJSON. */
const MAX_GROUP_TEXT = 16 * 1024 * 1024
const BILLION = 1_000_000_000n
/** The greatest number itself is infinity to some readers. */
const MAX_NANOSECONDS = (1n << 63n) - 2n

export function openParquet(name: RecordName, write: WriteBytes): RecordWriter {
  const fields = fieldsOf(name)
  const gather = createGatherer(name)
  const writer = new ByteWriter()
  const parquet = new ParquetWriter({ writer, schema: schemaOf(fields), createdBy: 'flowhawk' })
  let columns = fields.map((): unknown[] => [])
  let rows = 0
  let held = 0
  let failure: unknown
  let pending: Promise<void> | undefined

  /** Writes the bytes of the writer, after those that were sent before. */
  function send(): void {
    const bytes = new Uint8Array(writer.buffer.slice(0, writer.index))
    writer.index = 0
    const sent = (pending ?? Promise.resolve())
      .then(() => write(bytes))
      .catch((error: unknown) => {
        failure ??= error
      })
      .then(() => {
        if (pending === sent) pending = undefined
      })
    pending = sent
  }

  function endGroup(): void {
    if (rows === 0) return
    const columnData = fields.map((field, i) => ({ name: field.name, data: columns[i], offsetIndex: false }))
    parquet.write({ columnData, rowGroupSize: rows })
    columns = fields.map(() => [])
    rows = held = 0
    send()
  }

  async function settled(): Promise<void> {
    await pending
    if (failure !== undefined) throw failure
  }

  return {
    record(record: FlowhawkRecord, size: number) {
      if (failure !== undefined) return
      const gathered = gather(record)
      for (let i = 0; i < fields.length; i++) {
        const { name: field, shape } = fields[i]
        columns[i].push(columnValue(gathered[field], shape))
      }
      rows++
      held += size
      if (rows >= MAX_ROWS || held >= MAX_GROUP_TEXT) endGroup()
    },
    drained: () => (pending === undefined && failure === undefined ? undefined : settled()),
    flush: settled,
    async close() {
      endGroup()
      parquet.finish()
      send()
      await settled()
    },
  }
}

function schemaOf(fields: readonly Field[]): SchemaElement[] {
  return [{ name: 'record', num_children: fields.length }, ...fields.flatMap(elements)]
}

/** The parts of a field in the order of a walk down: itself, then what is inside. */
function elements({ name, optional, shape }: Field): SchemaElement[] {
  const repetition_type = optional ? 'OPTIONAL' : 'REQUIRED'
  switch (shape.kind) {
    case 'integer':
      return [{ name, type: 'INT64', repetition_type }]
    case 'number':
      return [{ name, type: 'DOUBLE', repetition_type }]
    case 'boolean':
      return [{ name, type: 'BOOLEAN', repetition_type }]
    case 'time': {
      const logical_type = { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'NANOS' } as const
      return [{ name, type: 'INT64', logical_type, repetition_type }]
    }
    case 'json':
      return [
        { name, type: 'BYTE_ARRAY', converted_type: 'JSON', logical_type: { type: 'JSON' }, repetition_type },
      ]
    case 'text':
      return [
        {
          name,
          type: 'BYTE_ARRAY',
          converted_type: 'UTF8',
          logical_type: { type: 'STRING' },
          repetition_type,
        },
      ]
    case 'group':
      return [{ name, repetition_type, num_children: shape.fields.length }, ...shape.fields.flatMap(elements)]
    case 'list':
      return [
        { name, converted_type: 'LIST', logical_type: { type: 'LIST' }, repetition_type, num_children: 1 },
        { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
        ...elements({ name: 'element', optional: false, shape: shape.of }),
      ]
  }
}

function columnValue(value: unknown, shape: Shape): unknown {
  if (value === undefined || value === null) return undefined
  switch (shape.kind) {
    case 'integer':
      return BigInt(value as number)
    case 'time':
      return nanoseconds(value as string | number)
    case 'list':
      return (value as unknown[]).map((each) => columnValue(each, shape.of))
    case 'group': {
      const group = value as Record<string, unknown>
      return Object.fromEntries(
        shape.fields.map((each) => [each.name, columnValue(group[each.name], each.shape)]),
      )
    }
    default:
      return value
  }
}

function nanoseconds(time: string | number): bigint {
  const [sec, nsec] = instantOf(time)
  const value = BigInt(sec) * BILLION + BigInt(nsec)
  if (value > MAX_NANOSECONDS) return MAX_NANOSECONDS
  return value < -MAX_NANOSECONDS ? -MAX_NANOSECONDS : value
}
