/** OPC UA in its binary encoding over TCP. */
import { readU32LE } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { setExtraText } from '../common/extras.ts'
import { TCP } from '../common/ports.ts'

const OPCUA_TYPES = ['HEL', 'ACK', 'OPN', 'MSG', 'CLO', 'ERR', 'RHE']

/** OPC UA part 6 section 7.1.2: three letters, chunk type F, C or A, length. */
function opcua(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 8) return NO_MATCH
  const chunk = bytes[start + 3]
  if (chunk !== 0x46 && chunk !== 0x43 && chunk !== 0x41) return NO_MATCH
  const length = readU32LE(bytes, start + 4)
  if (length < 8 || length > 0x4000000) return NO_MATCH
  for (let i = 0; i < OPCUA_TYPES.length; i++) {
    const name = OPCUA_TYPES[i]
    if (bytes[start] !== name.charCodeAt(0) || bytes[start + 1] !== name.charCodeAt(1)) continue
    if (bytes[start + 2] !== name.charCodeAt(2)) continue
    if (i === 0 && end - start >= 36) setExtraText(payload, 'opcua', 'endpoint', [start + 32, end])
    return STRONG | (i === 0 ? FROM_CLIENT : i === 1 ? FROM_SERVER : 0)
  }
  return NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'opcua',
    says: 'starts with an OPC UA message type, chunk type and length',
    protocols: TCP,
    ports: [4840],
    firstBytes: [0x48, 0x41, 0x4f, 0x4d, 0x43, 0x45, 0x52],
    match: opcua,
  },
]
