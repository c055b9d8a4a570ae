import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { PacketFacts } from '../../../src/report/explain/facts.ts'
import { hexLines, packetJson, packetText } from '../../../src/report/explain/packet.ts'

const test = suite('explain packet')

const facts: PacketFacts = {
  source: 'a\u001b[31m.pcap',
  frame: 3,
  time: '1970-01-01T00:00:01.000000000Z',
  linkType: 'EN10MB',
  wireBytes: 60,
  capturedBytes: 40,
  encapsulation: ['vlan:12'],
  layers: [{ protocol: 'ethernet', offset: 0, length: 14, fields: { type: '0x0800' } }],
  status: 'udp_cut',
  reason: 'the UDP ports are cut off',
  headers: Uint8Array.from({ length: 18 }, (_, i) => 0x3c + i),
  headerBytes: 20,
  flows: [],
}

test('sixteen bytes a line, what is not printable as a dot', () => {
  assert.equal(hexLines(new TextEncoder().encode('ABCDEFGH\u001b[31m\u0000...xyz')), [
    '0000  41 42 43 44 45 46 47 48  1b 5b 33 31 6d 00 2e 2e  ABCDEFGH.[31m...',
    '0010  2e 78 79 7a                                       .xyz',
  ])
  assert.equal(hexLines(new Uint8Array(0)), [])
})

test('says where decoding stopped, and escapes the file name', () => {
  const text = packetText(facts, { columns: 80, color: false })
  assert.match(text, 'udp_cut: the UDP ports are cut off')
  assert.match(text, '60 bytes on the wire, of which 40 captured')
  assert.match(text, '0+14        ethernet: type 0x0800')
  assert.match(text, 'and 2 more bytes of headers')
  assert.not.match(text, '\u001b')
})

test('as one JSON object', () => {
  const lines = packetJson(facts).split('\n')
  assert.is(lines.length, 2)
  const { of, frame, layers, flow_id, header_hex } = JSON.parse(lines[0])
  assert.equal([of, frame, layers.length, flow_id, header_hex.length], ['packet', 3, 1, undefined, 36])
})

test.run()
