/** The media that session descriptions announce, in the messages that carry them. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { signatures as voice } from '../../../../src/label/signatures/media/call-control.ts'
import { signatures } from '../../../../src/label/signatures/media/sip.ts'
import {
  assertSurvivesMutation,
  assertTruncationsHarmless,
  client,
  converse,
  type Setting,
} from '../conversation.ts'

const test = suite('label/signatures/media/sdp')

const sip: Setting = { signatures, protocol: 17, serverPort: 5060, clientPort: 5060 }
const HEADERS = ['INVITE sip:bob@example.org SIP/2.0', 'Content-Type: application/sdp', '']
const SESSION = ['v=0', 'o=alice 1 1 IN IP4 10.0.0.1', 's=-', 'c=IN IP4 10.0.0.1', 't=0 0']

function announced(lines: readonly string[], end = '\r\n'): string[] {
  return converse(sip, [client([...HEADERS, ...lines, ''].join(end))]).announced.map((text) =>
    text.replace(' in SDP for 1800 s', ''),
  )
}

const media = (...lines: string[]) => announced([...SESSION, ...lines])

test('RTP at the port of the medium, RTCP at the next', () => {
  assert.equal(media('m=audio 49170 RTP/AVP 0 8', 'a=rtpmap:0 PCMU/8000'), [
    'rtp at 10.0.0.1:49170/udp',
    'rtcp at 10.0.0.1:49171/udp',
  ])
  assert.equal(announced([...SESSION, 'm=audio 4000 RTP/AVP 0'], '\n')[0], 'rtp at 10.0.0.1:4000/udp')
})

test("a medium's own address counts for it alone", () => {
  assert.equal(
    media('m=audio 4000 RTP/AVP 0', 'c=IN IP6 2001:db8::5', 'a=rtcp-mux', 'm=video 5000/2 RTP/AVPF 97'),
    ['rtp at 2001:db8::5:4000/udp', 'rtp at 10.0.0.1:5000/udp', 'rtcp at 10.0.0.1:5001/udp'],
  )
})

test('RTCP may have a port and an address of its own, or share those of RTP', () => {
  assert.equal(media('m=audio 4000 RTP/AVP 0', 'a=rtcp:4100 IN IP4 10.0.0.2').slice(1), [
    'rtcp at 10.0.0.2:4100/udp',
  ])
  assert.equal(media('m=audio 4000 RTP/AVP 0', 'a=rtcp:4100').slice(1), ['rtcp at 10.0.0.1:4100/udp'])
  assert.equal(media('m=audio 4000 RTP/AVP 0', 'a=rtcp-mux', 'a=rtcp:4100').slice(1), [])
})

test('the profile tells what runs over what', () => {
  const label = (profile: string) => media(`m=x 4000 ${profile} 0`).join()
  assert.is(label('RTP/SAVP'), 'srtp at 10.0.0.1:4000/udp,srtp at 10.0.0.1:4001/udp')
  assert.is(label('UDP/TLS/RTP/SAVPF'), label('RTP/SAVPF'))
  assert.is(label('udptl'), 't38 at 10.0.0.1:4000/udp')
  assert.is(label('TCP/MSRP'), 'msrp at 10.0.0.1:4000/tcp')
  assert.is(label('TCP/BFCP'), 'bfcp at 10.0.0.1:4000/tcp')
  assert.is(label('UDP/BFCP'), 'bfcp at 10.0.0.1:4000/udp')
  assert.is(label('UDP/UNHEARD'), '')
})

test('refused, held, unready and unreadable media announce nothing', () => {
  assert.equal(media('m=audio 0 RTP/AVP 0'), [])
  assert.equal(media('m=audio 9 RTP/AVP 0', 'a=rtcp-mux'), [])
  assert.equal(media('m=audio 65536 RTP/AVP 0', 'a=rtcp-mux'), [])
  assert.equal(media('m=audio 65535 RTP/AVP 0'), ['rtp at 10.0.0.1:65535/udp'])
  assert.equal(media('m=audio 4000 RTP/AVP 0', 'c=IN IP4 0.0.0.0'), [])
  assert.equal(media('m=audio 4000 RTP/AVP 0', 'c=IN IP4 phone.example.org'), [])
  assert.equal(media('m=audio 4x RTP/AVP 0'), [])
  assert.equal(announced(['m=audio 4000 RTP/AVP 0']), [], 'no address at all')
  assert.equal(announced([]), [])
})

test('a line that was cut inside a number announces nothing', () => {
  const whole = [...HEADERS, ...SESSION, 'm=audio 49170 RTP/AVP 0\r\n'].join('\r\n')
  const cut = whole.slice(0, whole.indexOf('49170') + 3)
  assert.equal(converse(sip, [client(cut)]).announced, [])
  assert.is(converse(sip, [client(whole)]).announced.length, 2)
})

test('what is in the headers is no description', () => {
  const lines = ['INVITE sip:bob@example.org SIP/2.0', 'c=IN IP4 10.0.0.1', 'm=audio 4000 RTP/AVP 0', '', '']
  assert.equal(converse(sip, [client(lines.join('\r\n'))]).announced, [])
})

test('over TCP the description may come in a segment of its own, in a flow that is SIP', () => {
  const tcp: Setting = { ...sip, protocol: 6 }
  const body = client([...SESSION, 'm=audio 4000 RTP/AVP 0', ''].join('\r\n'))
  const heard = converse(tcp, [client([...HEADERS, ''].join('\r\n')), body])
  assert.equal([heard.label, heard.strength, heard.announced.length], ['sip', 'weak', 2])
  assert.equal(converse(tcp, [body]).announced, [])
})

test('at most eight media of a description are read', () => {
  const many = Array.from({ length: 20 }, (_, i) => `m=audio ${4000 + i} UDP/BFCP 0`)
  assert.is(media(...many).length, 8)
})

test('MGCP carries descriptions in commands and in answers', () => {
  const mgcp: Setting = { signatures: voice, protocol: 17, serverPort: 2427, clientPort: 2727 }
  const body = ['', ...SESSION, 'm=audio 4000 RTP/AVP 0', ''].join('\r\n')
  for (const first of ['CRCX 1204 aaln/1@gw.example MGCP 1.0\r\nC: A3\r\n', '200 1204 OK\r\nI: FD\r\n'])
    assert.is(converse(mgcp, [client(first + body)]).announced.length, 2, first)
})

const CALL = [client([...HEADERS, ...SESSION, 'm=audio 49170 RTP/AVP 0', 'a=rtcp:4100', ''].join('\r\n'))]

test('no truncation reads beyond the payload', () => assertTruncationsHarmless(sip, CALL))

test('mutations neither throw nor hang', () => assertSurvivesMutation(sip, CALL))

test.run()
