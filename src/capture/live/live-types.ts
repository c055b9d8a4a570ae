/**
 * Options and interface of a live source, whichever backend it has. `ring` (Linux) needs no compiler and counts the
 * packets that the kernel drops; `cap` is the npm package of that name, for other systems. Both deliver batches as a
 * file does; `stop()` is their end of input.
 */
import type { PacketSource } from '../../types.ts'
import type { RingOptions } from './ring-socket.ts'

export type Backend = 'ring' | 'cap'

export interface LiveOptions extends RingOptions {
  /** `auto`: ring where it is available, else cap. */
  backend?: 'auto' | Backend
  /** Called when the interface goes down, and when it is up again. */
  report?: StateReport
}

export type StateReport = (state: 'up' | 'down') => void

export interface LiveSource extends PacketSource {
  readonly backend: Backend
  /** Ends the capture: packets captured until now are still delivered, then `next()` returns undefined. */
  stop(): void
}
