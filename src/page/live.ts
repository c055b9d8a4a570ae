/**
 * The events of a dashboard: each contains all data, so that a missed one does no harm. After an interruption the browser
 * reconnects by itself, and the page says so meanwhile; if the browser gives up, a new connection is opened.
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

/** A page in the background draws nothing; a page that cannot keep up draws only the latest data. */
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
