/** Objects of type Packet (types.ts): created once and refilled for every packet. */
import type { Packet } from '../types.ts'

/** Tags and tunnels of one packet; a packet with more is not decoded (too_deep). */
export const MAX_LAYERS = 16

export function createPacket(): Packet {
  return {
    frame: 0,
    timeSec: 0,
    timeNsec: 0,
    wireBytes: 0,
    flags: 0,
    etherType: -1,
    ipVersion: 0,
    src0: 0,
    src1: 0,
    src2: 0,
    src3: 0,
    dst0: 0,
    dst1: 0,
    dst2: 0,
    dst3: 0,
    protocol: 0,
    ipBytes: 0,
    srcPort: 0,
    dstPort: 0,
    icmpType: 0,
    icmpCode: 0,
    icmpIdentifier: 0,
    payloadStart: 0,
    payloadEnd: 0,
    payloadBytes: 0,
    tcpFlags: 0,
    tcpSequence: 0,
    tcpAcknowledgement: 0,
    tcpWindow: 0,
    layerCount: 0,
    layerKind: new Uint8Array(MAX_LAYERS),
    layerId: new Int32Array(MAX_LAYERS),
    encapsulation0: 0,
    encapsulation1: 0,
    quotedProtocol: 0,
    quotedSrc0: 0,
    quotedSrc1: 0,
    quotedSrc2: 0,
    quotedSrc3: 0,
    quotedDst0: 0,
    quotedDst1: 0,
    quotedDst2: 0,
    quotedDst3: 0,
    quotedSrcPort: 0,
    quotedDstPort: 0,
    quotedIcmpIdentifier: 0,
  }
}

/** Copies every field; the layer arrays are copied, not shared. */
export function copyPacket(from: Packet, to: Packet): void {
  to.frame = from.frame
  to.timeSec = from.timeSec
  to.timeNsec = from.timeNsec
  to.wireBytes = from.wireBytes
  to.flags = from.flags
  to.etherType = from.etherType
  to.ipBytes = from.ipBytes
  to.payloadStart = from.payloadStart
  to.payloadEnd = from.payloadEnd
  to.payloadBytes = from.payloadBytes
  to.tcpFlags = from.tcpFlags
  to.tcpSequence = from.tcpSequence
  to.tcpAcknowledgement = from.tcpAcknowledgement
  to.tcpWindow = from.tcpWindow
  copyKey(from, to)
  copyQuote(from, to)
}

/** Copies the fields of the flow key: addresses, protocol, ports, ICMP fields, encapsulation. */
export function copyKey(from: Packet, to: Packet): void {
  to.ipVersion = from.ipVersion
  to.src0 = from.src0
  to.src1 = from.src1
  to.src2 = from.src2
  to.src3 = from.src3
  to.dst0 = from.dst0
  to.dst1 = from.dst1
  to.dst2 = from.dst2
  to.dst3 = from.dst3
  to.protocol = from.protocol
  to.srcPort = from.srcPort
  to.dstPort = from.dstPort
  to.icmpType = from.icmpType
  to.icmpCode = from.icmpCode
  to.icmpIdentifier = from.icmpIdentifier
  to.layerCount = from.layerCount
  for (let i = 0; i < from.layerCount; i++) {
    to.layerKind[i] = from.layerKind[i]
    to.layerId[i] = from.layerId[i]
  }
  to.encapsulation0 = from.encapsulation0
  to.encapsulation1 = from.encapsulation1
}

function copyQuote(from: Packet, to: Packet): void {
  to.quotedProtocol = from.quotedProtocol
  to.quotedSrc0 = from.quotedSrc0
  to.quotedSrc1 = from.quotedSrc1
  to.quotedSrc2 = from.quotedSrc2
  to.quotedSrc3 = from.quotedSrc3
  to.quotedDst0 = from.quotedDst0
  to.quotedDst1 = from.quotedDst1
  to.quotedDst2 = from.quotedDst2
  to.quotedDst3 = from.quotedDst3
  to.quotedSrcPort = from.quotedSrcPort
  to.quotedDstPort = from.quotedDstPort
  to.quotedIcmpIdentifier = from.quotedIcmpIdentifier
}
