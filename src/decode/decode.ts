/**
 * In: a PacketBatch and an index. Out: the caller's Packet, filled, and a status (status.ts). The decode is a loop
 * over steps: link -> tags -> net -> tunnel -> transport, one header a step, bounded in steps and layers. Nothing
 * outside the packet's captured bytes is read, nothing is allocated, nothing is thrown.
 *
 * Promised: the innermost flow (or, with `decapsulate: 'outer'`, the outermost; VLAN, MPLS and PPPoE are passed
 * either way). A tunnel that carries no decodable IP packet counts for the flow around it. Fragments are not
 * reassembled, but later ones join the flow of their first (fragment.ts).
 * Not supported: reassembly (of TCP, of frames that 802.11 or another link layer split), decryption, all but the first
 * frame of an A-MSDU, header compression.
 */
import { BATCH_RESYNCHRONISED, PACKET_QUOTE, PACKET_RESYNCHRONISED } from '../bytes.ts'
import type { Packet, PacketBatch } from '../types.ts'
import { type Cursor, createCursor, type StepDecoder } from './cursor.ts'
import { setEncapsulation } from './encapsulation.ts'
import { resolveFirst } from './internet/fragment.ts'
import {
  createFragmentTable,
  expireFragments,
  flushFragments,
  startInput,
  takeReleased,
} from './internet/fragment-table.ts'
import { icmp, icmpv6 } from './internet/icmp.ts'
import { ipv4 } from './internet/ipv4.ts'
import { authenticationHeader, ipv6, ipv6Extension, ipv6Fragment } from './internet/ipv6.ts'
import { dccp, sctp } from './internet/sctp.ts'
import { tcp } from './internet/tcp.ts'
import { udp, udplite } from './internet/udp.ts'
import { arcnet, arcnetLinux } from './link/arcnet.ts'
import { arista } from './link/arista.ts'
import { atm, sunAtm } from './link/atm.ts'
import { ciscoHdlc, ciscoHdlcWithDirection } from './link/cisco-hdlc.ts'
import { broadcomTag, broadcomTagPrepended, dsa, edsa } from './link/dsa.ts'
import { ethernet, fabricPath, pbb } from './link/ethernet.ts'
import { frameRelay, frameRelayWithDirection, multilinkFrameRelay } from './link/frame-relay.ts'
import { ieee1394 } from './link/ieee1394.ts'
import { ieee80211 } from './link/ieee80211.ts'
import { ipoib } from './link/ipoib.ts'
import * as juniper from './link/juniper.ts'
import { linkStep } from './link/link.ts'
import { ipOverFibreChannel, llc } from './link/llc.ts'
import { enc, ipnet, loopback, rawIp } from './link/loopback.ts'
import { macsec } from './link/macsec.ts'
import { mpls, mplsTunnel } from './link/mpls.ts'
import { nflog, pflog } from './link/nflog.ts'
import { pktap } from './link/pktap.ts'
import { ppp, pppPppd, pppSerial, pppWithDirection } from './link/ppp.ts'
import { mPacket, netAnalyzer, netAnalyzerTransparent } from './link/preamble.ts'
import { avs, ppi, prism, radiotap } from './link/radio.ts'
import { slip } from './link/slip.ts'
import { sll, sll2 } from './link/sll.ts'
import { fddi, tokenRing } from './link/token-ring.ts'
import { vlan } from './link/vlan.ts'
import { copyPacket } from './packet.ts'
import { DECODED, HELD, LINK_TYPE_UNKNOWN, TOO_DEEP } from './status.ts'
import * as steps from './steps.ts'
import { capwap } from './tunnel/capwap.ts'
import { erspan2, erspan3 } from './tunnel/erspan.ts'
import { etherIp } from './tunnel/etherip.ts'
import { geneve } from './tunnel/geneve.ts'
import { gre } from './tunnel/gre.ts'
import { gtpu } from './tunnel/gtp.ts'
import { ipip, sixInFour } from './tunnel/ipip.ts'
import { l2tp, l2tpOverIp } from './tunnel/l2tp.ts'
import { nsh } from './tunnel/nsh.ts'
import { pppoe } from './tunnel/pppoe.ts'
import { teredo } from './tunnel/teredo.ts'
import { tzsp } from './tunnel/tzsp.ts'
import { vxlan, vxlanGpe } from './tunnel/vxlan.ts'

/** Headers of one packet; layers (tags and tunnels) have the lower bound MAX_LAYERS. */
const MAX_STEPS = 64
/** Greater lengths on the wire cannot be real; bounded, offsets stay 31-bit integers. */
const MAX_WIRE_LENGTH = 0x0fffffff

export interface DecodeOptions {
  decapsulate: 'inner' | 'outer'
  ignoreVlan: boolean
}

export interface Decoder {
  /** Fills `packet` from packet `index` of the batch and returns a status. */
  decode(batch: PacketBatch, index: number, packet: Packet): number
  /**
   * Fills `packet` with a fragment that was HELD and now has its flow or is an orphan; false when there is none.
   * Call until false after every decode() and after flush(). It has its own frame number and time, and no bytes.
   */
  released(packet: Packet): boolean
  /** A new input begins, with its own frame numbers: held fragments are marked as from an earlier one. */
  startInput(): void
  /** End of input: all fragments still held become orphans. */
  flush(): void
}

const DECODERS: readonly StepDecoder[] = decoderTable()

function decoderTable(): StepDecoder[] {
  const table = new Array<StepDecoder>(steps.STEP_COUNT).fill(() => ~TOO_DEEP)
  linkDecoders(table)
  juniperDecoders(table)
  tagDecoders(table)
  table[steps.STEP_IPV4] = ipv4
  table[steps.STEP_IPV6] = ipv6
  table[steps.STEP_TCP] = tcp
  table[steps.STEP_UDP] = udp
  table[steps.STEP_UDPLITE] = udplite
  table[steps.STEP_SCTP] = sctp
  table[steps.STEP_DCCP] = dccp
  table[steps.STEP_ICMP] = icmp
  table[steps.STEP_ICMPV6] = icmpv6
  table[steps.STEP_IPV6_EXTENSION] = ipv6Extension
  table[steps.STEP_IPV6_FRAGMENT] = ipv6Fragment
  table[steps.STEP_AH] = authenticationHeader
  table[steps.STEP_MPLS_TUNNEL] = mplsTunnel
  table[steps.STEP_IPIP] = ipip
  table[steps.STEP_6IN4] = sixInFour
  table[steps.STEP_GRE] = gre
  table[steps.STEP_ERSPAN2] = erspan2
  table[steps.STEP_ERSPAN3] = erspan3
  table[steps.STEP_ETHERIP] = etherIp
  table[steps.STEP_L2TP] = l2tp
  table[steps.STEP_L2TP_IP] = l2tpOverIp
  table[steps.STEP_VXLAN] = vxlan
  table[steps.STEP_VXLAN_GPE] = vxlanGpe
  table[steps.STEP_GENEVE] = geneve
  table[steps.STEP_GTPU] = gtpu
  table[steps.STEP_TEREDO] = teredo
  table[steps.STEP_CAPWAP] = capwap
  table[steps.STEP_TZSP] = tzsp
  return table
}

function linkDecoders(table: StepDecoder[]): void {
  table[steps.STEP_ETHERNET] = ethernet
  table[steps.STEP_LLC] = llc
  table[steps.STEP_RAW_IP] = rawIp
  table[steps.STEP_LOOPBACK] = loopback
  table[steps.STEP_SLL] = sll
  table[steps.STEP_SLL2] = sll2
  table[steps.STEP_PPP] = ppp
  table[steps.STEP_PPP_SERIAL] = pppSerial
  table[steps.STEP_CISCO_HDLC] = ciscoHdlc
  table[steps.STEP_FRAME_RELAY] = frameRelay
  table[steps.STEP_IEEE80211] = ieee80211
  table[steps.STEP_RADIOTAP] = radiotap
  table[steps.STEP_PPI] = ppi
  table[steps.STEP_PRISM] = prism
  table[steps.STEP_AVS] = avs
  table[steps.STEP_NFLOG] = nflog
  table[steps.STEP_PFLOG] = pflog
  table[steps.STEP_ATM] = atm
  table[steps.STEP_IP_OVER_FC] = ipOverFibreChannel
  table[steps.STEP_IPNET] = ipnet
  table[steps.STEP_BROADCOM_TAG] = broadcomTag
  table[steps.STEP_BROADCOM_TAG_PREPENDED] = broadcomTagPrepended
  table[steps.STEP_DSA] = dsa
  table[steps.STEP_EDSA] = edsa
  table[steps.STEP_IPOIB] = ipoib
  table[steps.STEP_MPACKET] = mPacket
  table[steps.STEP_NETANALYZER] = netAnalyzer
  table[steps.STEP_NETANALYZER_TRANSPARENT] = netAnalyzerTransparent
  table[steps.STEP_ENC] = enc
  table[steps.STEP_IEEE1394] = ieee1394
  table[steps.STEP_TOKEN_RING] = tokenRing
  table[steps.STEP_FDDI] = fddi
  table[steps.STEP_ARCNET] = arcnet
  table[steps.STEP_ARCNET_LINUX] = arcnetLinux
  table[steps.STEP_SUNATM] = sunAtm
  table[steps.STEP_SLIP] = slip
  table[steps.STEP_PPP_WITH_DIRECTION] = pppWithDirection
  table[steps.STEP_PPP_PPPD] = pppPppd
  table[steps.STEP_CISCO_HDLC_WITH_DIRECTION] = ciscoHdlcWithDirection
  table[steps.STEP_FRAME_RELAY_WITH_DIRECTION] = frameRelayWithDirection
  table[steps.STEP_MULTILINK_FRAME_RELAY] = multilinkFrameRelay
  table[steps.STEP_PKTAP] = pktap
}

function juniperDecoders(table: StepDecoder[]): void {
  table[steps.STEP_JUNIPER_ETHERNET] = juniper.ethernet
  table[steps.STEP_JUNIPER_PPP] = juniper.ppp
  table[steps.STEP_JUNIPER_FRAME_RELAY] = juniper.frameRelay
  table[steps.STEP_JUNIPER_CISCO_HDLC] = juniper.ciscoHdlc
  table[steps.STEP_JUNIPER_PPPOE_ATM] = juniper.pppoeAtm
  table[steps.STEP_JUNIPER_ATM1] = juniper.atm1
  table[steps.STEP_JUNIPER_ATM2] = juniper.atm2
  table[steps.STEP_JUNIPER_MLPPP] = juniper.mlppp
  table[steps.STEP_JUNIPER_MLFR] = juniper.mlfr
  table[steps.STEP_JUNIPER_MFR] = juniper.mfr
  table[steps.STEP_JUNIPER_ENCRYPTION] = juniper.encryption
  table[steps.STEP_JUNIPER_GGSN] = juniper.ggsn
  table[steps.STEP_JUNIPER_MONITOR] = juniper.monitor
  table[steps.STEP_JUNIPER_SERVICES] = juniper.services
  table[steps.STEP_JUNIPER_VOICE] = juniper.voice
}

function tagDecoders(table: StepDecoder[]): void {
  table[steps.STEP_VLAN] = vlan
  table[steps.STEP_MPLS] = mpls
  table[steps.STEP_NSH] = nsh
  table[steps.STEP_ARISTA] = arista
  table[steps.STEP_PPPOE] = pppoe
  table[steps.STEP_MACSEC] = macsec
  table[steps.STEP_PBB] = pbb
  table[steps.STEP_FABRIC_PATH] = fabricPath
}

export function createDecoder(options: DecodeOptions): Decoder {
  const cursor = createCursor(options.decapsulate === 'inner', options.ignoreVlan)
  const quoted = createCursor(false, true)
  const fragments = createFragmentTable()
  cursor.fragments = fragments
  return {
    decode(batch: PacketBatch, index: number, packet: Packet): number {
      startPacket(cursor, batch, index, packet)
      if (fragments.count !== 0) expireFragments(fragments, packet.timeSec, packet.timeNsec)
      return decodePacket(cursor, quoted, batch.linkType[index])
    },
    released: (packet: Packet): boolean => takeReleased(fragments, packet),
    startInput: (): void => startInput(fragments),
    flush: (): void => flushFragments(fragments),
  }
}

/** Points the cursor at a packet of the batch and resets the fields that not every decoder sets. */
export function startPacket(cursor: Cursor, batch: PacketBatch, index: number, packet: Packet): void {
  const start = batch.start[index]
  const wireBytes = batch.originalLength[index]
  // Storing a reference costs more than comparing it, and both are usually those of the previous packet.
  if (cursor.bytes !== batch.bytes) cursor.bytes = batch.bytes
  if (cursor.packet !== packet) cursor.packet = packet
  cursor.at = start
  cursor.end = start + batch.capturedLength[index]
  cursor.declaredEnd = start + Math.min(wireBytes, MAX_WIRE_LENGTH)
  cursor.quoteAt = 0
  cursor.hasOuter = false
  cursor.insideFragment = false
  cursor.frameControlSwapped = false
  cursor.paddedTo4 = false
  cursor.firstFragmentCount = 0
  packet.frame = batch.firstFrame + index
  packet.timeSec = batch.timeSec[index]
  packet.timeNsec = batch.timeNsec[index]
  packet.wireBytes = wireBytes
  packet.flags = (batch.flags[index] & BATCH_RESYNCHRONISED) !== 0 ? PACKET_RESYNCHRONISED : 0
  packet.etherType = -1
  packet.icmpType = 0
  packet.icmpCode = 0
  packet.icmpIdentifier = 0
  packet.tcpFlags = 0
  packet.tcpSequence = 0
  packet.tcpAcknowledgement = 0
  packet.tcpWindow = 0
  packet.layerCount = 0
  packet.encapsulation0 = 0
  packet.encapsulation1 = 0
}

/** Runs the loop for a started packet and completes it: outer flow, encapsulation, fragments, quote. */
export function decodePacket(cursor: Cursor, quoted: Cursor, linkType: number): number {
  const first = linkStep(linkType)
  if (first === steps.STEP_NONE) return LINK_TYPE_UNKNOWN
  let status = runSteps(cursor, first)
  const packet = cursor.packet
  if (cursor.hasOuter && status !== DECODED && status !== HELD) {
    copyPacket(cursor.outer, packet)
    cursor.quoteAt = 0
    status = DECODED
  }
  if (packet.layerCount !== 0) setEncapsulation(packet, cursor.ignoreVlan)
  if (cursor.firstFragmentCount !== 0 && cursor.fragments !== undefined) {
    resolveFirst(cursor, cursor.fragments, status === DECODED)
  }
  if (cursor.quoteAt !== 0) readQuote(cursor, quoted)
  return status
}

function runSteps(cursor: Cursor, first: number): number {
  let step = cursor.trace === undefined ? commonSteps(cursor, first) : first
  if (step < 0) return ~step
  for (let count = 0; count < MAX_STEPS; count++) {
    const start = cursor.at
    const next = DECODERS[step](cursor)
    if (cursor.trace !== undefined) cursor.trace.push({ step, start, end: cursor.at, next })
    if (next < 0) return ~next
    step = next
  }
  return TOO_DEEP
}

/** Calls the decoders of the most common headers directly: a fifth faster than through the table. */
function commonSteps(cursor: Cursor, first: number): number {
  if (first !== steps.STEP_ETHERNET) return first
  const net = ethernet(cursor)
  if (net !== steps.STEP_IPV4) return net
  const transport = ipv4(cursor)
  if (transport === steps.STEP_TCP) return tcp(cursor)
  return transport === steps.STEP_UDP ? udp(cursor) : transport
}

/** The tuple of the datagram that an ICMP error quotes; nothing where its ports are missing. */
function readQuote(cursor: Cursor, quoted: Cursor): void {
  if (cursor.quoteAt >= cursor.end) return
  quoted.bytes = cursor.bytes
  quoted.at = cursor.quoteAt
  quoted.end = cursor.end
  quoted.declaredEnd = cursor.declaredEnd
  quoted.quoteAt = 0
  quoted.insideFragment = false
  quoted.firstFragmentCount = 0
  quoted.trace = cursor.trace
  quoted.packet.icmpIdentifier = 0
  if (runSteps(quoted, steps.STEP_RAW_IP) !== DECODED) return
  const packet = cursor.packet
  const quote = quoted.packet
  packet.quotedProtocol = quote.protocol
  packet.quotedSrc0 = quote.src0
  packet.quotedSrc1 = quote.src1
  packet.quotedSrc2 = quote.src2
  packet.quotedSrc3 = quote.src3
  packet.quotedDst0 = quote.dst0
  packet.quotedDst1 = quote.dst1
  packet.quotedDst2 = quote.dst2
  packet.quotedDst3 = quote.dst3
  packet.quotedSrcPort = quote.srcPort
  packet.quotedDstPort = quote.dstPort
  packet.quotedIcmpIdentifier = quote.icmpIdentifier
  packet.flags |= PACKET_QUOTE
}
