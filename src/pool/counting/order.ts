/** In which order sessions and notices leave. */
import type { Instant, Notice, Session } from '../../types.ts'

/** By close instant, start, id. */
export function compareSessions(a: Session, b: Session): number {
  return (
    a.closeSec - b.closeSec ||
    a.closeNsec - b.closeNsec ||
    a.startSec - b.startSec ||
    a.startNsec - b.startNsec ||
    (a.sessionId < b.sessionId ? -1 : a.sessionId > b.sessionId ? 1 : 0)
  )
}

export function compareNotices(a: Notice, b: Notice): number {
  const [aSec, aNsec]: Instant = a.at
  return aSec - b.at[0] || aNsec - b.at[1] || (a.notice < b.notice ? -1 : a.notice > b.notice ? 1 : 0)
}
