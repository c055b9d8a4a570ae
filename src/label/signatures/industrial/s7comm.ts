/** S7comm and S7comm-plus, which Siemens' controllers speak on ISO transport over TCP. */
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { setExtra } from '../common/extras.ts'
import { TCP } from '../common/ports.ts'
import { isoPayload } from './iso-tsap.ts'

const S7 = 0x32
const S7_PLUS = 0x72

function s7comm(payload: Payload): number {
  if (isoPayload(payload) !== S7) return NO_MATCH
  const type = payload.bytes[payload.start + 8]
  if (type !== 1 && type !== 2 && type !== 3 && type !== 7) return NO_MATCH
  setExtra(payload, 's7comm', 'message_type', type)
  return STRONG | (type === 1 ? FROM_CLIENT : type === 7 ? 0 : FROM_SERVER)
}

function s7commPlus(payload: Payload): number {
  if (isoPayload(payload) !== S7_PLUS) return NO_MATCH
  const version = payload.bytes[payload.start + 8]
  return (version >= 1 && version <= 3) || version >= 0xfd ? STRONG : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 's7comm',
    says: 'is a TPKT with COTP data that holds an S7 header (32)',
    protocols: TCP,
    ports: [102],
    firstBytes: [3],
    match: s7comm,
  },
  {
    label: 's7comm-plus',
    says: 'is a TPKT with COTP data that holds an S7comm-plus header (72)',
    protocols: TCP,
    ports: [102],
    firstBytes: [3],
    match: s7commPlus,
  },
]
