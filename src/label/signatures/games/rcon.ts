/** Source RCON: remote consoles of game servers, of the Source engine, Minecraft and others. */
import { readU16, readU32LE } from '../../../bytes.ts'
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

const RCON_LOGIN = 3
const RCON_COMMAND = 2
const RCON_HEADER = 12
const RCON_SHORTEST = 14

/** Valve developer wiki, "Source RCON Protocol": size of the rest, id, type (all little-endian), text, two NUL. */
function rcon({ bytes, start, end, length }: Payload): number {
  if (end - start < length || length < RCON_SHORTEST || readU32LE(bytes, start) !== length - 4)
    return NO_MATCH
  const type = readU32LE(bytes, start + 8)
  if ((type !== 0 && type !== RCON_COMMAND && type !== RCON_LOGIN) || readU16(bytes, end - 2) !== 0)
    return NO_MATCH
  for (let at = start + RCON_HEADER; at < end - 2; at++)
    if (bytes[at] < 0x20 && bytes[at] !== 0x0a && bytes[at] !== 0x0d && bytes[at] !== 9) return NO_MATCH
  if (type === RCON_LOGIN) return STRONG | FROM_CLIENT
  // Without text, and of type 0, little but zeros is left.
  if (length === RCON_SHORTEST) return type === RCON_COMMAND ? STRONG : WEAK
  return STRONG | (type === 0 ? FROM_SERVER : 0)
}

export const signatures: Signature[] = [
  {
    label: 'rcon',
    says: 'is a message of the Source RCON protocol: size of the rest, id, type, text and two NUL',
    protocols: TCP,
    ports: [27015, 25575],
    // Types 0, 2 and 3, little-endian.
    bits: { offset: 8, mask: 0xfcffffff, value: 0 },
    match: rcon,
  },
]
