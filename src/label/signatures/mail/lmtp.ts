/** LMTP (RFC 2033): SMTP with another hello, from the relay to where mail is stored. */
import { PROTOCOL_TCP } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { bitsOfWords, wordOf } from '../common/beginnings.ts'
import { findText, isText, startsWithAnyCase, threeDigits } from '../common/text-scan.ts'

const GREETING = 220
const MAX_GREETING = 256
/** The server's reply to a hello is SMTP's as well. */
const WEIGHT = 95

function lmtp({ bytes, start, end, ordinal }: Payload): number {
  if (startsWithAnyCase(bytes, start, end, 'lhlo '))
    return isText(bytes, start, end) ? STRONG | FROM_CLIENT : NO_MATCH
  if (ordinal > 0 || threeDigits(bytes, start, end) !== GREETING) return NO_MATCH
  return findText(bytes, start, Math.min(end, start + MAX_GREETING), ' LMTP') > 0
    ? STRONG | FROM_SERVER
    : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'lmtp',
    says: 'starts with LHLO, or with a greeting that names LMTP',
    protocols: [PROTOCOL_TCP],
    bits: bitsOfWords(['LHLO', 'lhlo', '220 ', '220-'].map(wordOf)),
    weight: WEIGHT,
    match: lmtp,
  },
]
