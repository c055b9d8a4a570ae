/** USB/IP: the devices of another machine. */
import { readI32, readU32 } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { bitsOfWords } from '../common/beginnings.ts'
import { TCP } from '../common/ports.ts'

const USBIP_ASKS: readonly number[] = [0x01118003, 0x01118005]
const USBIP_ANSWERS: readonly number[] = [0x01110003, 0x01110005]

/** Version 1.1.1, devices (5) or import of one (3), status 0, or 1 in an answer. */
function usbIp({ bytes, start, end }: Payload): number {
  if (end - start < 8) return NO_MATCH
  const word = readI32(bytes, start)
  const status = readU32(bytes, start + 4)
  if (USBIP_ASKS.includes(word)) return status === 0 ? STRONG | FROM_CLIENT : NO_MATCH
  return USBIP_ANSWERS.includes(word) && status <= 1 ? STRONG | FROM_SERVER : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'usbip',
    says: 'asks for USB devices with version 1.1.1 of USB/IP, or answers',
    protocols: TCP,
    ports: [3240],
    bits: bitsOfWords([...USBIP_ASKS, ...USBIP_ANSWERS]),
    match: usbIp,
  },
]
