/**
 * What a live source is asked for and what it is, whichever backend it has. `ring` (Linux) needs no compiler and counts
 * what the kernel drops; `cap` is the npm package of that name, for the other systems. Both give batches like a file
 * does; `stop()` is their end of input.
 */
import type { PacketSource } from '../../types.ts'
import type { RingOptions } from './ring-socket.ts'

export type Backend = 'ring' | 'cap'

export interface LiveOptions extends RingOptions {
  /** `auto`: ring where it can be had, else cap. */
  backend?: 'auto' | Backend
  /** Called when the interface goes down, and when it is up again. */
  report?: StateReport
}

export type StateReport = (state: 'up' | 'down') => void

export interface LiveSource extends PacketSource {
  readonly backend: Backend
  /** Ends the capture: what was taken until now is still delivered, then `next()` gives undefined. */
  stop(): void
}
