/** Sandbox games beside Minecraft: Terraria and Minetest. */
import { readI32, readU16, readU16LE, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { bitsOf } from '../common/beginnings.ts'
import { TCP, UDP } from '../common/ports.ts'
import { digitRun } from '../common/text-scan.ts'

/** Length of the whole (little-endian), connect (1), length of a text: "Terraria" and a number. */
function terraria({ bytes, start, end, length }: Payload): number {
  if (end - start < 13 || readU16LE(bytes, start) !== length || bytes[start + 2] !== 1) return NO_MATCH
  if (bytes[start + 3] + 4 !== length || !startsWith(bytes, start + 4, end, 'Terraria')) return NO_MATCH
  return digitRun(bytes, start + 12, end, 4) === end ? STRONG | FROM_CLIENT : NO_MATCH
}

const MINETEST = 0x4f457403
const MINETEST_SERVER = 1
const MINETEST_LAST_CHANNEL = 2

/** Protocol id, sender (0 before it has a number, 1 the server), channel. */
function minetest({ bytes, start, end }: Payload): number {
  if (end - start < 7 || readI32(bytes, start) !== MINETEST || bytes[start + 6] > MINETEST_LAST_CHANNEL)
    return NO_MATCH
  return STRONG | (readU16(bytes, start + 4) === MINETEST_SERVER ? FROM_SERVER : FROM_CLIENT)
}

export const signatures: Signature[] = [
  {
    label: 'terraria',
    says: 'is the first message to a Terraria server: length, 1 and "Terraria" with a number',
    protocols: TCP,
    ports: [7777],
    bits: bitsOf('Terr', 4),
    match: terraria,
  },
  {
    label: 'minetest',
    says: "starts with the id 4f 45 74 03 of Minetest's protocol, sender and channel",
    protocols: UDP,
    ports: [30000],
    bits: { offset: 0, mask: 0xffffffff, value: MINETEST },
    match: minetest,
  },
]
