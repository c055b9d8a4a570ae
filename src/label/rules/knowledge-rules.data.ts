/** The rules of knowledge.data.ts already parsed: a run that needs no rule file loads no YAML parser. */
import type { PoolRule, RuleSet } from '../../types.ts'

const DEFAULTS = {
  stride: 1,
  session: 'per-port',
  allocation: 'any',
  idleTimeoutSec: 120,
  minPackets: 4,
  bidirectional: true,
  supportedBy: [],
} as const

const POOLS: PoolRule[] = [
  {
    ...DEFAULTS,
    name: 'framehawk',
    label: 'framehawk',
    transport: 'udp',
    ports: [{ low: 3224, high: 3324 }],
    allocation: 'lowest-first',
    supportedBy: ['ica', 'cgp'],
    retired: {
      sinceSec: 1_577_836_800,
      says: 'Framehawk left the Citrix releases in 2019 (7 1903); only older hosts still speak it',
    },
  },
  {
    ...DEFAULTS,
    name: 'citrix-audio',
    label: 'citrix-audio',
    transport: 'udp',
    ports: [{ low: 16500, high: 16509 }],
    stride: 2,
    allocation: 'lowest-first',
    supportedBy: ['ica', 'cgp'],
  },
  {
    ...DEFAULTS,
    name: 'mosh',
    label: 'mosh',
    transport: 'udp',
    ports: [{ low: 60001, high: 60999 }],
    allocation: 'lowest-first',
    requires: 'mosh',
    startMarker: 'mosh-sequence',
  },
  {
    ...DEFAULTS,
    name: 'asterisk-rtp',
    label: 'rtp',
    transport: 'udp',
    ports: [{ low: 10000, high: 20000 }],
    stride: 2,
    requires: 'rtp',
  },
  { ...DEFAULTS, name: 'x11', label: 'x11', transport: 'tcp', ports: [{ low: 6000, high: 6063 }] },
  { ...DEFAULTS, name: 'vnc', label: 'vnc', transport: 'tcp', ports: [{ low: 5900, high: 5999 }] },
]

export const BUILTIN_RULES: Readonly<RuleSet> = { pools: POOLS, labels: [] }
