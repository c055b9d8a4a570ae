/** MongoDB's wire protocol. */
import { readI32, readU32LE } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { setExtra } from '../common/extras.ts'
import { fills } from '../common/length.ts'
import { onPort, TCP } from '../common/ports.ts'

/** OP_REPLY 1, OP_UPDATE … OP_KILL_CURSORS 2001-2007, OP_COMMAND 2010-2011, OP_COMPRESSED 2012, OP_MSG 2013. */
function mongoOperation(code: number): boolean {
  return code === 1 || (code >= 2001 && code <= 2007) || (code >= 2010 && code <= 2013)
}

/** OP_REPLY: flags (4 bits), cursor, first document, number of documents. */
function isReplyAlone({ bytes, start, end, srcPort }: Payload): boolean {
  if (srcPort !== 27017 || readU32LE(bytes, start + 8) === 0 || start + 36 > end) return false
  return readU32LE(bytes, start + 16) < 16 && readU32LE(bytes, start + 32) < 0x10000
}

/** MongoDB wire protocol: length, request id, response to, operation, all little-endian. */
function mongodb(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 16) return NO_MATCH
  const code = readU32LE(bytes, start + 12)
  if (!mongoOperation(code)) return NO_MATCH
  const length = readU32LE(bytes, start)
  if (length < 16 || length > 0x3000000) return NO_MATCH
  if (!fills(payload, length) && !(length < payload.length && onPort(payload, 27017))) return NO_MATCH
  // An old-style reply has few fixed bits: it names the request that the other side just sent, or comes from the port.
  const answers = payload.peerLength >= 16 && readI32(payload.peer, 4) === readI32(bytes, start + 8)
  if (code === 1 && !answers && !isReplyAlone(payload)) return NO_MATCH
  setExtra(payload, 'mongodb', 'operation', code)
  const answer = readU32LE(bytes, start + 8) !== 0
  return STRONG | (answer || code === 1 ? FROM_SERVER : FROM_CLIENT)
}

export const signatures: Signature[] = [
  {
    label: 'mongodb',
    says: 'holds a MongoDB header with agreeing length and known operation',
    protocols: TCP,
    ports: [27017],
    bits: { offset: 12, mask: 0xffff, value: 0 },
    match: mongodb,
  },
]
