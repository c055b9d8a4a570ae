import { suite } from 'uvu'
import { signatures } from '../../../src/label/signatures/messaging.ts'
import { bytes, hex, noise, testSignatures, u16, u32, zeros } from './probe.ts'

const test = suite('signatures messaging')
const TCP = 6

const connect = bytes(0x10, 18, 0, 4, 'MQTT', 4, 2, u16(60), u16(6), 'sensor')
const connect5 = bytes(0x10, 22, 0, 4, 'MQTT', 5, 2, u16(60), 3, 0x21, 0, 20, u16(6), 'sensor')
const publish = bytes(0x30, 12, u16(6), 'a/temp', '21.5')
/** AMQP 0-9-1: type 1, channel 0, size, class 10 method 11, end ce. */
const method = bytes(1, u16(0), u32(6), u16(10), u16(11), 0, 0, 0xce)
const amqp1 = bytes(u32(24), 2, 0, u16(0), hex('00 53 10'), noise(13))
const stream = bytes("<?xml version='1.0'?><stream:stream to='example.org' xmlns='jabber:client'>")

testSignatures(test, signatures, {
  matches: [
    {
      label: 'mqtt',
      name: 'connect on any port',
      protocol: TCP,
      ports: [40000, 9999],
      bytes: connect,
      strength: 'strong',
      role: 'client',
      extras: { mqtt: { protocol_level: 4, client_id: 'sensor' } },
    },
    {
      label: 'mqtt',
      name: 'connect of version 5',
      protocol: TCP,
      ports: [1, 1883],
      bytes: connect5,
      strength: 'strong',
      extras: { mqtt: { client_id: 'sensor' } },
    },
    { label: 'mqtt', name: 'publish', protocol: TCP, ports: [1, 1883], bytes: publish, strength: 'strong' },
    {
      label: 'mqtt',
      name: 'connect acknowledged',
      protocol: TCP,
      ports: [1883, 1],
      bytes: hex('20 02 00 00'),
      strength: 'weak',
      role: 'server',
    },
    { label: 'mqtt', name: 'ping', protocol: TCP, ports: [1, 1883], bytes: hex('c0 00'), strength: 'weak' },
    {
      label: 'mqtt',
      name: 'ping and the answer to a publication in one segment',
      protocol: TCP,
      ports: [1, 1883],
      bytes: hex('c0 00 40 02 00 01'),
      strength: 'weak',
    },
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
    {
      label: 'nats',
      name: 'info',
      protocol: TCP,
      ports: [4222, 1],
      bytes: bytes('INFO {"server_id":"NA","version":"2"}\r\n'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'nats',
      name: 'connect',
      protocol: TCP,
      ports: [1, 9],
      bytes: bytes('CONNECT {"verbose":false}\r\n'),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'nats',
      name: 'ping on the port',
      protocol: TCP,
      ports: [1, 4222],
      bytes: bytes('PING\r\n'),
      strength: 'weak',
    },
    {
      label: 'stomp',
      name: 'connect',
      protocol: TCP,
      ports: [1, 61613],
      bytes: bytes('CONNECT\naccept-version:1.2\nhost:x\n\n\0'),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'stomp',
      name: 'connected',
      protocol: TCP,
      ports: [61613, 1],
      bytes: bytes('CONNECTED\nversion:1.2\n\n\0'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'zmtp',
      name: 'greeting',
      protocol: TCP,
      ports: [1, 2],
      bytes: bytes(0xff, zeros(7), 1, 0x7f, 3),
      strength: 'strong',
    },
    {
      label: 'xmpp',
      name: 'stream',
      protocol: TCP,
      ports: [1, 2],
      bytes: stream,
      strength: 'strong',
      extras: { xmpp: { domain: 'example.org' } },
    },
    {
      label: 'xmpp',
      name: 'declaration alone',
      protocol: TCP,
      ports: [1, 5222],
      bytes: bytes("<?xml version='1.0' ?>"),
      strength: 'weak',
    },
    {
      label: 'xmpp',
      name: 'stanza with namespace',
      protocol: TCP,
      ports: [1, 9],
      bytes: bytes("<iq type='get'><query xmlns='jabber:iq:roster'/></iq>"),
      strength: 'strong',
    },
  ],
  misses: [
    {
      name: 'MQTT ping and something behind it',
      protocol: TCP,
      ports: [1, 1883],
      bytes: hex('c0 00 40 09 00 01'),
    },
    { name: 'MQTT ping and half a header', protocol: TCP, ports: [1, 1883], bytes: hex('c0 00 40') },
    {
      name: 'MQTT protocol name',
      protocol: TCP,
      ports: [1, 1883],
      bytes: bytes(0x10, 18, 0, 4, 'MQTX', 4, 2, u16(60), u16(6), 'sensor'),
    },
    { name: 'MQTT ping elsewhere', protocol: TCP, ports: [1, 1884], bytes: hex('c0 00') },
    {
      name: 'MQTT length of five bytes',
      protocol: TCP,
      ports: [1, 1883],
      bytes: hex('30 ff ff ff ff 01 00'),
    },
    {
      name: 'MQTT publish to a binary topic',
      protocol: TCP,
      ports: [1, 1883],
      bytes: bytes(0x30, 8, u16(4), 0, 1, 2, 3, 9, 9),
    },
    { name: 'MQTT reserved flags', protocol: TCP, ports: [1, 1883], bytes: hex('c5 00') },
    {
      name: 'AMQP frame without its end',
      protocol: TCP,
      ports: [1, 5672],
      bytes: bytes(method.subarray(0, 13), 0xcd),
    },
    { name: 'AMQP header and more', protocol: TCP, ports: [1, 5672], bytes: bytes('AMQP', 0, 0, 9, 1, 1) },
    {
      name: 'HTTP CONNECT',
      protocol: TCP,
      ports: [1, 4222],
      bytes: bytes('CONNECT example.org:443 HTTP/1.1\r\n'),
    },
    { name: 'PING elsewhere', protocol: TCP, ports: [1, 6667], bytes: bytes('PING\r\n') },
    { name: 'ZMTP without 7f', protocol: TCP, ports: [1, 2], bytes: bytes(0xff, zeros(9), 3) },
    {
      name: 'XML of another kind',
      protocol: TCP,
      ports: [1, 80],
      bytes: bytes("<?xml version='1.0'?><rss>"),
    },
  ],
})
test.run()
