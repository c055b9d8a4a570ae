import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/messaging/message-queues.ts'
import { bytes, hex, noise, testSignatures, u32, zeros } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/messaging/message-queues')
const TCP = 6

const sized = (body: Uint8Array) => bytes(u32(body.length), body)
const pulsar = (body: Uint8Array) => sized(sized(body))
const connect = pulsar(bytes(hex('0802120a0a08'), 'Pulsar-C'))
const tsh = (name: string, order: number, type = 1) => bytes(name, u32(60), order, type, noise(50))
const tshm = bytes('TSHM', u32(60), zeros(8), 2, 0x86, noise(42))

testSignatures(test, signatures, {
  matches: [
    {
      label: 'zmtp',
      name: 'greeting',
      protocol: TCP,
      ports: [1, 2],
      bytes: bytes(0xff, zeros(7), 1, 0x7f, 3),
      strength: 'strong',
    },
    matched('pulsar', 'connect', connect, CLIENT),
    matched('pulsar', 'connected', pulsar(bytes(hex('08031a0a0a08'), 'Pulsar-S')), SERVER),
    matched('pulsar', 'ping', pulsar(hex('0812920100'))),
    matched('nsq', 'hello', bytes('  V2'), CLIENT),
    matched('nsq', 'hello and a command', bytes('  V2IDENTIFY\n', u32(2), '{}'), CLIENT),
    matched('nsq', 'frame', sized(bytes(u32(0), 'OK')), SERVER),
    matched('nsq', 'heartbeat', sized(bytes(u32(0), '_heartbeat_')), SERVER),
    matched('openwire', 'wire format', sized(bytes(1, 'ActiveMQ', u32(12), noise(20)))),
    matched('ibm-mq', 'initial data', tsh('TSH ', 1)),
    matched('ibm-mq', 'initial data in EBCDIC', bytes(hex('e3e2c840'), u32(60), 2, 1, noise(50))),
    matched('ibm-mq', 'multiplexed', tshm),
  ],
  misses: [
    { name: 'ZMTP without 7f', protocol: TCP, ports: [1, 2], bytes: bytes(0xff, zeros(9), 3) },
    missed('another command of Pulsar', pulsar(bytes(hex('0802320a0a08'), 'Pulsar-C'))),
    missed('Pulsar with a rest', bytes(connect, 0)),
    missed('blanks and a version in mid-flow', bytes('  V2'), { ordinal: 5 }),
    missed('blanks, a version and text', bytes('  V2 is the new one')),
    missed('frame with other text', sized(bytes(u32(0), 'KO'))),
    missed('OpenWire of another type', sized(bytes(2, 'ActiveMQ', u32(12), noise(20)))),
    missed('TSH in no byte order', tsh('TSH ', 7)),
  ],
})
test.run()
