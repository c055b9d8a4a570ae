import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/mail/nntp.ts'
import { bytes, testSignatures } from '../probe.ts'

const test = suite('label/signatures/mail/nntp')
const TCP = 6

testSignatures(test, signatures, {
  matches: [
    {
      label: 'nntp',
      name: 'greeting',
      protocol: TCP,
      ports: [119, 1],
      bytes: bytes('200 news.example.org NNTP ready\r\n'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'nntp',
      name: 'greeting of INN on any port',
      protocol: TCP,
      ports: [45000, 1],
      bytes: bytes('202 news.example.org InterNetNews NNRP server ready\r\n'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'nntp',
      name: 'greeting that names it in small letters',
      protocol: TCP,
      ports: [45000, 1],
      bytes: bytes('200 nntp//rss ready\r\n'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'nntp',
      name: 'greeting that speaks of posting',
      protocol: TCP,
      ports: [45000, 1],
      bytes: bytes('201 Service available, posting prohibited\r\n'),
      strength: 'weak',
      role: 'server',
    },
    {
      label: 'nntp',
      name: 'posting on the port',
      protocol: TCP,
      ports: [119, 1],
      bytes: bytes('200 Service available, posting allowed\r\n'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'nntp',
      name: 'refusal on the port',
      protocol: TCP,
      ports: [119, 1],
      bytes: bytes('502 You have no permission to talk\r\n'),
      strength: 'weak',
      role: 'server',
    },
    {
      label: 'nntp',
      name: '202 on the port',
      protocol: TCP,
      ports: [119, 1],
      bytes: bytes('202 hello\r\n'),
      strength: 'weak',
      role: 'server',
    },
  ],
  misses: [
    {
      name: '200 that names nothing',
      protocol: TCP,
      ports: [45000, 1],
      bytes: bytes('200 news server ready\r\n'),
    },
    {
      name: 'reposting',
      protocol: TCP,
      ports: [45000, 1],
      bytes: bytes('200 no reposting here\r\n'),
    },
    {
      name: 'posting behind a question',
      protocol: TCP,
      ports: [45000, 1],
      bytes: bytes('200 posting\r\n'),
      peer: bytes('hello'),
    },
    {
      name: 'refusal elsewhere',
      protocol: TCP,
      ports: [45000, 1],
      bytes: bytes('502 You have no permission to talk\r\n'),
    },
    { name: 'refusal without its line end', protocol: TCP, ports: [119, 1], bytes: bytes('502 You have no') },
    {
      name: 'refusal of another code',
      protocol: TCP,
      ports: [119, 1],
      bytes: bytes('403 internal fault\r\n'),
    },
    { name: 'FTP greeting', protocol: TCP, ports: [21, 1], bytes: bytes('220 ready\r\n') },
    { name: 'SMTP line', protocol: TCP, ports: [25, 1], bytes: bytes('200 go on\r\n') },
  ],
})

test.run()
