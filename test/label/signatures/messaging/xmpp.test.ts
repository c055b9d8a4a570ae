import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/messaging/xmpp.ts'
import { bytes, testSignatures } from '../probe.ts'
import { BROWSER_HELLO, handshake, record } from '../tls/hellos.ts'

const test = suite('label/signatures/messaging/xmpp')
const TCP = 6

const TLS_HELLO = record(22, handshake(1, BROWSER_HELLO))
const stream = bytes("<?xml version='1.0'?><stream:stream to='example.org' xmlns='jabber:client'>")

testSignatures(test, signatures, {
  matches: [
    {
      label: 'xmpp',
      name: 'TLS behind what asked for it',
      protocol: TCP,
      ports: [1, 9],
      labelSoFar: 'xmpp',
      bytes: TLS_HELLO,
      strength: 'strong',
      role: 'client',
      extras: { tls: { sni: 'www.example.org' } },
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
      name: 'XML of another kind',
      protocol: TCP,
      ports: [1, 80],
      bytes: bytes("<?xml version='1.0'?><rss>"),
    },
  ],
})
test.run()
