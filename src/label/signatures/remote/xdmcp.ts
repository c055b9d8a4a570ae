/** XDMCP: how an X11 display asks for a session. */
import { readU16 } from '../../../bytes.ts'
import { NO_MATCH, type Payload, type Signature, STRONG } from '../../inspect/payload.ts'
import { setExtra } from '../common/extras.ts'
import { onPort, UDP } from '../common/ports.ts'

/** X Display Manager Control Protocol 1.1: version 1, opcode 1-14, length of what follows. */
function xdmcp(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 6 || readU16(bytes, start) !== 1 || bytes[start + 2] !== 0) return NO_MATCH
  const opcode = bytes[start + 3]
  if (opcode < 1 || opcode > 14 || readU16(bytes, start + 4) !== payload.length - 6) return NO_MATCH
  if (!onPort(payload, 177)) return NO_MATCH
  setExtra(payload, 'xdmcp', 'opcode', opcode)
  return STRONG
}

export const signatures: Signature[] = [
  {
    label: 'xdmcp',
    says: 'holds an XDMCP version 1 header with known opcode and agreeing length, on port 177',
    protocols: UDP,
    ports: [177],
    firstBytes: [0],
    portsOnly: true,
    match: xdmcp,
  },
]
