import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/operations/syslog.ts'
import { bytes, testSignatures } from '../probe.ts'

const test = suite('label/signatures/operations/syslog')
const TCP = 6
const UDP = 17

testSignatures(test, signatures, {
  matches: [
    {
      label: 'syslog',
      name: 'RFC 3164',
      protocol: UDP,
      ports: [40000, 514],
      bytes: bytes('<34>Oct 11 22:14:15 mymachine su: failed'),
      strength: 'strong',
      role: 'client',
      extras: { syslog: { facility: 4, severity: 2 } },
    },
    {
      label: 'syslog',
      name: 'RFC 5424 on another port',
      protocol: UDP,
      ports: [40000, 5514],
      bytes: bytes('<165>1 2003-10-11T22:14:15.003Z host app 1 ID47 -'),
      strength: 'strong',
    },
    {
      label: 'syslog',
      name: 'no date known',
      protocol: UDP,
      ports: [1, 514],
      bytes: bytes('<13>1 - host app'),
      strength: 'strong',
    },
    {
      label: 'syslog',
      name: 'ISO date',
      protocol: TCP,
      ports: [1, 514],
      bytes: bytes('<167>2016-05-24T09:50 x'),
      strength: 'strong',
    },
    {
      label: 'syslog',
      name: 'octet count',
      protocol: TCP,
      ports: [1, 601],
      bytes: bytes('40 <34>Oct 11 22:14:15 x su: y'),
      strength: 'strong',
    },
    {
      label: 'syslog',
      name: 'text on the port',
      protocol: UDP,
      ports: [1, 514],
      bytes: bytes('<30>dhcpd: x'),
      strength: 'weak',
    },
    {
      label: 'syslog',
      name: 'text elsewhere',
      protocol: UDP,
      ports: [1, 5140],
      bytes: bytes('<30>dhcpd: DHCPDISCOVER from 00:11:22'),
      strength: 'weak',
    },
    {
      label: 'syslog',
      name: 'text that is not ASCII, on the port',
      protocol: UDP,
      ports: [40000, 514],
      bytes: bytes('<30>\xc3\x84nderung der Datei'),
      strength: 'weak',
      role: 'client',
    },
  ],
  misses: [
    { name: 'priority 192', protocol: UDP, ports: [1, 514], bytes: bytes('<192>Oct 11 22:14:15 x') },
    { name: 'four digits', protocol: UDP, ports: [1, 514], bytes: bytes('<0034>Oct 11 22:14:15 x') },
    { name: 'XML', protocol: TCP, ports: [1, 514], bytes: bytes('<?xml version="1.0"?>') },
    { name: 'binary after the priority', protocol: UDP, ports: [1, 514], bytes: bytes('<34>', 0, 1, 2, 3) },
    { name: 'short text elsewhere', protocol: UDP, ports: [1, 5140], bytes: bytes('<30>dhcpd: x') },
    { name: 'a number', protocol: TCP, ports: [1, 601], bytes: bytes('220 ready') },
    {
      name: 'text that is not ASCII, elsewhere',
      protocol: UDP,
      ports: [1, 5140],
      bytes: bytes('<30>\xc3\x84nderung der Datei auf dem Server'),
    },
  ],
})
test.run()
