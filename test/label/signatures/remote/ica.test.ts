import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { signatures } from '../../../../src/label/signatures/remote/ica.ts'
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

const test = suite('label/signatures/remote/ica')

const ica: Setting = { signatures, protocol: 6, serverPort: 1494 }
const edt: Setting = { signatures, protocol: 17, serverPort: 2598 }
const DETECTION = hex('7f 7f 49 43 41 00')
const GREETING = bytes(hex('1a'), 'CGP/01', hex('00 00'))

test('ICA: the server first, the client echoes', () => {
  const heard = converse({ ...ica, serverPort: 31494 }, [server(DETECTION), client(DETECTION)])
  assert.is(heard.label, 'ica')
  assert.is(heard.strength, 'strong')
  assert.equal(heard.roles, ['server', ''])
})

test('CGP in each direction', () => {
  assert.equal(converse(ica, [client(GREETING), server(GREETING)]).labels, ['cgp', 'cgp'])
})

/** A UDT handshake: control flag, version 4, socket type 0. */
const HANDSHAKE = bytes(hex('80000000 00000000 00000001 00000000 00000004 00000000'), new Uint8Array(40))

test('EDT: a UDT handshake on the ports of ICA and CGP', () => {
  assert.is(converse(edt, [client(HANDSHAKE)]).label, 'edt')
  assert.is(converse({ ...edt, serverPort: 1494 }, [client(HANDSHAKE)]).strength, 'strong')
  assert.is(converse({ ...edt, serverPort: 9000 }, [client(HANDSHAKE)]).label, '')
  const version = HANDSHAKE.slice()
  version[19] = 5
  assert.is(converse(edt, [client(version)]).label, '')
})

/** A question for the applications of a server, and the beginning of an answer with one of them. */
const BROWSER_QUESTION = bytes(
  hex('2a00 01 32 02fda8e3'),
  new Uint8Array(20),
  hex('21 00 02'),
  new Uint8Array(11),
)
const BROWSER_ANSWER = bytes(
  hex('3000 04 33 02fda8e3 02000644 0a010004'),
  new Uint8Array(24),
  'Notepad',
  hex('00'),
)

test('the ICA browser by its length and its bytes, on any port', () => {
  const browser: Setting = { signatures, protocol: 17, serverPort: 1604 }
  const heard = converse(browser, [client(BROWSER_QUESTION), server(BROWSER_ANSWER)])
  assert.equal(heard.labels, ['icabrowser', 'icabrowser'])
  assert.equal(heard.roles, ['client', 'server'])
  assert.is(heard.strength, 'strong')
  assert.is(converse({ ...browser, serverPort: 9000 }, [client(BROWSER_QUESTION)]).label, 'icabrowser')
  assert.is(converse(browser, [client(bytes(BROWSER_QUESTION, hex('00')))]).label, '')
})

test('near misses', () => {
  assert.is(converse(ica, [server(hex('7f 7f 49 43 42 00'))]).label, '')
  assert.is(converse(ica, [client(hex('1a'), 'CGP/02')]).label, '')
})

test('no truncation reads beyond the payload', () => {
  assertTruncationsHarmless(ica, [server(DETECTION), client(GREETING)])
  assertTruncationsHarmless(edt, [client(HANDSHAKE)])
})

test('mutations neither throw nor hang', () => assertSurvivesMutation(edt, [client(HANDSHAKE)]))

test.run()
