import { suite } from 'uvu'
import { signatures as lmtp } from '../../../../src/label/signatures/mail/lmtp.ts'
import { signatures as services } from '../../../../src/label/signatures/operations/services.ts'
import { bytes, noise, testSignatures, u16, u32, zeros } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/operations/services')

const CONTEXT = bytes(0x10, 0, u16(21), '1.2.840.10008.3.1.1.1')
const associate = (type: number, version = 1) =>
  bytes(
    type,
    0,
    u32(68 + CONTEXT.length),
    u16(version),
    u16(0),
    'SRV'.padEnd(16),
    'CLI'.padEnd(16),
    zeros(32),
    CONTEXT,
  )
const data = (context: number, inner = 24) => bytes(4, 0, u32(28), u32(inner), context, 3, noise(22))
const bacula = (text: string) => bytes(u32(text.length), text)

testSignatures(test, [...lmtp, ...services], {
  matches: [
    matched('dicom', 'association', associate(1), {
      ...CLIENT,
      extras: { dicom: { called_ae: 'SRV', calling_ae: 'CLI' } },
    }),
    matched('dicom', 'accepted', associate(2), SERVER),
    matched('dicom', 'data', data(1)),
    matched('hl7', 'message', bytes('\x0bMSH|^~\\&|A|B\rPID|1\r\x1c\r'), CLIENT),
    matched('hl7', 'acknowledgement', bytes('\x0bMSH|^~\\&|A|B\rMSA|AA|1\r\x1c\r'), SERVER),
    matched('pdl-datastream', 'job', bytes('\x1b%-12345X@PJL JOB\n'), CLIENT),
    matched('pdl-datastream', 'answer', bytes('@PJL INFO STATUS\r\nCODE=10001\r\n'), SERVER),
    matched('lpd', 'queue on the port', bytes('\x02lp\n'), { ports: [1, 515], strength: 'weak', ...CLIENT }),
    matched('lpd', 'control file', bytes('\x0234 cfA001host\n'), CLIENT),
    matched('lpd', 'data file', bytes('\x0399 dfA001host\n'), CLIENT),
    matched('mpd', 'greeting', bytes('OK MPD 0.23.5\n'), SERVER),
    matched(
      'vmware-authd',
      'greeting',
      bytes('220 VMware Authentication Daemon Version 1.10: SSL Required\r\n'),
      SERVER,
    ),
    matched('managesieve', 'greeting', bytes('"IMPLEMENTATION" "Dovecot Pigeonhole"\r\n'), SERVER),
    matched('amanda', 'request', bytes('Amanda 3.5 REQ HANDLE 000-00000000 SEQ 1\n')),
    matched('amanda', 'refusal', bytes('Amanda 3.5 NAK HANDLE 000-00000000 SEQ 1234567890\nERROR no bsd\n')),
    matched('amanda', 'index server', bytes('220 backup AMANDA index server (3.5.1) ready.\r\n'), SERVER),
    matched('icy', 'not found', bytes('ICY 404 Resource Not Found\r\nicy-notice1:<BR>\r\n'), SERVER),
    matched('icy', 'who sends is let in', bytes('OK2\r\nicy-caps:11\r\n\r\n'), SERVER),
    matched(
      'icy',
      'what is sent',
      bytes('icy-name:x\r\ncontent-type:audio/mpeg\r\nicy-br:64\r\n\r\n'),
      CLIENT,
    ),
    matched('icy', 'answer', bytes('ICY 200 OK\r\nicy-name:x\r\n'), SERVER),
    matched('lmtp', 'hello', bytes('LHLO me\r\n'), CLIENT),
    matched('lmtp', 'greeting', bytes('220 mail.example.org LMTP Postfix\r\n'), SERVER),
    matched('dict', 'greeting', bytes('220 a dictd 1.13.0/rf on Linux <auth.mime> <1.2.3@a>\r\n'), SERVER),
    matched('bacula', 'hello', bacula('Hello d calling\n'), CLIENT),
    matched('bacula', 'challenge', bacula('auth cram-md5 <1.2@d> ssl=0\n'), SERVER),
  ],
  misses: [
    missed('association of another version', associate(1, 2)),
    missed('association without its context', associate(1).subarray(0, 70)),
    missed('data of an even context', data(2)),
    missed('data of another length', data(1, 23)),
    missed('message without a delimiter', bytes('\x0bMSH ^~\\&')),
    missed('another escape sequence', bytes('\x1b%-12346X@PJL JOB\n')),
    missed('queue on another port', bytes('\x02lp\n')),
    missed('control file without a number', bytes('\x0234 cfA0x1host\n')),
    missed('another greeting of 220', bytes('220 mail.example.org ESMTP Postfix\r\n')),
    missed('greeting with one pair of brackets', bytes('220 hello <1.2.3@a>\r\n')),
    missed('hello to somebody', bacula('Hello everybody\n')),
    missed('hello of another length', bytes(bacula('Hello d calling\n'), 9, 9)),
    missed('no of a caster as well as of SHOUTcast', bytes('ICY 401 Unauthorized\r\n')),
    missed('a stream of NTRIP', bytes('ICY 200 OK\r\n\r\n\xd3\x00\x13')),
    missed('a stream of an NTRIP caster', bytes('ICY 200 OK\r\nServer: NTRIP Caster/2\r\n\r\n')),
    missed('nothing behind the answer', bytes('ICY 200 OK\r\n')),
  ],
})
test.run()
