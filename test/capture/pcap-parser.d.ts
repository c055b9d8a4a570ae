/** The part of pcap-parser that the oracle test uses; the package brings no types. */
declare module 'pcap-parser' {
  import type { EventEmitter } from 'node:events'
  import type { Readable } from 'node:stream'

  export interface ParsedPacket {
    header: {
      timestampSeconds: number
      timestampMicroseconds: number
      capturedLength: number
      originalLength: number
    }
    data: Buffer
  }

  /** Emits 'packet' with a ParsedPacket, then 'end'. */
  export function parse(stream: Readable): EventEmitter
}
