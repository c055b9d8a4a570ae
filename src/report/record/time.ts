/**
 * Instants as text: RFC 3339, UTC, always nine digits of the second. The date is computed once a day of packet
 * time. Instants outside the years 0000..9999, which RFC 3339 cannot write, become the nearest it can.
 */
import type { Instant } from '../../types.ts'
import { CLOCK_DIGITS } from './digits.ts'
import { createPiece, type Pen, type Piece, putNineDigits, putPiece } from './pen.ts'

const DAY_SEC = 86_400
const HOUR_SEC = 3600
const MINUTE_SEC = 60
const MAX_NSEC = 999_999_999
/** 0000-01-01 and 9999-12-31 as days since 1970. */
const FIRST_DAY = -719_528
const LAST_DAY = 2_932_896
const CACHED_DAYS = 64
const DOT = 0x2e
const ISO = /^(\d{4}-\d\d-\d\d)T(\d\d):(\d\d):(\d\d)\.(\d{9})Z$/

/** Days by day number modulo CACHED_DAYS. */
const days = new Float64Array(CACHED_DAYS).fill(Number.NaN)
const dates: Piece[] = new Array<Piece>(CACHED_DAYS).fill(createPiece(''))

/** "2021-03-04" of a day counted from 1970-01-01, by the civil calendar (proleptic Gregorian, 400-year cycles). */
export function dateText(day: number): string {
  const shifted = day - FIRST_DAY - 60
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153)
  const dayOfMonth = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return `${digits(year, 4)}-${digits(month, 2)}-${digits(dayOfMonth, 2)}`
}

/** The day that timeText wrote last. */
let textDay = Number.NaN
let textDate = ''

/** "2021-03-04T05:06:07.000000008Z" */
export function timeText(sec: number, nsec: number): string {
  const day = Math.floor(sec / DAY_SEC)
  if (!(day >= FIRST_DAY)) return '0000-01-01T00:00:00.000000000Z'
  if (day > LAST_DAY) return '9999-12-31T23:59:59.999999999Z'
  if (day !== textDay) {
    textDay = day
    textDate = dateText(day)
  }
  return `${textDate}T${clockText(sec - day * DAY_SEC)}.${digits(nsec, 9)}Z`
}

/** "2021-03-04 05:06:07 UTC", for people. */
export function readableTime([sec, nsec]: Instant, decimals = 0): string {
  const text = timeText(sec, nsec)
  const fraction = decimals === 0 ? '' : text.slice(19, 20 + decimals)
  return `${text.slice(0, 10)} ${text.slice(11, 19)}${fraction} UTC`
}

/** An instant as a decimal number with nine digits: more than a double holds, so it is text. */
export function epochText(sec: number, nsec: number): string {
  if (sec >= 0) return `${sec}.${digits(nsec, 9)}`
  return nsec === 0 ? `-${-sec}.000000000` : `-${-sec - 1}.${digits(MAX_NSEC + 1 - nsec, 9)}`
}

/** The day that instantOf read last, and its first second. */
let readDate = ''
let readSec = 0

/**
 * The instant that a record's time names. Epoch numbers were parsed as doubles: exact to some 200 ns in our century.
 */
export function instantOf(time: string | number): Instant {
  if (typeof time === 'number') {
    const sec = Math.floor(time)
    return [sec, Math.min(MAX_NSEC, Math.round((time - sec) * 1e9))]
  }
  const match = ISO.exec(time)
  if (match === null) return [0, 0]
  const [, date, hour, minute, second, nsec] = match
  if (date !== readDate) {
    readDate = date
    readSec = Date.parse(date) / 1000
  }
  return [readSec + Number(hour) * HOUR_SEC + Number(minute) * MINUTE_SEC + Number(second), Number(nsec)]
}

/** The same as timeText, in place; 30 bytes. */
export function putTime(pen: Pen, sec: number, nsec: number): void {
  let day = Math.floor(sec / DAY_SEC)
  let second = sec - day * DAY_SEC
  let nanoseconds = nsec
  if (!(day >= FIRST_DAY)) {
    day = FIRST_DAY
    second = nanoseconds = 0
  } else if (day > LAST_DAY) {
    day = LAST_DAY
    second = DAY_SEC - 1
    nanoseconds = MAX_NSEC
  }
  const slot = day & (CACHED_DAYS - 1)
  if (days[slot] !== day) {
    days[slot] = day
    dates[slot] = createPiece(`${dateText(day)}T`)
  }
  putPiece(pen, dates[slot])
  const hour = (second / HOUR_SEC) | 0
  const rest = second - hour * HOUR_SEC
  const minute = (rest / MINUTE_SEC) | 0
  const { view, at } = pen
  view.setInt32(at, CLOCK_DIGITS[hour], true)
  view.setInt32(at + 3, CLOCK_DIGITS[minute], true)
  view.setInt32(at + 6, CLOCK_DIGITS[rest - minute * MINUTE_SEC], true)
  pen.bytes[at + 8] = DOT
  pen.at = at + 9
  putNineDigits(pen, nanoseconds)
  pen.bytes[pen.at++] = 0x5a
}

function clockText(second: number): string {
  const hour = Math.floor(second / HOUR_SEC)
  const minute = Math.floor((second % HOUR_SEC) / MINUTE_SEC)
  return `${digits(hour, 2)}:${digits(minute, 2)}:${digits(second % MINUTE_SEC, 2)}`
}

function digits(value: number, width: number): string {
  return String(value).padStart(width, '0')
}
