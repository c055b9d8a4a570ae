import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseAddress } from '../../../src/address.ts'
import { type CommunityIdTuple, communityId } from '../../../src/report/record/community-id.ts'

const test = suite('report/community-id')

const TCP = 6
const UDP = 17
const SCTP = 132
const ICMP = 1
const ICMPV6 = 58

interface Ends {
  protocol: number
  src: string
  dst: string
  ports?: [number, number]
  icmp?: [type: number, code: number]
}

function tuple({ protocol, src, dst, ports, icmp }: Ends): CommunityIdTuple {
  const from = parseAddress(src)!
  const to = parseAddress(dst)!
  return {
    ipVersion: from.version,
    protocol,
    src0: from.words[0],
    src1: from.words[1],
    src2: from.words[2],
    src3: from.words[3],
    dst0: to.words[0],
    dst1: to.words[1],
    dst2: to.words[2],
    dst3: to.words[3],
    srcPort: ports?.[0] ?? -1,
    dstPort: ports?.[1] ?? -1,
    icmpType: icmp?.[0] ?? -1,
    icmpCode: icmp?.[1] ?? -1,
  }
}

const v4 = { src: '1.2.3.4', dst: '5.6.7.8' }

test('hashes the specification vectors', () => {
  const ports: [number, number] = [1122, 3344]
  assert.is(communityId(tuple({ ...v4, protocol: TCP, ports })), '1:wCb3OG7yAFWelaUydu0D+125CLM=')
  assert.is(communityId(tuple({ ...v4, protocol: UDP, ports })), '1:0Mu9InQx6z4ZiCZM/7HXi2WMhOg=')
  assert.is(communityId(tuple({ ...v4, protocol: SCTP, ports })), '1:EKt4MsxuyaE6mL+hmrEkQ9csDD8=')
  assert.is(communityId(tuple({ ...v4, protocol: ICMP, icmp: [8, 0] })), '1:crodRHL2FEsHjbv3UkRrfbs4bZ0=')
  assert.is(communityId(tuple({ ...v4, protocol: ICMP, icmp: [11, 0] })), '1:f/YiSyWqczrTgfUCZlBUnvHRcPk=')
  assert.is(communityId(tuple({ ...v4, protocol: 46 })), '1:ikv3kmf89luf73WPz1jOs49S768=')
})

test('is the same in both directions', () => {
  const there = tuple({ ...v4, protocol: TCP, ports: [1122, 3344] })
  const back = tuple({ protocol: TCP, src: v4.dst, dst: v4.src, ports: [3344, 1122] })
  assert.is(communityId(back), communityId(there))
  const ping = tuple({ ...v4, protocol: ICMP, icmp: [8, 0] })
  const pong = tuple({ protocol: ICMP, src: v4.dst, dst: v4.src, icmp: [0, 0] })
  assert.is(communityId(pong), communityId(ping))
})

test('orders the ends of ICMP fragments, which tell no type', () => {
  const there = tuple({ ...v4, protocol: ICMP })
  assert.is(communityId(tuple({ protocol: ICMP, src: v4.dst, dst: v4.src })), communityId(there))
})

test('orders equal addresses by port', () => {
  const loop = { src: '127.0.0.1', dst: '127.0.0.1', protocol: UDP }
  assert.is(
    communityId(tuple({ ...loop, ports: [60001, 40000] })),
    communityId(tuple({ ...loop, ports: [40000, 60001] })),
  )
})

test('keeps the direction of ICMP types without a counterpart', () => {
  const there = tuple({ ...v4, protocol: ICMP, icmp: [3, 1] })
  const back = tuple({ protocol: ICMP, src: v4.dst, dst: v4.src, icmp: [3, 1] })
  assert.is.not(communityId(back), communityId(there))
})

test('orders addresses without sign', () => {
  const high = { src: '200.0.0.1', dst: '100.0.0.1', protocol: UDP }
  const low = { src: '100.0.0.1', dst: '200.0.0.1', protocol: UDP }
  assert.is(communityId(tuple({ ...high, ports: [1, 2] })), communityId(tuple({ ...low, ports: [2, 1] })))
})

test('takes IPv6 and neighbour discovery pairs', () => {
  const v6 = { src: '2001:db8::1', dst: 'fe80::2' }
  const there = communityId(tuple({ ...v6, protocol: ICMPV6, icmp: [135, 0] }))
  const back = communityId(tuple({ src: v6.dst, dst: v6.src, protocol: ICMPV6, icmp: [136, 0] }))
  assert.is(back, there)
  assert.match(there, /^1:[A-Za-z0-9+/]{27}=$/)
})

test('leaves ports out for protocols that have none in version 1', () => {
  const bare = communityId(tuple({ ...v4, protocol: 136 }))
  assert.is(communityId(tuple({ ...v4, protocol: 136, ports: [1, 2] })), bare)
})

test('takes a seed and gives hexadecimal', () => {
  const flow = tuple({ ...v4, protocol: TCP, ports: [1122, 3344] })
  assert.is.not(communityId(flow, { seed: 1 }), communityId(flow))
  const hex = communityId(flow, { base64: false })
  assert.is(`1:${Buffer.from(hex.slice(2), 'hex').toString('base64')}`, communityId(flow))
})

test.run()
