/**
 * A dashboard's events: each is the whole of the data, so that one that was missed does no harm. The browser connects
 * again by itself after an interruption; while it does, the page says so. Where it gives up, it is asked to try again.
 */
import type { PageData } from '../report/overview/page-data.ts'

const RETRY_MS = 2000

export function listen(state: HTMLElement, update: (data: PageData) => void): void {
  const say = (text: string) => {
    state.textContent = text
    state.classList.toggle('lost', text !== '')
    state.hidden = text === ''
  }
  const connect = () => {
    const events = new EventSource('events')
    events.onopen = () => say('')
    events.onmessage = (event) => {
      const data: PageData = JSON.parse(event.data)
      whenVisible(() => update(data))
    }
    events.onerror = () => {
      say('No connection to flowhawk: what is shown is no longer new. Trying again.')
      if (events.readyState !== EventSource.CLOSED) return
      events.close()
      setTimeout(connect, RETRY_MS)
    }
  }
  connect()
}

let pending: (() => void) | undefined

/** A page in the background draws nothing; a page that cannot keep up draws only the last. */
function whenVisible(draw: () => void): void {
  const waiting = pending !== undefined
  pending = draw
  if (waiting) return
  requestAnimationFrame(() => {
    const last = pending
    pending = undefined
    last?.()
  })
}
