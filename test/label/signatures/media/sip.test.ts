import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { signatures } from '../../../../src/label/signatures/media/sip.ts'
import {
  assertSurvivesMutation,
  assertTruncationsHarmless,
  client,
  converse,
  type Setting,
  server,
} from '../conversation.ts'

const test = suite('label/signatures/media/sip')

const setting: Setting = { signatures, protocol: 17, serverPort: 5060, clientPort: 5060 }

const INVITE = [
  'INVITE sip:bob@biloxi.example SIP/2.0',
  'Via: SIP/2.0/UDP pc33.atlanta.example;branch=z9hG4bK776',
  'From: Alice <sip:alice@atlanta.example>;tag=19',
  't: Bob <sip:bob@biloxi.example>',
  'Call-ID: a84b4c76e66710',
  'User-Agent: phone/1',
  '',
  '',
].join('\r\n')
const CALL = [client(INVITE), server('SIP/2.0 100 Trying\r\n\r\n'), server('SIP/2.0 200 OK\r\n\r\n')]

test('a call tells who calls whom, and how it went', () => {
  const heard = converse(setting, CALL)
  assert.is(heard.label, 'sip')
  assert.is(heard.strength, 'strong')
  assert.equal(heard.extras.sip, {
    method: 'INVITE',
    from: 'Alice <sip:alice@atlanta.example>;tag=19',
    to: 'Bob <sip:bob@biloxi.example>',
    call_id: 'a84b4c76e66710',
    user_agent: 'phone/1',
    status: 200,
  })
})

test('a password in an address is not told', () => {
  const heard = converse(setting, [client(INVITE.replace('sip:alice@', 'sip:alice:secret@'))])
  assert.is(heard.extras.sip.from, 'Alice <sip:alice@atlanta.example>;tag=19')
  const bare = INVITE.replace('<sip:bob@biloxi.example>', 'sip:biloxi.example:5060;x=a@b')
  assert.is(converse(setting, [client(bare)]).extras.sip.to, 'Bob sip:biloxi.example:5060;x=a@b')
})

test('only registering tells the client', () => {
  assert.equal(converse(setting, [client('REGISTER sip:a.example SIP/2.0\r\n\r\n')]).roles, ['client'])
  assert.equal(converse(setting, [client(INVITE)]).roles, [''])
})

test('a damaged first line is likely on port 5060 by its Via', () => {
  const damaged = INVITE.replace('INVITE sip:', 'INV?TE s_p:')
  for (const text of [damaged, INVITE.replace('INVITE', 'IN\xd6ITE')])
    assert.is(converse(setting, [client(text)]).strength, 'weak', text)
  assert.is(converse({ ...setting, serverPort: 7, clientPort: 8 }, [client(damaged)]).label, '')
})

test('what keeps the way open is likely on port 5060, and does not end the wait for messages', () => {
  for (const text of ['\r\n\r\n', '\0\0\0\0', 'jaK\0', 'hello']) {
    const alive = client(text)
    assert.is(converse(setting, [alive]).strength, 'weak')
    const heard = converse(setting, [...Array.from({ length: 20 }, () => alive), ...CALL])
    assert.is(heard.strength, 'strong')
    assert.is(heard.extras.sip.call_id, 'a84b4c76e66710')
    assert.is(converse({ ...setting, serverPort: 5070, clientPort: 5070 }, [alive]).label, '')
    assert.is(converse(setting, [client(text, 0)]).label, '', 'more than that')
  }
})

test('near misses are not sip', () => {
  for (const miss of [
    'OPTIONS / HTTP/1.1\r\n\r\n',
    'INVITEsip:a SIP/2.0\r\n',
    'SIP/2.0 abc\r\n',
    'MESSAGE hello\r\n',
  ])
    assert.is(converse(setting, [client(miss)]).label, '', miss)
})

test('no truncation reads beyond the payload', () => {
  assertTruncationsHarmless(setting, CALL)
})

test('mutations neither throw nor hang', () => {
  assertSurvivesMutation(setting, CALL)
})

test.run()
