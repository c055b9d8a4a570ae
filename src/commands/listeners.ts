/**
 * Which programs listen on this host. Linux: /proc, which lists UDP sockets too (systeminformation keeps only
 * connections with a TCP state). Elsewhere: systeminformation. What the platform or the permissions hide is said.
 */
import { readdir, readFile, readlink } from 'node:fs/promises'
import process from 'node:process'
import { addressText } from '../address.ts'
import { safeText } from '../text.ts'

export interface Listener {
  transport: 'tcp' | 'udp'
  address: string
  port: number
  pid?: number
  process?: string
}

export interface Listening {
  listeners: Listener[]
  /** What this platform does not show, as a sentence. */
  note?: string
}

/** What could not be seen for this port; undefined when everything could. */
export function noteFor(port: number, { listeners, note }: Listening): string | undefined {
  return note ?? (listeners.some((each) => each.port === port && each.pid === undefined) ? HIDDEN : undefined)
}

const TCP_LISTEN = '0A'
const UDP_UNCONNECTED = '07'
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

interface Socket extends Listener {
  inode: string
}

async function linuxListeners(ports: ReadonlySet<number>): Promise<Listening> {
  const sockets: Socket[] = []
  for (const table of ['tcp', 'tcp6', 'udp', 'udp6']) {
    // Without IPv6 the "6" tables do not exist.
    const optional = table.endsWith('6')
    const text = await readFile(`/proc/net/${table}`, 'utf8').catch((error) => {
      if (!optional) throw error
      return ''
    })
    for (const socket of parseProcNet(text, table)) if (ports.has(socket.port)) sockets.push(socket)
  }
  if (sockets.length === 0) return { listeners: [] }
  const owners = await socketOwners(new Set(sockets.map(({ inode }) => inode)))
  return { listeners: sockets.map(({ inode, ...listener }) => ({ ...listener, ...owners.get(inode) })) }
}

/** The listening sockets of one table of /proc/net. Exported for tests. */
export function parseProcNet(text: string, table: string): Socket[] {
  const sockets: Socket[] = []
  const transport = table.startsWith('udp') ? 'udp' : 'tcp'
  for (const line of text.split('\n').slice(1)) {
    const fields = line.trim().split(/\s+/)
    const match = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/.exec(fields[1] ?? '')
    if (match === null || fields[3] !== (transport === 'udp' ? UDP_UNCONNECTED : TCP_LISTEN)) continue
    const port = Number.parseInt(match[2], 16)
    sockets.push({ transport, address: procAddress(match[1]), port, inode: fields[9] ?? '' })
  }
  return sockets
}

/** Words of 32 bits, each in the byte order of the host (little-endian on every system Node runs on but s390x). */
function procAddress(hex: string): string {
  const words = (hex.match(/.{8}/g) ?? []).map((word) => swap(Number.parseInt(word, 16)))
  if (words.length === 1) return addressText(4, 0, 0, 0, words[0])
  return addressText(6, words[0], words[1], words[2], words[3])
}

function swap(word: number): number {
  return ((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)
}

/** Socket inode to process; sockets of other users stay out where the kernel hides them. */
async function socketOwners(
  inodes: ReadonlySet<string>,
): Promise<Map<string, { pid: number; process: string }>> {
  const owners = new Map<string, { pid: number; process: string }>()
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  for (const pid of pids) {
    const files = await readdir(`/proc/${pid}/fd`).catch(() => [])
    for (const file of files) {
      const target = await readlink(`/proc/${pid}/fd/${file}`).catch(() => '')
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1]
      if (inode === undefined || !inodes.has(inode) || owners.has(inode)) continue
      const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')
      owners.set(inode, { pid: Number(pid), process: safeText(name.trim()) })
    }
    if (owners.size === inodes.size) break
  }
  return owners
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
