/** What S7comm and MMS stand in: TPKT (RFC 1006), and COTP data in it. */
import { bytes, type Part, u16 } from '../probe.ts'

export function tpkt(...content: Part[]): Uint8Array {
  const body = bytes(...content)
  return bytes(3, 0, u16(body.length + 4), body)
}

export function cotp(...content: Part[]): Uint8Array {
  return tpkt(2, 0xf0, 0x80, ...content)
}
