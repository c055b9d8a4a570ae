/** Notices of servers that are full or busy, and of bounds that were met. */
import type { Instant, Notice } from '../../types.ts'

/** A pool on a server. */
export interface NoticePlace {
  pool: string
  serverIp: string
}

export function saturatedNotice({ pool, serverIp }: NoticePlace, slots: number, at: Instant): Notice {
  return {
    notice: 'pool_saturated',
    says: `all ${slots} slots of pool ${pool} on ${serverIp} were in use: no further session could start`,
    at,
    about: { pool, server_ip: serverIp, slots },
  }
}

/** `reached`: since when one session was there, since when two at once, … */
export function alertNotice(
  { pool, serverIp }: NoticePlace,
  reached: readonly Instant[],
  limit: number,
): Notice {
  const sessions = reached.length
  return {
    notice: 'session_alert',
    says: `${sessions} sessions of pool ${pool} on ${serverIp} at once: more than ${limit}`,
    at: reached[limit],
    about: { pool, server_ip: serverIp, sessions, limit },
  }
}

const FULL = {
  pool_table_full:
    'more slots of pools were in use at once than can be watched: sessions that began while there was no room ' +
    'are missing from the counts, and are not rejected either; read fewer captures at once',
  pool_traffic_full:
    'more conversations on ports of pools went on at once than can be watched: of those that were answered the most ' +
    'silent were dropped, and count as over, or as two sessions if they went on; read fewer captures at once',
  pool_report_full:
    'more sessions of pools ended than one report can hold: the session records are complete, but those that ended ' +
    'from here on are missing from peaks and means; read fewer captures at once, or shorten --pool-window',
}

/** A bound was met. */
export function fullNotice(notice: keyof typeof FULL, at: Instant): Notice {
  return { notice, says: FULL[notice], at, about: {} }
}
