/** nanomsg and nng: sockets for messages over TCP. */
import { readU16, startsWith } from '../../../bytes.ts'
import { NO_MATCH, type Payload, type Signature, STRONG } from '../../inspect/payload.ts'
import { TCP } from '../common/ports.ts'

/** 0, "SP", version 0, protocol of the socket, 0 0: both sides say it at once. */
function nanomsg({ bytes, start, end, ordinal }: Payload): number {
  if (ordinal > 0 || end - start < 8 || !startsWith(bytes, start, end, '\0SP\0')) return NO_MATCH
  return readU16(bytes, start + 4) < 0x100 && readU16(bytes, start + 6) === 0 ? STRONG : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'nanomsg',
    says: 'starts with 0, "SP", version 0 and the protocol of a socket of nanomsg',
    protocols: TCP,
    firstBytes: [0],
    bits: { offset: 0, mask: -1, value: 0x00535000 },
    match: nanomsg,
  },
]
