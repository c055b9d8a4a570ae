/**
 * Display filters for Wireshark. In: the facts of a flow or a session. Out: a filter that selects its packets in the
 * capture it was found in: both ends with their ports, VLAN ids and network identifiers, and the time from first to last
 * packet. It has only the terms needed to select no other flow of that capture. For tcpdump see tcpdump.ts.
 *
 * A field of a display filter matches at any depth of a packet. Hence ICMP errors that quote packets of the flow are
 * excluded, and so are encapsulations of other flows between the same ends.
 */
import { isBefore } from '../../instant.ts'
import type { Instant } from '../../types.ts'
import type { FlowRecord } from '../record/record-types.ts'
import { epochText } from '../record/time.ts'
import {
  type Filters,
  type FlowFacts,
  hasFragments,
  ICMPV6,
  icmpPeer,
  isIpv6,
  isOrphan,
  type KeptFlow,
  keyedEncapsulation,
  type SessionFacts,
} from './facts.ts'
import { isAroundTunnel, tcpdumpAny, tcpdumpFlow } from './tcpdump.ts'

/** Fields of the ports by IP protocol. */
const PORT_FIELDS = new Map([
  [6, 'tcp'],
  [17, 'udp'],
  [33, 'dccp'],
  [132, 'sctp'],
  [136, 'udp'],
])
/** The next header fields of IPv6 extension headers. */
const EXTENSION_FIELDS = ['ipv6.hopopts.nxt', 'ipv6.routing.nxt', 'ipv6.dstopts.nxt']
const UDP_LITE = 136
/** ICMP types that quote another packet (RFC 792); in ICMPv6 all below 128 (RFC 4443 section 2.1). */
const QUOTING = [3, 4, 5, 11, 12]
/** The term of an encapsulation in a display filter; IP in IP by protocol number. */
const TUNNEL_FILTERS = new Map([
  ['vxlan', 'vxlan'],
  ['geneve', 'geneve'],
  ['ipip', 'ip.proto == 4'],
  ['6in4', 'ip.proto == 41'],
  ['gre', 'gre'],
  ['erspan', 'erspan'],
  ['gtp-u', 'gtp'],
  ['teredo', 'teredo'],
  ['capwap', 'capwap.data'],
  ['tzsp', 'tzsp'],
  ['l2tp', 'l2tp'],
  ['pppoe', 'pppoes'],
  ['pptp', 'gre'],
])
/** Flows of a session that are listed individually. */
const MAX_LISTED = 20
const IDENTIFICATION_NOTE =
  'identifications recur: without time, tcpdump also selects later fragments of other datagrams that have the same'
const FRAGMENT_NOTE =
  'later fragments carry no ports: those of other flows between the two hosts are selected with them'

export function flowFilters(facts: FlowFacts): Filters {
  const { record, sameEnds } = facts
  const own = record.src_packets + record.dst_packets
  const tcpdump = tcpdumpFlow(facts)
  const notes = [...tcpdump.notes]
  const fragmented = hasFragments(record)
  if (fragmented) notes.push(facts.fragmentIds.length === 0 ? FRAGMENT_NOTE : IDENTIFICATION_NOTE)
  if (usesLayers(facts)) notes.push('the display filter counts headers ("#1"): Wireshark 4.0 or later')
  const overlapping = facts.related.filter((other) => overlap(other, facts)).length
  if (overlapping > 0) {
    const flows =
      overlapping === 1
        ? 'another flow of the same ends overlaps'
        : `${overlapping} other flows of the same ends overlap`
    notes.push(`${flows} in time: the display filter selects those packets, too`)
  }
  const around = isAroundTunnel(facts)
  if (around)
    notes.push('the flow goes around a tunnel: packets whose inside counts for other flows are selected, too')
  const refused = facts.mixedInterfaces === true
  if (refused)
    notes.push('tcpdump refuses this capture: its interfaces differ in link type or snapshot length')
  const others = sameEnds.packets - own
  if (others > 0 && tcpdump.filter !== undefined && !refused) {
    const flows = sameEnds.flows - 1
    const most = tcpdump.shaped ? 'up to ' : ''
    const what = `${most}${others} ${others === 1 ? 'packet' : 'packets'} of ${flows} other ${flows === 1 ? 'flow' : 'flows'}`
    notes.push(`tcpdump cannot filter by time: it also selects ${what} of the same ends`)
  }
  if (facts.cut && tcpdump.filter !== undefined && !refused)
    notes.push(
      'tcpdump cannot filter by time: it also selects packets of the same ends outside --from and --to',
    )
  const uncertain = refused || fragmented || around || facts.cut || (others > 0 && tcpdump.shaped)
  return {
    wireshark: `${flowTerms(facts)} && ${timeTerm(facts.start, facts.end)}`,
    tcpdump: tcpdump.filter,
    tcpdump_packets: tcpdump.filter === undefined || uncertain ? undefined : sameEnds.packets,
    notes,
  }
}

function overlap(a: KeptFlow, b: KeptFlow): boolean {
  return !isBefore(a.end, b.start) && !isBefore(b.end, a.start)
}

export function sessionFilters({ session, flows, start, end }: SessionFacts): Filters {
  const { server_ip: ip, transport, slot, flow_ids_total: total = session.flow_ids.length } = session
  const time = timeTerm(start, end)
  if (flows.length === 0 || flows.length < total || flows.length > MAX_LISTED) {
    const version = ip.includes(':') ? 'ipv6' : 'ip'
    const tcpdumpVersion = ip.includes(':') ? 'ip6' : 'ip'
    return {
      wireshark: `${version}.addr == ${ip} && ${transport}.port == ${slot} && ${time}`,
      tcpdump: `${tcpdumpVersion} and ${transport} and host ${ip} and port ${slot}`,
      notes: [`${total} flows are too many to name: the filters select all traffic of the slot`],
    }
  }
  const terms = [...new Set(flows.map(flowTerms))]
  const tcpdump = tcpdumpAny(flows)
  const notes = [...tcpdump.notes]
  if (tcpdump.filter !== undefined) notes.push('tcpdump cannot filter by time: the first filter can')
  return {
    wireshark: `${terms.length === 1 ? terms[0] : `(${terms.map((each) => `(${each})`).join(' || ')})`} && ${time}`,
    tcpdump: tcpdump.filter,
    notes,
  }
}

/** Seconds since 1970 mean the same in every time zone. A packet without a time counts as at 0; Wireshark gives it no field. */
function timeTerm(start: Instant, end: Instant): string {
  const from = epochText(start[0], start[1])
  const to = epochText(end[0], end[1])
  if (start[0] === 0 && start[1] === 0) return `!(frame.time_epoch > ${to})`
  return `frame.time_epoch >= ${from} && frame.time_epoch <= ${to}`
}

/** Everything but the time. */
function flowTerms(facts: FlowFacts): string {
  const { record } = facts
  const transport = transportTerms(facts)
  const terms = [...endTerms(facts), ...transport, ...encapsulationTerms(facts)]
  const filter = terms.join(' && ')
  if (!hasFragments(record) || isOrphan(record)) return filter
  const rest = [...pairTerms(record), ...protocolTerm(facts, true), ...encapsulationTerms(facts)]
  const fragment = isIpv6(record) ? [] : ['(ip.flags.mf == 1 || ip.frag_offset > 0)']
  return `((${filter}) || (${[...rest, ...fragment, ...identificationTerm(facts)].join(' && ')}))`
}

/** The fragmented datagrams by identification, if they are not too many. */
function identificationTerm({ record, fragmentIds }: FlowFacts): string[] {
  if (fragmentIds.length === 0) return []
  const field = isIpv6(record) ? 'ipv6.fraghdr.ident' : 'ip.id'
  const ids = fragmentIds.map((id) => `${field} == ${id}`).join(' || ')
  return [fragmentIds.length === 1 ? ids : `(${ids})`]
}

function endTerms(facts: FlowFacts): string[] {
  const { record, crossed } = facts
  const { src_ip: src, dst_ip: dst, src_port: p, dst_port: q } = record
  const ip = isIpv6(record) ? 'ipv6' : 'ip'
  if (usesLayers(facts)) {
    const depth = ipDepth(facts)
    return [`${ip}.src#${depth} == ${src}`, `${ip}.dst#${depth} == ${dst}`]
  }
  if (p === undefined || q === undefined) return pairTerms(record)
  const name = PORT_FIELDS.get(record.ip_proto) ?? 'udp'
  if (crossed) {
    const way = (from: string, fromPort: number, to: string, toPort: number) =>
      `(${ip}.src == ${from} && ${name}.srcport == ${fromPort} && ${ip}.dst == ${to} && ${name}.dstport == ${toPort})`
    return [`(${way(src, p, dst, q)} || ${way(dst, q, src, p)})`]
  }
  const ports =
    p === q
      ? [`${name}.srcport == ${p}`, `${name}.dstport == ${p}`]
      : [`${name}.port == ${p}`, `${name}.port == ${q}`]
  return [...pairTerms(record), ...ports]
}

function pairTerms(record: FlowRecord): string[] {
  const { src_ip: src, dst_ip: dst } = record
  const ip = isIpv6(record) ? 'ipv6' : 'ip'
  return src === dst
    ? [`${ip}.src == ${src}`, `${ip}.dst == ${src}`]
    : [`${ip}.addr == ${src}`, `${ip}.addr == ${dst}`]
}

function transportTerms(facts: FlowFacts): string[] {
  const { record } = facts
  if (record.icmp_type !== undefined) return icmpTerms(facts, record.icmp_type)
  const unquoted = quotedTerm(record)
  if (isOrphan(record)) {
    const fragment = isIpv6(record) ? 'ipv6.fraghdr.offset > 0' : 'ip.frag_offset > 0'
    return [...protocolTerm(facts, true), fragment, ...identificationTerm(facts), ...unquoted]
  }
  if (record.src_port === undefined) return [...protocolTerm(facts, false), ...unquoted]
  return record.ip_proto === UDP_LITE ? ['udplite', ...unquoted] : unquoted
}

/** Errors that quote packets of the flow show its addresses and ports, too. */
function quotedTerm(record: FlowRecord): string[] {
  if (record.anomalies?.includes('icmp_unreachable') !== true) return []
  return [isIpv6(record) ? '!icmpv6' : '!icmp']
}

function protocolTerm({ record, samples }: FlowFacts, fragments: boolean): string[] {
  const protocol = record.ip_proto
  const six = isIpv6(record)
  if (fragments) return [six ? `ipv6.fraghdr.nxt == ${protocol}` : `ip.proto == ${protocol}`]
  const layers = samples[0]?.layers.filter(({ quoted }) => !quoted).map((layer) => layer.protocol) ?? []
  const fields = [six ? 'ipv6.nxt' : 'ip.proto']
  if (six && layers.includes('ipv6 extension')) fields.push(...EXTENSION_FIELDS)
  if (layers.includes('ah')) fields.push('ah.next_header')
  const terms = fields.map((field) => `${field} == ${protocol}`).join(' || ')
  return [fields.length === 1 ? terms : `(${terms})`]
}

function icmpTerms(facts: FlowFacts, type: number): string[] {
  const { record, samples, crossed } = facts
  const name = record.ip_proto === ICMPV6 ? 'icmpv6' : 'icmp'
  if (usesLayers(facts)) return [`${name}.type#1 == ${type}`, `${name}.code#1 == ${record.icmp_code ?? 0}`]
  const peer = icmpPeer(record.ip_proto, type)
  const identifier = samples[0]?.icmpIdentifier ?? 0
  const field = name === 'icmp' ? 'icmp.ident' : 'icmpv6.echo.identifier'
  const quoting = name === 'icmp' ? QUOTING.map((each) => `icmp.type == ${each}`) : ['icmpv6.type < 128']
  const { src_ip: src, dst_ip: dst } = record
  const ip = name === 'icmp' ? 'ip' : 'ipv6'
  const types = crossed
    ? `((${ip}.src == ${src} && ${name}.type == ${type}) || (${ip}.src == ${dst} && ${name}.type == ${peer}))`
    : `(${name}.type == ${type} || ${name}.type == ${peer})`
  return [types, ...(identifier === 0 ? [] : [`${field} == ${identifier}`]), `!(${quoting.join(' || ')})`]
}

/** ICMP without counterpart: only the outer headers count, not those it may quote. */
function usesLayers({ record }: FlowFacts): boolean {
  return record.icmp_type !== undefined && icmpPeer(record.ip_proto, record.icmp_type) === undefined
}

/** Which of the packet's IP headers of its version is the flow's, from 1. */
function ipDepth({ record, samples }: FlowFacts): number {
  const name = isIpv6(record) ? 'ipv6' : 'ipv4'
  const headers = samples[0]?.layers.filter(({ protocol, quoted }) => protocol === name && !quoted) ?? []
  return Math.max(1, headers.length)
}

function encapsulationTerms({ record, samples, otherEncapsulations, ignoreVlan }: FlowFacts): string[] {
  const own = keyedEncapsulation(record.encapsulation ?? [], ignoreVlan).filter(
    (each) => !each.startsWith('vlan:') || !inSwitchTag(samples),
  )
  const others = new Set(otherEncapsulations.flat().filter((each) => !own.includes(each)))
  const tagged = samples.some(({ encapsulation }) => encapsulation.some((each) => each.startsWith('vlan')))
  const terms = own.flatMap((each) => encapsulationTerm(each, others.size > 0) ?? [])
  const bare = !own.some((each) => each.startsWith('vlan:')) && !tagged
  if (bare && !ignoreVlan && [...others].some((each) => each.startsWith('vlan:'))) {
    terms.push('!vlan && !ieee8021ad')
    for (const each of others) if (each.startsWith('vlan:')) others.delete(each)
  }
  for (const each of others) {
    const term = encapsulationTerm(each, true)
    if (term !== undefined && !terms.includes(term)) terms.push(`!(${term})`)
  }
  return [...new Set(terms)]
}

/** The VLAN id is in a switch chip's tag, which Wireshark does not decode. */
function inSwitchTag(samples: FlowFacts['samples']): boolean {
  return (
    samples.length > 0 && !samples.some(({ layers }) => layers.some(({ protocol }) => protocol === 'vlan'))
  )
}

/** `kinds`: also tunnels without an identifier to filter by. */
function encapsulationTerm(each: string, kinds: boolean): string | undefined {
  const [kind, id] = each.split(':')
  if (kind === 'vlan') return `(vlan.id == ${id} || ieee8021ad.id == ${id})`
  if (id !== undefined && (kind === 'vxlan' || kind === 'geneve')) return `${kind}.vni == ${id}`
  return kinds ? TUNNEL_FILTERS.get(kind) : undefined
}
