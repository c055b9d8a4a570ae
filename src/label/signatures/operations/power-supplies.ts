/** Uninterruptible power supplies: Network UPS Tools and apcupsd. */
import { startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { answerTo, type Beginnings, bitsOfBeginnings, oneOf, wordOf } from '../common/beginnings.ts'
import { TCP } from '../common/ports.ts'

const NUT: Beginnings = [
  ['LIST UPS\n', STRONG | FROM_CLIENT],
  ['LIST VAR ', STRONG | FROM_CLIENT],
  ['GET VAR ', STRONG | FROM_CLIENT],
  ['BEGIN LIST UPS\n', STRONG | FROM_SERVER],
  ['BEGIN LIST VAR ', STRONG | FROM_SERVER],
  ['ERR UNKNOWN-UPS\n', STRONG | FROM_SERVER],
  ['ERR DRIVER-NOT-CONNECTED\n', STRONG | FROM_SERVER],
  ['ERR ACCESS-DENIED\n', STRONG | FROM_SERVER],
]

const APCUPSD: Beginnings = [
  ['\x00\x06status', STRONG | FROM_CLIENT],
  ['\x00\x06events', STRONG | FROM_CLIENT],
]
const APCUPSD_ANSWER = 'APC      : '

function apcupsd(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (startsWith(bytes, start + 2, end, APCUPSD_ANSWER)) return STRONG | FROM_SERVER
  return length === 8 ? answerTo(payload, APCUPSD) : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'nut',
    says: 'starts with a command or an answer of Network UPS Tools',
    protocols: TCP,
    ports: [3493],
    ...oneOf(NUT),
  },
  {
    label: 'apcupsd',
    says: 'asks apcupsd for its status or events, or is the first line of the answer',
    protocols: TCP,
    ports: [3551],
    bits: [...bitsOfBeginnings(APCUPSD), { offset: 2, mask: -1, value: wordOf('APC ') }],
    firstBytes: [0],
    match: apcupsd,
  },
]
