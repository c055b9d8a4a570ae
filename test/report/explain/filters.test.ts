import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { FlowFacts } from '../../../src/report/explain/facts.ts'
import { flowFilters } from '../../../src/report/explain/filters.ts'
import type { FlowRecord } from '../../../src/report/record/record-types.ts'
import { flowFacts, sample } from './explaining.ts'

const test = suite('explain filters')

const TIME = ' && frame.time_epoch >= 1.000000000 && frame.time_epoch <= 2.500000000'

function filtersOf(
  record: Partial<FlowRecord>,
  fields: Partial<FlowFacts> = {},
): [string, string | undefined] {
  const { wireshark, tcpdump } = flowFilters(flowFacts(record, fields))
  assert.ok(wireshark.endsWith(TIME), wireshark)
  return [wireshark.slice(0, -TIME.length), tcpdump]
}

test('both ends with their ports', () => {
  assert.equal(filtersOf({}), [
    'ip.addr == 10.0.0.1 && ip.addr == 10.0.0.2 && udp.port == 40000 && udp.port == 53',
    'ip and udp and host 10.0.0.1 and host 10.0.0.2 and port 40000 and port 53',
  ])
  assert.equal(filtersOf({ src_ip: '::1', dst_ip: '::2', ip_proto: 6, transport: 'tcp' }), [
    'ipv6.addr == ::1 && ipv6.addr == ::2 && tcp.port == 40000 && tcp.port == 53',
    'ip6 and tcp and host ::1 and host ::2 and port 40000 and port 53',
  ])
})

test('ends that are alike are told by direction', () => {
  assert.equal(filtersOf({ src_port: 53 })[0].split(' && ').slice(2), [
    'udp.srcport == 53',
    'udp.dstport == 53',
  ])
  assert.match(filtersOf({ dst_ip: '10.0.0.1' })[0], /^ip\.src == 10\.0\.0\.1 && ip\.dst == 10\.0\.0\.1 && /)
  assert.match(String(filtersOf({ dst_ip: '10.0.0.1' })[1]), 'src host 10.0.0.1 and dst host 10.0.0.1')
  const [wireshark, tcpdump] = filtersOf({}, { crossed: true })
  assert.match(
    wireshark,
    '(ip.src == 10.0.0.1 && udp.srcport == 40000 && ip.dst == 10.0.0.2 && udp.dstport == 53)',
  )
  assert.match(
    wireshark,
    '(ip.src == 10.0.0.2 && udp.srcport == 53 && ip.dst == 10.0.0.1 && udp.dstport == 40000)',
  )
  assert.match(
    String(tcpdump),
    '(src host 10.0.0.2 and src port 53 and dst host 10.0.0.1 and dst port 40000)',
  )
})

test('protocols without ports', () => {
  const bare = { src_port: undefined, dst_port: undefined }
  assert.equal(filtersOf({ ...bare, ip_proto: 50, transport: 'esp' }), [
    'ip.addr == 10.0.0.1 && ip.addr == 10.0.0.2 && ip.proto == 50',
    'ip and ip proto 50 and host 10.0.0.1 and host 10.0.0.2',
  ])
  const echo = { ...bare, ip_proto: 1, transport: 'icmp', icmp_type: 8, icmp_code: 0 }
  const [wireshark, tcpdump] = filtersOf(echo, {
    samples: [
      sample(
        [
          ['ethernet', 14],
          ['ipv4', 20],
        ],
        { icmpIdentifier: 7 },
      ),
    ],
  })
  assert.match(wireshark, '(icmp.type == 8 || icmp.type == 0) && icmp.ident == 7')
  assert.match(String(tcpdump), '(icmp[0] = 8 or icmp[0] = 0) and icmp[4:2] = 7')
  const error = { ...echo, icmp_type: 3, icmp_code: 1 }
  assert.match(filtersOf(error)[0], /^ip\.src#1 == 10\.0\.0\.1 && .*icmp\.type#1 == 3 && icmp\.code#1 == 1$/)
})

test('errors that quote the flow are left out only where there are some', () => {
  assert.match(filtersOf({ anomalies: ['icmp_unreachable'] })[0], /&& !icmp$/)
  assert.not.match(filtersOf({})[0], 'icmp')
})

test('tags and labels come first, outermost first', () => {
  const tagged = sample([
    ['ethernet', 14],
    ['vlan', 4],
    ['mpls', 4],
    ['ipv4', 20],
    ['udp', 8],
  ])
  const [wireshark, tcpdump] = filtersOf({ encapsulation: ['vlan:12', 'mpls:3'] }, { samples: [tagged] })
  assert.match(wireshark, '(vlan.id == 12 || ieee8021ad.id == 12)')
  assert.match(String(tcpdump), /^vlan 12 and mpls and ip and udp and /)
  const [, anyTag] = filtersOf(
    { encapsulation: ['vlan:12', 'mpls:3'] },
    { samples: [tagged], ignoreVlan: true },
  )
  assert.match(String(anyTag), /^vlan and mpls and ip and udp and /)
})

test('inside a tunnel tcpdump compares bytes at offsets', () => {
  const layers: [string, number][] = [
    ['ethernet', 14],
    ['ipv4', 20],
    ['gre', 4],
    ['ipv4', 20],
    ['udp', 8],
  ]
  const gre = sample(layers)
  gre.layers[1].fields.src = '192.0.2.1'
  const facts = flowFacts({ encapsulation: ['gre'] }, { samples: [gre] })
  const { tcpdump, notes } = flowFilters(facts)
  assert.match(String(tcpdump), 'link[38] = 0x45 and link[47] = 17 and link[50:4] = 0xa000001')
  assert.match(String(tcpdump), ') or (')
  assert.match(notes.join(), 'offsets')
  const radiotap = { ...gre, linkType: 127 }
  assert.is(flowFilters({ ...facts, samples: [radiotap] }).tcpdump, undefined)
})

test('by offsets, the length of an 802.3 frame is not compared as a type', () => {
  const snap = sample([
    ['ethernet', 14],
    ['llc', 8],
    ['ipv4', 20],
    ['udp', 8],
  ])
  snap.layers[0].fields.type = '0x0042'
  const [, tcpdump] = filtersOf({}, { samples: [snap] })
  assert.match(String(tcpdump), 'link[12:2] < 0x600 and link[22] = 0x45')
})

test('by offsets, what follows a time stamp is compared', () => {
  const tapped = sample([
    ['ethernet', 14],
    ['arista time stamp', 12],
    ['ipv4', 20],
    ['udp', 8],
  ])
  tapped.layers[1].fields.type = '0x0800'
  const [, tcpdump] = filtersOf({}, { samples: [tapped] })
  assert.match(String(tcpdump), 'link[24:2] = 0x0800 and link[26] = 0x45')
})

test('by offsets, ends with one address are told by their ports', () => {
  const ppp = sample(
    [
      ['ppp', 4],
      ['ipv4', 20],
      ['udp', 8],
    ],
    { linkType: 9 },
  )
  ppp.layers[1].fields.dst = '10.0.0.1'
  const [, tcpdump] = filtersOf({ dst_ip: '10.0.0.1', dst_packets: 0 }, { samples: [ppp] })
  assert.match(String(tcpdump), 'link[24:4] = 0x9c400035) or (')
  assert.match(String(tcpdump), 'link[24:4] = 0x359c40)')
  const [, alike] = filtersOf({ dst_ip: '10.0.0.1', src_port: 53, dst_packets: 0 }, { samples: [ppp] })
  assert.not.match(String(alike), ' or ')
})

test("a VLAN id in a switch chip's tag is compared by tcpdump alone", () => {
  const tagged = sample(
    [
      ['ethernet with dsa tag', 18],
      ['ipv4', 20],
      ['udp', 8],
    ],
    { linkType: 284, encapsulation: ['vlan:12'] },
  )
  tagged.layers[0].fields.vlan = 12
  const [wireshark, tcpdump] = filtersOf({ encapsulation: ['vlan:12'] }, { samples: [tagged] })
  assert.not.match(wireshark, 'vlan')
  assert.match(String(tcpdump), 'link[14:2] & 0xfff = 12 and link[18] = 0x45')
})

test('offsets begin where tcpdump begins to count', () => {
  const layers: [string, number][] = [
    ['netanalyzer', 4],
    ['ethernet', 14],
    ['ipv4', 20],
    ['udp', 8],
  ]
  const [, tcpdump] = filtersOf({}, { samples: [sample(layers, { linkType: 240 })] })
  assert.match(String(tcpdump), 'link[14] = 0x45 and link[23] = 17')
})

test('says what a filter without time selects besides', () => {
  const { tcpdump_packets, notes } = flowFilters(flowFacts({}, { sameEnds: { flows: 3, packets: 12 } }))
  assert.is(tcpdump_packets, 12)
  assert.match(notes.join(), '10 packets of 2 other flows')
  const { notes: refused } = flowFilters(flowFacts({}, { mixedInterfaces: true }))
  assert.match(refused.join(), 'link type or snapshot length')
})

test('by offsets, no count is promised where other flows have the same ends', () => {
  const inside = sample([
    ['ethernet', 14],
    ['gre', 4],
    ['ipv4', 20],
    ['udp', 8],
  ])
  const alone = flowFacts({}, { samples: [inside] })
  assert.is(flowFilters(alone).tcpdump_packets, 2)
  const split = flowFilters({ ...alone, sameEnds: { flows: 3, packets: 12 } })
  assert.is(split.tcpdump_packets, undefined)
  assert.match(split.notes.join(), 'up to 10 packets of 2 other flows')
})

test('packets without a time, which Wireshark gives no field, count as at 0', () => {
  const { wireshark } = flowFilters(flowFacts({}, { start: [0, 0], end: [2, 5e8] }))
  assert.match(wireshark, / && !\(frame\.time_epoch > 2\.500000000\)$/)
})

test('other encapsulations of the same ends are taken out', () => {
  const [wireshark] = filtersOf({}, { otherEncapsulations: [['vlan:12'], ['vxlan:5']] })
  assert.match(wireshark, '!vlan && !ieee8021ad')
  assert.match(wireshark, '!(vxlan.vni == 5)')
})

test.run()
