import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createDecoder } from '../../src/decode/decode.ts'
import { createPacket, MAX_LAYERS } from '../../src/decode/packet.ts'
import { STATUS_NAMES, STATUS_REASONS } from '../../src/decode/status.ts'
import type { Packet } from '../../src/types.ts'
import { arp, batchOf, ethernet, ipv4, mpls, udp, vlan, vxlan } from '../packet-builder.ts'
import { SAMPLES } from './catalogue.ts'
import { decodeOne, INNER, OUTER } from './decoding.ts'

const test = suite('decode')

for (const sample of SAMPLES) {
  test(`finds the flow: ${sample.name}`, () => {
    const decoded = decodeOne(sample.frame, { linkType: sample.linkType })
    assert.is(decoded.status, sample.flow === '' ? 'non_ip' : 'decoded')
    assert.is(decoded.flow, sample.flow)
    assert.is(decoded.encapsulation, sample.encapsulation)
    if (sample.flow.endsWith(' 17')) assert.is(decoded.payload, 'payload!')
    if (sample.flow.endsWith(' 17')) assert.is(decoded.packet.payloadBytes, 8)
    assert.is(decoded.packet.flags & 1, 0, 'not cut')
  })
}

test('every status has a name and a sentence', () => {
  assert.is(STATUS_NAMES.length, STATUS_REASONS.length)
  assert.is(new Set(STATUS_NAMES).size, STATUS_NAMES.length)
})

test('an unknown link type is a status', () => {
  assert.is(decodeOne(ethernet(arp()), { linkType: 147 }).status, 'link_type_unknown')
  assert.is(decodeOne(ethernet(arp()), { linkType: 65535 }).status, 'link_type_unknown')
})

test('non-IP frames name their EtherType', () => {
  assert.is(decodeOne(ethernet(arp())).packet.etherType, 0x0806)
  assert.is(decodeOne(ethernet(vlan(5, arp()))).packet.etherType, 0x0806)
  const stp = SAMPLES.find((sample) => sample.name === 'stp')!
  assert.is(decodeOne(stp.frame).packet.etherType, -1)
})

test('decapsulate outer stops before tunnels, but passes tags', () => {
  const frame = ethernet(
    vlan(3, ipv4({ src: '192.0.2.1' }, vxlan(1, ethernet(ipv4({}, udp({ srcPort: 1, dstPort: 2 })))))),
  )
  const decoded = decodeOne(frame, {}, OUTER)
  assert.is(decoded.flow, '192.0.2.1:50000 > 10.0.0.2:4789 17')
  assert.is(decoded.encapsulation, 'vlan:3')
})

test('a tunnel that carries no IP counts for the flow around it', () => {
  const decoded = decodeOne(ethernet(ipv4({}, vxlan(1, ethernet(arp())))))
  assert.is(decoded.status, 'decoded')
  assert.is(decoded.flow, '10.0.0.1:50000 > 10.0.0.2:4789 17')
  assert.is(decoded.encapsulation, '')
  assert.is(decoded.packet.payloadBytes, 8 + 14 + 28)
})

test('tags beyond the bound are not followed', () => {
  const stack = (count: number) =>
    ethernet(
      mpls(
        Array.from({ length: count }, (_, i) => 16 + i),
        ipv4({}, udp({ srcPort: 1, dstPort: 2 })),
      ),
    )
  assert.is(decodeOne(stack(MAX_LAYERS)).status, 'decoded')
  assert.is(decodeOne(stack(MAX_LAYERS + 1)).status, 'too_deep')
})

test('tunnels beyond the bound fall back to the last flow that fits', () => {
  let datagram = ipv4({}, udp({ srcPort: 1, dstPort: 2 }))
  for (let i = 0; i < MAX_LAYERS + 4; i++) datagram = ipv4({ src: `192.0.2.${i}` }, datagram)
  const decoded = decodeOne(ethernet(datagram))
  assert.is(decoded.status, 'decoded')
  assert.is(decoded.packet.protocol, 4)
  assert.is(decoded.packet.layerCount, MAX_LAYERS)
})

test('a packet record is reused without traces of the last packet', () => {
  const decoder = createDecoder(INNER)
  for (const before of SAMPLES) {
    for (const sample of [SAMPLES[0], SAMPLES.find(({ name }) => name === 'esp')!]) {
      const dirty = createPacket()
      decoder.decode(batchOf([before.frame], { linkType: before.linkType }), 0, dirty)
      const batch = batchOf([sample.frame], { linkType: sample.linkType })
      const fresh = createPacket()
      decoder.decode(batch, 0, dirty)
      decoder.decode(batch, 0, fresh)
      assert.equal(withoutUnused(dirty), withoutUnused(fresh), `${sample.name} after ${before.name}`)
    }
  }
})

/** Leaves out what is only valid with a flag or a count. */
function withoutUnused(packet: Packet): Record<string, unknown> {
  const fields = Object.entries(packet).filter(
    ([name]) => !name.startsWith('quoted') && !name.startsWith('layerKind'),
  )
  return Object.fromEntries(fields.filter(([name]) => name !== 'layerId'))
}

test.run()
