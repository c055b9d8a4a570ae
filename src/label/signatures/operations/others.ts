/** Protocols whose fixed beginning is enough: a magic or a greeting, a header of a few fields, a line of text. */
import { PROTOCOL_UDP, readU16, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { findAnyCase, isText } from '../common/reader.ts'
import { findByte, findText, lineEnd, onPort, printableRun, TCP, TCP_UDP, UDP } from '../common/shape.ts'

/** CORBA 3 part 2 section 9.4.1: "GIOP", version 1.0 to 1.3, flags, type 0-7. */
function giop(payload: Payload): number {
  const { bytes, start, end } = payload
  if (!startsWith(bytes, start, end, 'GIOP\x01') || end - start < 8 || bytes[start + 7] > 7) return NO_MATCH
  return STRONG | (bytes[start + 7] === 0 ? FROM_CLIENT : bytes[start + 7] === 1 ? FROM_SERVER : 0)
}

/** FIX: "8=FIX" (or FIXT), then the body length as field 9. */
function fix(payload: Payload): number {
  const { bytes, start, end } = payload
  if (!startsWith(bytes, start, end, '8=FIX')) return NO_MATCH
  return findText(bytes, start, Math.min(end, start + 24), '\x019=') > 0 ? STRONG : WEAK
}

/** OMG DDSI-RTPS section 9.4: "RTPS" or "RTPX", version 1 or 2. */
function rtps(payload: Payload): number {
  const { bytes, start, end } = payload
  if (!startsWith(bytes, start, end, 'RTP') || end - start < 20 || bytes[start + 4] > 2) return NO_MATCH
  return bytes[start + 3] === 0x53 || bytes[start + 3] === 0x58 ? STRONG : NO_MATCH
}

/** IPMI 2.0 section 13.1.3: version 6, reserved 0, sequence, class ASF (6) or IPMI (7). */
function rmcp(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 8 || readU16(bytes, start) !== 0x0600 || !onPort(payload, 623)) return NO_MATCH
  const kind = bytes[start + 3] & 0x1f
  return kind === 6 || kind === 7 ? STRONG : NO_MATCH
}

const OPENFLOW_HEADER = 8
const OPENFLOW_HELLO = 0
const OPENFLOW_ERROR = 1
/** Version 1.3 and type of the element that a hello may hold from then on. */
const OPENFLOW_1_3 = 4
const VERSION_BITMAP = 1
const LAST_ERROR = 17
const EXPERIMENTER_ERROR = 0xffff

/** TPKT, TDS and Diameter begin like this header: what follows must be of the type. */
function openflowBody({ bytes, start, end }: Payload, length: number): boolean {
  const type = bytes[start + 1]
  if (type > OPENFLOW_ERROR || length === OPENFLOW_HEADER || start + OPENFLOW_HEADER + 2 > end)
    return type !== OPENFLOW_ERROR || length > OPENFLOW_HEADER
  const first = readU16(bytes, start + OPENFLOW_HEADER)
  if (type === OPENFLOW_HELLO) return bytes[start] >= OPENFLOW_1_3 && first === VERSION_BITMAP
  return first <= LAST_ERROR || first === EXPERIMENTER_ERROR
}

/** OpenFlow: version 1.0 to 1.5, type, length of the whole, transaction. */
function openflow(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 8 || bytes[start] < 1 || bytes[start] > 6 || bytes[start + 1] > 35) return NO_MATCH
  if (!onPort(payload, 6633) && !onPort(payload, 6653)) return NO_MATCH
  const length = readU16(bytes, start + 2)
  if (length < OPENFLOW_HEADER || length > payload.length || !openflowBody(payload, length)) return NO_MATCH
  return length === payload.length ? STRONG : WEAK
}

/** AJP 1.3: 12 34 from the web server, "AB" from the container, length of the rest. */
function ajp(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 5) return NO_MATCH
  const magic = readU16(bytes, start)
  if (magic !== 0x1234 && magic !== 0x4142) return NO_MATCH
  const length = readU16(bytes, start + 2) + 4
  if (length > payload.length || (length < payload.length && !onPort(payload, 8009))) return NO_MATCH
  const type = bytes[start + 4]
  const known =
    magic === 0x1234 ? type === 2 || type === 7 || type === 8 || type === 10 : type >= 3 && type <= 9
  if (!known) return NO_MATCH
  return (onPort(payload, 8009) ? STRONG : WEAK) | (magic === 0x1234 ? FROM_CLIENT : FROM_SERVER)
}

const COLON = 0x3a
const DOT = 0x2e
const LETTER_E = 0x45

/** RFC 1459: registration by NICK, USER, PASS or CAP; the server's lines start with a colon and its name. */
function irc(payload: Payload): number {
  const { bytes, start, end } = payload
  const stop = Math.min(end, start + 512)
  if (startsWith(bytes, start, end, 'CAP LS') || startsWith(bytes, start, end, 'NICK ')) {
    return findText(bytes, start, stop, '\nUSER ') > 0 ? STRONG | FROM_CLIENT : WEAK | FROM_CLIENT
  }
  if (startsWith(bytes, start, end, 'USER ') && findText(bytes, start, stop, ' :') > 0) {
    return findText(bytes, start, stop, '\nNICK ') > 0 ? STRONG | FROM_CLIENT : NO_MATCH
  }
  if (startsWith(bytes, start, end, 'NOTICE AUTH :')) return STRONG | FROM_SERVER
  if (startsWith(bytes, start, end, 'ERROR :')) return ircError(payload)
  if (bytes[start] !== COLON) return NO_MATCH
  const line = lineEnd(bytes, start, stop)
  if (printableRun(bytes, start, line) !== line) return NO_MATCH
  const notice = findText(bytes, start, line, ' NOTICE ') > 0 || findText(bytes, start, line, ' 001 ') > 0
  return notice ? STRONG | FROM_SERVER : ircNumeric(payload, line)
}

/** Instead of a greeting: the server closes the link. */
function ircError({ bytes, start, end, ordinal, peerOrdinal }: Payload): number {
  if (startsWith(bytes, start, end, 'ERROR :Closing Link: ')) return STRONG | FROM_SERVER
  return ordinal === 0 && peerOrdinal === 0 ? WEAK | FROM_SERVER : NO_MATCH
}

/** What a server answers before registration: wait, unknown command, not registered, too few parameters. */
const EARLY_NUMERICS = [' 020 ', ' 421 ', ' 451 ', ' 461 ']

/** A first line of server (a host's name), numeric and target; who has no name yet is "*". */
function ircNumeric(payload: Payload, line: number): number {
  const { bytes, start, end, ordinal, peer, peerLength } = payload
  // No client sends a prefix, or "ERROR".
  if (peerLength > 0 && (peer[0] === COLON || peer[0] === LETTER_E)) return NO_MATCH
  const space = findByte(bytes, start, line, 0x20)
  if (ordinal > 0 || space < 0 || findByte(bytes, start, space, DOT) < 0 || line >= end) return NO_MATCH
  if (!EARLY_NUMERICS.some((numeric) => startsWith(bytes, space, line, numeric))) return NO_MATCH
  return (startsWith(bytes, space + 5, line, '* :') ? STRONG : WEAK) | FROM_SERVER
}

const NNTP_PORT = 119

/** RFC 3977: a greeting that names news, or MODE READER, GROUP, ARTICLE from the client. */
function nntp(payload: Payload): number {
  const { bytes, start, end } = payload
  if (startsWith(bytes, start, end, 'MODE READER\r\n')) return STRONG | FROM_CLIENT
  const plain = startsWith(bytes, start, end, '200 ') || startsWith(bytes, start, end, '201 ')
  if (plain && payload.ordinal === 0 && onPort(payload, NNTP_PORT)) return STRONG | FROM_SERVER
  // INN greets with 202 before it knows what the client is.
  const strength = plain || startsWith(bytes, start, end, '202 ') ? nntpGreeting(payload) : NO_MATCH
  return strength === NO_MATCH ? NO_MATCH : strength | FROM_SERVER
}

/** What stands before a word. */
function isBreak(byte: number): boolean {
  return byte === 0x20 || byte === 0x28
}

/** Names and, weaker, the right to post. */
function nntpGreeting({ bytes, start, end, ordinal, peerOrdinal }: Payload): number {
  const line = lineEnd(bytes, start, Math.min(end, start + 200))
  if (findText(bytes, start, line, 'NNTP') > 0 || findText(bytes, start, line, 'InterNetNews') > 0)
    return STRONG
  if (ordinal > 0 || peerOrdinal > 0) return NO_MATCH
  if (findAnyCase(bytes, start, line, 'nntp') > 0 || findAnyCase(bytes, start, line, 'nnrp') > 0)
    return STRONG
  const posting = findAnyCase(bytes, start, line, 'posting')
  return posting > 0 && isBreak(bytes[posting - 1]) ? WEAK : NO_MATCH
}

/** What a server says first on the port: refusals, and the greeting of INN. */
function nntpFirst({ bytes, start, end, srcPort, ordinal }: Payload): number {
  if (srcPort !== NNTP_PORT || ordinal > 0) return NO_MATCH
  const line = lineEnd(bytes, start, Math.min(end, start + 512))
  if (line >= end || !isText(bytes, start, line)) return NO_MATCH
  const first = ['202 ', '400 ', '502 '].some((code) => startsWith(bytes, start, end, code))
  return first ? WEAK | FROM_SERVER : NO_MATCH
}

/** RFC 3912: one line of text to port 43, text back. Both are weak alone. */
function whois(payload: Payload): number {
  const { bytes, start, end } = payload
  if (!onPort(payload, 43) || payload.ordinal > 0) return NO_MATCH
  const client = payload.dstPort === 43
  const line = lineEnd(bytes, start, Math.min(end, start + 512))
  if (line === start || line >= end || printableRun(bytes, start, line) !== line) return NO_MATCH
  if (client) return bytes[line] === 0x0d && line + 2 === end ? WEAK | FROM_CLIENT : NO_MATCH
  return payload.peerLength > 2 && bytes[start] >= 0x20 ? WEAK | FROM_SERVER : NO_MATCH
}

/** What a server says first, for protocols with a greeting of their own. */
const GREETINGS: readonly (readonly [
  label: string,
  says: string,
  greeting: string,
  ports: readonly number[],
])[] = [
  ['munin', 'starts with the greeting of a Munin node', '# munin node at ', [4949]],
  ['check-mk', 'starts with the first section of a Checkmk agent', '<<<check_mk>>>', [6556]],
  ['kismet', 'starts with the greeting of a Kismet server', '*KISMET: ', [2501]],
]

function greetingSignature(index: number): Signature {
  const [label, says, greeting, ports] = GREETINGS[index]
  return {
    label,
    says,
    protocols: TCP,
    ports,
    firstBytes: [greeting.charCodeAt(0)],
    match: (payload) =>
      startsWith(payload.bytes, payload.start, payload.end, greeting) ? STRONG | FROM_SERVER : NO_MATCH,
  }
}

/** Apache Thrift's binary protocol: 80 01 00 type, length of the method's name, its text. */
function thrift(payload: Payload): number {
  const { bytes, start, end } = payload
  const framed = bytes[start] === 0
  const at = framed ? start + 4 : start
  if (end - at < 12 || readU16(bytes, at) !== 0x8001 || bytes[at + 2] !== 0) return NO_MATCH
  const type = bytes[at + 3]
  const length = readU16(bytes, at + 6)
  if (type < 1 || type > 4 || readU16(bytes, at + 4) !== 0 || length === 0 || length > 200) return NO_MATCH
  const stop = at + 8 + length
  if (stop > end || printableRun(bytes, at + 8, stop) !== stop) return NO_MATCH
  return STRONG | (type === 1 || type === 4 ? FROM_CLIENT : FROM_SERVER)
}

const TINC_PORT = 655
const TINC_LIFETIME_SEC = 3600

/** Who answers a greeting takes datagrams at the same port; what they carry shows nothing. */
function announceTunnel(payload: Payload): void {
  const through = 'the answer to a greeting of tinc'
  const port = payload.srcPort
  payload.announce({ label: 'tinc', protocol: PROTOCOL_UDP, port, through, lifetimeSec: TINC_LIFETIME_SEC })
}

/** tinc: "0 name 17.7" in both directions, where 0 is the message ID. */
function tinc(payload: Payload): number {
  const { bytes, start, end } = payload
  if (!startsWith(bytes, start, end, '0 ')) return NO_MATCH
  const line = lineEnd(bytes, start, Math.min(end, start + 80))
  if (line >= end || printableRun(bytes, start, line) !== line) return NO_MATCH
  const space = findByte(bytes, start + 2, line, 0x20)
  if (space < 0 || !startsWith(bytes, space, end, ' 17')) return NO_MATCH
  if (payload.peerOrdinal > 0) announceTunnel(payload)
  return onPort(payload, TINC_PORT) ? STRONG : WEAK
}

export const signatures: Signature[] = [
  {
    label: 'giop',
    says: 'starts with "GIOP" and version 1',
    protocols: TCP,
    firstBytes: [0x47],
    match: giop,
  },
  { label: 'fix', says: 'starts with a FIX version field', protocols: TCP, firstBytes: [0x38], match: fix },
  {
    label: 'rtps',
    says: 'starts with "RTPS" and a version',
    protocols: UDP,
    firstBytes: [0x52],
    match: rtps,
  },
  {
    label: 'rmcp',
    says: 'holds an RMCP header of class ASF or IPMI, on port 623',
    protocols: UDP,
    ports: [623],
    firstBytes: [6],
    portsOnly: true,
    match: rmcp,
  },
  {
    label: 'openflow',
    says: 'holds an OpenFlow header with agreeing length, on an OpenFlow port',
    protocols: TCP,
    ports: [6633, 6653],
    firstBytes: [1, 2, 3, 4, 5, 6],
    match: openflow,
  },
  {
    label: 'ajp',
    says: 'starts with an AJP magic, agreeing length and known type',
    protocols: TCP,
    ports: [8009],
    firstBytes: [0x12, 0x41],
    match: ajp,
  },
  {
    label: 'irc',
    says: 'is an IRC registration, or the first notice, numeric or error of a server',
    protocols: TCP,
    ports: [6667, 6666, 6668, 6669],
    firstBytes: [COLON, 0x43, LETTER_E, 0x4e, 0x55],
    match: irc,
  },
  {
    label: 'nntp',
    says: 'is an NNTP greeting, or a reader command',
    protocols: TCP,
    ports: [NNTP_PORT],
    firstBytes: [0x32, 0x4d],
    match: nntp,
  },
  {
    label: 'nntp',
    says: 'is a refusal of NNTP, or the greeting of INN, and the first line from port 119',
    protocols: TCP,
    ports: [NNTP_PORT],
    portsOnly: true,
    firstBytes: [0x32, 0x34, 0x35],
    match: nntpFirst,
  },
  {
    label: 'whois',
    says: 'is one line of text to or from port 43',
    protocols: TCP,
    ports: [43],
    portsOnly: true,
    match: whois,
  },
  ...GREETINGS.map((_, index) => greetingSignature(index)),
  {
    label: 'thrift',
    says: 'is a Thrift message in binary encoding that names its method',
    protocols: TCP_UDP,
    ports: [9090],
    firstBytes: [0, 0x80],
    bits: [
      { offset: 0, mask: 0xffffff00 | 0, value: 0x80010000 | 0 },
      { offset: 4, mask: 0xffffff00 | 0, value: 0x80010000 | 0 },
    ],
    match: thrift,
  },
  {
    label: 'tinc',
    says: 'is the greeting of a tinc daemon: message 0, name and protocol version 17',
    protocols: TCP,
    ports: [TINC_PORT],
    firstBytes: [0x30],
    match: tinc,
  },
]
