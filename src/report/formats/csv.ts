/**
 * CSV (RFC 4180: CRLF, quotes doubled), one kind of record a file. In: records. Out: a header and a row a record;
 * the columns are those of the schema, groups flattened with dots. Promised: no cell that a spreadsheet would interpret
 * as a formula (a quote ' is put before = + - @ tab CR), whether it splits at commas or, as many do, at semicolons and
 * tabs; never a line break inside a cell.
 *
 * A list of plain values is joined by ";" (one inside a value is written \x3B), other lists and groups without fixed
 * names are JSON.
 */
import { stringify } from 'csv-stringify/sync'
import { jsonText, numberText } from '../record/json.ts'
import type { RecordName } from '../record/record.ts'
import { epochText, instantOf } from '../record/time.ts'
import type { FormatOptions, TextFormat } from './format-types.ts'
import { columnsOf, createGatherer, type Shape, valueAt } from './shape.ts'

type Cell = string | number | undefined

const ROW = { eof: false, cast: { number: numberText } }
/** The start of a cell, and the characters that begin a formula; the last four are the full-width forms. */
const FORMULA = /(^|[;\t])(?=[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])/g

export function csv(name: RecordName, { time }: FormatOptions): TextFormat {
  const columns = columnsOf(name)
  const gather = createGatherer(name)
  return {
    head: rowText(columns.map((column) => column.name)),
    text(record) {
      const gathered = gather(record)
      return rowText(columns.map(({ path, shape }) => cellOf(valueAt(gathered, path), shape, time)))
    },
  }
}

/** The carriage return; the newline follows with the line. */
function rowText(cells: Cell[]): string {
  return `${stringify([cells], ROW)}\r`
}

function cellOf(value: unknown, shape: Shape, time: FormatOptions['time']): Cell {
  if (value === undefined) return undefined
  if (typeof value === 'number') return value
  // A time before 1970 begins with a minus, and is a number.
  if (shape.kind === 'time' && time === 'epoch') return epochText(...instantOf(String(value)))
  const text = Array.isArray(value)
    ? listText(value, shape)
    : typeof value === 'object'
      ? jsonText(value)
      : value
  return String(text).replace(FORMULA, "$1'")
}

function listText(values: readonly unknown[], shape: Shape): string {
  const plain = shape.kind === 'list' && shape.of.kind !== 'group' && shape.of.kind !== 'json'
  return plain ? values.map((value) => String(value).replaceAll(';', '\\x3B')).join(';') : jsonText(values)
}
