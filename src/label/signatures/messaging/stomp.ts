/** STOMP 1.2. */
import { startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { TCP } from '../common/ports.ts'
import { findText } from '../common/text-scan.ts'

/** How far headers are searched: the host may stand first. */
const STOMP_SEARCH = 600

/** A frame's command, ended by LF or CR LF (section "Augmented BNF" of STOMP 1.2). */
function stompCommand({ bytes, start, end }: Payload, command: string): boolean {
  if (!startsWith(bytes, start, end, command)) return false
  const at = start + command.length
  return startsWith(bytes, at, end, '\n') || startsWith(bytes, at, end, '\r\n')
}

/** STOMP 1.2: a command line, headers; CONNECT names accept-version, CONNECTED names version. */
function stomp(payload: Payload): number {
  const { bytes, start, end } = payload
  const stop = Math.min(end, start + STOMP_SEARCH)
  if (stompCommand(payload, 'CONNECTED')) {
    return findText(bytes, start, stop, '\nversion:') >= 0 ? STRONG | FROM_SERVER : WEAK | FROM_SERVER
  }
  if (stompCommand(payload, 'ERROR')) return stompError(payload, stop)
  if (!stompCommand(payload, 'CONNECT') && !stompCommand(payload, 'STOMP')) return NO_MATCH
  return findText(bytes, start, stop, '\naccept-version:') >= 0 ||
    findText(bytes, start, stop, '\nlogin:') >= 0
    ? STRONG | FROM_CLIENT
    : NO_MATCH
}

const STOMP_HEADERS = ['\nmessage:', '\nversion:', '\nreceipt-id:', '\ncontent-type:', '\ncontent-length:']

/** A frame with a header line that is known; the NUL that ends it makes it sure. */
function stompError({ bytes, start, end, length }: Payload, stop: number): number {
  if (!STOMP_HEADERS.some((header) => findText(bytes, start, stop, header) > 0)) return NO_MATCH
  const whole = end - start === length && bytes[end - 1] === 0
  return (whole ? STRONG : WEAK) | FROM_SERVER
}

export const signatures: Signature[] = [
  {
    label: 'stomp',
    says: 'is a STOMP frame: CONNECT, CONNECTED, or ERROR with known headers',
    protocols: TCP,
    ports: [61613],
    firstBytes: [0x43, 0x45, 0x53],
    match: stomp,
  },
]
