import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/messaging/mqtt.ts'
import { bytes, hex, noise, testSignatures, u16 } from '../probe.ts'

const test = suite('label/signatures/messaging/mqtt')
const TCP = 6
const UDP = 17

const connect = bytes(0x10, 18, 0, 4, 'MQTT', 4, 2, u16(60), u16(6), 'sensor')
const connect5 = bytes(0x10, 22, 0, 4, 'MQTT', 5, 2, u16(60), 3, 0x21, 0, 20, u16(6), 'sensor')
const publish = bytes(0x30, 12, u16(6), 'a/temp', '21.5')
const snConnect = bytes(16, 4, 4, 1, u16(60), 'sensor-001')

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
    {
      label: 'mqtt',
      name: 'connection accepted on any port',
      protocol: TCP,
      ports: [11883, 1],
      bytes: hex('20 02 00 00'),
      labelSoFar: 'mqtt',
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
      label: 'mqtt-sn',
      name: 'connect',
      protocol: UDP,
      ports: [1, 2],
      bytes: snConnect,
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'mqtt-sn',
      name: 'answer',
      protocol: UDP,
      ports: [2, 1],
      bytes: hex('030500'),
      peer: snConnect,
      strength: 'strong',
      role: 'server',
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
    { name: 'connect of MQTT', protocol: UDP, ports: [1, 1883], bytes: hex('100c00044d5154540402003c0000') },
    {
      name: 'connect with binary id',
      protocol: UDP,
      ports: [1, 2],
      bytes: bytes(10, 4, 4, 1, 0, 60, noise(4, 0x80)),
    },
    {
      name: 'connect with other flags',
      protocol: UDP,
      ports: [1, 2],
      bytes: bytes(12, 4, 0x60, 1, 0, 60, 'sensor'),
    },
    { name: 'answer to nothing', protocol: UDP, ports: [1883, 1], bytes: hex('030500') },
    {
      name: 'answer with code 9',
      protocol: UDP,
      ports: [1883, 1],
      bytes: hex('030509'),
      peer: snConnect,
    },
  ],
})
test.run()
