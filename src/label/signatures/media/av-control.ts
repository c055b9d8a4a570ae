/** Control of projectors, receivers and rooms: PJLink, ESC/VP.net, eISCP, AMX (DDDP) and Control4 (SDDP) discovery. */
import { readU16, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { type Beginnings, bitsOf, oneOf, opening } from '../common/beginnings.ts'
import { TCP, TCP_UDP, UDP } from '../common/ports.ts'

/** Security off, a number of eight digits for the password's hash, or no. */
const PJLINK: Beginnings = [
  ['PJLINK 0\r', STRONG | FROM_SERVER],
  ['PJLINK 1 ', STRONG | FROM_SERVER],
  ['PJLINK ERRA\r', STRONG | FROM_SERVER],
]

const SDDP: Beginnings = [
  ['SEARCH * SDDP/1.', STRONG | FROM_CLIENT],
  ['NOTIFY ALIVE SDDP/1.', STRONG | FROM_SERVER],
  ['NOTIFY OFFLINE SDDP/1.', STRONG | FROM_SERVER],
  ['NOTIFY IDENTIFY SDDP/1.', STRONG | FROM_SERVER],
  ['SDDP/1.0 200 OK\r\n', STRONG | FROM_SERVER],
]

/** Magic, size of the header, size of the data (below 64 KiB), version 1. */
function eIscp({ bytes, start, end }: Payload): number {
  if (end - start < 16 || !startsWith(bytes, start, end, 'ISCP\0\0\0\x10')) return NO_MATCH
  return readU16(bytes, start + 8) === 0 && bytes[start + 12] === 1 ? STRONG : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'pjlink',
    says: 'starts with the greeting of a projector that speaks PJLink',
    protocols: TCP,
    ports: [4352],
    ...oneOf(PJLINK),
  },
  opening({
    label: 'escvpnet',
    says: 'starts with "ESC/VP.net", as Epson\'s projectors and who controls them do',
    protocols: TCP_UDP,
    ports: [3629],
    text: 'ESC/VP.net\x10',
  }),
  {
    label: 'eiscp',
    says: 'starts with "ISCP", a header size of 16 and version 1, as receivers of Onkyo do',
    protocols: TCP_UDP,
    ports: [60128],
    bits: bitsOf('ISCP'),
    match: eIscp,
  },
  opening({
    label: 'dddp',
    says: 'is a beacon of Dynamic Device Discovery: "AMXB" and fields in angle brackets',
    protocols: UDP,
    ports: [9131],
    text: 'AMXB<-',
    role: FROM_SERVER,
  }),
  {
    label: 'sddp',
    says: 'searches for devices of Control4 or announces one (SDDP 1)',
    protocols: UDP,
    ports: [1902],
    ...oneOf(SDDP),
  },
]
