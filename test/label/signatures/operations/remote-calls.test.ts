import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/operations/remote-calls.ts'
import { bytes, hex, le32, noise, testSignatures, u32 } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/operations/remote-calls')
const TCP = 6
const UDP = 17

const thrift = (type: number) => bytes(hex('8001 00'), type, u32(4), 'ping', u32(0), 0)
const compact = (name: string, second = 0x21) =>
  bytes(0x82, second, hex('b281 01'), name.length, name, hex('1c18 00'))
const miop = (number: number, count: number) =>
  bytes('MIOP', [0x10, 3], [0xe4, 0], le32(number), le32(count), le32(12), noise(12))
const ice = (type: number, size = 14) => bytes('IceP', [1, 0, 1, 0, type, 0], le32(size))
const dubbo = (flags: number, status: number, size = 5) =>
  bytes(hex('dabb'), flags, status, noise(8), u32(size), noise(5))

testSignatures(test, signatures, {
  matches: [
    {
      label: 'giop',
      name: 'request',
      protocol: TCP,
      ports: [1, 2],
      bytes: bytes('GIOP', 1, 2, 0, 0, u32(20), noise(20)),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'thrift',
      name: 'call',
      protocol: TCP,
      ports: [1, 2],
      bytes: thrift(1),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'thrift',
      name: 'framed reply',
      protocol: TCP,
      ports: [2, 1],
      bytes: bytes(u32(17), thrift(2)),
      strength: 'strong',
      role: 'server',
    },
    matched('giop', 'packet of MIOP', miop(0, 1), { protocol: UDP }),
    matched('thrift', 'compact call without answer', compact('emitBatch', 0x81), {
      protocol: UDP,
      ...CLIENT,
    }),
    matched('thrift', 'framed compact reply', bytes(u32(13), compact('ping', 0x41)), SERVER),
    matched('thrift', 'compact call by a short name', compact('ping'), { strength: 'weak', ...CLIENT }),
    matched('t3', 'hello', bytes('t3 12.2.1\nAS:255\nHL:19\n\n'), CLIENT),
    matched('t3', 'answer', bytes('HELO:12.2.1.3.0.false\nAS:2048\nHL:19\n\n'), SERVER),
    matched('ice', 'connection validated', ice(3), SERVER),
    matched('ice', 'request', bytes(ice(0, 24), noise(10)), CLIENT),
    matched('dubbo', 'request', dubbo(0xc2, 0), CLIENT),
    matched('dubbo', 'answer', dubbo(2, 20), SERVER),
  ],
  misses: [
    { name: 'GIOP version 9', protocol: TCP, ports: [1, 2], bytes: bytes('GIOP', 9, 2, 0, 0, u32(20)) },
    { name: 'Thrift type 9', protocol: TCP, ports: [1, 2], bytes: thrift(9) },
    missed('MIOP behind its last packet', miop(2, 2), { protocol: UDP }),
    missed('compact Thrift version 2', compact('emitBatch', 0x22)),
    missed('compact Thrift type 5', compact('emitBatch', 0xa1)),
    missed('compact Thrift that names nothing', compact('emit batch')),
    missed('compact Thrift of another frame', bytes(u32(14), compact('ping', 0x41))),
    missed('SMTP', bytes('HELO 12.example.org\r\n')),
    missed('t3 without lines', bytes('t3 12.2.1\n')),
    missed('Ice of no known type', ice(5)),
    missed('Ice longer than its segment', ice(0, 99)),
    missed('Dubbo with another length', dubbo(0xc2, 0, 6)),
    missed('request of Dubbo with a status', dubbo(0xc2, 20)),
  ],
})

test.run()
