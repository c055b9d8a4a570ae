/**
 * Services that signalling or a DNS answer announced: "SDP said that 10.0.0.2 expects RTP on port 40000". In: what
 * signatures announce, and when the announcing flow's own payload agrees in both directions; until then an
 * announcement only waits, for one spoofed packet proves nothing. Out: what was announced of a closed flow's ends, for
 * as long as it holds on the packet clock. Bounded: when full, the announcement made longest ago goes.
 */
import { addressText } from '../address.ts'
import { hashOn, PROTOCOL_TCP } from '../bytes.ts'
import type { ClosedFlow, Packet } from '../types.ts'
import type { Service } from './inspect/payload.ts'

export const MAX_ANNOUNCED = 65_536
/** Announcing flows whose other direction has not been seen yet, and announcements of one of them. */
export const MAX_WAITING_FLOWS = 1024
export const MAX_WAITING = 32
/** Announcements of one packet. */
export const MAX_FRESH = 32
const MAX_LIFETIME_SEC = 604_800

/** What was announced of a flow, as evidence wants it. */
export interface Announcement {
  label: string
  says: string
}

export interface AnnouncedServices {
  /** A signature read of the service in the packet; `settle` for the same packet decides what becomes of it. */
  announce(packet: Packet, service: Service): void
  /** After each packet that a signature matched: `agrees`, whether its flow's label is now proved in both directions. */
  settle(handle: number, agrees: boolean): void
  /** The flow with this label handle is over. */
  forget(handle: number): void
  /**
   * What was announced so far of an end of a flow that closes now, and had not run out when it began; of the server's
   * end first. What is announced between its last packet and its close counts too.
   */
  find(flow: ClosedFlow): Announcement | undefined
  /** `settle` has something to do. */
  pending(): boolean
  size(): number
}

interface Entry {
  key: number | string
  label: string
  /** "10.0.0.1 announced rtp at 10.0.0.2:40000/udp in SDP (frame 7)". */
  says: string
  learntSec: number
  learntNsec: number
  expiresSec: number
}

/** `seed`: of the keys, so that nobody can prepare colliding endpoints; no output depends on it. */
export function createAnnouncedServices(seed = 0): AnnouncedServices {
  const entries = new Map<number | string, Entry>()
  // Renewed now and then, as in names.ts.
  let oldest = entries.keys()
  let added = 0
  const waiting = new Map<number, Entry[]>()
  const fresh: Entry[] = []

  function publish(entry: Entry): void {
    const known = entries.get(entry.key)
    if (known !== undefined && known.label === entry.label && known.expiresSec >= entry.learntSec) {
      known.expiresSec = Math.max(known.expiresSec, entry.expiresSec)
      return
    }
    entries.delete(entry.key)
    if (entries.size >= MAX_ANNOUNCED) entries.delete(oldest.next().value as number | string)
    entries.set(entry.key, entry)
    if (++added % MAX_ANNOUNCED === 0) oldest = entries.keys()
  }

  function wait(handle: number): void {
    let list = waiting.get(handle)
    if (list === undefined) {
      if (waiting.size >= MAX_WAITING_FLOWS) waiting.delete(waiting.keys().next().value as number)
      list = []
      waiting.set(handle, list)
    }
    for (const entry of fresh) if (list.length < MAX_WAITING) list.push(entry)
  }

  function at(key: number | string, flow: ClosedFlow): Announcement | undefined {
    const entry = entries.get(key)
    if (entry === undefined || entry.expiresSec < flow.startSec) return undefined
    return { label: entry.label, says: `${entry.says}, ${distance(entry, flow)}` }
  }

  return {
    pending: () => fresh.length > 0 || waiting.size > 0,
    size: () => entries.size,
    announce(packet, service) {
      if (fresh.length < MAX_FRESH) fresh.push(entryOf(packet, service, seed))
    },
    settle(handle, agrees) {
      if (!agrees) {
        if (fresh.length > 0) wait(handle)
      } else {
        for (const entry of waiting.get(handle) ?? []) publish(entry)
        waiting.delete(handle)
        for (const entry of fresh) publish(entry)
      }
      fresh.length = 0
    },
    forget(handle) {
      if (waiting.size > 0) waiting.delete(handle)
    },
    find(flow) {
      if (entries.size === 0 || flow.dstPort < 0) return undefined
      const { protocol, hostname } = flow
      const server = keyOf(protocol, flow.dstPort, [flow.dst0, flow.dst1, flow.dst2, flow.dst3], seed)
      const found = at(server, flow)
      if (found !== undefined) return found
      if (hostname !== undefined) {
        const named = at(nameKey(protocol, flow.dstPort, hostname), flow)
        if (named !== undefined) return named
      }
      // Datagrams flow both ways between two announced ports, and the first sender counts as the client.
      if (protocol === PROTOCOL_TCP) return undefined
      return at(keyOf(protocol, flow.srcPort, [flow.src0, flow.src1, flow.src2, flow.src3], seed), flow)
    },
  }
}

type Words = readonly [number, number, number, number]

const ADDRESSES = 2 ** 32
const PORTS = 2 ** 16

/**
 * An IPv4 endpoint as one whole number of protocol (5 bits), port and address: the 53 bits that a double keeps exactly.
 * A Map hashes number keys without a seed, so the address is replaced by a seeded hash of it.
 */
function keyOf(protocol: number, port: number, words: Words, seed: number): number | string {
  const place = protocol * PORTS + port
  if ((words[0] | words[1] | words[2]) === 0 && protocol < 32)
    return place * ADDRESSES + (hashOn(words[3], place, seed) >>> 0)
  return `${protocol} ${port} ${words.join()}`
}

function nameKey(protocol: number, port: number, name: string): string {
  return `${protocol} ${port} ${name.toLowerCase()}`
}

function entryOf(packet: Packet, service: Service, seed: number): Entry {
  const { label, protocol, port, name } = service
  const sender: Words = [packet.src0, packet.src1, packet.src2, packet.src3]
  const words = service.address?.words ?? sender
  const version = service.address?.version ?? packet.ipVersion
  const host = name ?? addressText(version, ...words)
  const endpoint = `${host.includes(':') ? `[${host}]` : host}:${port}/${protocol === PROTOCOL_TCP ? 'tcp' : 'udp'}`
  const lifetimeSec = Math.min(Math.max(service.lifetimeSec, 0), MAX_LIFETIME_SEC)
  return {
    key: name === undefined ? keyOf(protocol, port, words, seed) : nameKey(protocol, port, name),
    label,
    says: `${addressText(packet.ipVersion, ...sender)} announced ${label} at ${endpoint} in ${service.through} (frame ${packet.frame})`,
    learntSec: packet.timeSec,
    learntNsec: packet.timeNsec,
    expiresSec: packet.timeSec + lifetimeSec,
  }
}

const DECIMALS = 3

/** "0.250 s before the flow began" */
function distance(entry: Entry, flow: ClosedFlow): string {
  const seconds = entry.learntSec - flow.startSec + (entry.learntNsec - flow.startNsec) / 1e9
  return `${Math.abs(seconds).toFixed(DECIMALS)} s ${seconds > 0 ? 'after' : 'before'} the flow began`
}
