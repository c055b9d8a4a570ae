/**
 * Live sources: packets of an interface of this host, through one of two backends. `ring` (Linux) needs no
 * compiler and counts what the kernel drops; `cap` is the npm package of that name, for the other systems. Both
 * give batches like a file does; `stop()` is their end of input.
 */
import process from 'node:process'
import { InputError } from '../errors.ts'
import { safeText } from '../text.ts'
import type { PacketSource } from '../types.ts'
import { openCap } from './cap.ts'
import { openRing } from './ring.ts'
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

/** Opens the interface. Throws InputError when it cannot be captured from, UsageError for a wrong filter. */
export async function openLive(name: string, options: LiveOptions = {}): Promise<LiveSource> {
  const { backend = 'auto' } = options
  if (backend === 'cap') return openCap(name, options, loadCap)
  if (backend === 'ring' || process.platform === 'linux') {
    try {
      return await openRing(name, options, options.report)
    } catch (error) {
      const missing = error instanceof InputError && WITHOUT_RING.has(error.code)
      if (backend === 'ring' || !missing) throw error
      return openCap(name, options, loadCap)
    }
  }
  return openCap(name, options, loadCap)
}

/** Errors after which the other backend is tried. */
const WITHOUT_RING: ReadonlySet<string> = new Set(['BACKEND_MISSING', 'BACKEND_UNSUPPORTED'])

/** The package, or an InputError that says how to get it. */
export async function loadCap(place: string): Promise<unknown> {
  try {
    return (await import('cap')).default
  } catch {
    const what =
      'the package cap is missing; install libpcap with its headers and a C++ compiler ' +
      '(Debian: apt install libpcap-dev g++ python3; Windows: Npcap), then npm install cap'
    throw new InputError('BACKEND_MISSING', safeText(place), what)
  }
}
