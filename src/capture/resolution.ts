/**
 * pcapng timestamps: 64-bit counts of an interface's own unit (if_tsresol: 10^-n or 2^-n seconds, n up to 127)
 * plus whole seconds (if_tsoffset), turned into seconds and nanoseconds by exact integer arithmetic. What is
 * finer than a nanosecond is cut off; what no calendar holds is clamped to the years 0 to 9999.
 *
 * A 64-bit count is divided by hand, 16 bits at a time: with a divisor below 2^37 every intermediate value is
 * below 2^53, hence exact in a double. Coarse and fine units that do not fit go through BigInt.
 */

export interface Resolution {
  /** Units a second, as a double; 0 where only `bigUnits` is exact. */
  units: number
  /** Nanoseconds a unit (10^0 .. 10^-9), or 0 where a unit is shorter than a nanosecond or not a whole number. */
  nanosecondsPerUnit: number
  /** Units a nanosecond (10^-10, 10^-11), else 0. */
  unitsPerNanosecond: number
  bigUnits: bigint
  /** log2 of units a second: the greater, the finer. */
  fineness: number
  /** As CaptureInfo.timestampPrecision names it. */
  name: string
}

/** Written by splitTime: one result, reused, since a packet must not allocate. */
export interface SplitTime {
  sec: number
  nsec: number
}

/** RFC 3339 knows the years 0000 to 9999. */
export const MIN_SECONDS = -62_167_219_200
export const MAX_SECONDS = 253_402_300_799

const NANOSECONDS = 1_000_000_000
const WORD = 4_294_967_296
const MICROSECONDS = 1_000_000
/** The high word below which the whole count is below 2^53. */
const EXACT_HIGH_WORD = 2_097_152
const BINARY = 0x80
const DECIMAL_NAMES = new Map([
  [0, 'seconds'],
  [3, 'milliseconds'],
  [6, 'microseconds'],
  [9, 'nanoseconds'],
])

/** The unit that an if_tsresol byte means. */
export function resolution(tsresol: number): Resolution {
  const exponent = tsresol & 0x7f
  const binary = (tsresol & BINARY) !== 0
  const decimal = binary ? -1 : exponent
  return {
    units: decimal >= 0 && decimal <= 11 ? 10 ** decimal : 0,
    nanosecondsPerUnit: decimal >= 0 && decimal <= 9 ? 10 ** (9 - decimal) : 0,
    unitsPerNanosecond: decimal === 10 ? 10 : decimal === 11 ? 100 : 0,
    bigUnits: binary ? 2n ** BigInt(exponent) : 10n ** BigInt(exponent),
    fineness: exponent * (binary ? 1 : Math.log2(10)),
    name: (binary ? undefined : DECIMAL_NAMES.get(exponent)) ?? `${binary ? 2 : 10}^-${exponent} s`,
  }
}

export const MICROSECOND_RESOLUTION: Resolution = resolution(6)

/** The instant `high`:`low` units after 1970 plus `offsetSec`, into `out`. */
export function splitTime(
  unit: Resolution,
  high: number,
  low: number,
  offsetSec: number,
  out: SplitTime,
): void {
  if (unit.units === MICROSECONDS && high < EXACT_HIGH_WORD) {
    const ticks = high * WORD + low
    let sec = Math.floor(ticks / MICROSECONDS)
    let rest = ticks - sec * MICROSECONDS
    // The quotient was rounded: just below a whole second it may have come out as that second.
    if (rest < 0) {
      sec--
      rest += MICROSECONDS
    }
    out.sec = sec + offsetSec
    out.nsec = rest * 1000
  } else if (unit.units !== 0) {
    divide(unit, high, low, offsetSec, out)
  } else {
    divideBig(unit, high, low, offsetSec, out)
  }
  if (out.sec > MAX_SECONDS) {
    out.sec = MAX_SECONDS
    out.nsec = NANOSECONDS - 1
  } else if (!(out.sec >= MIN_SECONDS)) {
    out.sec = MIN_SECONDS
    out.nsec = 0
  }
}

function divide(unit: Resolution, high: number, low: number, offsetSec: number, out: SplitTime): void {
  const units = unit.units
  const quotientHigh = Math.floor(high / units)
  const step = (high - quotientHigh * units) * 65_536 + (low >>> 16)
  const quotientMiddle = Math.floor(step / units)
  const last = (step - quotientMiddle * units) * 65_536 + (low & 0xffff)
  const quotientLow = Math.floor(last / units)
  const rest = last - quotientLow * units
  out.sec = quotientHigh * WORD + quotientMiddle * 65_536 + quotientLow + offsetSec
  out.nsec =
    unit.unitsPerNanosecond === 0
      ? rest * unit.nanosecondsPerUnit
      : Math.floor(rest / unit.unitsPerNanosecond)
}

function divideBig(unit: Resolution, high: number, low: number, offsetSec: number, out: SplitTime): void {
  const ticks = (BigInt(high) << 32n) | BigInt(low)
  const sec = ticks / unit.bigUnits
  out.sec = Number(sec) + offsetSec
  out.nsec = Number(((ticks - sec * unit.bigUnits) * 1_000_000_000n) / unit.bigUnits)
}
