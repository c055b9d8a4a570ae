import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { builtinSignatures } from '../../../../src/label/signatures/all.ts'
import { signatures } from '../../../../src/label/signatures/name-service/netbios.ts'
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

const test = suite('label/signatures/name-service/netbios')

const names: Setting = { signatures, protocol: 17, serverPort: 137, clientPort: 137 }
const datagrams: Setting = { signatures, protocol: 17, serverPort: 138, clientPort: 138 }
const sessions: Setting = { signatures, protocol: 6, serverPort: 139 }

/** RFC 1001 section 14.1: every half byte of the 16-byte name as a letter from A on. */
function encoded(name: string): Uint8Array {
  const plain = bytes(name.padEnd(15), 0)
  return bytes(
    32,
    String.fromCharCode(...[...plain].flatMap((byte) => [0x41 + (byte >> 4), 0x41 + (byte & 15)])),
    0,
  )
}

const QUERY = bytes(hex('8001 0110 0001 0000 0000 0000'), encoded('FILESERVER'), hex('0020 0001'))
const DATAGRAM = bytes(
  hex('11 02 8002 c0000201 008a'), // direct group, id, source address, source port 138
  u16(69), // datagram length
  u16(0),
  encoded('WORKSTATION'),
  encoded('WORKGROUP'),
  hex('ff'),
)
const REQUEST = bytes(hex('81 00'), u16(68), encoded('FILESERVER'), encoded('WORKSTATION'))

test('the name service tells the name, on any port', () => {
  const heard = converse(names, [client(QUERY)])
  assert.is(heard.label, 'netbios')
  assert.is(heard.strength, 'strong')
  assert.is(heard.extras.netbios.name, 'FILESERVER')
  assert.is(converse({ ...names, serverPort: 9137, clientPort: 1 }, [client(QUERY)]).strength, 'strong')
})

test('its messages are no DNS, wherever they run', () => {
  const elsewhere: Setting = { signatures: builtinSignatures(), protocol: 17, serverPort: 45999 }
  const status = bytes(
    hex('80f0 8400 0000 0001 0000 0000'),
    encoded('*'),
    hex('0021 0001 00000000 0007 00'),
    [0, 0, 0, 0, 0, 0],
  )
  const heard = converse(elsewhere, [client(QUERY), server(status)])
  assert.equal(heard.labels, ['netbios', 'netbios'])
  assert.is(heard.extras.dns, undefined)
})

test('a damaged name is likely on port 137 and nothing elsewhere', () => {
  const damaged = QUERY.slice()
  damaged[20] = 0x7a
  assert.is(converse(names, [client(damaged)]).strength, 'weak')
  assert.is(converse({ ...names, serverPort: 9137, clientPort: 1 }, [client(damaged)]).label, '')
})

test('a datagram names its sender', () => {
  const heard = converse(datagrams, [client(DATAGRAM)])
  assert.is(heard.strength, 'strong')
  assert.is(heard.extras.netbios.name, 'WORKSTATION')
})

test('a datagram is known by its name where its source port is not filled in', () => {
  const otherPort = DATAGRAM.slice()
  otherPort.set([0, 0], 8)
  assert.is(converse(datagrams, [client(otherPort)]).strength, 'strong')
  otherPort[20] = 0x7a
  assert.is(converse(datagrams, [client(otherPort)]).label, '')
})

test('a session opens with a request and its answer', () => {
  const heard = converse(sessions, [client(REQUEST), server(hex('82 00 00 00'))])
  assert.is(heard.label, 'netbios')
  assert.equal(heard.roles, ['client', 'server'])
  assert.is(heard.extras.netbios.name, 'FILESERVER')
  assert.is(converse(sessions, [server(hex('83 00 00 01 82'))]).strength, 'weak')
  assert.is(converse(sessions, [server(hex('82 00 00 05'))]).label, '')
  assert.is(converse({ ...sessions, serverPort: 1139 }, [server(hex('82 00 00 00'))]).label, '')
})

test('a keep-alive between sessions', () => {
  assert.is(converse(sessions, [client(hex('85 00 00 00'))]).strength, 'weak')
  assert.is(converse(sessions, [client(hex('85 00 00 01 00'))]).label, '')
  assert.is(converse({ ...sessions, serverPort: 1139 }, [client(hex('85 00 00 00'))]).label, '')
})

test('no truncation reads beyond the payload', () => {
  assertTruncationsHarmless(names, [client(QUERY)])
  assertTruncationsHarmless(datagrams, [client(DATAGRAM)])
  assertTruncationsHarmless(sessions, [client(REQUEST)])
})

test('mutations neither throw nor hang', () => {
  assertSurvivesMutation(names, [client(QUERY)], 4000)
  assertSurvivesMutation(datagrams, [client(DATAGRAM)], 3000)
  assertSurvivesMutation(sessions, [client(REQUEST)], 3000)
})

test.run()
