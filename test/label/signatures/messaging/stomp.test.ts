import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/messaging/stomp.ts'
import { bytes, testSignatures } from '../probe.ts'

const test = suite('label/signatures/messaging/stomp')
const TCP = 6

testSignatures(test, signatures, {
  matches: [
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
      name: 'connect with CR LF, version last',
      protocol: TCP,
      ports: [1, 2],
      bytes: bytes('CONNECT\r\nhost:', 'x'.repeat(250), '\r\naccept-version:1.0,1.1,1.2\r\n\r\n\0'),
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
      label: 'stomp',
      name: 'error with two headers',
      protocol: TCP,
      ports: [45000, 1],
      bytes: bytes('ERROR\ncontent-type:text/plain\nmessage:Unknown action\n\nstack'),
      strength: 'weak',
      role: 'server',
    },
    {
      label: 'stomp',
      name: 'error with a header and its end',
      protocol: TCP,
      ports: [45000, 1],
      bytes: bytes('ERROR\r\nmessage:no\r\n\r\n\0'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'stomp',
      name: 'error with a header',
      protocol: TCP,
      ports: [45000, 1],
      bytes: bytes('ERROR\nmessage:no\n\nstack'),
      strength: 'weak',
      role: 'server',
    },
  ],
  misses: [
    {
      name: 'error without known headers',
      protocol: TCP,
      ports: [45000, 1],
      bytes: bytes('ERROR\nreason:no\n\n\0'),
    },
    {
      name: 'error on one line',
      protocol: TCP,
      ports: [45000, 1],
      bytes: bytes('ERROR message:no\nversion:1\n'),
    },
    {
      name: 'HTTP CONNECT',
      protocol: TCP,
      ports: [1, 4222],
      bytes: bytes('CONNECT example.org:443 HTTP/1.1\r\n'),
    },
  ],
})
test.run()
