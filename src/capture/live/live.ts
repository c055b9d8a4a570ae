/** Packets of an interface of this host, through the backend asked for or the first that is available. */
import process from 'node:process'
import { InputError } from '../../errors.ts'
import { safeText } from '../../text.ts'
import { openCap } from './cap.ts'
import type { LiveOptions, LiveSource } from './live-types.ts'
import { openRing } from './ring.ts'

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
      // The ring's package is the one to install: it needs no compiler.
      const load =
        error.code === 'BACKEND_MISSING' ? () => loadCap(name).catch(() => Promise.reject(error)) : loadCap
      return openCap(name, options, load)
    }
  }
  return openCap(name, options, loadCap)
}

/** Errors after which the other backend is tried. */
const WITHOUT_RING: ReadonlySet<string> = new Set(['BACKEND_MISSING', 'BACKEND_UNSUPPORTED'])

/** The package, or an InputError that says how to install it. */
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
