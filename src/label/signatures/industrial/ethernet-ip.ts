/** EtherNet/IP, which carries CIP: explicit messages over TCP and UDP, implicit ones over UDP. */
import { readI32, readU16LE, readU32LE } from '../../../bytes.ts'
import { NO_MATCH, type Payload, type Signature, STRONG } from '../../inspect/payload.ts'
import { setExtra } from '../common/extras.ts'
import { onPort, roleByPort, TCP_UDP } from '../common/ports.ts'

const ENCAPSULATION_HEADER = 24
/** NOP, list services, list identity, list interfaces, register, unregister, send RR data, send unit data, status, cancel. */
const ENIP_COMMANDS: readonly number[] = [0, 4, 0x63, 0x64, 0x65, 0x66, 0x6f, 0x70, 0x72, 0x73]

/** CIP volume 2 section 2-3.1: command, length, session, status, context, options 0, all little-endian. */
function ethernetIp(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < ENCAPSULATION_HEADER) return implicit(payload)
  const command = readU16LE(bytes, start)
  const length = readU16LE(bytes, start + 2)
  const known = ENIP_COMMANDS.includes(command) && (command !== 0 || onPort(payload, 44818))
  if (!known || readI32(bytes, start + 20) !== 0 || readU32LE(bytes, start + 8) > 0x69)
    return implicit(payload)
  if (length + ENCAPSULATION_HEADER > payload.length) return NO_MATCH
  if (length + ENCAPSULATION_HEADER !== payload.length && !onPort(payload, 44818)) return NO_MATCH
  setExtra(payload, 'ethernet_ip', 'command', command)
  return STRONG | roleByPort(payload, 44818)
}

/** Implicit messages over UDP 2222: two items, the first a sequenced address (8002) of eight bytes. */
function implicit(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 14 || readI32(bytes, start) !== 0x02000280 || readU16LE(bytes, start + 4) !== 8)
    return NO_MATCH
  return onPort(payload, 2222) ? STRONG : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'ethernet-ip',
    says: 'holds an EtherNet/IP encapsulation header with known command, agreeing length and options 0',
    protocols: TCP_UDP,
    ports: [44818, 2222],
    firstBytes: [...ENIP_COMMANDS, 2],
    bits: { offset: 0, mask: 0x00ff0000, value: 0 },
    match: ethernetIp,
  },
]
