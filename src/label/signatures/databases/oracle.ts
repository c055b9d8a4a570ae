/** Oracle databases: TNS, the Transparent Network Substrate of Oracle Net. */
import { readU16, readU32 } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { findByte, firstBytesWhere } from '../common/byte-scan.ts'
import { setExtra, setExtraText } from '../common/extras.ts'
import { fills } from '../common/length.ts'
import { onPort, TCP } from '../common/ports.ts'
import { findText } from '../common/text-scan.ts'

const TNS_CONNECT = 1
const TNS_RESEND = 11
const TNS_LAST_TYPE = 15

const TNS_PORT = 1521

/** Oracle Net: length, checksum 0, type, flags, header checksum 0; a connect holds "(DESCRIPTION=". */
function tns(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 8 || readU16(bytes, start + 6) !== 0) return NO_MATCH
  const type = bytes[start + 4]
  if (type < 1 || type > TNS_LAST_TYPE) return NO_MATCH
  const long = readU16(bytes, start) === 0
  // Once both sides agreed on version 315 or later, four bytes of length and no checksum.
  if (long) {
    const follows = type !== TNS_CONNECT && onPort(payload, TNS_PORT) && fills(payload, readU32(bytes, start))
    return follows ? STRONG : NO_MATCH
  }
  if (readU16(bytes, start + 2) !== 0 || readU16(bytes, start) !== payload.length) return NO_MATCH
  if (type === TNS_CONNECT) {
    if (end - start < 34) return NO_MATCH
    const version = readU16(bytes, start + 8)
    const at = readU16(bytes, start + 26)
    if (version < 300 || version > 330 || at < 34 || at > payload.length) return NO_MATCH
    setExtra(payload, 'tns', 'version', version)
    tellService(payload)
    return STRONG | FROM_CLIENT
  }
  if (type === TNS_RESEND) return payload.length === 8 ? STRONG | FROM_SERVER : NO_MATCH
  return onPort(payload, TNS_PORT) ? STRONG : NO_MATCH
}

function tellService(payload: Payload): void {
  const { bytes, start } = payload
  const stop = Math.min(payload.end, start + 1024)
  const at = findText(bytes, start, stop, '(SERVICE_NAME=')
  if (at < 0) return
  const close = findByte(bytes, at + 14, stop, 0x29)
  if (close > 0) setExtraText(payload, 'tns', 'service_name', [at + 14, close])
}

export const signatures: Signature[] = [
  {
    label: 'tns',
    says: 'holds an Oracle Net header with agreeing length and zero checksums',
    protocols: TCP,
    ports: [TNS_PORT],
    firstBytes: firstBytesWhere((byte) => byte < 0x20),
    bits: { offset: 4, mask: 0xf000ffff | 0, value: 0 },
    match: tns,
  },
]
