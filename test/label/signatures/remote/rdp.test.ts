import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { signatures } from '../../../../src/label/signatures/remote/rdp.ts'
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

const test = suite('label/signatures/remote/rdp')

const tcp: Setting = { signatures, protocol: 6, serverPort: 3389 }
const udp: Setting = { signatures, protocol: 17, serverPort: 3389 }

/** TPKT with its length, X.224 with its own. */
function connection(type: number, ...rest: (string | Uint8Array)[]): Uint8Array {
  const tail = bytes(...rest)
  return bytes(hex('03 00'), u16(11 + tail.length), 6 + tail.length, type, hex('00 00 12 34 00'), tail)
}

const REQUEST = connection(0xe0, 'Cookie: mstshash=alice\r\n', hex('01 00 08 00 0b 00 00 00'))
const CONFIRM = connection(0xd0, hex('02 1f 08 00 02 00 00 00'))
const EXCHANGE = [client(REQUEST), server(CONFIRM)]

test('request with cookie and confirm with negotiation', () => {
  const heard = converse({ ...tcp, serverPort: 13389 }, EXCHANGE)
  assert.is(heard.label, 'rdp')
  assert.is(heard.strength, 'strong')
  assert.equal(heard.roles, ['client', 'server'])
  assert.equal(heard.extras.rdp, { cookie: 'alice' })
})

test('a request without either is weak on port 3389 and nothing elsewhere', () => {
  assert.is(converse(tcp, [client(connection(0xe0))]).strength, 'weak')
  assert.is(converse(tcp, [server(connection(0xd0))]).strength, 'weak')
  assert.is(converse({ ...tcp, serverPort: 102 }, [client(connection(0xe0))]).label, '')
})

test('near misses', () => {
  const wrongLength = REQUEST.slice()
  wrongLength[3]++
  assert.is(converse(tcp, [client(wrongLength)]).label, '')
  assert.is(converse(tcp, [client(connection(0xf0, 'Cookie: mstshash=a\r\n'))]).label, '', 'data')
  assert.is(
    converse(tcp, [client(connection(0xe0, hex('c1 02 01 00 c2 02 01 02 c0 01 0a')))]).label,
    '',
    'S7 over COTP',
  )
})

/** MS-RDPEUDP: source ack, window, SYN, sequence, both MTUs 1,232; padded to that size. */
const SYN = bytes(hex('ffffffff 0040 0001 12345678 04d0 04d0'), new Uint8Array(1216))
const SYN_ACK = bytes(hex('12345678 0040 0005 9abcdef0 04d0 04d0'), new Uint8Array(1216))

test('the SYN of the UDP transport', () => {
  const heard = converse(udp, [client(SYN), server(SYN_ACK)])
  assert.is(heard.label, 'rdp')
  assert.equal(heard.roles, ['client', 'server'])
  const small = bytes(SYN.subarray(0, 12), hex('00ff'), SYN.subarray(14))
  assert.is(converse(udp, [client(small)]).label, '')
  assert.is(converse(udp, [client(SYN.subarray(0, 1000))]).label, '')
  assert.is(converse({ ...udp, serverPort: 1 }, [server(SYN_ACK)]).label, '')
})

test('T.125 in a connection whose start is missing', () => {
  const request = client(hex('03 00 00 0c 02 f0 80 64 00 07 03 eb'))
  const heard = converse(tcp, [request, server(hex('03 00 00 0c 02 f0 80 68 00 07 03 eb'))])
  assert.is(heard.label, 'rdp')
  assert.equal(heard.roles, ['client', 'server'])
  assert.is(converse({ ...tcp, serverPort: 102 }, [request]).label, '', 'port')
  assert.is(converse(tcp, [client(hex('03 00 00 0c 02 f0 80 32 00 07 03 eb'))]).label, '', 'S7')
  assert.is(converse(tcp, [client(hex('03 00 00 0d 02 f0 80 64 00 07 03 eb'))]).label, '', 'length')
})

test('no truncation reads beyond the payload', () => {
  assertTruncationsHarmless(tcp, EXCHANGE)
  assertTruncationsHarmless(udp, [client(SYN)])
})

test('mutations neither throw nor hang', () => assertSurvivesMutation(tcp, EXCHANGE))

test.run()
