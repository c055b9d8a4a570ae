/**
 * The servers that pools live on. Several addresses of one name in the site file are one host with one set of slots,
 * called by the first of them; every other address is a host of its own. What is known of a host is kept here: its
 * line in the site file and which companion labels were confirmed by payload at it.
 */
import { addressText, cidrContains } from '../address.ts'
import type { Site, SiteServer } from '../types.ts'

/** Hosts that are remembered only for a rejection: anybody can send to addresses where nothing is. */
export const MAX_PASSING_HOSTS = 65_536
/** With those at which a companion label was confirmed: who was there before must not hide them. */
const MAX_PROVEN_HOSTS = 2 * MAX_PASSING_HOSTS
/** Clients remembered for each companion label of a host. */
const MAX_SUPPORTER_CLIENTS = 256

export interface Address {
  version: number
  w0: number
  w1: number
  w2: number
  w3: number
}

export interface Host {
  ip: string
  address: Address
  site: SiteServer | undefined
  /** Companion labels confirmed by payload here, each with the clients it was confirmed with. */
  supporters: ReadonlyMap<string, Set<string>>
}

export interface Hosts {
  /** The host of an address; made when new. */
  of(address: Address): Host
  /** The same, but undefined for a new host when MAX_PASSING_HOSTS are known. */
  passing(address: Address): Host | undefined
  /** The same for a host that has proved what it is, when MAX_PROVEN_HOSTS are known. */
  proven(address: Address): Host | undefined
  /** Where many are known: forgets those of which the site file says nothing, except those that `stays` names. */
  forget(stays: (host: Host) => boolean): void
  /** The text that stands for the address's host, without making one. */
  ip(address: Address): string
  /** What the site file says of an address. */
  site(address: Address): SiteServer | undefined
}

/** Most hosts have none. */
const NO_SUPPORTERS: ReadonlyMap<string, Set<string>> = new Map()

export function createHosts(site: Site | undefined): Hosts {
  const index = createSiteIndex(site)
  const hosts = new Map<string, Host>()
  function find(address: Address, most: number): Host | undefined {
    const canonical = index.canonical(address)
    const key = addressKey(canonical)
    const known = hosts.get(key)
    if (known !== undefined || hosts.size >= most) return known
    const host: Host = {
      ip: textOf(canonical),
      address: canonical,
      site: index.find(address),
      supporters: NO_SUPPORTERS,
    }
    hosts.set(key, host)
    return host
  }
  return {
    of: (address) => find(address, Infinity) as Host,
    passing: (address) => find(address, MAX_PASSING_HOSTS),
    proven: (address) => find(address, MAX_PROVEN_HOSTS),
    forget(stays) {
      if (hosts.size <= MAX_PASSING_HOSTS / 2) return
      for (const [key, host] of hosts) if (host.site === undefined && !stays(host)) hosts.delete(key)
    },
    ip: (address) => textOf(index.canonical(address)),
    site: index.find,
  }
}

/** Notes that `label` was confirmed by payload between the host and `client`. */
export function addSupporter(host: Host, label: string, client: string): void {
  const clients = host.supporters.get(label)
  if (clients === undefined) host.supporters = new Map([...host.supporters, [label, new Set([client])]])
  else if (clients.size < MAX_SUPPORTER_CLIENTS) clients.add(client)
}

export function textOf(address: Address): string {
  return addressText(address.version, address.w0, address.w1, address.w2, address.w3)
}

export function sameAddress(a: Address, b: Address): boolean {
  return a.w3 === b.w3 && a.w2 === b.w2 && a.w1 === b.w1 && a.w0 === b.w0 && a.version === b.version
}

export function compareAddresses(a: Address, b: Address): number {
  return (
    a.version - b.version ||
    (a.w0 >>> 0) - (b.w0 >>> 0) ||
    (a.w1 >>> 0) - (b.w1 >>> 0) ||
    (a.w2 >>> 0) - (b.w2 >>> 0) ||
    (a.w3 >>> 0) - (b.w3 >>> 0)
  )
}

export function addressKey(address: Address): string {
  return `${address.version},${address.w0},${address.w1},${address.w2},${address.w3}`
}

interface SiteIndex {
  find(address: Address): SiteServer | undefined
  canonical(address: Address): Address
}

/** Exact addresses by key, networks longest prefix first. */
function createSiteIndex(site: Site | undefined): SiteIndex {
  const exact = new Map<string, SiteServer>()
  const firstOfName = new Map<string, Address>()
  const networks: { cidr: SiteServer['addresses'][number]; server: SiteServer }[] = []
  for (const server of site?.servers ?? []) {
    for (const cidr of server.addresses) {
      if (cidr.bits < (cidr.version === 4 ? 32 : 128)) {
        networks.push({ cidr, server })
        continue
      }
      const address = addressOf(cidr)
      if (!exact.has(addressKey(address))) exact.set(addressKey(address), server)
      if (server.name !== undefined && !firstOfName.has(server.name)) firstOfName.set(server.name, address)
    }
  }
  networks.sort((a, b) => b.cidr.bits - a.cidr.bits)
  function find(address: Address): SiteServer | undefined {
    if (exact.size === 0 && networks.length === 0) return undefined
    const { version, w0, w1, w2, w3 } = address
    const one = exact.get(addressKey(address))
    return one ?? networks.find(({ cidr }) => cidrContains(cidr, version, w0, w1, w2, w3))?.server
  }
  function canonical(address: Address): Address {
    const name = exact.get(addressKey(address))?.name
    return (name === undefined ? undefined : firstOfName.get(name)) ?? address
  }
  return { find, canonical: exact.size === 0 ? (address) => address : canonical }
}

function addressOf(cidr: SiteServer['addresses'][number]): Address {
  const [w0, w1, w2, w3] = cidr.words
  return { version: cidr.version, w0, w1, w2, w3 }
}
