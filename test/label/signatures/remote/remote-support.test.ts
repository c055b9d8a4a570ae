import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { signatures } from '../../../../src/label/signatures/remote/remote-support.ts'
import {
  assertSurvivesMutation,
  assertTruncationsHarmless,
  bytes,
  client,
  converse,
  hex,
  type Setting,
} from '../conversation.ts'

const test = suite('label/signatures/remote/remote-support')

const tcp: Setting = { signatures, protocol: 6, serverPort: 5938 }
const udp: Setting = { signatures, protocol: 17, serverPort: 34417 }
/** Magic, command, length 4, four bytes. */
const COMMAND = hex('17 24 0a 04 00  01 02 03 04')
/** Session magic, length 2 at offset 4. */
const SESSION = bytes(hex('11 30 36 00 02 00'), new Uint8Array(18), hex('aa bb'))
const DATAGRAM = bytes(new Uint8Array(10), 3, hex('17 24 47 02 00 aa bb'))

test('TeamViewer commands whose lengths fit, on any port', () => {
  const elsewhere = { ...tcp, serverPort: 443 }
  assert.is(converse(elsewhere, [client(COMMAND)]).label, 'teamviewer')
  assert.is(converse(elsewhere, [client(COMMAND, COMMAND)]).strength, 'strong')
  assert.is(converse(elsewhere, [client(SESSION)]).strength, 'strong')
  assert.is(converse(elsewhere, [client(COMMAND, 0)]).label, '')
  assert.is(converse(tcp, [client(COMMAND, 0)]).strength, 'weak')
})

test('TeamViewer in a datagram', () => {
  assert.is(converse(udp, [client(DATAGRAM)]).strength, 'strong')
  assert.is(converse(udp, [client(DATAGRAM, 0)]).strength, 'weak')
  const miss = DATAGRAM.slice()
  miss[10] = 2
  assert.is(converse(udp, [client(miss)]).label, '')
})

test('AnyDesk searching the network', () => {
  const search = bytes(hex('3e d1 01  00 01 02 03  00 00 00 00  02 01'), new Uint8Array(10))
  assert.is(converse({ ...udp, serverPort: 50001 }, [client(search)]).label, 'anydesk')
  assert.is(converse({ ...udp, serverPort: 50009 }, [client(search)]).label, '')
})

test('no truncation reads beyond the payload', () => {
  assertTruncationsHarmless(tcp, [client(COMMAND, COMMAND), client(SESSION)])
  assertTruncationsHarmless(udp, [client(DATAGRAM)])
})

test('mutations neither throw nor hang', () =>
  assertSurvivesMutation(tcp, [client(COMMAND, COMMAND), client(SESSION)]))

test.run()
