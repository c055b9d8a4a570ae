import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { signatures } from '../../../../src/label/signatures/media/rtsp.ts'
import {
  assertSurvivesMutation,
  assertTruncationsHarmless,
  client,
  converse,
  hex,
  type Setting,
  server,
} from '../conversation.ts'

const test = suite('label/signatures/media/rtsp')

const rtsp: Setting = { signatures, protocol: 6, serverPort: 554 }

const DESCRIBE = 'DESCRIBE rtsp://cam.example.org:554/live RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: player\r\n\r\n'
const SESSION = [client(DESCRIBE), server('RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\n\r\n')]

test('RTSP tells method, address and status', () => {
  const heard = converse(rtsp, SESSION)
  assert.is(heard.label, 'rtsp')
  assert.equal(heard.roles, ['client', 'server'])
  assert.is(heard.hostname, 'cam.example.org (rtsp)')
  assert.equal(heard.extras.rtsp, {
    method: 'DESCRIBE',
    url: 'rtsp://cam.example.org:554/live',
    user_agent: 'player',
    status: 401,
  })
})

test('media interleaved in RTSP are weak alone', () => {
  const media = [hex('24 00 000c 80 60 0001 00000001 00000002')]
  assert.is(converse(rtsp, [server(...media)]).strength, 'weak')
  assert.is(converse(rtsp, [server(hex('24 00 000c 40 60 0001 00000001 00000002'))]).label, '')
  assert.is(converse(rtsp, [server(hex('24 00 000d 80 60 0001 00000001 00000002'))]).label, '')
})

const transport = (line: string, from = client) =>
  converse(rtsp, [from(`${line}\r\nCSeq: 3\r\n\r\n`)]).announced.map((text) => text.split(' in ')[0])
const asked = (value: string) => transport(`SETUP rtsp://cam/a RTSP/1.0\r\nTransport: ${value}`)
const answered = (value: string) => transport(`RTSP/1.0 200 OK\r\ntransport: ${value}`, server)

test('a request announces the ports of the client, an answer those of the server', () => {
  assert.equal(asked('RTP/AVP;unicast;client_port=4588-4589'), [
    'rtp at sender:4588/udp',
    'rtcp at sender:4589/udp',
  ])
  assert.equal(answered('RTP/AVP;unicast;client_port=4588-4589;server_port=6256-6257'), [
    'rtp at sender:6256/udp',
    'rtcp at sender:6257/udp',
  ])
  assert.equal(answered('RTP/AVP/UDP; source=10.0.0.9; server_port=6256'), ['rtp at 10.0.0.9:6256/udp'])
  assert.equal(asked('RTP/SAVP;client_port=1000-1001'), [
    'srtp at sender:1000/udp',
    'srtp at sender:1001/udp',
  ])
})

test('of several transports offered each counts that takes ports of its own', () => {
  assert.equal(asked('RTP/AVP/TCP;interleaved=0-1,RTP/AVP;client_port=4588'), ['rtp at sender:4588/udp'])
  for (const nothing of [
    'RTP/AVP/TCP;interleaved=0-1',
    'RTP/AVP;multicast',
    'RTP/AVP;client_port=0',
    'x;client_port=5',
  ])
    assert.equal(asked(nothing), [], nothing)
  assert.equal(asked('RTP/AVP;client_port=65536-70000'), [])
})

test('near misses are not rtsp', () => {
  for (const miss of [
    'OPTIONS / HTTP/1.1\r\n\r\n',
    'PLAY now\r\n',
    'RTSP/1.0 x\r\n',
    'OPTIONS sip:a SIP/2.0\r\n\r\n',
  ])
    assert.is(converse(rtsp, [client(miss)]).label, '', miss)
})

test('no truncation reads beyond the payload', () => assertTruncationsHarmless(rtsp, SESSION))

test('mutations neither throw nor hang', () => assertSurvivesMutation(rtsp, SESSION))

test.run()
