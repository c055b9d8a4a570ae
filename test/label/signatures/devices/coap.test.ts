import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/devices/coap.ts'
import { bytes, hex, noise, testSignatures, u16 } from '../probe.ts'

const test = suite('label/signatures/devices/coap')
const TCP = 6
const UDP = 17

/** RFC 7252 appendix A: confirmable GET of /temperature and its acknowledgement. */
const get = bytes(0x40, 1, u16(0x7d34), 0xbb, 'temperature')
const content = bytes(0x60, 0x45, u16(0x7d34), 0xff, '22.3 C')
/** As libcoap sends them: settings and GET /time over TCP, a NON request with a token of four bytes. */
const settings = hex('50 e1 23 800100 20')
const time = hex('91 01 01 601225d344 74696d65')
const non = bytes(0x54, 1, u16(0x0db8), hex('c0ffee01'), 0xbb, '.well-known', 0x04, 'core')
const nonAnswer = bytes(0x54, 0x45, u16(0x4711), hex('c0ffee01'), 0xff, '</>')

testSignatures(test, signatures, {
  matches: [
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
  ],
})

test.run()
