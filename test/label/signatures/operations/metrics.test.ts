import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/operations/metrics.ts'
import { bytes, noise, testSignatures, u16, u32, zeros } from '../probe.ts'
import { CLIENT, matched, missed } from '../rows.ts'

const test = suite('label/signatures/operations/metrics')
const UDP = 17
const udp = { protocol: UDP }
const NOW = 1_700_000_000
const now = { timeSec: NOW + 60 }
const part = (type: number, body: Uint8Array) => bytes(u16(type), u16(4 + body.length), body)
const values = part(6, bytes(u16(1), 1, noise(8)))
const collectd = bytes(part(0, bytes('host', 0)), part(8, noise(8)), part(2, bytes('cpu', 0)), values)
const xdr = (text: string) => bytes(u32(text.length), text, zeros((4 - (text.length % 4)) % 4))
const ganglia = (kind: number) => bytes(u32(kind), xdr('web1'), xdr('load_one'), u32(0), xdr('%s'), xdr('3'))
const line = (seconds: number) => bytes(`local.random.dice 4.5 ${seconds}\n`)

testSignatures(test, signatures, {
  matches: [
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
  ],
  misses: [
    missed('parts of no such type', bytes(collectd, part(77, noise(9))), udp),
    missed('host without an end', bytes(part(0, bytes('host!')), part(8, noise(8)), values), udp),
    missed('metric without a type', bytes('a.b:1|x'), udp),
    missed('line of text', bytes('a.b:1 and more'), udp),
    missed('line of last year', line(NOW - 31536000), now),
    missed('no such kind of gmond', ganglia(127), udp),
  ],
})

test.run()
