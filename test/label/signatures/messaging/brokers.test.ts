import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/messaging/brokers.ts'
import { bytes, hex, noise, testSignatures, u16, u32, zeros } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/messaging/brokers')

const sized = (body: Uint8Array) => bytes(u32(body.length), body)
const short = (body: Uint8Array) => bytes(u16(body.length), body)
const pulsar = (body: Uint8Array) => sized(sized(body))
const connect = pulsar(bytes(hex('0802120a0a08'), 'Pulsar-C'))
const stream = (key: number, number: number, body: Uint8Array) =>
  sized(bytes(u16(key), u16(1), u32(number), body))
const properties = stream(0x11, 1, bytes(u32(1), u16(7), 'product', u16(6), 'Stream'))
const gearman = (kind: string, type: number, size: number) => bytes(0, kind, u32(type), u32(size), noise(12))
const tsh = (name: string, order: number, type = 1) => bytes(name, u32(60), order, type, noise(50))
const tshm = bytes('TSHM', u32(60), zeros(8), 2, 0x86, noise(42))
const node = [77, 0, 0, 6, 0, 5]
const alive = short(bytes(0x78, u16(36413), node, u16(1), 'a', u16(0)))
const erlang = short(bytes(0x4e, noise(8), u32(5), u16(11), 'b@localhost'))

testSignatures(test, signatures, {
  matches: [
    matched('pulsar', 'connect', connect, CLIENT),
    matched('pulsar', 'connected', pulsar(bytes(hex('08031a0a0a08'), 'Pulsar-S')), SERVER),
    matched('pulsar', 'ping', pulsar(hex('0812920100'))),
    matched('nsq', 'hello', bytes('  V2'), CLIENT),
    matched('nsq', 'hello and a command', bytes('  V2IDENTIFY\n', u32(2), '{}'), CLIENT),
    matched('nsq', 'frame', sized(bytes(u32(0), 'OK')), SERVER),
    matched('nsq', 'heartbeat', sized(bytes(u32(0), '_heartbeat_')), SERVER),
    matched('beanstalkd', 'put', bytes('put 1 0 60 5\r\nhello\r\n'), CLIENT),
    matched('beanstalkd', 'inserted', bytes('INSERTED 1\r\n'), SERVER),
    matched('beanstalkd', 'reserved', bytes('RESERVED 1 5\r\nhello\r\n'), SERVER),
    matched('beanstalkd', 'watching', bytes('WATCHING 2\r\n'), SERVER),
    matched('gearman', 'request', gearman('REQ', 1, 12), CLIENT),
    matched('gearman', 'response', gearman('RES', 10, 0), SERVER),
    matched('rabbitmq-stream', 'properties', properties, CLIENT),
    matched('rabbitmq-stream', 'answer', stream(0x8011, 1, noise(30)), { peer: properties, ...SERVER }),
    matched('rabbitmq-stream', 'mechanisms asked for', stream(0x12, 2, zeros(0)), {
      ports: [1, 5552],
      ...CLIENT,
    }),
    matched('openwire', 'wire format', sized(bytes(1, 'ActiveMQ', u32(12), noise(20)))),
    matched('ibm-mq', 'initial data', tsh('TSH ', 1)),
    matched('ibm-mq', 'initial data in EBCDIC', bytes(hex('e3e2c840'), u32(60), 2, 1, noise(50))),
    matched('ibm-mq', 'multiplexed', tshm),
    matched('epmd', 'registration', alive, CLIENT),
    matched('epmd', 'port asked for', short(bytes('za')), { strength: 'weak', ...CLIENT }),
    matched('epmd', 'port asked for on the port', short(bytes('za')), { ports: [1, 4369], ...CLIENT }),
    matched('epmd', 'port told', bytes(0x77, 0, u16(36413), node, u16(1), 'a', u16(0)), SERVER),
    matched('epmd', 'names asked for', hex('00016e'), { strength: 'weak', ...CLIENT }),
    matched('epmd', 'names told', bytes(u32(4369), 'name a at port 36413\n'), {
      peer: hex('00016e'),
      ...SERVER,
    }),
    matched('erldp', 'name', erlang, CLIENT),
    matched('erldp', 'name of version 5', short(bytes(0x6e, u16(5), noise(4), 'b@localhost')), CLIENT),
    matched('erldp', 'accepted', short(bytes('sok')), SERVER),
  ],
  misses: [
    missed('another command of Pulsar', pulsar(bytes(hex('0802320a0a08'), 'Pulsar-C'))),
    missed('Pulsar with a rest', bytes(connect, 0)),
    missed('blanks and a version in mid-flow', bytes('  V2'), { ordinal: 5 }),
    missed('blanks, a version and text', bytes('  V2 is the new one')),
    missed('frame with other text', sized(bytes(u32(0), 'KO'))),
    missed('put of too few numbers', bytes('put 1 0 60\r\nhello\r\n')),
    missed('inserted, but where', bytes('INSERTED x\r\n')),
    missed('no such type of Gearman', gearman('REQ', 99, 12)),
    missed('Gearman longer than the packet', gearman('REQ', 1, 400)),
    missed('answer to another request', stream(0x8011, 2, noise(30)), { peer: properties }),
    missed('properties without names', stream(0x11, 1, bytes(u32(1), u16(7), noise(7)))),
    missed('OpenWire of another type', sized(bytes(2, 'ActiveMQ', u32(12), noise(20)))),
    missed('TSH in no byte order', tsh('TSH ', 7)),
    missed(
      'registration of no such kind',
      short(bytes(0x78, u16(36413), 1, 0, 0, 6, 0, 5, u16(1), 'a', u16(0))),
    ),
    missed('name without a host', short(bytes(0x4e, noise(8), u32(5), u16(11), 'b-localhost'))),
  ],
})
test.run()
