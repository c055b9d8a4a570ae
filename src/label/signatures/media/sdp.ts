/**
 * Session descriptions (SDP, RFC 8866) inside SIP, RTSP and MGCP messages: which media are expected at which
 * address and port. In: a message whose signature matched. Out: an announcement for each medium that one of the
 * transports below carries, and for its RTCP (RFC 3605, RFC 5761). Not supported: host names as addresses, ICE
 * candidates, a message that was cut before its description.
 */
import { parseAddress } from '../../../address.ts'
import { PROTOCOL_TCP, PROTOCOL_UDP, startsWith } from '../../../bytes.ts'
import { packetString } from '../../../text.ts'
import type { Payload, Service } from '../../inspect/payload.ts'
import { lineEnd, nextLine } from '../common/text-scan.ts'

/** The session interval that SIP's timers begin with (RFC 4028 section 4.2): calls that live on are renewed within it. */
export const MEDIA_LIFETIME_SEC = 1800
const MAX_LINES = 256
const MAX_MEDIA = 8
/** The discard port stands for "no port yet" (RFC 4145 section 4.1). */
const PORT_DISCARD = 9
const PORT_LAST = 65_535

type Transport = Pick<Service, 'label' | 'protocol'> & { rtcp?: string }

const RTP: Transport = { label: 'rtp', protocol: PROTOCOL_UDP, rtcp: 'rtcp' }
/** Encrypted RTCP is a part of SRTP (RFC 3711 section 3.4). */
const SRTP: Transport = { label: 'srtp', protocol: PROTOCOL_UDP, rtcp: 'srtp' }
const BFCP: Transport = { label: 'bfcp', protocol: PROTOCOL_TCP }
const MSRP: Transport = { label: 'msrp', protocol: PROTOCOL_TCP }
const T38: Transport = { label: 't38', protocol: PROTOCOL_UDP }

/** The transport of an m= line (RFC 8866 section 5.14), in upper case. */
const TRANSPORTS: ReadonlyMap<string, Transport> = new Map([
  ['RTP/AVP', RTP],
  ['RTP/AVPF', RTP],
  ['RTP/SAVP', SRTP],
  ['RTP/SAVPF', SRTP],
  ['UDP/TLS/RTP/SAVP', SRTP],
  ['UDP/TLS/RTP/SAVPF', SRTP],
  ['TCP/RTP/AVP', { label: 'rtp', protocol: PROTOCOL_TCP }],
  ['TCP/BFCP', BFCP],
  ['TCP/TLS/BFCP', BFCP],
  ['UDP/BFCP', { label: 'bfcp', protocol: PROTOCOL_UDP }],
  ['TCP/MSRP', MSRP],
  ['TCP/TLS/MSRP', MSRP],
  ['UDPTL', T38],
])

const CONNECTION = /^c=IN IP[46] ([\d.:a-f]+)(?:\/[\d/]*)?$/i
const MEDIUM = /^m=[a-z]+ (\d{1,5})(?:\/\d+)? ([A-Z\d/]+) /i
const RTCP_PORT = /^a=rtcp:(\d{1,5})(?: IN IP[46] ([\d.:a-f]+))?$/i
const RTCP_MUX = 'a=rtcp-mux'

interface Medium {
  transport: Transport
  port: number
  address: string
  /** -1: none of its own. */
  rtcpPort: number
  rtcpAddress: string
}

/** Announces what the description in the message's body says; nothing where there is none. Call after a match. */
export function announceMedia(payload: Payload): void {
  announceFrom(payload, bodyStart(payload.bytes, payload.start, payload.end))
}

/** Announces what the description from `first` on says; -1: there is none. */
export function announceFrom(payload: Payload, first: number): void {
  const { bytes, end } = payload
  let line = first
  let sessionAddress = ''
  let medium: Medium | undefined
  for (let lines = 0, media = 0; line >= 0 && line < end && lines < MAX_LINES; lines++) {
    const kind = bytes[line + 1] === 0x3d ? bytes[line] : 0
    if (kind === 0x63) {
      const address = CONNECTION.exec(lineAt(bytes, line, end))?.[1] ?? ''
      if (medium === undefined) sessionAddress = address
      else medium.address = address
    } else if (kind === 0x6d) {
      announceMedium(payload, medium)
      if (++media > MAX_MEDIA) return
      medium = readMedium(lineAt(bytes, line, end), sessionAddress)
    } else if (kind === 0x61 && medium !== undefined && startsWith(bytes, line, end, 'a=rtcp')) {
      readRtcp(lineAt(bytes, line, end), medium)
    }
    line = nextLine(bytes, line, end)
  }
  announceMedium(payload, medium)
}

/** Behind the empty line that ends the headers, or -1. */
function bodyStart(bytes: Uint8Array, start: number, end: number): number {
  let line = nextLine(bytes, start, end)
  for (let lines = 0; line >= 0 && line < end && lines < MAX_LINES; lines++) {
    if (lineEnd(bytes, line, Math.min(end, line + 1)) === line) return nextLine(bytes, line, end)
    line = nextLine(bytes, line, end)
  }
  return -1
}

function lineAt(bytes: Uint8Array, at: number, end: number): string {
  const stop = lineEnd(bytes, at, end)
  // A line without its end may have been cut, and a port with it.
  return stop < 0 ? '' : packetString(bytes, at, stop)
}

function readMedium(line: string, address: string): Medium | undefined {
  const [, port, name] = MEDIUM.exec(line) ?? []
  const transport = name === undefined ? undefined : TRANSPORTS.get(name.toUpperCase())
  if (transport === undefined) return undefined
  const number = Number(port)
  return { transport, port: number, address, rtcpPort: number + 1, rtcpAddress: '' }
}

function readRtcp(line: string, medium: Medium): void {
  if (line === RTCP_MUX) medium.rtcpPort = -1
  const [, port, address] = RTCP_PORT.exec(line) ?? []
  if (port === undefined || medium.rtcpPort < 0) return
  medium.rtcpPort = Number(port)
  medium.rtcpAddress = address ?? ''
}

function announceMedium(payload: Payload, medium: Medium | undefined): void {
  if (medium === undefined) return
  const { label, protocol, rtcp } = medium.transport
  announce(payload, { label, protocol, port: medium.port }, medium.address)
  if (rtcp === undefined || medium.port === 0) return
  const address = medium.rtcpAddress === '' ? medium.address : medium.rtcpAddress
  announce(payload, { label: rtcp, protocol, port: medium.rtcpPort }, address)
}

/** Port 0 refuses a medium, and 0.0.0.0 puts it on hold (RFC 3264 sections 6 and 8.4). */
function announce(payload: Payload, service: Pick<Service, 'label' | 'protocol' | 'port'>, text: string) {
  const address = parseAddress(text)
  const { port } = service
  if (address?.words.every((word) => word === 0) !== false) return
  if (port <= 0 || port > PORT_LAST || port === PORT_DISCARD) return
  payload.announce({ ...service, address, through: 'SDP', lifetimeSec: MEDIA_LIFETIME_SEC })
}
