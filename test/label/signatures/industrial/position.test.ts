import { suite } from 'uvu'
import { CRC24Q, crc24 } from '../../../../src/label/signatures/common/checksums.ts'
import { signatures } from '../../../../src/label/signatures/industrial/position.ts'
import { bytes, hex, noise, testSignatures, u16, zeros } from '../probe.ts'

const test = suite('label/signatures/industrial/position')
const TCP = 6
const UDP = 17
const ends = [40000, 40001] as const

const fix = '$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47\r\n'
const ais = '!AIVDM,1,1,,A,13u?etPv2;0n:dDPwUM1U1Cb069D,0*24\r\n'
const rtcm = (message: Uint8Array) => {
  const frame = bytes(0xd3, u16(message.length), message)
  const crc = crc24(frame, 0, frame.length, CRC24Q)
  return bytes(frame, crc >> 16, u16(crc & 0xffff))
}
const squitter = hex('1a 33 000000000000 00 8d40621d58c382d690c8ac2863a7')
const short = hex('1a 32 000000000000 00 5d4840d6bf8f1c')
/** The example of section 2.2.4. */
const heartbeat = hex('7e 00 81 41 db d0 08 02 b3 8b 7e')
const block = (category: number, size: number) => bytes(category, u16(size), 0xf0, noise(size - 4))
const sbs =
  'MSG,3,1,1,40621D,1,2026/11/23,05:54:39.998,2026/11/23,05:54:39.998,,38000,,,52.26578,3.93891,,,,,,0\r\n'

testSignatures(test, signatures, {
  matches: [
    {
      label: 'nmea-0183',
      name: 'fix',
      protocol: TCP,
      ports: [10110, 40000],
      bytes: bytes(fix, ais),
      strength: 'strong',
      role: 'server',
    },
    { label: 'nmea-0183', name: 'AIS', protocol: UDP, ports: ends, bytes: bytes(ais), strength: 'strong' },
    {
      label: 'nmea-0183',
      name: 'behind tags, in a datagram of its own kind',
      protocol: UDP,
      ports: ends,
      bytes: bytes('UdPbC\0\\s:GP0001,n:1*2F\\', fix),
      strength: 'strong',
    },
    {
      label: 'rtcm-sc104',
      name: 'frame',
      protocol: TCP,
      ports: [2101, 40000],
      bytes: bytes(rtcm(noise(19)), rtcm(noise(9))),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'ntrip',
      name: 'source table',
      protocol: TCP,
      ports: [2101, 40000],
      bytes: bytes('SOURCETABLE 200 OK\r\nServer: NTRIP Caster 1.0\r\n\r\n'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'ntrip',
      name: 'source',
      protocol: TCP,
      ports: [40000, 2101],
      bytes: bytes('SOURCE letmein /BASE1\r\nSource-Agent: NTRIP Example/1\r\n\r\n'),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'ntrip',
      name: 'stream, without headers',
      protocol: TCP,
      ports: [2101, 40000],
      bytes: bytes('ICY 200 OK\r\n\r\n', rtcm(noise(19))),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'ntrip',
      name: 'stream that names its caster',
      protocol: TCP,
      ports: [2101, 40000],
      bytes: bytes('ICY 200 OK\r\nServer: NTRIP Caster/2\r\n\r\n'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'ntrip',
      name: 'the answer alone',
      protocol: TCP,
      ports: [2101, 40000],
      bytes: bytes('ICY 200 OK\r\n'),
      strength: 'weak',
      role: 'server',
    },
    {
      label: 'gpsd',
      name: 'position',
      protocol: TCP,
      ports: [2947, 40000],
      bytes: bytes(
        '{"class":"TPV","device":"udp://127.0.0.1:9999","mode":2,"time":"2026-03-23T12:35:00.000Z"}\r\n',
      ),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'gpsd',
      name: 'poll',
      protocol: TCP,
      ports: [40000, 2947],
      bytes: bytes('?POLL;\n'),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'gpsd',
      name: 'greeting',
      protocol: TCP,
      ports: [2947, 40000],
      bytes: bytes('{"class":"VERSION","release":"3.22","rev":"3.22","proto_major":3}\r\n'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'gpsd',
      name: 'watch',
      protocol: TCP,
      ports: [40000, 2947],
      bytes: bytes('?WATCH={"enable":true,"json":true};\n'),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'beast',
      name: 'extended squitter',
      protocol: TCP,
      ports: [30005, 40000],
      bytes: squitter,
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'beast',
      name: 'two messages, one with an escape',
      protocol: TCP,
      ports: [30005, 40000],
      bytes: bytes(short, hex('1a 32 00001a1a000000 00 5d4840d6bf8f1c')),
      strength: 'strong',
    },
    {
      label: 'sbs',
      name: 'position',
      protocol: TCP,
      ports: [30003, 40000],
      bytes: bytes(sbs),
      strength: 'strong',
      role: 'server',
    },
    { label: 'gdl90', name: 'heartbeat', protocol: UDP, ports: ends, bytes: heartbeat, strength: 'strong' },
    {
      label: 'asterix',
      name: 'two blocks',
      protocol: UDP,
      ports: ends,
      bytes: bytes(block(34, 11), block(48, 44)),
      strength: 'strong',
    },
    {
      label: 'asterix',
      name: 'one block on its port',
      protocol: UDP,
      ports: [40000, 8600],
      bytes: block(62, 44),
      strength: 'weak',
    },
    {
      label: 'wits',
      name: 'record',
      protocol: TCP,
      ports: ends,
      bytes: bytes('&&\r\n01083215.5\r\n01103216.0\r\n!!\r\n'),
      strength: 'strong',
    },
  ],
  misses: [
    {
      name: 'a stream of SHOUTcast',
      protocol: TCP,
      ports: [8000, 40000],
      bytes: bytes('ICY 200 OK\r\nicy-notice1:<BR>\r\n'),
    },
    { name: 'another question', protocol: TCP, ports: [40000, 2947], bytes: bytes('?WATCHES;\n') },
    {
      name: 'sentence with a wrong checksum',
      protocol: TCP,
      ports: ends,
      bytes: bytes(fix.replace('*47', '*46')),
    },
    { name: 'a price', protocol: TCP, ports: ends, bytes: bytes('$100, or less, *00 if you wait') },
    {
      name: 'RTCM with a wrong checksum',
      protocol: TCP,
      ports: ends,
      bytes: bytes(rtcm(noise(19)).subarray(0, 24), 0),
    },
    { name: 'a source that is none', protocol: TCP, ports: ends, bytes: bytes('SOURCE code of it\r\n\r\n') },
    { name: 'other JSON', protocol: TCP, ports: ends, bytes: bytes('{"class":"TPV","release":1}') },
    {
      name: 'squitter with a wrong checksum',
      protocol: TCP,
      ports: ends,
      bytes: bytes(squitter.subarray(0, 22), 0),
    },
    { name: 'one short message', protocol: TCP, ports: ends, bytes: short },
    {
      name: 'MSG of few fields',
      protocol: TCP,
      ports: ends,
      bytes: bytes('MSG,3,1,hello world of text\r\n'),
    },
    {
      name: 'GDL 90 with a wrong checksum',
      protocol: UDP,
      ports: ends,
      bytes: hex('7e 00 81 41 db d0 08 02 b3 8c 7e'),
    },
    { name: 'one block elsewhere', protocol: UDP, ports: ends, bytes: block(62, 44) },
    { name: 'unknown category', protocol: UDP, ports: [1, 8600], bytes: bytes(block(34, 11), block(99, 9)) },
    {
      name: 'blocks that do not fill',
      protocol: UDP,
      ports: [1, 8600],
      bytes: bytes(block(34, 11), zeros(2)),
    },
    { name: 'WITS without lines', protocol: TCP, ports: ends, bytes: bytes('&&\r\nhello\r\n') },
  ],
})

test.run()
