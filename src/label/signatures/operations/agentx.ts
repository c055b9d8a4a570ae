/** AgentX (RFC 2741), between an SNMP agent and its subagents. */
import { readU32, readU32LE } from '../../../bytes.ts'
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

const AGENTX_HEADER = 20
const AGENTX_LAST = 18
const AGENTX_BIG = 0x10
/** What the master asks of its agents: from Get to CleanupSet. */
const AGENTX_GET = 5
const AGENTX_CLEANUP = 11
const AGENTX_BARE: readonly number[] = [9, 10, 11, 13]

/** RFC 2741 section 6.1: version 1, type, flags, 0, session, transaction, packet, length of the rest in either order. */
function agentX({ bytes, start, end, length }: Payload): number {
  if (end - start < AGENTX_HEADER) return NO_MATCH
  const type = bytes[start + 1]
  const rest = (bytes[start + 2] & AGENTX_BIG ? readU32 : readU32LE)(bytes, start + 16)
  if (type < 1 || type > AGENTX_LAST || rest + AGENTX_HEADER !== length || (rest & 3) !== 0) return NO_MATCH
  // Without a rest only what ends a set may come, and a ping.
  if (rest === 0) return AGENTX_BARE.includes(type) ? WEAK : NO_MATCH
  if (type === AGENTX_LAST) return STRONG
  return STRONG | (type >= AGENTX_GET && type <= AGENTX_CLEANUP ? FROM_SERVER : FROM_CLIENT)
}

export const signatures: Signature[] = [
  {
    label: 'agentx',
    says: 'holds an AgentX version 1 header with known type and agreeing length',
    protocols: TCP,
    ports: [705],
    firstBytes: [1],
    bits: { offset: 0, mask: 0xffe0e0ff | 0, value: 0x01000000 },
    match: agentX,
  },
]
