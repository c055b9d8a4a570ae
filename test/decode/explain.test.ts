import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { explainPacket } from '../../src/decode/explain.ts'
import { arp, batchOf, ethernet, icmp, ipv4, tcp, udp, vlan, vxlan } from '../packet-builder.ts'
import { SAMPLES } from './catalogue.ts'
import { decodeOne, flowText, INNER } from './decoding.ts'

const test = suite('explain')

const explain = (frame: Uint8Array, linkType = 1) => explainPacket(batchOf([frame], { linkType }), 0, INNER)

test('layers with offsets, lengths and fields', () => {
  const inside = ethernet(ipv4({ src: '172.16.0.1' }, tcp({ srcPort: 1000, dstPort: 443, flags: 'SA' })))
  const { layers, status, reason, encapsulation } = explain(ethernet(vlan(3, ipv4({}, vxlan(5000, inside)))))
  assert.equal(
    layers.map(({ protocol, offset, length }) => `${offset}+${length} ${protocol}`),
    [
      '0+14 ethernet',
      '14+4 vlan',
      '18+20 ipv4',
      '38+8 udp',
      '46+8 vxlan',
      '54+14 ethernet',
      '68+20 ipv4',
      '88+20 tcp',
    ],
  )
  assert.is(layers[1].fields.id, 3)
  assert.is(layers[4].fields.vni, 5000)
  assert.is(layers[6].fields.src, '172.16.0.1')
  assert.is(layers[7].fields.flags, 'SA')
  assert.equal(encapsulation, ['vlan:3', 'vxlan:5000'])
  assert.is(status, 'decoded')
  assert.is(reason, 'decoded to a flow')
})

test('a time stamp of either length tells what follows it', () => {
  for (const { name, frame } of SAMPLES.filter((each) => each.name.startsWith('arista'))) {
    const stamp = explain(frame).layers.find(({ protocol }) => protocol === 'arista time stamp')
    assert.is(stamp?.fields.type, '0x0800', name)
  }
})

test('why decoding stopped', () => {
  const datagram = ethernet(ipv4({}, udp({ srcPort: 1, dstPort: 2 }, 'abc')))
  assert.match(explain(ethernet(arp())).reason, '0x0806')
  assert.match(explain(datagram, 147).reason, '(147)')
  assert.is(explain(datagram.subarray(0, 30)).status, 'ipv4_header_cut')
  assert.match(explain(datagram.subarray(0, 36)).reason, 'ports are cut off')
  assert.match(explain(datagram.subarray(0, 43)).reason, 'cut the packet short')
  assert.match(explain(ethernet(ipv4({}, vxlan(1, ethernet(arp()))))).reason, 'flow around it')
})

test('a quoted datagram is marked', () => {
  const lost = ipv4({ src: '10.9.9.9' }, udp({ srcPort: 1, dstPort: 2 }))
  const { layers } = explain(ethernet(ipv4({}, icmp({ type: 3, code: 3 }, lost))))
  assert.equal(
    layers.filter((layer) => layer.quoted).map(({ protocol }) => protocol),
    ['ipv4', 'udp'],
  )
})

test('says the same as the decoder, for every protocol', () => {
  for (const { name, frame, linkType } of SAMPLES) {
    const decoded = decodeOne(frame, { linkType })
    const explained = explain(frame, linkType)
    assert.is(explained.status, decoded.status, name)
    if (decoded.status === 'decoded') assert.is(flowText(explained.packet), decoded.flow, name)
    assert.is(explained.encapsulation.join(' '), decoded.encapsulation, name)
    assert.ok(
      explained.layers.every(({ protocol }) => protocol !== 'unknown'),
      name,
    )
    // Headers follow one another without overlap.
    let end = 0
    for (const layer of explained.layers.filter(({ quoted }) => !quoted)) {
      assert.ok(layer.offset >= end, `${name}: ${layer.protocol}`)
      end = layer.offset + layer.length
    }
  }
})

test.run()
