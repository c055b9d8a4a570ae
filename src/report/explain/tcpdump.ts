/**
 * Filters for tcpdump (pcap-filter), whose language has no terms for time and for the inside of most tunnels. For VLAN
 * tags, MPLS labels and PPPoE it has keywords, which come outermost first, as each shifts the offsets of all that follow.
 * Inside other tunnels, and after IPv6 extension headers, the filter compares bytes at the offsets of one sample packet
 * of each direction.
 */
import { parseAddress } from '../../address.ts'
import type { FlowRecord } from '../record/record-types.ts'
import {
  type FlowFacts,
  hasFragments,
  icmpPeer,
  isIpv6,
  isOrphan,
  keyedEncapsulation,
  type Layer,
  type Sample,
} from './facts.ts'

export interface TcpdumpFilter {
  filter?: string
  /** It fits packets that look like this flow's: other flows of the same ends may look otherwise. */
  shaped: boolean
  notes: string[]
}

interface Term {
  /** "vlan 12", "mpls": outermost first. */
  prefix: readonly string[]
  core: string
  shaped: boolean
  notes: string[]
}

/** Link headers of variable length: offsets from the frame's start mean nothing there. 802.11 with PRISM, radiotap, AVS, PPI. */
const IEEE80211 = 105
const WIRELESS_LAYERS = ['802.11', 'llc']
const VARIABLE_LINKS = [119, 127, 163, 192]
/** Link types after which the keyword "ip" works: loopback, Ethernet, raw IP, Linux cooked, 802.11. */
const KNOWN_LINKS = [0, 1, 12, 14, 101, IEEE80211, 108, 113, 228, 229, 276, ...VARIABLE_LINKS]
/** Offset at which tcpdump begins to count: NETANALYZER and, after its preamble, NETANALYZER_TRANSPARENT. */
const LINK_STARTS = new Map([
  [240, 4],
  [241, 12],
])
const WORDS = new Map([
  [6, 'tcp'],
  [17, 'udp'],
  [132, 'sctp'],
])
/** Link headers and tags that end with the EtherType of what follows, or in 802.3 frames with a length. */
const TYPED = ['ethernet', 'vlan', 'arista time stamp', 'ethernet with dsa tag', 'ethernet with edsa tag']
const LEAST_TYPE = 0x600
/** Offset of the VLAN id in a tag. */
const VLAN_FIELDS = new Map([
  ['vlan', 0],
  ['ethernet with dsa tag', 14],
  ['ethernet with edsa tag', 18],
])
const NO_INSIDE = 'tcpdump cannot look inside this encapsulation on this link type'
const BY_OFFSET =
  'the tcpdump filter compares bytes at the offsets that packets of the flow show: tcpdump cannot look inside'

export function tcpdumpFlow(facts: FlowFacts): TcpdumpFilter {
  const term = termOf(facts)
  if (term === undefined) return { shaped: true, notes: [NO_INSIDE] }
  return { filter: joined(term), shaped: term.shaped, notes: term.notes }
}

/** The packets of any of the flows. A prefix shifts the offsets of all that follows, so it must be the same for all. */
export function tcpdumpAny(flows: readonly FlowFacts[]): TcpdumpFilter {
  const terms = flows.map(termOf)
  const [first] = terms
  const known = terms.filter((term) => term !== undefined)
  const alike = known.every((term) => term.prefix.join() === first?.prefix.join())
  const shaped = known.some((term) => term.shaped)
  if (first === undefined || known.length < terms.length) return { shaped, notes: [NO_INSIDE] }
  if (!alike)
    return { shaped, notes: ["the session's flows differ in their tags: a tcpdump filter for each flow"] }
  const cores = [...new Set(known.map(({ core }) => core))]
  const core = cores.length === 1 ? cores[0] : cores.map((each) => `(${each})`).join(' or ')
  return {
    filter: joined({ ...first, core }),
    shaped,
    notes: [...new Set(known.flatMap(({ notes }) => notes))],
  }
}

function joined({ prefix, core }: Pick<Term, 'prefix' | 'core'>): string {
  const inner = prefix.length > 0 && / or /.test(core) ? `(${core})` : core
  return [...prefix, inner].join(' and ')
}

function termOf(facts: FlowFacts): Term | undefined {
  const { samples, ignoreVlan } = facts
  const [first] = samples
  const core = coreOf(facts)
  if (first === undefined) return { prefix: [], core, shaped: false, notes: [] }
  const prefix = prefixOf(first, facts)
  const others = samples.filter(
    (sample) => prefix === undefined || prefixOf(sample, facts)?.join() !== prefix.join(),
  )
  if (prefix !== undefined && others.length === 0) return { prefix, core, shaped: ignoreVlan, notes: [] }
  if (samples.some(({ linkType }) => VARIABLE_LINKS.includes(linkType))) return undefined
  // A prefix shifts all keywords after it; byte offsets from the frame's start are not affected.
  const words = prefix === undefined ? [] : [joined({ prefix, core })]
  const offsets = others.flatMap((sample) => offsetTerm(sample, facts) ?? [])
  const ways = [...words, ...new Set(offsets)]
  return ways.length === 0 ? undefined : { prefix: [], core: either(ways), shaped: true, notes: [BY_OFFSET] }
}

/** The keywords up to the flow's IP header, or undefined if the language has none. */
function prefixOf({ layers, linkType }: Sample, { record, ignoreVlan }: FlowFacts): string[] | undefined {
  const at = ipLayer(layers, record)
  const behind = hasFragments(record) ? /^(?:ipv6 extension|ah)$/ : /^(?:ipv6 |ah$)/
  const extended = layers.slice(at + 1).some(({ protocol, quoted }) => !quoted && behind.test(protocol))
  if (at < 0 || extended || !wordsReach(record) || !KNOWN_LINKS.includes(linkType)) return undefined
  const prefix: string[] = []
  for (const [i, { protocol, fields }] of layers.slice(0, at).entries()) {
    if (protocol === 'vlan') prefix.push(ignoreVlan ? 'vlan' : `vlan ${fields.id}`)
    else if (protocol === 'mpls') prefix.push('mpls')
    else if (protocol === 'pppoe') prefix.push('pppoes')
    else if (protocol === 'ppp' && prefix.at(-1) === 'pppoes') continue
    else if (isWireless(linkType) && WIRELESS_LAYERS.includes(protocol)) continue
    else if (i > 0) return undefined
  }
  return prefix
}

function isWireless(linkType: number): boolean {
  return linkType === IEEE80211 || VARIABLE_LINKS.includes(linkType)
}

/** The language has words for the ports of TCP, UDP and SCTP alone. */
function wordsReach(record: FlowRecord): boolean {
  return record.src_port === undefined || WORDS.has(record.ip_proto)
}

const OWN_HEADERS = /^(?:ipv6 .*|ah|tcp|udp|udp-lite|sctp|dccp|icmp|icmpv6)$/

/** The flow is the outer one of a tunnel, whose inner packets count for other flows where they can be decoded. */
export function isAroundTunnel({ record, samples }: FlowFacts): boolean {
  return samples.some(({ layers }) =>
    layers
      .slice(ipLayer(layers, record) + 1)
      .some(({ protocol, quoted }) => !quoted && !OWN_HEADERS.test(protocol)),
  )
}

/** Index of the last IP header with the flow's addresses that is not quoted, -1 for none. */
function ipLayer(layers: readonly Layer[], { src_ip: a, dst_ip: b }: FlowRecord): number {
  return layers.findLastIndex(
    ({ protocol, fields, quoted }) =>
      (protocol === 'ipv4' || protocol === 'ipv6') &&
      !quoted &&
      ((fields.src === a && fields.dst === b) || (fields.src === b && fields.dst === a)),
  )
}

// ---------------------------------------------------------------- by words

function coreOf(facts: FlowFacts): string {
  const { record } = facts
  const ip = isIpv6(record) ? 'ip6' : 'ip'
  const terms = [ip, ...protocolWords(facts)]
  const core = [...terms, ...endWords(facts)].join(' and ')
  if (!hasFragments(record) || isOrphan(record)) return core
  const later = isIpv6(record)
    ? [ip, 'ip6[6] = 44', `ip6[40] = ${record.ip_proto}`]
    : [ip, `ip proto ${record.ip_proto}`, 'ip[6:2] & 0x1fff != 0']
  return `(${core}) or (${[...later, ...identificationWords(facts), ...hostWords(record)].join(' and ')})`
}

function protocolWords(facts: FlowFacts): string[] {
  const { record } = facts
  const ip = isIpv6(record) ? 'ip6' : 'ip'
  if (record.icmp_type !== undefined) return icmpWords(facts, record.icmp_type)
  if (isOrphan(record)) {
    return ip === 'ip'
      ? [`ip proto ${record.ip_proto}`, 'ip[6:2] & 0x1fff != 0', ...identificationWords(facts)]
      : [
          'ip6[6] = 44',
          `ip6[40] = ${record.ip_proto}`,
          'ip6[42:2] & 0xfff8 != 0',
          ...identificationWords(facts),
        ]
  }
  const word = record.src_port === undefined ? undefined : WORDS.get(record.ip_proto)
  return [word ?? `${ip} proto ${record.ip_proto}`]
}

/** The fragmented datagrams by identification, if they are not too many. */
function identificationWords({ record, fragmentIds }: FlowFacts): string[] {
  if (fragmentIds.length === 0) return []
  const field = isIpv6(record) ? 'ip6[44:4]' : 'ip[4:2]'
  const ids = fragmentIds.map((id) => `${field} = ${hex(id)}`).join(' or ')
  return [fragmentIds.length === 1 ? ids : `(${ids})`]
}

function icmpWords({ record, samples, crossed }: FlowFacts, type: number): string[] {
  const six = isIpv6(record)
  const at = (offset: number, length = '') =>
    six ? `ip6[${40 + offset}${length}]` : `icmp[${offset}${length}]`
  const peer = icmpPeer(record.ip_proto, type)
  const word = six ? 'icmp6' : 'icmp'
  if (peer === undefined) return [word, `${at(0)} = ${type}`, `${at(1)} = ${record.icmp_code ?? 0}`]
  const identifier = samples[0]?.icmpIdentifier ?? 0
  const { src_ip: src, dst_ip: dst } = record
  const types = crossed
    ? `((src host ${src} and ${at(0)} = ${type}) or (src host ${dst} and ${at(0)} = ${peer}))`
    : `(${at(0)} = ${type} or ${at(0)} = ${peer})`
  return identifier === 0 ? [word, types] : [word, types, `${at(4, ':2')} = ${identifier}`]
}

function endWords(facts: FlowFacts): string[] {
  const { record, crossed } = facts
  const { src_ip: src, dst_ip: dst, src_port: p, dst_port: q } = record
  const oneWay = record.icmp_type !== undefined && icmpPeer(record.ip_proto, record.icmp_type) === undefined
  if (oneWay) return [`src host ${src}`, `dst host ${dst}`]
  if (p === undefined || q === undefined) return hostWords(record)
  if (!crossed) {
    const ports = p === q ? [`src port ${p}`, `dst port ${p}`] : [`port ${p}`, `port ${q}`]
    return [...hostWords(record), ...ports]
  }
  const way = (from: string, fromPort: number, to: string, toPort: number) =>
    `(src host ${from} and src port ${fromPort} and dst host ${to} and dst port ${toPort})`
  return [`(${way(src, p, dst, q)} or ${way(dst, q, src, p)})`]
}

function hostWords({ src_ip: src, dst_ip: dst }: FlowRecord): string[] {
  return src === dst ? [`src host ${src}`, `dst host ${src}`] : [`host ${src}`, `host ${dst}`]
}

// ---------------------------------------------------------------- by offsets

/** Packets like the sample and, if only one direction was seen, like a reply to it. */
function offsetTerm(sample: Sample, facts: FlowFacts): string | undefined {
  const { record, samples, ignoreVlan } = facts
  const start = LINK_STARTS.get(sample.linkType) ?? 0
  const layers = sample.layers.map((layer) => ({ ...layer, offset: layer.offset - start }))
  const at = ipLayer(layers, record)
  if (at < 0) return undefined
  const header = layers[at]
  const transport = layers.slice(at + 1).find(({ protocol }) => !/^(?:ipv6 |ah$)/.test(protocol))
  const forward = header.fields.src === record.src_ip
  const tags = tagTerms(layers.slice(0, at), keyedEncapsulation(sample.encapsulation, ignoreVlan))
  const way = (clientSends: boolean) =>
    [...tags, ...ipTerms(header, record, clientSends), ...transportTerms(transport, facts, clientSends)].join(
      ' and ',
    )
  const answered = samples.some(
    ({ layers: other }) => other[ipLayer(other, record)]?.fields.src !== header.fields.src,
  )
  const bothFromOne = !answered && record.src_packets > 0 && record.dst_packets > 0
  // With equal addresses at both ends, the address does not say which end sends.
  const bothWays = bothFromOne || record.src_ip === record.dst_ip
  return bothWays ? either([...new Set([way(true), way(false)])]) : way(forward)
}

function either(ways: readonly string[]): string {
  return ways.length === 1 ? ways[0] : ways.map((way) => `(${way})`).join(' or ')
}

/** Tags and network identifiers that are part of the flow's key. */
function tagTerms(layers: readonly Layer[], keyed: readonly string[]): string[] {
  const terms: string[] = []
  for (const { protocol, offset, length, fields } of layers) {
    if (TYPED.includes(protocol) && fields.type !== undefined) {
      const isType = Number(fields.type) >= LEAST_TYPE
      terms.push(`link[${offset + length - 2}:2] ${isType ? `= ${fields.type}` : `< ${hex(LEAST_TYPE)}`}`)
    }
    const vlanAt = VLAN_FIELDS.get(protocol)
    const vlan = fields.id ?? fields.vlan
    if (vlanAt !== undefined && keyed.includes(`vlan:${vlan}`)) {
      terms.push(`link[${offset + vlanAt}:2] & 0xfff = ${vlan}`)
    } else if (keyed.includes(`${protocol}:${fields.vni}`)) {
      const vni = Number(fields.vni) * 256
      terms.push(`link[${offset + 4}:4] & 0xffffff00 = ${hex(vni)}`)
    }
  }
  return terms
}

function ipTerms({ offset, length, fields }: Layer, record: FlowRecord, clientSends: boolean): string[] {
  const src = wordsOf(clientSends ? record.src_ip : record.dst_ip)
  const dst = wordsOf(clientSends ? record.dst_ip : record.src_ip)
  const compare = (from: number, words: readonly number[]) =>
    words.map((word, i) => `link[${offset + from + 4 * i}:4] = ${hex(word)}`)
  if (isIpv6(record)) {
    return [
      `link[${offset}] & 0xf0 = 0x60`,
      `link[${offset + 6}] = ${fields.next_header}`,
      ...compare(8, src),
      ...compare(24, dst),
    ]
  }
  const first = 0x40 | (length >> 2)
  return [
    `link[${offset}] = ${hex(first)}`,
    `link[${offset + 9}] = ${fields.protocol}`,
    ...compare(12, src.slice(3)),
    ...compare(16, dst.slice(3)),
  ]
}

function transportTerms(layer: Layer | undefined, facts: FlowFacts, clientSends: boolean): string[] {
  const { record, samples } = facts
  const { src_port: p, dst_port: q, icmp_type: type } = record
  if (layer === undefined) return []
  const at = layer.offset
  if (p !== undefined && q !== undefined) {
    const ports = clientSends ? p * 0x10000 + q : q * 0x10000 + p
    return [`link[${at}:4] = ${hex(ports)}`]
  }
  if (type === undefined) return []
  const peer = icmpPeer(record.ip_proto, type)
  if (peer === undefined) return [`link[${at}] = ${type}`, `link[${at + 1}] = ${record.icmp_code ?? 0}`]
  const identifier = samples[0]?.icmpIdentifier ?? 0
  const own = [`link[${at}] = ${clientSends ? type : peer}`]
  return identifier === 0 ? own : [...own, `link[${at + 4}:2] = ${identifier}`]
}

function wordsOf(ip: string): readonly number[] {
  return parseAddress(ip)?.words ?? []
}

function hex(value: number): string {
  return `0x${(value >>> 0).toString(16)}`
}
