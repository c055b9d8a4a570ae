/**
 * The sockets of this host and the programs that own them, from /proc of Linux (proc(5)). Promised: what cannot be
 * read is left out and counted, never thrown; names are escaped. The tables are those of the network namespace of this
 * process, as are the packets that it captures.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { addressText } from '../address.ts'
import { safeText } from '../text.ts'

export interface Socket {
  transport: 'tcp' | 'udp'
  address: string
  port: number
  /** '' and 0 where it is not connected. */
  remoteAddress: string
  remotePort: number
  uid: number
  /** "0" while no process owns it. */
  inode: string
}

export interface Program {
  pid: number
  name: string
}

const TABLES = ['tcp', 'tcp6', 'udp', 'udp6'] as const
const ESTABLISHED = '01'
const SYN_SENT = '02'
const CLOSE_WAIT = '08'
const LISTEN = '0A'
const UDP_UNCONNECTED = '07'
/** States of sockets that a program has open (include/net/tcp_states.h). */
const OPEN_TCP = [ESTABLISHED, SYN_SENT, CLOSE_WAIT, LISTEN, '03', '04', '05']
const MAX_SOCKETS = 65_536
const SLICE_MS = 4
const EXPECTED_IPV4 = /^[0-9A-F]{8}$/
const EXPECTED_IPV6 = /^[0-9A-F]{32}$/

/** Every open socket, at most MAX_SOCKETS; none where there is no /proc/net. */
export function readSockets(): Socket[] {
  const sockets: Socket[] = []
  for (const table of TABLES) {
    for (const socket of parseSockets(readText(`/proc/net/${table}`), table)) {
      if (sockets.length >= MAX_SOCKETS) return sockets
      sockets.push(socket)
    }
  }
  return sockets
}

/** The open sockets of one table of /proc/net. */
export function* parseSockets(text: string, table: (typeof TABLES)[number]): Generator<Socket> {
  const transport = table.startsWith('udp') ? 'udp' : 'tcp'
  for (const line of text.split('\n').slice(1)) {
    // sl, local, remote, state, queues, timer, retransmits, uid, timeout, inode
    const [, local = '', remote = '', state, , , , uid, , inode = ''] = line.trim().split(/\s+/)
    const here = parseEndpoint(local)
    const there = parseEndpoint(remote)
    if (here === undefined || there === undefined) continue
    const connected = transport === 'udp' ? state !== UDP_UNCONNECTED : state !== LISTEN
    if (transport === 'tcp' && !OPEN_TCP.includes(state)) continue
    yield {
      transport,
      address: here.address,
      port: here.port,
      remoteAddress: connected ? there.address : '',
      remotePort: connected ? there.port : 0,
      uid: Number(uid),
      inode,
    }
  }
}

/** "0100007F:0016". Words of 32 bits, each in the byte order of the host, little-endian but on s390x. */
function parseEndpoint(text: string): { address: string; port: number } | undefined {
  const [hex, port = ''] = text.split(':')
  if (!/^[0-9A-F]{4}$/.test(port)) return undefined
  const words = (hex.match(/.{8}/g) ?? []).map((word) => swapBytes(Number.parseInt(word, 16)))
  const number = Number.parseInt(port, 16)
  if (EXPECTED_IPV4.test(hex)) return { address: addressText(4, 0, 0, 0, words[0]), port: number }
  if (!EXPECTED_IPV6.test(hex)) return undefined
  // ::ffff:10.0.0.1: an IPv6 socket with an IPv4 peer.
  const mapped = words[0] === 0 && words[1] === 0 && words[2] === 0xffff
  const address = mapped
    ? addressText(4, 0, 0, 0, words[3])
    : addressText(6, words[0], words[1], words[2], words[3])
  return { address, port: number }
}

function swapBytes(word: number): number {
  return ((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)
}

export interface Owners {
  /** By socket inode. */
  programs: Map<string, Program>
  /** Processes whose open files may not be listed. */
  denied: number
}

/**
 * The programs that have these sockets open. Searches the open files of every process, in slices of a few milliseconds,
 * so that a capture is not delayed.
 */
export async function findOwners(inodes: ReadonlySet<string>): Promise<Owners> {
  const owners: Owners = { programs: new Map(), denied: 0 }
  let sliceEndMs = performance.now() + SLICE_MS
  for (const pid of listFolder('/proc').names) {
    if (!/^\d+$/.test(pid)) continue
    scanProcess(Number(pid), inodes, owners)
    if (owners.programs.size === inodes.size) break
    if (performance.now() < sliceEndMs) continue
    await new Promise((resolve) => setImmediate(resolve))
    sliceEndMs = performance.now() + SLICE_MS
  }
  return owners
}

function scanProcess(pid: number, inodes: ReadonlySet<string>, owners: Owners): void {
  const { names, denied } = listFolder(`/proc/${pid}/fd`)
  if (denied) owners.denied++
  let program: Program | undefined
  for (const file of names) {
    const inode = /^socket:\[(\d+)\]$/.exec(readLink(`/proc/${pid}/fd/${file}`))?.[1]
    // If several processes share the socket, the parent is usually found first.
    if (inode === undefined || !inodes.has(inode) || owners.programs.has(inode)) continue
    program ??= { pid, name: safeText(readText(`/proc/${pid}/comm`).trim()) }
    owners.programs.set(inode, program)
  }
}

/** User names by number, from /etc/passwd only. */
export function readUsers(): Map<number, string> {
  const users = new Map<number, string>()
  for (const line of readText('/etc/passwd').split('\n')) {
    const [name, , uid] = line.split(':')
    if (/^\d+$/.test(uid ?? '') && !users.has(Number(uid))) users.set(Number(uid), safeText(name))
  }
  return users
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function readLink(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

function listFolder(path: string): { names: string[]; denied: boolean } {
  try {
    return { names: readdirSync(path), denied: false }
  } catch (error) {
    return { names: [], denied: error instanceof Error && 'code' in error && error.code === 'EACCES' }
  }
}
