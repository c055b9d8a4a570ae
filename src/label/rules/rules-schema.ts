/**
 * JSON Schemas (draft 2020-12) of rule and site files. `description` completes the sentence "found X, expected …",
 * so it says what is allowed.
 */

export const CERTAINTIES = ['confirmed', 'likely', 'possible'] as const
const DIRECTIONS = ['both', 'client', 'server', 'either'] as const
export const MAX_POOLS = 256
const MAX_LABEL_RULES = 10_000
export const MAX_SERVERS = 100_000
const MAX_ADDRESSES = 1024
const MAX_NETWORKS = 1024
const MAX_PATTERN_BYTES = 256
const MAX_PATTERN_OFFSET = 65_535

/** What no name has: spaces, control and formatting characters, "/", "*". */
const NOT_IN_NAMES = '\\s\\p{Cc}\\p{Cf}/*'

const name = {
  type: 'string',
  pattern: '^[a-z0-9][a-z0-9._-]{0,63}$',
  description: 'a name of at most 64 lower-case letters, digits, ".", "_" and "-"',
}

const transport = { enum: ['tcp', 'udp'], description: 'tcp or udp' }

const port = { type: 'integer', minimum: 1, maximum: 65535 }
const portRange = { type: 'string', pattern: '^[0-9]{1,5}(-[0-9]{1,5})?$' }

const ports = {
  description: 'a port, lo-hi with lo <= hi, or a list of them, 1 to 65535',
  anyOf: [
    port,
    portRange,
    { type: 'array', minItems: 1, maxItems: 1024, items: { anyOf: [port, portRange] } },
  ],
}

const hex = {
  type: 'string',
  pattern: '^([0-9a-fA-F]{2})+$',
  maxLength: MAX_PATTERN_BYTES * 2,
  description: `pairs of hexadecimal digits in quotes, at most ${MAX_PATTERN_BYTES} bytes`,
}

const cidr = {
  type: 'string',
  maxLength: 64,
  description: 'an address or network such as 10.0.0.0/8 or 2001:db8::/32',
}

const pool = {
  type: 'object',
  description: 'a pool: name, transport, ports, …',
  additionalProperties: false,
  required: ['name', 'transport', 'ports'],
  properties: {
    name,
    label: { ...name, description: `the label of the pool's flows, ${name.description}; default: the name` },
    transport,
    ports,
    stride: {
      type: 'integer',
      minimum: 1,
      maximum: 16,
      default: 1,
      description: 'an integer from 1 to 16 (2: even/odd pairs)',
    },
    session: { enum: ['per-port', 'per-client'], default: 'per-port', description: 'per-port or per-client' },
    allocation: { enum: ['lowest-first', 'any'], default: 'any', description: 'lowest-first or any' },
    idle_timeout: {
      type: 'number',
      minimum: 0,
      maximum: 604_800,
      default: 120,
      description: 'seconds from 0 (never) to 604800',
    },
    min_packets: {
      type: 'integer',
      minimum: 1,
      maximum: 1_000_000,
      default: 4,
      description: 'an integer from 1 to 1000000',
    },
    bidirectional: { type: 'boolean', default: true, description: 'true or false' },
    supported_by: {
      type: 'array',
      maxItems: 64,
      items: name,
      default: [],
      description: 'a list of at most 64 labels, such as [ica, cgp]',
    },
    requires: { ...name, description: `a payload label, ${name.description}` },
    start_marker: { enum: ['mosh-sequence'], description: 'mosh-sequence' },
    retired: {
      type: 'object',
      description: 'since: a day; says: a sentence',
      additionalProperties: false,
      required: ['since', 'says'],
      properties: {
        since: {
          type: 'string',
          pattern: '^\\d{4}-\\d{2}-\\d{2}$',
          description: 'a day such as "2020-01-01"',
        },
        says: { type: 'string', minLength: 1, maxLength: 500, description: 'a sentence' },
      },
    },
  },
}

const payload = {
  type: 'object',
  description: 'a pattern: { offset, bytes, mask, direction, min_length }',
  additionalProperties: false,
  required: ['bytes'],
  properties: {
    offset: {
      type: 'integer',
      minimum: 0,
      maximum: MAX_PATTERN_OFFSET,
      default: 0,
      description: `an integer from 0 to ${MAX_PATTERN_OFFSET}`,
    },
    bytes: hex,
    mask: { ...hex, description: `${hex.description}, as many as in "bytes"` },
    direction: {
      enum: DIRECTIONS,
      default: 'either',
      description: 'both, client, server or either (which sender must match)',
    },
    min_length: {
      type: 'integer',
      minimum: 0,
      maximum: 65_535,
      default: 0,
      description: 'an integer from 0 to 65535',
    },
  },
}

const label = {
  type: 'object',
  description: 'a label rule: label and at least one of ports, cidr, hostname_suffix, payload',
  additionalProperties: false,
  required: ['label'],
  anyOf: [
    { required: ['ports'] },
    { required: ['cidr'] },
    { required: ['hostname_suffix'] },
    { required: ['payload'] },
  ],
  properties: {
    label: name,
    transport,
    ports,
    cidr,
    certainty: { enum: CERTAINTIES, description: 'confirmed, likely or possible' },
    hostname_suffix: {
      type: 'string',
      maxLength: 253,
      pattern: `^\\.?[^${NOT_IN_NAMES}.]+(\\.[^${NOT_IN_NAMES}.]+)*$`,
      description: 'the end of a host name without "*" or a last dot, such as .corp.example',
    },
    payload,
    category: name,
  },
}

export const ruleSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'flowhawk rule file',
  type: 'object',
  description: 'pools: […] and labels: […]',
  additionalProperties: false,
  properties: {
    pools: {
      type: 'array',
      maxItems: MAX_POOLS,
      items: pool,
      description: `a list of at most ${MAX_POOLS} pools`,
    },
    labels: {
      type: 'array',
      maxItems: MAX_LABEL_RULES,
      items: label,
      description: `a list of at most ${MAX_LABEL_RULES} label rules`,
    },
  },
}

const server = {
  type: 'object',
  description: 'a server: addresses or cidr, and name, role, pools',
  additionalProperties: false,
  anyOf: [{ required: ['addresses'] }, { required: ['cidr'] }],
  properties: {
    name: { type: 'string', pattern: `^[^${NOT_IN_NAMES}]{1,253}$`, description: 'a host name' },
    addresses: {
      type: 'array',
      minItems: 1,
      maxItems: MAX_ADDRESSES,
      items: cidr,
      description: `a list of 1 to ${MAX_ADDRESSES} addresses`,
    },
    cidr,
    role: {
      type: 'string',
      pattern: '^[^\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]{1,64}$',
      description: 'a short text, such as citrix-vda',
    },
    pools: {
      type: 'array',
      maxItems: MAX_POOLS,
      items: name,
      description: `a list of at most ${MAX_POOLS} pool names`,
    },
  },
}

export const siteSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'flowhawk site file',
  type: 'object',
  description: 'servers: […] and internal: […]',
  additionalProperties: false,
  properties: {
    servers: {
      type: 'array',
      maxItems: MAX_SERVERS,
      items: server,
      description: `a list of at most ${MAX_SERVERS} servers`,
    },
    internal: {
      type: 'array',
      maxItems: MAX_NETWORKS,
      items: cidr,
      description: `a list of at most ${MAX_NETWORKS} networks, such as [10.0.0.0/8]`,
    },
  },
}
