import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { signatures } from '../../../../src/label/signatures/peers/bittorrent.ts'
import {
  assertSurvivesMutation,
  assertTruncationsHarmless,
  bytes,
  client,
  converse,
  hex,
  type Setting,
  server,
} from '../conversation.ts'

const test = suite('label/signatures/peers/bittorrent')

const tcp: Setting = { signatures, protocol: 6, serverPort: 6881 }
const udp: Setting = { signatures, protocol: 17, serverPort: 6881 }
const PEER = bytes(19, 'BitTorrent protocol', new Uint8Array(28), '-TR2940-k8hj0wgej6ch')
const DHT = bytes('d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe')
/** BEP 29: SYN of version 1, connection id 0x5302, no time difference, sequence 1, no acknowledgement. */
const SYN = hex('41 00 5302 10eeb2f0 00000000 000f0000 0001 0000')
const STATE = hex('21 00 5302 06ff3f5f 7fffffff 0000f000 49c7 0001')
const DATA = hex('01 00 5303 10f06876 09f12917 00100000 0002 49c6 aabb')

test('the peer handshake tells the client program', () => {
  const heard = converse(tcp, [client(PEER)])
  assert.is(heard.label, 'bittorrent')
  assert.equal(heard.roles, ['client'])
  assert.equal(heard.extras.bittorrent, { client: '-TR2940-' })
  assert.is(converse(tcp, [client(19, 'BitTorrent protokoll')]).label, '')
})

/** BEP 3: piece 816, offset 0x8000, a block; BEP 10: extended message 1 with a dictionary; port of the DHT. */
const REQUEST = hex('0000000d 06 00000330 00008000 00004000')
const PIECE = bytes(hex('00004009 07 00000330 00008000'), new Uint8Array(500).fill(9))
const EXTENDED = bytes(hex('0000001d 14 06'), 'd8:msg_typei1e5:', new Uint8Array(10))
const CHAIN = hex('00000003 09 eb03 00000003 14 0301')

test('messages between peers whose handshake was not captured', () => {
  for (const message of [REQUEST, PIECE, EXTENDED, CHAIN])
    assert.is(converse({ ...tcp, serverPort: 51413 }, [client(message)]).strength, 'strong')
  assert.is(converse(tcp, [client(CHAIN, REQUEST)]).strength, 'strong')
  const misses = [
    CHAIN.subarray(0, 7),
    bytes(CHAIN, 0),
    hex('0000000e 06 00000330 00008000 00004000 00'),
    hex('0000000d 06 00000330 00008000 00004001'),
    hex('00000002 00 00 00000001 00'),
    new Uint8Array(40),
  ]
  for (const miss of misses) assert.is(converse(tcp, [client(miss)]).label, '')
})

test('messages of the DHT', () => {
  assert.is(converse(udp, [client(DHT)]).strength, 'strong')
  assert.is(
    converse(udp, [server('d1:rd2:id20:abcdefghij01234567895:nodes0:e1:t2:aa1:y1:re')]).strength,
    'strong',
  )
  assert.is(converse(udp, [server('d1:eli201e5:errore1:t2:aa1:y1:ee')]).strength, 'strong')
  assert.is(converse(udp, [client('d1:xd2:id20:abcdefghij0123456789e')]).label, '')
})

test('a tracker asked, and peers searched in the local network', () => {
  assert.is(converse(udp, [client(hex('0000041727101980 00000000 12345678'))]).strength, 'strong')
  assert.is(converse(udp, [client(hex('0000041727101980 00000001 12345678'))]).label, '')
  const hash = new Uint8Array(20).fill(7)
  const announce = (peer: string, event: number) =>
    bytes(
      hex('11223344 55667788 00000001 12345678'),
      hash,
      peer,
      hash.subarray(0, 12),
      new Uint8Array(24),
      [0, 0, 0, event],
      new Uint8Array(14),
    )
  assert.is(converse(udp, [client(announce('-TR2940-', 2))]).strength, 'strong', 'asked before')
  assert.is(converse(udp, [client(announce('-TR2940-', 9))]).label, '')
  assert.is(converse(udp, [client(announce('TR2940--', 2))]).label, '')
  assert.is(
    converse({ ...udp, serverPort: 6771 }, [client('BT-SEARCH * HTTP/1.1\r\n\r\n')]).strength,
    'strong',
  )
})

test('uTP: a fresh SYN, its answer, and connection ids that differ by one', () => {
  const heard = converse(udp, [client(SYN), server(STATE), client(DATA)])
  assert.equal(heard.labels, ['bittorrent', 'bittorrent', ''], 'both agree: nothing more is looked for')
  assert.equal(heard.roles.slice(0, 2), ['client', 'server'])
  assert.is(converse(udp, [server(STATE), client(DATA)]).strength, 'strong', 'met in its middle')
})

test('near misses of uTP', () => {
  const change = (packet: Uint8Array, at: number, value: number) => {
    const copy = packet.slice()
    copy[at] = value
    return copy
  }
  assert.is(converse(udp, [client(change(SYN, 17, 2))]).label, '', 'not fresh')
  assert.is(converse(udp, [client(change(SYN, 1, 9))]).label, '', 'unknown extension')
  assert.is(converse(udp, [client(SYN, 0)]).label, '', 'data in a SYN')
  assert.is(converse(udp, [server(STATE), client(change(DATA, 3, 9))]).label, '', 'other connection')
  assert.is(converse(udp, [client(DATA)]).label, '', 'alone')
})

test('no truncation reads beyond the payload', () => {
  assertTruncationsHarmless(tcp, [client(PEER)])
  assertTruncationsHarmless(tcp, [client(CHAIN, REQUEST), server(EXTENDED), server(PIECE)])
  assertTruncationsHarmless(udp, [client(SYN), server(STATE), client(DATA), server(DHT)])
})

test('mutations neither throw nor hang', () => {
  assertSurvivesMutation(tcp, [client(CHAIN, REQUEST), server(EXTENDED)])
  assertSurvivesMutation(udp, [client(SYN), server(STATE), client(DATA), server(DHT)])
})

test.run()
