/** One frame decoded into something a test can compare at a glance. */
import { addressText } from '../../src/address.ts'
import { createDecoder, type DecodeOptions } from '../../src/decode/decode.ts'
import { encapsulationText } from '../../src/decode/encapsulation.ts'
import { createPacket } from '../../src/decode/packet.ts'
import { statusName } from '../../src/decode/status.ts'
import type { Packet } from '../../src/types.ts'
import { type BatchOptions, batchOf } from '../packet-builder.ts'

export interface Decoded {
  status: string
  /** "10.0.0.1:1000 > 10.0.0.2:53 17" */
  flow: string
  encapsulation: string
  packet: Packet
  /** The captured payload as Latin-1. */
  payload: string
}

export const INNER: DecodeOptions = { decapsulate: 'inner', ignoreVlan: false }
export const OUTER: DecodeOptions = { decapsulate: 'outer', ignoreVlan: false }

export function decodeOne(frame: Uint8Array, batchOptions: BatchOptions = {}, options = INNER): Decoded {
  const batch = batchOf([frame], batchOptions)
  const packet = createPacket()
  const status = createDecoder(options).decode(batch, 0, packet)
  return shown(status, packet, batch.bytes)
}

export function shown(status: number, packet: Packet, bytes: Uint8Array): Decoded {
  return {
    status: statusName(status),
    flow: status === 0 || status === 2 ? flowText(packet) : '',
    encapsulation: encapsulationText(packet).join(' '),
    packet,
    payload: String.fromCharCode(...bytes.subarray(packet.payloadStart, packet.payloadEnd)),
  }
}

export function flowText(packet: Packet): string {
  const src = addressText(packet.ipVersion, packet.src0, packet.src1, packet.src2, packet.src3)
  const dst = addressText(packet.ipVersion, packet.dst0, packet.dst1, packet.dst2, packet.dst3)
  return `${src}:${packet.srcPort} > ${dst}:${packet.dstPort} ${packet.protocol}`
}
