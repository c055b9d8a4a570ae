/** GigE Vision: the control protocol (GVCP) of cameras. */
import { readU16 } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { UDP } from '../common/ports.ts'

const GVCP_HEADER = 8
const GVCP_KEY = 0x42
/** Discovery, address, resend, registers, memory, events, action; answers are one more. */
const GVCP_COMMANDS: readonly number[] = [0x02, 0x04, 0x40, 0x80, 0x82, 0x84, 0x86, 0x88, 0xc0, 0xc2, 0x100]

/** GigE Vision: 42, flags, command, length of the rest, number; the answer is status 0, command and number of what was asked. */
function gvcp({ bytes, start, end, length, peer, peerLength }: Payload): number {
  if (end - start < GVCP_HEADER || readU16(bytes, start + 4) + GVCP_HEADER !== length) return NO_MATCH
  const command = readU16(bytes, start + 2)
  const number = readU16(bytes, start + 6)
  if (number === 0) return NO_MATCH
  if (bytes[start] === GVCP_KEY) return GVCP_COMMANDS.includes(command) ? STRONG | FROM_CLIENT : NO_MATCH
  const asked = peerLength >= GVCP_HEADER && peer[0] === GVCP_KEY && readU16(peer, 2) + 1 === command
  return asked && readU16(bytes, start) === 0 && readU16(peer, 6) === number ? STRONG | FROM_SERVER : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'gvcp',
    says: 'is a command of GigE Vision with agreeing length, or the answer to one',
    protocols: UDP,
    ports: [3956],
    firstBytes: [0, GVCP_KEY],
    bits: { offset: 2, mask: 0xfe00f000 | 0, value: 0 },
    match: gvcp,
  },
]
