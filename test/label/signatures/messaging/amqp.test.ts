import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/messaging/amqp.ts'
import { bytes, hex, noise, testSignatures, u16, u32, zeros } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/messaging/amqp')
const TCP = 6

/** AMQP 0-9-1: type 1, channel 0, size, class 10 method 11, end ce. */
const method = bytes(1, u16(0), u32(6), u16(10), u16(11), 0, 0, 0xce)
const amqp1 = bytes(u32(24), 2, 0, u16(0), hex('00 53 10'), noise(13))

const sized = (body: Uint8Array) => bytes(u32(body.length), body)
const stream = (key: number, number: number, body: Uint8Array) =>
  sized(bytes(u16(key), u16(1), u32(number), body))
const properties = stream(0x11, 1, bytes(u32(1), u16(7), 'product', u16(6), 'Stream'))

testSignatures(test, signatures, {
  matches: [
    {
      label: 'amqp',
      name: 'header',
      protocol: TCP,
      ports: [1, 5672],
      bytes: bytes('AMQP', 0, 0, 9, 1),
      strength: 'strong',
      role: 'client',
      extras: { amqp: { version: '0.9.1' } },
    },
    {
      label: 'amqp',
      name: 'method frame',
      protocol: TCP,
      ports: [5672, 1],
      bytes: method,
      strength: 'strong',
    },
    {
      label: 'amqp',
      name: 'version 1.0 frame',
      protocol: TCP,
      ports: [1, 5673],
      bytes: amqp1,
      strength: 'strong',
    },
    matched('rabbitmq-stream', 'properties', properties, CLIENT),
    matched('rabbitmq-stream', 'answer', stream(0x8011, 1, noise(30)), { peer: properties, ...SERVER }),
    matched('rabbitmq-stream', 'mechanisms asked for', stream(0x12, 2, zeros(0)), {
      ports: [1, 5552],
      ...CLIENT,
    }),
  ],
  misses: [
    {
      name: 'AMQP frame without its end',
      protocol: TCP,
      ports: [1, 5672],
      bytes: bytes(method.subarray(0, 13), 0xcd),
    },
    { name: 'AMQP header and more', protocol: TCP, ports: [1, 5672], bytes: bytes('AMQP', 0, 0, 9, 1, 1) },
    missed('answer to another request', stream(0x8011, 2, noise(30)), { peer: properties }),
    missed('properties without names', stream(0x11, 1, bytes(u32(1), u16(7), noise(7)))),
  ],
})
test.run()
