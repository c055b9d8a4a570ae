import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/operations/logs.ts'
import { bytes, hex, noise, testSignatures, u32, zeros } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/operations/logs')
const UDP = 17
const udp = { protocol: UDP }
const NOW = 1_700_000_000
const now = { timeSec: NOW + 60 }

const chunk = (number: number, count: number) => bytes(hex('1e0f'), noise(8), number, count, noise(20))
const zlib = (size: number) => bytes('2C', u32(size), hex('789c'), noise(30))
const window_ = bytes('2W', u32(2048))
const tag = bytes(0xa5, 'a.log')
const time = (seconds = NOW) => bytes(hex('d700'), u32(seconds), u32(1))
const record = bytes(0x81, 0xa1, 'k', 0xa1, 'v')

/** As rsyslog's omrelp sent it. */
const SYSLOG_BY_RELP = bytes('4 syslog 55 <13>2026-11-24T03:10:02.781403+00:00 vm root: message 3\n')

testSignatures(test, signatures, {
  matches: [
    matched('gelf', 'chunk', chunk(0, 2), { ...udp, strength: 'weak', ...CLIENT }),
    matched('gelf', 'first chunk', bytes(chunk(0, 1).subarray(0, 12), hex('789c'), noise(40)), {
      ...udp,
      ...CLIENT,
    }),
    matched('gelf', 'plain', bytes('{"version":"1.1","host":"a","short_message":"b"}\0'), CLIENT),
    matched('lumberjack', 'window alone', window_, { strength: 'weak', ...CLIENT }),
    matched('lumberjack', 'window and events', bytes(window_, zlib(32)), CLIENT),
    matched('lumberjack', 'compressed events', zlib(32), CLIENT),
    matched('lumberjack', 'acknowledgement', bytes('2A', u32(5)), { peer: zlib(32), ...SERVER }),
    matched('lumberjack', 'acknowledgement alone', bytes('2A', u32(5)), { strength: 'weak', ...SERVER }),
    matched('fluentd', 'message', bytes(0x93, tag, time(), record), { ...now, ...CLIENT }),
    matched('fluentd', 'short message', bytes(0x93, tag, 0xce, u32(NOW), 0x81, 0xa1, 'x', 1), {
      ...now,
      ...CLIENT,
    }),
    matched('fluentd', 'forward', bytes(0x92, tag, 0x91, 0x92, time(), record), { ...now, ...CLIENT }),
    matched('fluentd', 'packed forward', bytes(0x93, tag, 0xc4, 16, 0x92, time(), record), {
      ...now,
      ...CLIENT,
    }),
    matched('fluentd', 'whole seconds', bytes(0x93, tag, 0xce, u32(NOW), record, zeros(8)), {
      ...now,
      ...CLIENT,
    }),
    matched('fluentd', 'greeting', bytes(0x92, 0xa4, 'HELO', 0x80), SERVER),
    matched('relp', 'open', bytes('1 open 86 relp_version=0\nrelp_software=librelp,1.11.0\n'), CLIENT),
    matched('relp', 'accepted', bytes('1 rsp 93 200 OK\nrelp_version=0\nrelp_software=librelp\n'), SERVER),
    matched('relp', 'message in the middle', SYSLOG_BY_RELP, CLIENT),
    matched('relp', 'message cut by the snaplen', SYSLOG_BY_RELP, { captured: 30, ...CLIENT }),
    matched('relp', 'its answer', bytes('4 rsp 6 200 OK\n'), SERVER),
  ],
  misses: [
    missed('RELP of another length', bytes(SYSLOG_BY_RELP, 'x').subarray(0, 66)),
    missed('answer that ends elsewhere', bytes('4 rsp 5 200 OK\n')),
    missed('answer without a result', bytes('4 rsp 6 OK 200\n')),
    missed('chunk beyond the count', chunk(2, 2), udp),
    missed('one chunk of something else', chunk(0, 1), udp),
    missed('other JSON', bytes('{"version":"1.1","host":"a","message":"b"}')),
    missed('acknowledgement with more', bytes('2A', u32(5), 1)),
    missed('compressed events that are not', bytes('2C', u32(32), hex('7801ff'), noise(29)).fill(0x79, 6, 7)),
    missed('message of last year', bytes(0x93, tag, time(NOW - 31536000), record), now),
    missed('message without a tag', bytes(0x93, 0xa5, noise(5, 200), time(), record), now),
    missed('another first command', bytes('1 open 12 version=0\n')),
  ],
})

test.run()
