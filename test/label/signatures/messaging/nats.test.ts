import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/messaging/nats.ts'
import { bytes, testSignatures } from '../probe.ts'

const test = suite('label/signatures/messaging/nats')
const TCP = 6

testSignatures(test, signatures, {
  matches: [
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
      label: 'nats',
      name: 'INFO with its id at the end',
      protocol: TCP,
      ports: [4222, 1],
      bytes: bytes(
        'INFO {"host":"0.0.0.0","port":4222,"jetstream":true,"auth_required":true,"tls_required":false,"server_id":"N"}\r\n',
      ),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'nats',
      name: 'publication on any port',
      protocol: TCP,
      ports: [1, 14222],
      bytes: bytes('PUB news 5\r\nhello\r\n'),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'nats',
      name: 'delivery with headers on any port',
      protocol: TCP,
      ports: [14222, 1],
      bytes: bytes('HMSG news 1 12 17\r\nNATS/1.0\r\n\r\nhello\r\n'),
      strength: 'strong',
      role: 'server',
    },
  ],
  misses: [
    {
      name: 'HTTP CONNECT',
      protocol: TCP,
      ports: [1, 4222],
      bytes: bytes('CONNECT example.org:443 HTTP/1.1\r\n'),
    },
    { name: 'PING elsewhere', protocol: TCP, ports: [1, 6667], bytes: bytes('PING\r\n') },
    {
      name: 'PUB of another size',
      protocol: TCP,
      ports: [1, 14222],
      bytes: bytes('PUB news 6\r\nhello\r\n'),
    },
    {
      name: 'MSG without a size',
      protocol: TCP,
      ports: [14222, 1],
      bytes: bytes('MSG from me\r\nhello\r\n'),
    },
  ],
})
test.run()
