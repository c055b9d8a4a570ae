/**
 * Site files: which servers there are, which pools they run, which networks are internal. In: text and the file's
 * name. Out: a Site, or every fault with line and path, as rules.ts does. An address may be listed once only: one
 * name with several addresses is one host with one set of slots. Entries of one name are that host, too, which is
 * doubtful; where they disagree on its pools or role they are a fault.
 */
import { addressText, type Cidr } from '../../address.ts'
import type { Site, SiteServer } from '../../types.ts'
import { nearest } from '../nearest.ts'
import { listOf, readCidr } from './rules.ts'
import {
  byLine,
  type Checked,
  type Path,
  pathText,
  RuleDocument,
  show,
  valueOrThrow,
} from './rules-document.ts'
import { siteSchema } from './rules-schema.ts'
import { validate } from './rules-validate.ts'

export { siteSchema } from './rules-schema.ts'

interface RawServer {
  name?: string
  addresses?: string[]
  cidr?: string
  role?: string
  pools?: string[]
}

/** The first entry of a name that has a single address. */
interface NamedHost {
  place: number
  server: SiteServer
}

interface RawSite {
  servers?: RawServer[]
  internal?: string[]
}

/** The site; throws a UsageError for the first fault. `knownPools`: names that `pools` may use; absent: any. */
export function parseSite(text: string, fileName = 'site', knownPools?: readonly string[]): Site {
  return valueOrThrow(checkSite(text, fileName, knownPools), fileName)
}

/** The site with all faults of the file. Never throws. */
export function checkSite(text: string, fileName: string, knownPools?: readonly string[]): Checked<Site> {
  const document = new RuleDocument(text, fileName)
  const value: Site = { servers: [], internal: [] }
  if (document.faults.length === 0) readSite(document, value, knownPools)
  return { value, faults: byLine(document.faults), warnings: document.warnings }
}

function readSite(document: RuleDocument, value: Site, knownPools: readonly string[] | undefined): void {
  if (document.value === null || document.value === undefined) {
    document.fault([], 'found nothing, expected servers: […] or internal: […]', 'RULE_EMPTY')
    return
  }
  const bad = validate(document, siteSchema)
  const raw = document.value as RawSite
  const owners = new Map<string, number>()
  const hosts = new Map<string, NamedHost>()
  for (const [i, server] of listOf(raw.servers).entries()) {
    const path: Path = ['servers', i]
    const whole = (name: 'addresses' | 'cidr' | 'pools') => !bad.has(pathText([...path, name]))
    const sound = bad.has(`servers[${i}]`) ? soundParts(server, whole) : server
    const read = toServer(document, path, sound, owners)
    checkPools(document, [...path, 'pools'], sound.pools ?? [], knownPools)
    if (sound !== server) continue
    checkName(document, path, read, hosts)
    value.servers.push(read)
  }
  for (const [i, network] of listOf(raw.internal).entries()) {
    if (bad.has(`internal[${i}]`)) continue
    const cidr = readCidr(document, ['internal', i], network)
    if (cidr !== undefined) value.internal.push(cidr)
  }
}

/** Of a server that has a fault what has none, so that every fault is named at once. */
function soundParts(raw: unknown, whole: (name: 'addresses' | 'cidr' | 'pools') => boolean): RawServer {
  const parts: RawServer = {}
  if (typeof raw !== 'object' || raw === null) return parts
  const { addresses, cidr, pools } = raw as RawServer
  if (whole('addresses')) parts.addresses = addresses
  if (whole('cidr')) parts.cidr = cidr
  if (whole('pools')) parts.pools = pools
  return parts
}

function toServer(
  document: RuleDocument,
  path: Path,
  raw: RawServer,
  owners: Map<string, number>,
): SiteServer {
  const entries: [Path, string][] = (raw.addresses ?? []).map((text, i) => [[...path, 'addresses', i], text])
  if (raw.cidr !== undefined) entries.push([[...path, 'cidr'], raw.cidr])
  const addresses: Cidr[] = []
  for (const [place, text] of entries) {
    const cidr = readCidr(document, place, text)
    if (cidr === undefined) continue
    const key = `${addressText(cidr.version, ...cidr.words)}/${cidr.bits}`
    const owner = owners.get(key)
    if (owner !== undefined) {
      const says = `found ${text} again, first in servers[${owner}]; an address belongs to one server`
      document.fault(place, says, 'RULE_DUPLICATE')
    }
    owners.set(key, Number(path[1]))
    addresses.push(cidr)
  }
  const server: SiteServer = { addresses, pools: raw.pools ?? [] }
  if (raw.name !== undefined) server.name = raw.name
  if (raw.role !== undefined) server.role = raw.role
  return server
}

/** `hosts`: those before, by name. Networks are no hosts: their names may recur. */
function checkName(
  document: RuleDocument,
  path: Path,
  server: SiteServer,
  hosts: Map<string, NamedHost>,
): void {
  const { name, addresses } = server
  if (name === undefined || !addresses.some(isSingle)) return
  const first = hosts.get(name)
  if (first === undefined) {
    hosts.set(name, { place: Number(path[1]), server })
    return
  }
  const says = `found ${show(name)} again, first in servers[${first.place}]`
  const one = 'one name is one host with one set of slots'
  if (first.server.role === server.role && sameNames(first.server.pools, server.pools))
    document.warn([...path, 'name'], `${says}: ${one}; is it another host?`, 'RULE_DUPLICATE')
  else
    document.fault(
      [...path, 'name'],
      `${says} with other pools or another role, but ${one}; list its addresses in one entry, or name each host`,
      'RULE_DUPLICATE',
    )
}

function isSingle({ version, bits }: Cidr): boolean {
  return bits === (version === 4 ? 32 : 128)
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.every((name) => b.includes(name)) && b.every((name) => a.includes(name))
}

function checkPools(
  document: RuleDocument,
  path: Path,
  pools: readonly string[],
  known: readonly string[] | undefined,
): void {
  if (known === undefined) return
  for (const [i, pool] of pools.entries()) {
    if (known.includes(pool)) continue
    const near = nearest(pool, known)
    const hint = near === undefined ? '' : `; did you mean "${near}"?`
    document.fault([...path, i], `found "${pool}", expected one of ${known.join(', ')}${hint}`, 'RULE_POOL')
  }
}
