/**
 * The shapes of knowledge: what rule and site files say, and the built-in rules with them. No code.
 */

/** How sure a label is: the contract's four words. */
export type Certainty = 'confirmed' | 'likely' | 'possible' | 'unknown'

/** A network: parsed CIDR. */
export interface Network {
  words: readonly [number, number, number, number]
  bits: number
  version: 4 | 6
}

export interface PoolRule {
  name: string
  label: string
  transport: 'tcp' | 'udp'
  /** Inclusive ranges, ascending. */
  ports: readonly { low: number; high: number }[]
  stride: number
  session: 'per-port' | 'per-client'
  allocation: 'lowest-first' | 'any'
  idleTimeoutSec: number
  minPackets: number
  bidirectional: boolean
  supportedBy: readonly string[]
  requires?: string
  startMarker?: 'mosh-sequence'
  /** From this time on (seconds since 1970) its traffic deserves a note. */
  retired?: { sinceSec: number; says: string }
}

export interface LabelRule {
  label: string
  transport?: 'tcp' | 'udp'
  ports?: readonly { low: number; high: number }[]
  cidr?: Network
  certainty?: Certainty
  hostnameSuffix?: string
  payload?: {
    offset: number
    bytes: Uint8Array
    mask: Uint8Array
    direction: 'both' | 'client' | 'server' | 'either'
    minLength: number
  }
  category?: string
}

export interface SiteServer {
  name?: string
  addresses: readonly Network[]
  role?: string
  pools: readonly string[]
}

export interface RuleSet {
  pools: PoolRule[]
  labels: LabelRule[]
}

export interface Site {
  servers: SiteServer[]
  internal: Network[]
}
