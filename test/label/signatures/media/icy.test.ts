import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/media/icy.ts'
import { bytes, testSignatures } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/media/icy')

testSignatures(test, signatures, {
  matches: [
    matched('icy', 'not found', bytes('ICY 404 Resource Not Found\r\nicy-notice1:<BR>\r\n'), SERVER),
    matched('icy', 'who sends is let in', bytes('OK2\r\nicy-caps:11\r\n\r\n'), SERVER),
    matched(
      'icy',
      'what is sent',
      bytes('icy-name:x\r\ncontent-type:audio/mpeg\r\nicy-br:64\r\n\r\n'),
      CLIENT,
    ),
    matched('icy', 'answer', bytes('ICY 200 OK\r\nicy-name:x\r\n'), SERVER),
  ],
  misses: [
    missed('no of a caster as well as of SHOUTcast', bytes('ICY 401 Unauthorized\r\n')),
    missed('a stream of NTRIP', bytes('ICY 200 OK\r\n\r\n\xd3\x00\x13')),
    missed('a stream of an NTRIP caster', bytes('ICY 200 OK\r\nServer: NTRIP Caster/2\r\n\r\n')),
    missed('nothing behind the answer', bytes('ICY 200 OK\r\n')),
  ],
})

test.run()
