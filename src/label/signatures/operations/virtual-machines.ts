/** Management of virtual machines: libvirt, QMP of QEMU, the authentication daemon of VMware. */
import { readI32, readU32 } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { opening } from '../common/beginnings.ts'
import { fills } from '../common/length.ts'
import { TCP, TCP_UDP } from '../common/ports.ts'

const LIBVIRT = 0x20008086
const LIBVIRT_HEADER = 28

/** Length of the whole, program, version 1, procedure, type: call, answer, event. */
function libvirt(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (end - start < LIBVIRT_HEADER || readI32(bytes, start + 4) !== LIBVIRT) return NO_MATCH
  const size = readU32(bytes, start)
  if (readU32(bytes, start + 8) !== 1 || size < LIBVIRT_HEADER || (size > length && !fills(payload, size)))
    return NO_MATCH
  const type = readU32(bytes, start + 16)
  return STRONG | (type === 0 ? FROM_CLIENT : type === 1 ? FROM_SERVER : 0)
}

export const signatures: Signature[] = [
  opening({
    label: 'vmware-authd',
    says: 'starts with the greeting of the VMware authentication daemon',
    protocols: TCP_UDP,
    ports: [902],
    text: '220 VMware Authentication Daemon',
    role: FROM_SERVER,
  }),
  {
    label: 'libvirt',
    says: 'holds a length and the program 20008086, version 1, of libvirt',
    protocols: TCP,
    ports: [16509],
    firstBytes: [0],
    bits: { offset: 4, mask: -1, value: LIBVIRT },
    match: libvirt,
  },
  opening({
    label: 'qmp',
    says: 'starts with the greeting of the machine protocol of QEMU',
    protocols: TCP,
    ports: [4444],
    text: '{"QMP": {"version": {',
    role: FROM_SERVER,
  }),
]
