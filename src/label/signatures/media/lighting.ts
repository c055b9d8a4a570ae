/** Lighting: Art-Net 4, sACN and its kin (ANSI E1.17, E1.31), KiNET. */
import { readI32, readU32LE, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { bitsOf, opening } from '../common/beginnings.ts'
import { UDP } from '../common/ports.ts'

const ART_NET = 'Art-Net\0'
const ART_POLL = 0x2000
const ART_POLL_REPLY = 0x2100

/** Art-Net 4: the name, then the operation (little-endian). */
function artNet({ bytes, start, end }: Payload): number {
  if (!startsWith(bytes, start, end, ART_NET)) return NO_MATCH
  if (start + 10 > end) return STRONG
  const operation = bytes[start + 8] | (bytes[start + 9] << 8)
  return STRONG | (operation === ART_POLL ? FROM_CLIENT : operation === ART_POLL_REPLY ? FROM_SERVER : 0)
}

/** Of Color Kinetics, little-endian; then a version of one or two. */
const KINET = 0x0401dc4a

function kinet({ bytes, start, end }: Payload): number {
  if (end - start < 8 || readI32(bytes, start) !== KINET) return NO_MATCH
  const version = readU32LE(bytes, start + 4) & 0xffff
  return version === 1 || version === 2 ? STRONG : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'artnet',
    says: 'starts with "Art-Net" and NUL',
    protocols: UDP,
    ports: [6454],
    bits: bitsOf(ART_NET),
    match: artNet,
  },
  opening({
    label: 'acn',
    says: 'starts with the preamble of ANSI E1.17 and "ASC-E1.17", as sACN does',
    protocols: UDP,
    ports: [5568],
    text: '\0\x10\0\0ASC-E1.17\0\0\0',
  }),
  {
    label: 'kinet',
    says: 'starts with 04 01 dc 4a and a version of KiNET',
    protocols: UDP,
    ports: [6038],
    bits: { offset: 0, mask: 0xffffffff, value: KINET },
    match: kinet,
  },
]
