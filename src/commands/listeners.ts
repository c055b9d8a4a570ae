/**
 * Which programs listen on this host. Linux: /proc, which lists UDP sockets too (systeminformation keeps only
 * connections with a TCP state). Elsewhere: systeminformation. A note says what platform or permissions hide.
 */
import process from 'node:process'
import { findOwners, readSockets, readUsers } from '../service/proc.ts'
import { safeText } from '../text.ts'

export interface Listener {
  transport: 'tcp' | 'udp'
  address: string
  port: number
  pid?: number
  process?: string
  user?: string
}

export interface Listening {
  listeners: Listener[]
  /** What this platform does not show, as a sentence. */
  note?: string
}

/** A note about what could not be determined for this port; undefined if everything could. */
export function noteFor(port: number, { listeners, note }: Listening): string | undefined {
  return note ?? (listeners.some((each) => each.port === port && each.pid === undefined) ? HIDDEN : undefined)
}

const HIDDEN = 'the process belongs to another user or container; run with sudo to see it'
const NO_UDP = 'this platform lists TCP listeners only; use the commands above for UDP'

/** Listeners on the given ports. Never throws. */
export async function listenersOn(ports: ReadonlySet<number>): Promise<Listening> {
  try {
    return process.platform === 'linux' ? await linuxListeners(ports) : await otherListeners(ports)
  } catch (error) {
    const reason = error instanceof Error ? safeText(error.message.split('\n')[0]) : 'an unknown reason'
    return { listeners: [], note: `the listeners of this host cannot be read: ${reason}` }
  }
}

async function linuxListeners(ports: ReadonlySet<number>): Promise<Listening> {
  const sockets = readSockets().filter(({ port, remoteAddress }) => remoteAddress === '' && ports.has(port))
  if (sockets.length === 0) return { listeners: [] }
  const { programs } = await findOwners(new Set(sockets.map(({ inode }) => inode)))
  const users = readUsers()
  const listeners = sockets.map(({ transport, address, port, uid, inode }) => {
    const program = programs.get(inode)
    const owner = program === undefined ? {} : { pid: program.pid, process: program.name }
    return { transport, address, port, ...owner, user: users.get(uid) ?? String(uid) }
  })
  return { listeners }
}

async function otherListeners(ports: ReadonlySet<number>): Promise<Listening> {
  const { networkConnections } = await import('systeminformation')
  const listeners: Listener[] = []
  let udpSeen = false
  for (const connection of await networkConnections()) {
    const transport = connection.protocol.startsWith('udp') ? 'udp' : 'tcp'
    if (transport === 'udp') udpSeen = true
    const port = Number(connection.localPort)
    if (!ports.has(port) || (transport === 'tcp' && connection.state !== 'LISTEN')) continue
    const listener: Listener = { transport, address: safeText(connection.localAddress), port }
    if (connection.pid) listener.pid = connection.pid
    if (connection.process) listener.process = safeText(connection.process)
    listeners.push(listener)
  }
  return udpSeen ? { listeners } : { listeners, note: NO_UDP }
}
