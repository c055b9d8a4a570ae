import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/operations/measuring.ts'
import { bytes, hex, noise, testSignatures, u16, u32, zeros } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/operations/measuring')
const udp = { protocol: 17 }
const NOW = 1_700_000_000
const now = { timeSec: NOW }

const COOKIE = 'abcdefghijklmnopqrstuvwxyz234567abcd'
const digits = (shift: number, count: number) =>
  Uint8Array.from({ length: count }, (_, i) => 0x30 + ((shift + i) % 10))
const datagram = (number: number, seconds = NOW) =>
  bytes(u32(number), u32(seconds), u32(999), zeros(4), noise(30))
const greeting = (modes: number, count = 1024) =>
  bytes(zeros(12), u32(modes), noise(32), u32(count), zeros(12))
const setup = bytes(u32(1), zeros(160))
const authentication = bytes(0, 8, u16(0), u32(8), u16(0), u16(0), u16(0), u16(0))
const list = bytes(0, 2, u16(0), u32(0))
const reply = bytes(0, 0x82, u16(1), u32(12), noise(12))

testSignatures(test, signatures, {
  matches: [
    matched('iperf3', 'cookie', bytes(COOKIE, 0), CLIENT),
    matched('iperf3', 'cookie before data', bytes(COOKIE, 0, noise(40)), CLIENT),
    matched('iperf3', 'stream asked for', hex('39383736'), { ...udp, ...CLIENT }),
    matched('iperf3', 'stream opened', hex('36373839'), { ...udp, ...SERVER }),
    matched('iperf2', 'data', bytes(zeros(24), digits(4, 60)), { strength: 'weak', ...CLIENT }),
    matched('iperf2', 'datagram', datagram(1), { ...udp, ...now, strength: 'weak' }),
    matched('iperf2', 'next datagram', datagram(3), { ...udp, ...now, previous: datagram(1) }),
    matched('owamp-control', 'greeting', greeting(7), { ports: [861, 1], ...SERVER }),
    matched('twamp-control', 'greeting', greeting(7), SERVER),
    matched('twamp-control', 'mode', setup, { peer: greeting(7), ...CLIENT }),
    matched('rpcap', 'authentication', authentication, CLIENT),
    matched('rpcap', 'reply', reply, { peer: list, ...SERVER }),
    matched('kismet', 'greeting', bytes('*KISMET: 0.0.0 1249\n'), SERVER),
  ],
  misses: [
    missed('a digit that cookies do not have', bytes(COOKIE.replace('2', '1'), 0)),
    missed('cookie in mid-flow', bytes(COOKIE, 0), { ordinal: 2 }),
    missed('word with more', hex('3938373600'), udp),
    missed('digits that end', bytes(zeros(24), digits(4, 30), noise(30))),
    missed('numbers near zero in a packet without a time', bytes(u32(1), u32(2), u32(3), zeros(9)), udp),
    missed('datagram of another day', datagram(1, NOW - 86400), { ...udp, ...now }),
    missed('datagram that does not go on', datagram(1), { ...udp, ...now, previous: datagram(1) }),
    missed('count that is no power of two', greeting(7, 1025)),
    missed('mode that was not offered', setup, { peer: greeting(2) }),
    missed('choice without a greeting', setup),
    missed('authentication of other lengths', bytes(authentication.subarray(0, 15), 1)),
    missed('reply to nothing', reply),
    missed('zeros', zeros(64)),
    missed('a greeting without its colon', bytes('*KISMET 0.0.0 1249\n')),
  ],
})

test.run()
