/** Wake-on-LAN: magic packets. */
import { readI32, readU16 } from '../../../bytes.ts'
import { FROM_CLIENT, NO_MATCH, type Payload, type Signature, STRONG } from '../../inspect/payload.ts'
import { UDP } from '../common/ports.ts'

const MAC = 6
const WAKE = 17 * MAC

/** Six ff, then sixteen times the address of who shall wake up, maybe a password of four or six bytes. */
function wakeOnLan({ bytes, start, end, length }: Payload): number {
  if (end - start < WAKE || (length !== WAKE && length !== WAKE + 4 && length !== WAKE + MAC)) return NO_MATCH
  if (readI32(bytes, start) !== -1 || readU16(bytes, start + 4) !== 0xffff) return NO_MATCH
  for (let at = start + 2 * MAC; at < start + WAKE; at++) if (bytes[at] !== bytes[at - MAC]) return NO_MATCH
  const address = readI32(bytes, start + MAC)
  return address !== -1 && address !== 0 ? STRONG | FROM_CLIENT : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'wol',
    says: 'is a magic packet of Wake-on-LAN: six ff and sixteen times the same address',
    protocols: UDP,
    ports: [9, 7],
    firstBytes: [0xff],
    bits: { offset: 0, mask: -1, value: -1 },
    match: wakeOnLan,
  },
]
