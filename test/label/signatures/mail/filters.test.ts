import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/mail/filters.ts'
import { bytes, testSignatures, u32 } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/mail/filters')

testSignatures(test, signatures, {
  matches: [
    matched('managesieve', 'greeting', bytes('"IMPLEMENTATION" "Dovecot Pigeonhole"\r\n'), SERVER),
    matched('clamd', 'stream', bytes('zINSTREAM\0', u32(3), 'abc', u32(0)), CLIENT),
    matched('clamd', 'nothing found', bytes('stream: OK\0'), SERVER),
    matched(
      'spamassassin',
      'message',
      bytes('PROCESS SPAMC/1.5\r\nUser: root\r\nContent-length: 3\r\n\r\nhi\n'),
      CLIENT,
    ),
    matched('spamassassin', 'answer', bytes('SPAMD/1.1 0 EX_OK\r\n'), SERVER),
    matched(
      'postfix-policy',
      'question',
      bytes('request=smtpd_access_policy\nprotocol_state=RCPT\n\n'),
      CLIENT,
    ),
  ],
  misses: [
    missed('stream of another kind', bytes('zINSTREAMS\0')),
    missed('HEAD', bytes('HEAD /SPAMC/1.5 HTTP/1.0\r\n\r\n')),
  ],
})

test.run()
