/**
 * The parsed content of rule and site files, and of the built-in rules. No code.
 */
import type { Cidr } from './address.ts'

/** How sure a label or a session is. */
export type Certainty = 'confirmed' | 'likely' | 'possible' | 'unknown'

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
  /** From this time on (seconds since 1970) its traffic gets a note. */
  retired?: { sinceSec: number; says: string }
}

export interface LabelRule {
  label: string
  transport?: 'tcp' | 'udp'
  ports?: readonly { low: number; high: number }[]
  cidr?: Cidr
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
  addresses: readonly Cidr[]
  role?: string
  pools: readonly string[]
}

export interface RuleSet {
  pools: PoolRule[]
  labels: LabelRule[]
}

export interface Site {
  servers: SiteServer[]
  internal: Cidr[]
}
