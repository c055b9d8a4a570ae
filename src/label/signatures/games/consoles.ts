/** Game consoles: how a PlayStation is found and woken, and Pia, the transport between Nintendo's. */
import { startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { bitsOf, opening } from '../common/beginnings.ts'
import { UDP } from '../common/ports.ts'
import { findText } from '../common/text-scan.ts'

const CONSOLE_SEARCH = 'SRCH * HTTP/1.1\n'
const CONSOLE_WAKE = 'WAKEUP * HTTP/1.1\n'
const CONSOLE_ANSWER = 'HTTP/1.1 '

/** What a PlayStation is asked in a datagram, and how it answers: lines end with LF alone. */
function playStation({ bytes, start, end }: Payload): number {
  if (startsWith(bytes, start, end, CONSOLE_SEARCH)) return STRONG | FROM_CLIENT
  if (startsWith(bytes, start, end, CONSOLE_WAKE)) return STRONG | FROM_CLIENT
  if (!startsWith(bytes, start, end, CONSOLE_ANSWER)) return NO_MATCH
  return findText(bytes, start, Math.min(end, start + 64), '\nhost-id:') > 0 ? STRONG | FROM_SERVER : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'playstation',
    says: 'asks for a PlayStation in lines that look like HTTP, or names its host-id',
    protocols: UDP,
    ports: [987, 9302],
    bits: [bitsOf(CONSOLE_SEARCH), bitsOf(CONSOLE_WAKE), bitsOf(CONSOLE_ANSWER)],
    match: playStation,
  },
  opening({
    label: 'nintendo',
    says: 'starts with the magic 32 ab 98 64 of Pia, the transport between Nintendo consoles',
    protocols: UDP,
    text: '\x32\xab\x98\x64',
    least: 24,
  }),
]
