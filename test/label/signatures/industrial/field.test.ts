import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/industrial/field.ts'
import { bytes, hex, noise, testSignatures, u16 } from '../probe.ts'

const test = suite('label/signatures/industrial/field')
const TCP = 6
const UDP = 17

const whoIs = hex('81 0b 000c 01 20 ffff 00 ff 10 08')
const knx = hex('0610 0201 000e 0801 c0a80001 0e57')
/** RFC 7252 appendix A: confirmable GET of /temperature and its acknowledgement. */
const get = bytes(0x40, 1, u16(0x7d34), 0xbb, 'temperature')
const content = bytes(0x60, 0x45, u16(0x7d34), 0xff, '22.3 C')
/** As libcoap sends them: settings and GET /time over TCP, a NON request with a token of four bytes. */
const settings = hex('50 e1 23 800100 20')
const time = hex('91 01 01 601225d344 74696d65')
const non = bytes(0x54, 1, u16(0x0db8), hex('c0ffee01'), 0xbb, '.well-known', 0x04, 'core')
const nonAnswer = bytes(0x54, 0x45, u16(0x4711), hex('c0ffee01'), 0xff, '</>')
const hart = bytes(1, 0, 0, 0, u16(2), u16(13), 1, hex('00007530'))

testSignatures(test, signatures, {
  matches: [
    {
      label: 'bacnet',
      name: 'who is',
      protocol: UDP,
      ports: [47809, 47809],
      bytes: whoIs,
      strength: 'strong',
      extras: { bacnet: { function: 11 } },
    },
    {
      label: 'bacnet',
      name: 'register foreign device, elsewhere',
      protocol: UDP,
      ports: [1, 2],
      bytes: hex('81 05 0006 ea60'),
      strength: 'weak',
    },
    {
      label: 'knxnet-ip',
      name: 'search',
      protocol: UDP,
      ports: [1, 3671],
      bytes: knx,
      strength: 'strong',
      extras: { knxnet_ip: { service: 0x201 } },
    },
    {
      label: 'coap',
      name: 'get',
      protocol: UDP,
      ports: [1, 5683],
      bytes: get,
      strength: 'weak',
      role: 'client',
      extras: { coap: { code: '0.01', path: 'temperature' } },
    },
    {
      label: 'coap',
      name: 'get, on a port that 6LoWPAN shortens',
      protocol: UDP,
      ports: [1, 61631],
      bytes: get,
      strength: 'weak',
    },
    {
      label: 'coap',
      name: 'answer elsewhere',
      protocol: UDP,
      ports: [2, 1],
      bytes: content,
      peer: get,
      strength: 'strong',
      role: 'server',
      extras: { coap: { code: '2.05' } },
    },
    {
      label: 'coap',
      name: 'a path of two segments',
      protocol: UDP,
      ports: [1, 5683],
      bytes: non,
      strength: 'weak',
      extras: { coap: { path: '.well-known/core' } },
    },
    {
      label: 'coap',
      name: 'answer elsewhere with a message id of its own',
      protocol: UDP,
      ports: [2, 1],
      bytes: nonAnswer,
      peer: non,
      strength: 'strong',
      role: 'server',
    },
    { label: 'coap', name: 'settings', protocol: TCP, ports: [1, 2], bytes: settings, strength: 'weak' },
    {
      label: 'coap',
      name: 'settings and a request',
      protocol: TCP,
      ports: [1, 2],
      bytes: bytes(settings, time),
      strength: 'weak',
    },
    {
      label: 'coap',
      name: 'get behind settings',
      protocol: TCP,
      ports: [1, 2],
      bytes: time,
      previous: settings,
      labelSoFar: 'coap',
      strength: 'weak',
      role: 'client',
      extras: { coap: { code: '0.01', path: 'time' } },
    },
    {
      label: 'knxnet-ip',
      name: 'two frames over TCP',
      protocol: TCP,
      ports: [3671, 1],
      bytes: hex('0610 0423 000e 0401020006001087 0610 0425 000e 0401030006001087'),
      strength: 'strong',
    },
    {
      label: 'hart-ip',
      name: 'session elsewhere',
      protocol: UDP,
      ports: [1, 5095],
      bytes: hart,
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'hart-ip',
      name: 'answer in a frame of the serial line, from another port',
      protocol: UDP,
      ports: [5095, 49905],
      bytes: hex('0101 0300 0004 0018 86264e0000d2010700d0fb0000000011'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'hart-ip',
      name: 'session initiate',
      protocol: UDP,
      ports: [1, 5094],
      bytes: hart,
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'bacnet',
      name: 'IPv6 broadcast',
      protocol: UDP,
      ports: [47808, 47808],
      bytes: hex('8202 000f 010203 0120ffff00ff1008'),
      strength: 'strong',
      extras: { bacnet: { function: 2 } },
    },
    {
      label: 'bacnet',
      name: 'IPv6 address resolution',
      protocol: UDP,
      ports: [47808, 47808],
      bytes: hex('8203 000a 010203 040506'),
      strength: 'weak',
    },
  ],
  misses: [
    {
      name: 'CoAP answer with a token of zeros',
      protocol: UDP,
      ports: [2, 1],
      bytes: hex('5445 0002 00000000'),
      peer: hex('4401 0001 00000000'),
    },
    { name: 'CoAP answer with another token', protocol: UDP, ports: [2, 1], bytes: nonAnswer, peer: get },
    { name: 'CoAP get over TCP, nothing before', protocol: TCP, ports: [1, 5683], bytes: time },
    { name: 'CoAP settings with option 6', protocol: TCP, ports: [1, 2], bytes: hex('50 e1 63 800100 20') },
    { name: 'CoAP settings without options', protocol: TCP, ports: [1, 2], bytes: hex('00 e1') },
    { name: 'BACnet length', protocol: UDP, ports: [1, 47808], bytes: bytes(whoIs, 0) },
    { name: 'BACnet function 99', protocol: UDP, ports: [1, 47808], bytes: hex('81 63 0004') },
    { name: 'BACnet without an NPDU', protocol: UDP, ports: [1, 47808], bytes: hex('81 0b 0006 09 20') },
    { name: 'KNX service ff01', protocol: UDP, ports: [1, 3671], bytes: hex('0610 ff01 0006') },
    { name: 'KNX length', protocol: UDP, ports: [1, 3671], bytes: bytes(knx, 0) },
    { name: 'CoAP elsewhere', protocol: UDP, ports: [1, 2], bytes: get },
    {
      name: 'CoAP token of 9 bytes',
      protocol: UDP,
      ports: [1, 5683],
      bytes: bytes(0x49, 1, u16(1), noise(12)),
    },
    { name: 'CoAP code 1.00', protocol: UDP, ports: [1, 5683], bytes: bytes(0x40, 0x20, u16(1)) },
    {
      name: 'CoAP option that overruns',
      protocol: UDP,
      ports: [1, 5683],
      bytes: bytes(0x40, 1, u16(1), 0xbb, 'temp'),
    },
    {
      name: 'CoAP marker without payload',
      protocol: UDP,
      ports: [1, 5683],
      bytes: bytes(0x40, 1, u16(1), 0xff),
    },
    {
      name: 'CoAP acknowledgement of another message',
      protocol: UDP,
      ports: [2, 1],
      bytes: content,
      peer: bytes(0x40, 1, u16(1)),
    },
    { name: 'HART-IP length', protocol: UDP, ports: [1, 5094], bytes: bytes(hart, 0) },
    {
      name: 'HART-IP keep-alive elsewhere',
      protocol: UDP,
      ports: [1, 5095],
      bytes: bytes(1, 0, 2, 0, u16(2), u16(8)),
    },
    {
      name: 'HART frame elsewhere that does not cancel out',
      protocol: UDP,
      ports: [1, 5095],
      bytes: hex('0100 0300 0003 0011 82264e0000d2000039'),
    },
    { name: 'KNX frame and something else', protocol: TCP, ports: [1, 3671], bytes: bytes(knx, 6, 0x11) },
    {
      name: 'BACnet/IPv6 elsewhere',
      protocol: UDP,
      ports: [1, 2],
      bytes: hex('8202 000f 010203 0120ffff00ff1008'),
    },
    {
      name: 'BACnet/IPv6 with NPDU version 2',
      protocol: UDP,
      ports: [47808, 47808],
      bytes: hex('8202 000f 010203 0220ffff00ff1008'),
    },
    {
      name: 'BACnet/IPv6 length',
      protocol: UDP,
      ports: [47808, 47808],
      bytes: hex('8202 0010 010203 0120ffff00ff1008'),
    },
  ],
})
test.run()
