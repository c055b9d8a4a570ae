import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { LAYER_GRE, LAYER_VLAN, LAYER_VXLAN } from '../../src/bytes.ts'
import { ethernet, gre, gtpu, ipv4, mpls, pppoe, udp, vlan, vxlan } from '../packet-builder.ts'
import { decodeOne, INNER } from './decoding.ts'

const test = suite('encapsulation')

const inner = () => ipv4({}, udp({ srcPort: 1, dstPort: 2 }))

function words(frame: Uint8Array, ignoreVlan = false): number[] {
  const { packet } = decodeOne(frame, {}, { ...INNER, ignoreVlan })
  return [packet.encapsulation0, packet.encapsulation1]
}

test('none', () => {
  assert.equal(words(ethernet(inner())), [0, 0])
})

test('two layers are exact', () => {
  const frame = ethernet(vlan(12, ipv4({}, vxlan(5000, ethernet(inner())))))
  assert.equal(words(frame), [(LAYER_VLAN << 24) | 12, (LAYER_VXLAN << 24) | 5000])
})

test('identifiers that differ by direction do not count', () => {
  const keyed = (key: number) => ethernet(ipv4({}, gre({ key }, inner())))
  assert.equal(words(keyed(1)), [LAYER_GRE << 24, 0])
  assert.equal(words(keyed(1)), words(keyed(2)))
  assert.equal(words(ethernet(ipv4({}, gtpu(1, inner())))), words(ethernet(ipv4({}, gtpu(2, inner())))))
  assert.equal(words(ethernet(pppoe(1, inner()))), words(ethernet(pppoe(2, inner()))))
  assert.equal(words(ethernet(mpls([1, 2], inner()))), [0, 0])
})

test('more than two layers still tell flows apart', () => {
  const stack = (...ids: number[]) => ethernet(ids.reduceRight((frame, id) => vlan(id, frame), inner()))
  const seen = new Set<string>()
  for (let a = 1; a < 12; a++)
    for (let b = 1; b < 12; b++) for (let c = 1; c < 12; c++) seen.add(words(stack(a, b, c)).join())
  assert.is(seen.size, 11 ** 3)
})

test('VLAN id 0 is a priority, no VLAN', () => {
  assert.equal(words(ethernet(vlan(0, inner(), { priority: 5 }))), [0, 0])
})

test('ignoreVlan leaves VLANs out of the key, not out of the list', () => {
  const frame = ethernet(vlan(12, ipv4({}, vxlan(5000, ethernet(inner())))))
  assert.equal(words(frame, true), [(LAYER_VXLAN << 24) | 5000, 0])
  assert.is(decodeOne(frame, {}, { ...INNER, ignoreVlan: true }).encapsulation, 'vlan:12 vxlan:5000')
})

test('keys above 31 bits print unsigned', () => {
  assert.is(decodeOne(ethernet(ipv4({}, gre({ key: 0xfffffffe }, inner())))).encapsulation, 'gre:4294967294')
})

test.run()
