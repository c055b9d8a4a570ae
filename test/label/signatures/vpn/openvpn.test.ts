import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { signatures } from '../../../../src/label/signatures/vpn/openvpn.ts'
import {
  assertSurvivesMutation,
  assertTruncationsHarmless,
  bytes,
  client,
  converse,
  hex,
  type Setting,
  server,
  u16,
} from '../conversation.ts'

const test = suite('label/signatures/vpn/openvpn')

const udp: Setting = { signatures, protocol: 17, serverPort: 1194 }
const elsewhere: Setting = { ...udp, serverPort: 3224 }
const tcp: Setting = { signatures, protocol: 6, serverPort: 443 }

const CLIENT_ID = hex('11 22 33 44 55 66 77 88')
const SERVER_ID = hex('a1 a2 a3 a4 a5 a6 a7 a8')
/** Opcode 7 (client reset), key 0; nothing acknowledged, message 0. */
const RESET = bytes(0x38, CLIENT_ID, 0, hex('00000000'))
/** Opcode 8 (server reset): acknowledges message 0 of the client's session. */
const ANSWER = bytes(0x40, SERVER_ID, 1, hex('00000000'), CLIENT_ID, hex('00000000'))
/** Opcode 4 (control) of the same client session. */
const CONTROL = bytes(0x20, CLIENT_ID, 0, hex('00000001'), 'tls')
const HANDSHAKE = [client(RESET), server(ANSWER), client(CONTROL)]

test('plain resets and what follows them', () => {
  const heard = converse(elsewhere, HANDSHAKE)
  assert.is(heard.label, 'openvpn')
  assert.equal(heard.labels, ['openvpn', 'openvpn', ''], 'both agree: nothing more is looked for')
  assert.equal(converse(elsewhere, [client(RESET), client(CONTROL)]).labels, ['openvpn', 'openvpn'])
  assert.equal(heard.roles.slice(0, 2), ['client', 'server'])
})

test('with tls-auth: a digest, packet id 1 and a time', () => {
  const replay = hex('00000001 65000000')
  const reset = bytes(0x38, CLIENT_ID, new Uint8Array(20).fill(7), replay, 0, hex('00000000'))
  const answer = bytes(
    0x40,
    SERVER_ID,
    new Uint8Array(20).fill(9),
    replay,
    1,
    hex('00000000'),
    CLIENT_ID,
    hex('00000000'),
  )
  const heard = converse(elsewhere, [client(reset), server(answer)])
  assert.equal(heard.labels, ['openvpn', 'openvpn'])
  const old = bytes(0x38, CLIENT_ID, new Uint8Array(20).fill(7), hex('00000002 65000000'), 0, hex('00000000'))
  assert.is(converse(elsewhere, [client(old)]).label, '', 'packet id 2')
})

test('with tls-crypt: packet id 1 and a time, the rest encrypted', () => {
  const reset = bytes(0x38, CLIENT_ID, hex('00000001 65000000'), new Uint8Array(37).fill(0x5e))
  assert.is(converse(elsewhere, [client(reset)]).strength, 'strong')
  assert.is(
    converse(elsewhere, [client(0x50, reset.subarray(1), new Uint8Array(300))]).strength,
    'strong',
    'tls-crypt-v2',
  )
})

test('over TCP behind its length', () => {
  const framed = HANDSHAKE.map(({ from, bytes: packet }) => ({
    from,
    bytes: bytes(u16(packet.length), packet),
  }))
  assert.equal(converse(tcp, framed).labels, ['openvpn', 'openvpn', ''])
  assert.is(converse(tcp, [client(u16(80), RESET)]).label, '')
})

test('near misses', () => {
  const change = (packet: Uint8Array, at: number, value: number) => {
    const copy = packet.slice()
    copy[at] = value
    return copy
  }
  assert.is(converse(elsewhere, [client(change(RESET, 0, 0x39))]).label, '', 'a reset for key 1')
  assert.is(converse(elsewhere, [client(change(RESET, 13, 1))]).label, '', 'message 1')
  assert.is(converse(elsewhere, [client(RESET, 0)]).label, '', 'a byte too many')
  assert.is(converse(elsewhere, [client(0x38, new Uint8Array(13))]).label, '', 'session 0')
  assert.is(converse(elsewhere, [server(ANSWER)]).label, '', 'an answer to nothing')
  assert.is(converse(elsewhere, [client(CONTROL), client(CONTROL)]).label, '', 'control without reset')
})

test('no truncation reads beyond the payload', () => assertTruncationsHarmless(elsewhere, HANDSHAKE))

test('mutations neither throw nor hang', () => assertSurvivesMutation(elsewhere, HANDSHAKE))

test.run()
