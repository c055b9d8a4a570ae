import { suite } from 'uvu'
import { signatures as agents } from '../../../../src/label/signatures/operations/agents.ts'
import { signatures as metrics } from '../../../../src/label/signatures/operations/metrics.ts'
import { bytes, hex, noise, testSignatures, u16, u32, zeros } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/operations/agents')
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
const part = (type: number, body: Uint8Array) => bytes(u16(type), u16(4 + body.length), body)
const values = part(6, bytes(u16(1), 1, noise(8)))
const collectd = bytes(part(0, bytes('host', 0)), part(8, noise(8)), part(2, bytes('cpu', 0)), values)
const xdr = (text: string) => bytes(u32(text.length), text, zeros((4 - (text.length % 4)) % 4))
const ganglia = (kind: number) => bytes(u32(kind), xdr('web1'), xdr('load_one'), u32(0), xdr('%s'), xdr('3'))
const nrpe2 = (type: number, size = 1026) => bytes(u16(2), u16(type), noise(4), u16(0), noise(size))
const nrpe4 = (type: number, size: number) =>
  bytes(u16(4), u16(type), noise(4), u16(0), u16(0), u32(size), noise(20))
const nsca = bytes(noise(128), u32(NOW))
const line = (seconds: number) => bytes(`local.random.dice 4.5 ${seconds}\n`)

testSignatures(test, [...agents, ...metrics], {
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
    matched('collectd', 'values', collectd, { ...udp, ...CLIENT }),
    matched('collectd', 'signed values', bytes(part(0x200, bytes(noise(32), 'user')), collectd), {
      ...udp,
      ...CLIENT,
    }),
    matched('collectd', 'encrypted values', part(0x210, bytes(u16(4), 'user', noise(60))), {
      ...udp,
      ...CLIENT,
    }),
    matched('statsd', 'two metrics', bytes('a.b:1|c|@0.1\nc.d:-3.20|ms|#x:y'), {
      ...udp,
      strength: 'weak',
      ...CLIENT,
    }),
    matched('graphite', 'line', line(NOW), { ...now, ...CLIENT }),
    matched('ganglia', 'metric', ganglia(133), { ...udp, ...CLIENT }),
    matched('nrpe', 'query of version 2', nrpe2(1), CLIENT),
    matched('nrpe', 'response of version 4', nrpe4(2, 20), SERVER),
    matched('nsca', 'greeting', nsca, { ...now, ports: [5667, 1], strength: 'weak', ...SERVER }),
    matched('nut', 'list', bytes('LIST VAR u1\n'), CLIENT),
    matched('nut', 'begin of a list', bytes('BEGIN LIST UPS\nUPS u1 "x"\n'), SERVER),
    matched('apcupsd', 'status asked for', bytes(0, 6, 'status'), CLIENT),
    matched('apcupsd', 'status', bytes(0, 25, 'APC      : 001,018,0442\n'), SERVER),
  ],
  misses: [
    missed('chunk beyond the count', chunk(2, 2), udp),
    missed('one chunk of something else', chunk(0, 1), udp),
    missed('other JSON', bytes('{"version":"1.1","host":"a","message":"b"}')),
    missed('acknowledgement with more', bytes('2A', u32(5), 1)),
    missed('compressed events that are not', bytes('2C', u32(32), hex('7801ff'), noise(29)).fill(0x79, 6, 7)),
    missed('message of last year', bytes(0x93, tag, time(NOW - 31536000), record), now),
    missed('message without a tag', bytes(0x93, 0xa5, noise(5, 200), time(), record), now),
    missed('parts of no such type', bytes(collectd, part(77, noise(9))), udp),
    missed('host without an end', bytes(part(0, bytes('host!')), part(8, noise(8)), values), udp),
    missed('metric without a type', bytes('a.b:1|x'), udp),
    missed('line of text', bytes('a.b:1 and more'), udp),
    missed('line of last year', line(NOW - 31536000), now),
    missed('no such kind of gmond', ganglia(127), udp),
    missed('NRPE of another length', nrpe2(1, 1000)),
    missed('NRPE of version 4 and another length', nrpe4(2, 90)),
    missed('132 bytes at another time', nsca, { ports: [5667, 1] }),
    missed('list of something else', bytes('LIST ALL\n')),
    missed('status and more', bytes(0, 6, 'statusx')),
  ],
})
test.run()
