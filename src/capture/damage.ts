/** The list of damage in one input. Bounded: a file made of nothing but faults must not fill the memory. */
import type { Damage } from '../types.ts'
import type { Compression } from './compressed/compression.ts'

/** Entries kept for one source; one more entry then says that the rest is not listed. */
const MAX_DAMAGE = 1000

export interface DamageLog {
  source: string
  /** Set when the capture sits inside a compressed file: offsets then count decompressed bytes. */
  compression?: Compression
  list: Damage[]
}

export function noteDamage(log: DamageLog, offset: number, code: string, reason: string): void {
  if (log.list.length > MAX_DAMAGE) return
  const full = log.list.length === MAX_DAMAGE
  const where = log.compression === undefined ? '' : ` (offset in the decompressed ${log.compression} data)`
  log.list.push({
    source: log.source,
    offset,
    reason: full ? 'further damage is not listed' : reason + where,
    code: full ? 'DAMAGE_NOT_LISTED' : code,
  })
}
