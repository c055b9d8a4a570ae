/** Filters of mail: clamd, SpamAssassin, Postfix' policy servers, and ManageSieve (RFC 5804), which edits filters. */
import { FROM_CLIENT, FROM_SERVER, type Signature, STRONG } from '../../inspect/payload.ts'
import { type Beginnings, oneOf, opening } from '../common/beginnings.ts'
import { TCP, TCP_UDP } from '../common/ports.ts'

const CLAMD: Beginnings = [
  ['zINSTREAM\0', STRONG | FROM_CLIENT],
  ['nINSTREAM\n', STRONG | FROM_CLIENT],
  ['zVERSION\0', STRONG | FROM_CLIENT],
  ['nVERSION\n', STRONG | FROM_CLIENT],
  ['zPING\0', STRONG | FROM_CLIENT],
  ['nPING\n', STRONG | FROM_CLIENT],
  ['stream: OK\0', STRONG | FROM_SERVER],
  ['stream: OK\n', STRONG | FROM_SERVER],
]

const SPAMD: Beginnings = [
  ...['PROCESS', 'HEADERS', 'SYMBOLS', 'CHECK', 'REPORT', 'REPORT_IFSPAM', 'PING', 'TELL'].map(
    (word): Beginnings[number] => [`${word} SPAMC/1.`, STRONG | FROM_CLIENT],
  ),
  ['SPAMD/1.', STRONG | FROM_SERVER],
]

export const signatures: Signature[] = [
  opening({
    label: 'managesieve',
    says: 'starts with the first capability of a ManageSieve server',
    protocols: TCP_UDP,
    ports: [4190, 2000],
    text: '"IMPLEMENTATION" "',
    role: FROM_SERVER,
  }),
  {
    label: 'clamd',
    says: 'is a command to clamd that ends as it began, or its word that a stream is clean',
    protocols: TCP,
    ports: [3310],
    ...oneOf(CLAMD),
  },
  {
    label: 'spamassassin',
    says: 'is a request to spamd with the version of SPAMC, or its answer',
    protocols: TCP,
    ports: [783],
    ...oneOf(SPAMD),
  },
  opening({
    label: 'postfix-policy',
    says: 'asks a policy server as Postfix does',
    protocols: TCP,
    ports: [10023, 10031],
    text: 'request=smtpd_access_policy\n',
    role: FROM_CLIENT,
  }),
]
