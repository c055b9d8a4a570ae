import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { signatures } from '../../../../src/label/signatures/media/rtp.ts'
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
  u32,
} from '../conversation.ts'

const test = suite('label/signatures/media/rtp')

const setting: Setting = { signatures, protocol: 17, serverPort: 20000, clientPort: 30000 }
const overTcp: Setting = { ...setting, protocol: 6 }
const SOURCE = 0xfd6b8f8e

/** RFC 3550 section 5.1: G.711, sequence, timestamp, SSRC, 20 ms of sound. */
function rtp(sequence: number, timestamp: number, source = SOURCE): Uint8Array {
  return bytes(hex('80 00'), u16(sequence), u32(timestamp), u32(source), new Uint8Array(160).fill(0xd5))
}

/** RFC 3550 section 6.4: a sender report with one report block, then a source description. */
const REPORT = bytes(hex('81 c8 000c'), u32(SOURCE), new Uint8Array(44))
const DESCRIPTION = bytes(hex('81 ca 0002'), u32(SOURCE), hex('01 00 00 00'))

test('two packets that follow each other are a stream', () => {
  const heard = converse(setting, [client(rtp(7, 160)), client(rtp(8, 320))])
  assert.is(heard.label, 'rtp')
  assert.is(heard.strength, 'strong')
  assert.equal(heard.labels, ['', 'rtp'])
  assert.equal(heard.extras.rtp, { payload_type: 0, ssrc: '0xfd6b8f8e' })
})

test('the sequence wraps, and a lost packet does not matter', () => {
  assert.is(converse(setting, [client(rtp(65535, 160)), client(rtp(0, 320))]).label, 'rtp')
  assert.is(converse(setting, [client(rtp(7, 160)), client(rtp(9, 480))]).label, 'rtp')
})

test('streams that take turns are told apart', () => {
  const other = 0x01020304
  const turns = [
    client(rtp(7, 160)),
    client(rtp(900, 9000, other)),
    client(rtp(8, 320)),
    client(rtp(901, 9000, other)),
  ]
  assert.equal(converse(setting, turns).labels, ['', '', 'rtp', ''])
  const strangers = [1, 2, 3, 4, 5, 6, 7, 8].map((source) => client(rtp(7 + source, 160, source)))
  assert.is(converse(setting, strangers).label, '')
})

test('a stream is found behind what a program says first on its own', () => {
  const greetings = [client('1337'), server('1337'), client('again'), server('again')]
  const turns = [...greetings, server(rtp(7, 160)), client('still here'), server(rtp(8, 320))]
  assert.is(converse(setting, turns).label, 'rtp')
  const longer = Array.from({ length: 9 }, () => [client('1337'), server('1337')]).flat()
  assert.is(converse(setting, [...longer, server(rtp(7, 160)), server(rtp(8, 320))]).label, '')
})

test('packets that do not follow each other are not', () => {
  const misses: [string, Uint8Array][] = [
    ['other source', rtp(8, 320, SOURCE + 1)],
    ['same sequence', rtp(7, 320)],
    ['sequence far away', rtp(800, 320)],
    ['timestamp far away', rtp(8, 0x7000_0000)],
    ['version 1', bytes(0x40, rtp(8, 320).subarray(1))],
    ['contributing sources beyond the end', bytes(0x8f, rtp(8, 320).subarray(1, 30))],
  ]
  for (const [what, miss] of misses)
    assert.is(converse(setting, [client(rtp(7, 160)), client(miss)]).label, '', what)
  assert.is(converse(setting, [client(rtp(7, 160)), server(rtp(8, 320))]).label, '', 'other direction')
  const zero = [client(rtp(7, 160, 0)), client(rtp(8, 320, 0))]
  assert.is(converse(setting, zero).label, '', 'source 0')
})

test('RTCP alone: compound is strong, a single report weak, other packets nothing', () => {
  assert.is(converse(setting, [client(REPORT, DESCRIPTION)]).label, 'rtcp')
  assert.is(converse(setting, [client(REPORT, DESCRIPTION)]).strength, 'strong')
  assert.is(converse(setting, [client(REPORT)]).strength, 'weak')
  assert.is(converse(setting, [client(DESCRIPTION)]).label, '')
  assert.is(converse(setting, [client(REPORT, 0)]).label, '', 'a byte behind')
  const blocks = REPORT.slice()
  blocks[0] = 0x9f
  assert.is(converse(setting, [client(blocks)]).label, '', 'more report blocks than room')
})

test('RTCP about a known source is strong, and does not rename the stream', () => {
  const heard = converse(setting, [client(rtp(7, 160)), client(rtp(8, 320)), client(REPORT)])
  assert.is(heard.label, 'rtp')
  assert.is(heard.labels[2], 'rtcp')
})

test('an encrypted report of a known source is srtp', () => {
  const noise = Uint8Array.from({ length: 24 }, (_, i) => 0x11 * i)
  const encrypted = bytes(REPORT, noise, hex('80 00 00 01'), new Uint8Array(10).fill(0x5a))
  assert.is(converse(setting, [client(rtp(7, 160)), client(rtp(8, 320)), client(encrypted)]).label, 'srtp')
  assert.is(converse(setting, [client(encrypted)]).label, '')
  // RFC 7714: the index comes last.
  const sealed = bytes(REPORT, noise, hex('80 00 00 01'))
  assert.is(converse(setting, [client(rtp(7, 160)), client(rtp(8, 320)), client(sealed)]).label, 'srtp')
})

test('RTP over TCP stands behind a length', () => {
  const framed = (sequence: number) => client(u16(172), rtp(sequence, sequence * 160, 0))
  assert.is(converse(overTcp, [framed(7), framed(8)]).label, 'rtp')
  assert.is(converse(overTcp, [framed(7), client(u16(171), rtp(8, 1280, 0))]).label, '')
})

test('no truncation reads beyond the payload', () => {
  assertTruncationsHarmless(setting, [client(rtp(7, 160)), client(rtp(8, 320)), client(REPORT, DESCRIPTION)])
})

test('mutations neither throw nor hang', () => {
  assertSurvivesMutation(setting, [client(rtp(7, 160)), client(rtp(8, 320)), client(REPORT, DESCRIPTION)])
})

test.run()
