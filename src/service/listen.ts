/** Listen addresses: parsed from an option, and the reason when listening fails. */
import { isIP } from 'node:net'

export interface ListenAddress {
  host: string
  port: number
}

export const LOOPBACK = '127.0.0.1'
const MOST_PORT = 65_535

/** "9464", "127.0.0.1:9464", "[::1]:9464" or "localhost:9464"; undefined where the text is none of these. */
export function listenAddress(text: string): ListenAddress | undefined {
  const [, host = LOOPBACK, digits] = /^(?:(\[[0-9a-fA-F:.]+\]|[^:[\]]+):)?(\d{1,5})$/.exec(text) ?? []
  const bare = withoutBrackets(host)
  const port = Number(digits)
  return port <= MOST_PORT && (isIP(bare) !== 0 || bare === 'localhost') ? { host: bare, port } : undefined
}

/** "[::1]" is "::1" where no port follows. */
export function withoutBrackets(host: string): string {
  return host.replace(/^\[|\]$/g, '')
}

/** Why the system refused, and what to do; `whenTaken`: what, where another program listens there. */
export function listenReason({ code = '' }: NodeJS.ErrnoException, whenTaken: string): string {
  if (code === 'EADDRINUSE') return `another program listens there; ${whenTaken}`
  return REASONS[code] ?? (code || 'unknown reason')
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRNOTAVAIL: 'it is no address of this host; choose one that is, such as 127.0.0.1',
  EACCES: 'permission denied; choose a port above 1023',
}
