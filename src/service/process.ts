/**
 * The programs behind flows and sessions. In: flows and slots of this host; out: the program at the local end. The owner
 * of a socket can only be found while the socket is open: `refresh` is called when flows begin and scans the sockets of
 * this host, at most once a second and for a small part of the time; each socket is remembered with the times at which
 * it was seen. A program that opened and closed its socket between two scans is missed.
 *
 * Bounded: MAX_REMEMBERED sockets, forgotten after REMEMBER_MS. Only Linux; elsewhere nothing is ever found.
 */
import { networkInterfaces } from 'node:os'
import process from 'node:process'
import { addressText, parseAddress } from '../address.ts'
import type { ClosedFlow, Session } from '../types.ts'
import { findOwners, type Owners, type Program, readSockets, readUsers, type Socket } from './proc.ts'

export type Owner = NonNullable<ClosedFlow['process']>

const MAX_REMEMBERED = 65_536
const REMEMBER_MS = 15 * 60 * 1000
const MIN_PAUSE_MS = 1000
/** Pause after a scan, as a multiple of its duration. */
const PAUSE_FACTOR = 20
const TCP = 6
const UDP = 17
const ANY_IPV4 = '0.0.0.0'
const ANY_IPV6 = '::'
const LOOPBACK_NETWORK = '127.'
const LOOPBACK_BYTE = 127

/** What the system reports of this host; replaced in tests. */
export interface HostTables {
  sockets(): Socket[]
  owners(inodes: ReadonlySet<string>): Promise<Owners>
  users(): Map<number, string>
  /** Addresses of this host. */
  addresses(): string[]
  now(): number
}

interface SeenSocket {
  owner: Owner
  inode: string
  /** The last scan before the socket existed. */
  absentMs: number
  lastMs: number
}

export class Processes {
  /** Programs of other users could not be identified: permission is missing. */
  hidden = false
  readonly #host: HostTables
  /** By endpoint, oldest socket first; the endpoint seen last is last. */
  readonly #sockets = new Map<string, SeenSocket[]>()
  /** Of the sockets that existed at the last scan; undefined: no owner was found. */
  #known = new Map<string, Program | undefined>()
  #users = new Map<number, string>()
  #local = new Set<string>()
  #localLastWords = new Set<number>()
  #lastScanMs = Number.NEGATIVE_INFINITY
  #nextScanMs = Number.NEGATIVE_INFINITY
  #scanning = false

  constructor(host: HostTables = LINUX) {
    this.#host = host
  }

  /** The pause since the last scan is over. */
  get isDue(): boolean {
    const nowMs = this.#host.now()
    // A clock that was set back must not stop the scans.
    return !this.#scanning && (nowMs >= this.#nextScanMs || nowMs < this.#lastScanMs)
  }

  /** Scans the sockets, if that is due. Never throws. */
  async refresh(): Promise<void> {
    if (!this.isDue) return
    const nowMs = this.#host.now()
    this.#scanning = true
    const startMs = performance.now()
    try {
      await this.#scan(nowMs)
    } finally {
      this.#scanning = false
      const pauseMs = Math.max(MIN_PAUSE_MS, PAUSE_FACTOR * (performance.now() - startMs))
      this.#nextScanMs = nowMs + pauseMs
    }
  }

  /** The program at this host's end; of two here, the server's. */
  ofFlow(flow: ClosedFlow): Owner | undefined {
    const { protocol } = flow
    if ((protocol !== TCP && protocol !== UDP) || flow.srcPort < 0) return undefined
    // On a tap most flows are between other hosts: they are ruled out before any string is made.
    if (!this.#maybeLocal(flow.src3) && !this.#maybeLocal(flow.dst3)) return undefined
    const transport = protocol === TCP ? 'tcp' : 'udp'
    const src = addressText(flow.ipVersion, flow.src0, flow.src1, flow.src2, flow.src3)
    const dst = addressText(flow.ipVersion, flow.dst0, flow.dst1, flow.dst2, flow.dst3)
    const startMs = milliseconds(flow.startSec, flow.startNsec)
    const find = (address: string, port: number, other: string, otherPort: number) =>
      this.#isLocal(address)
        ? (this.#at(`${transport} ${address} ${port} ${other} ${otherPort}`, startMs) ??
          this.#listening(transport, address, port, startMs))
        : undefined
    return find(dst, flow.dstPort, src, flow.srcPort) ?? find(src, flow.srcPort, dst, flow.dstPort)
  }

  /** The program that listened on the slot when the session began. */
  ofSession({ transport, serverIp, slot, startSec, startNsec }: Session): Owner | undefined {
    if (!this.#isLocal(serverIp)) return undefined
    return this.#listening(transport, serverIp, slot, milliseconds(startSec, startNsec))
  }

  /** By the last word of an address. */
  #maybeLocal(word: number): boolean {
    return this.#localLastWords.has(word) || word >>> 24 === LOOPBACK_BYTE
  }

  #isLocal(address: string): boolean {
    return this.#local.has(address) || address.startsWith(LOOPBACK_NETWORK)
  }

  #listening(transport: string, address: string, port: number, atMs: number): Owner | undefined {
    const own = this.#at(`${transport} ${address} ${port}`, atMs)
    if (own !== undefined) return own
    const any = address.includes(':') ? undefined : this.#at(`${transport} ${ANY_IPV4} ${port}`, atMs)
    // An IPv6 wildcard socket also accepts IPv4.
    return any ?? this.#at(`${transport} ${ANY_IPV6} ${port}`, atMs)
  }

  /** The owner of the endpoint at that time: the first one seen then or later, unless it is known to have started later. */
  #at(key: string, atMs: number): Owner | undefined {
    const seen = this.#sockets.get(key)?.find(({ lastMs }) => lastMs >= atMs)
    return seen !== undefined && seen.absentMs <= atMs ? seen.owner : undefined
  }

  async #scan(nowMs: number): Promise<void> {
    const sockets = this.#host.sockets().filter(({ inode }) => inode !== '0')
    this.#local = new Set(this.#host.addresses())
    this.#localLastWords = new Set([...this.#local].map((address) => parseAddress(address)?.words[3] ?? 0))
    await this.#findOwners(sockets)
    for (const socket of sockets) {
      const program = this.#known.get(socket.inode)
      if (program !== undefined) this.#remember(socket, program, nowMs)
    }
    this.#lastScanMs = nowMs
    this.#forget(nowMs)
  }

  /** Searches for owners only if there is a new socket. */
  async #findOwners(sockets: readonly Socket[]): Promise<void> {
    const known = new Map<string, Program | undefined>()
    let hasNew = false
    for (const { inode } of sockets) {
      if (!this.#known.has(inode)) hasNew = true
      known.set(inode, this.#known.get(inode))
    }
    this.#known = known
    if (!hasNew) return
    const wanted = [...known].filter(([, program]) => program === undefined).map(([inode]) => inode)
    const { programs, denied } = await this.#host.owners(new Set(wanted))
    for (const [inode, program] of programs) known.set(inode, program)
    this.hidden ||= denied > 0 && programs.size < wanted.length
    this.#users = this.#host.users()
  }

  #remember(socket: Socket, { pid, name }: Program, nowMs: number): void {
    const { transport, address, port, remoteAddress, remotePort, uid, inode } = socket
    const remote = remoteAddress === '' ? '' : ` ${remoteAddress} ${remotePort}`
    const key = `${transport} ${address} ${port}${remote}`
    const seen = this.#sockets.get(key) ?? []
    this.#sockets.delete(key)
    this.#sockets.set(key, seen)
    const same = seen.find((each) => each.inode === inode && each.owner.pid === pid)
    if (same !== undefined) same.lastMs = nowMs
    else {
      const user = this.#users.get(uid) ?? String(uid)
      seen.push({ owner: { pid, name, user }, inode, absentMs: this.#lastScanMs, lastMs: nowMs })
    }
  }

  #forget(nowMs: number): void {
    for (const [key, seen] of this.#sockets) {
      const stale = this.#sockets.size > MAX_REMEMBERED
      const left = stale ? [] : seen.filter(({ lastMs }) => lastMs >= nowMs - REMEMBER_MS)
      if (left.length === 0) this.#sockets.delete(key)
      else if (left.length < seen.length) this.#sockets.set(key, left)
    }
  }
}

const LINUX: HostTables = {
  sockets: readSockets,
  owners: findOwners,
  users: readUsers,
  addresses: localAddresses,
  now: Date.now,
}

/** The tables of this host, where it has them. */
export function openProcesses(): Processes | undefined {
  return process.platform === 'linux' ? new Processes() : undefined
}

/** Empty where they may not be read: service managers can forbid netlink. */
function localAddresses(): string[] {
  try {
    return Object.values(networkInterfaces()).flatMap((each) => (each ?? []).map(({ address }) => address))
  } catch {
    return []
  }
}

function milliseconds(sec: number, nsec: number): number {
  return sec * 1000 + nsec / 1e6
}
