/** A progress bar on standard error for runs over a second. */
import type { SingleBar } from 'cli-progress'

const DELAY_MS = 1000
const REFRESH_MS = 250
const MEGABYTE = 1e6

export interface Progress {
  stop(): void
}

/** `bytesDone` is called a few times a second. */
export async function startProgress(total: number, bytesDone: () => number): Promise<Progress> {
  const started = Date.now()
  let bar: SingleBar | undefined
  const { SingleBar: Bar, Presets } = await import('cli-progress')
  const tick = () => {
    if (Date.now() - started < DELAY_MS) return
    if (bar === undefined) {
      const format = '{bar} {percentage} %  {done} of {size} MB  {eta_formatted} left'
      bar = new Bar({ format, hideCursor: true, clearOnComplete: true, stream: process.stderr }, Presets.rect)
      bar.start(total, 0, { done: '0', size: Math.ceil(total / MEGABYTE) })
    }
    const done = Math.min(total, bytesDone())
    bar.update(done, { done: Math.floor(done / MEGABYTE) })
  }
  const timer = setInterval(tick, REFRESH_MS)
  timer.unref()
  return {
    stop() {
      clearInterval(timer)
      bar?.stop()
    },
  }
}
