/**
 * Daemons beside those of agents.ts and services.ts: Asterisk's manager, FreeSWITCH, WebLogic T3, clamd,
 * SpamAssassin, RELP, QEMU, libvirt, USB/IP, AgentX (RFC 2741), BMP (RFC 7854), RPKI-Router (RFC 8210), PCEP (RFC 5440),
 * nanomsg, HEP, ZeroC Ice, Dubbo, SAP's router, DBGp of Xdebug, Postfix' policy servers.
 */
import { readI32, readU16, readU32, readU32LE, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { type Beginnings, bitsOfWords, oneOf, opening } from '../common/beginnings.ts'
import { elementsFill } from '../common/chain.ts'
import { digitRun, fills, findText, firstBytesWhere, TCP, TCP_UDP } from '../common/shape.ts'

/** What only one protocol begins with. */
const BEGINNINGS: readonly (readonly [
  label: string,
  says: string,
  ports: readonly number[],
  texts: Beginnings,
])[] = [
  [
    'asterisk-ami',
    "starts with the greeting of Asterisk's manager interface",
    [5038],
    [['Asterisk Call Manager/', STRONG | FROM_SERVER]],
  ],
  [
    'freeswitch',
    'asks who connects to the event socket of FreeSWITCH',
    [8021],
    [['Content-Type: auth/request\n\n', STRONG | FROM_SERVER]],
  ],
  [
    'clamd',
    'is a command to clamd that ends as it began, or its word that a stream is clean',
    [3310],
    [
      ['zINSTREAM\0', STRONG | FROM_CLIENT],
      ['nINSTREAM\n', STRONG | FROM_CLIENT],
      ['zVERSION\0', STRONG | FROM_CLIENT],
      ['nVERSION\n', STRONG | FROM_CLIENT],
      ['zPING\0', STRONG | FROM_CLIENT],
      ['nPING\n', STRONG | FROM_CLIENT],
      ['stream: OK\0', STRONG | FROM_SERVER],
      ['stream: OK\n', STRONG | FROM_SERVER],
    ],
  ],
  [
    'spamassassin',
    'is a request to spamd with the version of SPAMC, or its answer',
    [783],
    [
      ...['PROCESS', 'HEADERS', 'SYMBOLS', 'CHECK', 'REPORT', 'REPORT_IFSPAM', 'PING', 'TELL'].map(
        (word): Beginnings[number] => [`${word} SPAMC/1.`, STRONG | FROM_CLIENT],
      ),
      ['SPAMD/1.', STRONG | FROM_SERVER],
    ],
  ],
  [
    'postfix-policy',
    'asks a policy server as Postfix does',
    [10023, 10031],
    [['request=smtpd_access_policy\n', STRONG | FROM_CLIENT]],
  ],
  [
    'qmp',
    'starts with the greeting of the machine protocol of QEMU',
    [4444],
    [['{"QMP": {"version": {', STRONG | FROM_SERVER]],
  ],
]

/** "t3", a version and lines of two letters; the answer is HELO, a version and the same. */
function weblogic({ bytes, start, end }: Payload): number {
  const asks = startsWith(bytes, start, end, 't3 ')
  const at = start + (asks ? 3 : 5)
  if ((!asks && !startsWith(bytes, start, end, 'HELO:')) || digitRun(bytes, at, end, 2) < 0) return NO_MATCH
  const line = findText(bytes, at, Math.min(end, at + 32), '\nAS:')
  return line < 0 ? NO_MATCH : STRONG | (asks ? FROM_CLIENT : FROM_SERVER)
}

/** Number 1, "open" or "rsp", length, offers of which the version comes first. */
function relp({ bytes, start, end }: Payload): number {
  const asks = startsWith(bytes, start, end, '1 open ')
  if (!asks && !startsWith(bytes, start, end, '1 rsp ')) return NO_MATCH
  return findText(bytes, start + 6, Math.min(end, start + 40), 'relp_version=') < 0
    ? NO_MATCH
    : STRONG | (asks ? FROM_CLIENT : FROM_SERVER)
}

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

const AGENTX_HEADER = 20
const AGENTX_LAST = 18
const AGENTX_BIG = 0x10
/** What the master asks of its agents: from Get to CleanupSet. */
const AGENTX_GET = 5
const AGENTX_CLEANUP = 11
const AGENTX_BARE: readonly number[] = [9, 10, 11, 13]

/** RFC 2741 section 6.1: version 1, type, flags, 0, session, transaction, packet, length of the rest in either order. */
function agentX({ bytes, start, end, length }: Payload): number {
  if (end - start < AGENTX_HEADER) return NO_MATCH
  const type = bytes[start + 1]
  const rest = (bytes[start + 2] & AGENTX_BIG ? readU32 : readU32LE)(bytes, start + 16)
  if (type < 1 || type > AGENTX_LAST || rest + AGENTX_HEADER !== length || (rest & 3) !== 0) return NO_MATCH
  // Without a rest only what ends a set may come, and a ping.
  if (rest === 0) return AGENTX_BARE.includes(type) ? WEAK : NO_MATCH
  if (type === AGENTX_LAST) return STRONG
  return STRONG | (type >= AGENTX_GET && type <= AGENTX_CLEANUP ? FROM_SERVER : FROM_CLIENT)
}

const BMP_HEADER = 6
const BMP_INITIATION = 4
const BMP_MONITORING = 0
/** RFC 7854 section 4.2: what stands before the message of BGP, which begins with sixteen ff. */
const BMP_PEER = 48

/** Sections 4.1 and 4.3: version 3, length of the whole, type; an initiation consists of elements. */
function bmp(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (end - start < BMP_HEADER + 4) return NO_MATCH
  const size = readU32(bytes, start + 1)
  const type = bytes[start + 5]
  if (type === BMP_INITIATION)
    return size <= length && elementsFill(payload, start + BMP_HEADER, start + size) ? STRONG : NO_MATCH
  if (type !== BMP_MONITORING || size > 0xffff || start + BMP_PEER + 8 > end) return NO_MATCH
  return readI32(bytes, start + BMP_PEER) === -1 && readI32(bytes, start + BMP_PEER + 4) === -1
    ? STRONG
    : NO_MATCH
}

const RTR_SERIAL_QUERY = 1
const RTR_RESET_QUERY = 2
const RTR_CACHE_RESPONSE = 3
const RTR_QUERY_SIZE = 8
const RTR_SERIAL_SIZE = 12
const RTR_PORTS: readonly number[] = [323, 8282]

/** RFC 8210 section 5: version, type, session, length of the whole; a cache answers with the version it was asked in. */
function rpkiRouter(payload: Payload): number {
  const { bytes, start, end, length, peer, peerLength } = payload
  if (end - start < RTR_QUERY_SIZE) return NO_MATCH
  const type = bytes[start + 1]
  const size = readU32(bytes, start + 4)
  if (type === RTR_RESET_QUERY)
    return length === size && size === RTR_QUERY_SIZE && readU16(bytes, start + 2) === 0
      ? STRONG | FROM_CLIENT
      : NO_MATCH
  if (type === RTR_SERIAL_QUERY && size === RTR_SERIAL_SIZE)
    return length === size && RTR_PORTS.includes(payload.dstPort) ? STRONG | FROM_CLIENT : NO_MATCH
  const asked = peerLength >= RTR_QUERY_SIZE && peer[0] >= bytes[start]
  const query = peer[1] === RTR_RESET_QUERY || peer[1] === RTR_SERIAL_QUERY
  const answers = type === RTR_CACHE_RESPONSE && size === RTR_QUERY_SIZE && asked && query
  return answers && readU32(peer, 4) === peerLength ? STRONG | FROM_SERVER : NO_MATCH
}

const PCEP_OPEN = 0x2001
const PCEP_OBJECT = 0x0110

/** RFC 5440 sections 6.1, 7.2 and 7.3: version 1, Open, length; an object of class 1 and type 1 with version 1 again. */
function pcep({ bytes, start, end, length }: Payload): number {
  if (end - start < 12 || readU16(bytes, start) !== PCEP_OPEN || readU16(bytes, start + 2) > length)
    return NO_MATCH
  const fits = readU16(bytes, start + 6) + 4 === readU16(bytes, start + 2)
  const object = (readU16(bytes, start + 4) & 0xfff0) === PCEP_OBJECT
  return object && fits && bytes[start + 8] >>> 5 === 1 ? STRONG : NO_MATCH
}

/** 0, "SP", version 0, protocol of the socket, 0 0: both sides say it at once. */
function nanomsg({ bytes, start, end, ordinal }: Payload): number {
  if (ordinal > 0 || end - start < 8 || !startsWith(bytes, start, end, '\0SP\0')) return NO_MATCH
  return readU16(bytes, start + 4) < 0x100 && readU16(bytes, start + 6) === 0 ? STRONG : NO_MATCH
}

const HEP_HEADER = 6

/** Copies of signalling for Homer: "HEP3", length of the whole, chunks of vendor, type and a length with these. */
function hep({ bytes, start, end, length }: Payload): number {
  if (end - start < 2 * HEP_HEADER || !startsWith(bytes, start, end, 'HEP3')) return NO_MATCH
  const size = readU16(bytes, start + 4)
  const chunk = readU16(bytes, start + HEP_HEADER + 4)
  const fits = chunk >= HEP_HEADER && chunk + HEP_HEADER <= size && size <= length
  return fits ? STRONG | FROM_CLIENT : NO_MATCH
}

const ICE_HEADER = 14
const ICE_LAST = 4
const ICE_VALIDATE = 3
const ICE_REPLY = 2

/** "IceP", protocol 1.0, encoding 1.x, type, compression, size of the whole; the server's first validates. */
function iceP(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (end - start < ICE_HEADER || !startsWith(bytes, start, end, 'IceP\x01\0\x01')) return NO_MATCH
  const type = bytes[start + 8]
  const size = readU32LE(bytes, start + 10)
  if (type > ICE_LAST || bytes[start + 9] > 2 || size < ICE_HEADER) return NO_MATCH
  if (size > length && !fills(payload, size)) return NO_MATCH
  if (type === ICE_VALIDATE || type === ICE_REPLY) return STRONG | FROM_SERVER
  return STRONG | (type === ICE_LAST ? 0 : FROM_CLIENT)
}

const DUBBO = 0xdabb
const DUBBO_HEADER = 16
const DUBBO_REQUEST = 0x80
const DUBBO_OK = 20
const DUBBO_LAST_STATUS = 100

/** da bb, request or not and how it is written, status of an answer, number, length of the rest. */
function dubbo(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (end - start < DUBBO_HEADER || readU16(bytes, start) !== DUBBO) return NO_MATCH
  const size = readU32(bytes, start + 12) + DUBBO_HEADER
  const follows = size < length && start + size + 2 <= end && readU16(bytes, start + size) === DUBBO
  if (!follows && !fills(payload, size)) return NO_MATCH
  const status = bytes[start + 3]
  if ((bytes[start + 2] & DUBBO_REQUEST) !== 0) return status === 0 ? STRONG | FROM_CLIENT : NO_MATCH
  return status >= DUBBO_OK && status <= DUBBO_LAST_STATUS ? STRONG | FROM_SERVER : NO_MATCH
}

/** Length in digits, NUL, XML: who is debugged connects and says init. */
function dbgp({ bytes, start, end }: Payload): number {
  const stop = digitRun(bytes, start, end, 5)
  if (stop < 0 || !startsWith(bytes, stop, end, '\0<?xml')) return NO_MATCH
  return findText(bytes, stop, Math.min(end, stop + 256), 'urn:debugger_protocol_v1') < 0
    ? NO_MATCH
    : STRONG | FROM_CLIENT
}

export const signatures: Signature[] = [
  ...BEGINNINGS.map(([label, says, ports, texts]) => ({
    label,
    says,
    protocols: TCP,
    ports,
    ...oneOf(texts),
  })),
  {
    label: 't3',
    says: 'is the hello of a client of WebLogic T3 with its version, or the answer',
    protocols: TCP,
    ports: [7001],
    firstBytes: [0x74, 0x48],
    bits: [
      { offset: 0, mask: 0xffffff00 | 0, value: 0x74332000 },
      { offset: 0, mask: -1, value: 0x48454c4f },
    ],
    match: weblogic,
  },
  {
    label: 'relp',
    says: 'opens a session of RELP with its version, or accepts it',
    protocols: TCP,
    ports: [2514, 20514],
    bits: [
      { offset: 0, mask: -1, value: 0x31206f70 },
      { offset: 0, mask: -1, value: 0x31207273 },
    ],
    match: relp,
  },
  {
    label: 'libvirt',
    says: 'holds a length and the program 20008086, version 1, of libvirt',
    protocols: TCP,
    ports: [16509],
    firstBytes: [0],
    bits: { offset: 4, mask: -1, value: LIBVIRT },
    match: libvirt,
  },
  {
    label: 'usbip',
    says: 'asks for USB devices with version 1.1.1 of USB/IP, or answers',
    protocols: TCP,
    ports: [3240],
    bits: bitsOfWords([...USBIP_ASKS, ...USBIP_ANSWERS]),
    match: usbIp,
  },
  {
    label: 'agentx',
    says: 'holds an AgentX version 1 header with known type and agreeing length',
    protocols: TCP,
    ports: [705],
    firstBytes: [1],
    bits: { offset: 0, mask: 0xffe0e0ff | 0, value: 0x01000000 },
    match: agentX,
  },
  {
    label: 'bmp',
    says: 'is an initiation of BMP version 3 whose elements fill it, or a message of BGP in BMP',
    protocols: TCP,
    ports: [11019],
    firstBytes: [3],
    bits: { offset: 0, mask: 0xffff0000 | 0, value: 0x03000000 },
    match: bmp,
  },
  {
    label: 'rpki-rtr',
    says: 'asks a cache of RPKI for all it has, or on its port for what is new, or is the answer to a query',
    protocols: TCP,
    ports: RTR_PORTS,
    firstBytes: [0, 1, 2],
    bits: [
      { offset: 4, mask: -1, value: RTR_QUERY_SIZE },
      { offset: 4, mask: -1, value: RTR_SERIAL_SIZE },
    ],
    match: rpkiRouter,
  },
  {
    label: 'pcep',
    says: 'is an Open of PCEP version 1 with agreeing lengths',
    protocols: TCP,
    ports: [4189],
    firstBytes: [0x20],
    bits: { offset: 4, mask: 0xfff00000 | 0, value: PCEP_OBJECT << 16 },
    match: pcep,
  },
  {
    label: 'nanomsg',
    says: 'starts with 0, "SP", version 0 and the protocol of a socket of nanomsg',
    protocols: TCP,
    firstBytes: [0],
    bits: { offset: 0, mask: -1, value: 0x00535000 },
    match: nanomsg,
  },
  {
    label: 'hep',
    says: 'starts with "HEP3", its length and a chunk that fits',
    protocols: TCP_UDP,
    ports: [9060],
    bits: { offset: 0, mask: -1, value: 0x48455033 },
    match: hep,
  },
  {
    label: 'ice',
    says: 'holds a header of ZeroC Ice, protocol 1.0, with known type and a size that fits',
    protocols: TCP_UDP,
    ports: [4061],
    bits: { offset: 0, mask: -1, value: 0x49636550 },
    match: iceP,
  },
  {
    label: 'dubbo',
    says: 'holds a header of Dubbo (da bb) with agreeing length',
    protocols: TCP,
    ports: [20880],
    bits: { offset: 0, mask: 0xffff0000 | 0, value: DUBBO << 16 },
    match: dubbo,
  },
  opening({
    label: 'saprouter',
    says: 'holds a length and "NI_ROUTE", the way that a SAP router shall take',
    protocols: TCP,
    ports: [3299],
    firstBytes: [0],
    text: 'NI_ROUTE\0',
    at: 4,
    role: FROM_CLIENT,
  }),
  {
    label: 'dbgp',
    says: 'is a length and the first XML of a debugger engine (DBGp)',
    protocols: TCP,
    ports: [9003, 9000],
    firstBytes: firstBytesWhere((byte) => byte >= 0x30 && byte <= 0x39),
    bits: [2, 3, 4].map((offset) => ({ offset, mask: -1, value: 0x003c3f78 })),
    match: dbgp,
  },
]
