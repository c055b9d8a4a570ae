/** VXLAN (RFC 7348), with the group policy extension, and VXLAN-GPE (draft-ietf-nvo3-vxlan-gpe). */
import { LAYER_VXLAN, readU32 } from '../../bytes.ts'
import { type Cursor, enterTunnel } from '../cursor.ts'
import { plausibleEthernet } from '../link/ethernet.ts'
import { DECODED, TOO_DEEP } from '../status.ts'
import { STEP_ETHERNET } from '../steps.ts'
import { nextProtocolStep } from './nsh.ts'

/** RFC 7348 section 5: flags, reserved (3), network identifier (3), reserved. */
const FLAGS = 0
const RESERVED = 1
const NETWORK = 4
const NETWORK_RESERVED = 7
const VXLAN_HEADER = 8

const FLAG_NETWORK_VALID = 0x08
/** draft-smith-vxlan-group-policy: the reserved bytes then hold a policy. */
const FLAG_GROUP_POLICY = 0x80

export function vxlan(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (end - at < VXLAN_HEADER) return ~DECODED
  const flags = bytes[at + FLAGS]
  if ((flags & ~FLAG_GROUP_POLICY) !== FLAG_NETWORK_VALID || bytes[at + NETWORK_RESERVED] !== 0)
    return ~DECODED
  const reserved = readU32(bytes, at + FLAGS) & 0xffffff
  if (flags === FLAG_NETWORK_VALID && reserved !== 0) return ~DECODED
  if (!plausibleEthernet(cursor, at + VXLAN_HEADER)) return ~DECODED
  return enter(cursor, STEP_ETHERNET)
}

/** draft-ietf-nvo3-vxlan-gpe section 3: version (2 bits), I, P, B, O; reserved (2), next protocol. */
const GPE_VERSION = 0x30
const GPE_PROTOCOL_PRESENT = 0x04
const GPE_OAM = 0x01
const GPE_PROTOCOL = 3

export function vxlanGpe(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (end - at < VXLAN_HEADER) return ~DECODED
  const flags = bytes[at + FLAGS]
  if ((flags & FLAG_NETWORK_VALID) === 0 || (flags & (GPE_VERSION | GPE_OAM)) !== 0) return ~DECODED
  if (bytes[at + RESERVED] !== 0 || bytes[at + RESERVED + 1] !== 0 || bytes[at + NETWORK_RESERVED] !== 0) {
    return ~DECODED
  }
  const step =
    (flags & GPE_PROTOCOL_PRESENT) !== 0
      ? nextProtocolStep(bytes[at + GPE_PROTOCOL], ~DECODED)
      : STEP_ETHERNET
  if (step < 0) return step
  if (step === STEP_ETHERNET && !plausibleEthernet(cursor, at + VXLAN_HEADER)) return ~DECODED
  return enter(cursor, step)
}

function enter(cursor: Cursor, step: number): number {
  const network = readU32(cursor.bytes, cursor.at + NETWORK) >>> 8
  cursor.at += VXLAN_HEADER
  return enterTunnel(cursor, LAYER_VXLAN, network) ? step : ~TOO_DEEP
}
