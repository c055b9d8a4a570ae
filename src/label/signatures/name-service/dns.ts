/**
 * DNS over UDP and TCP (RFC 1035), multicast DNS (RFC 6762) and LLMNR (RFC 4795). In: messages whose whole
 * structure fits. Out: labels dns, mdns, llmnr; query, type, response code and answers; every address answered
 * goes to the name cache under the name that was asked; SRV and HTTPS answers announce services (srv.ts, svcb.ts).
 * On a port of DNS a message that is plausible but damaged further on counts as WEAK; on other ports all lengths must
 * lead exactly to its end.
 */
import { addressText } from '../../../address.ts'
import { PROTOCOL_TCP, PROTOCOL_UDP, readI32, readU16, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  MORE,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { extraGroup } from '../common/extras.ts'
import { onPort } from '../common/ports.ts'
import * as message from './dns-message.ts'
import { isEncodedName } from './netbios.ts'
import { announceServer, TYPE_SRV } from './srv.ts'
import { announceBinding, TYPE_HTTPS } from './svcb.ts'

const PORT_DNS = 53
const PORT_MDNS = 5353
const PORT_LLMNR = 5355
const PORT_NETBIOS_NS = 137

const TYPE_A = 1
const TYPE_CNAME = 5
const TYPE_PTR = 12
const TYPE_AAAA = 28
const MAX_ANSWERS = 100
/** Characters of all answers of a message: with pointers (RFC 1035 section 4.1.4) two bytes stand for a whole name. */
const MAX_ANSWERS_TEXT = 4096

/** The names under which DNSCrypt asks for certificates, on ports of its own: that is dnscrypt. */
const CERTIFICATE_QUERY = '\x012\rdnscrypt-cert'

/** A flow of a resolver may carry many questions; each answer is worth having. */
const DEPTH = 64

/** Fills extras.dns from the message at at..end-1, and the name cache from its answers. `walk` must be fresh. */
function reportMessage(payload: Payload, at: number, end: number): void {
  const { bytes } = payload
  const { flags, questions, answers, questionAt, answerAt } = message.walk
  const isResponse = (flags & message.FLAG_RESPONSE) !== 0
  const tells = !payload.exchangeSeen && (isResponse || questions > 0)
  const extra = tells ? extraGroup(payload, 'dns') : undefined
  // The start of a name is another name.
  const named = questions > 0 && message.isWholeName(bytes, questionAt, end)
  const query = named ? message.readName(bytes, questionAt, end, at) : ''
  const first = extra !== undefined && isResponse && extra.rcode === undefined
  // Name, type, code and answers are of one exchange: what is answered first, not what was asked first.
  if (extra !== undefined && query !== '' && (first || extra.query === undefined)) {
    extra.query = query
    const type = message.questionType(bytes, questionAt, end)
    if (type >= 0) extra.qtype = message.typeName(type)
  }
  if (!isResponse) return
  if (first) extra.rcode = message.rcodeName(flags)
  if (answers === 0 || answerAt === 0 || answerAt > end) return
  const list: string[] = []
  let next = answerAt
  const targets: string[] = []
  // What a zone holds is not what its name stands for.
  const transfer = isTransfer(message.questionType(bytes, questionAt, end))
  let room = first ? MAX_ANSWERS_TEXT : 0
  for (let i = 0; i < answers && i < MAX_ANSWERS; i++) {
    const record = message.readRecord(bytes, next, end)
    if (record === undefined) break
    const own = (transfer || record.type === TYPE_SRV) && !message.isQuestionsName(bytes, next, at)
    const owner = own ? message.readOneName(bytes, next, end, at) : query
    const name = transfer ? owner : query
    if (name !== '') learnAddress(payload, record, name)
    if (record.type === TYPE_SRV) {
      const target = announceServer(payload, record, owner, at)
      if (target !== '' && !targets.includes(target)) targets.push(target)
    }
    if (record.type === TYPE_HTTPS && query !== '') announceBinding(payload, record, query)
    const text = room > 0 ? answerText(payload, record, at) : ''
    if (text !== '') list.push(text)
    room -= text.length
    next = record.next
  }
  if (targets.length > 0) learnTargets(payload, { at, next, end }, targets)
  if (!first || list.length === 0) return
  // A copy has room for just these; what was pushed to has room for more, and stays as long as the flow.
  extra.answers = list.slice()
  if (answers > list.length) extra.answers_total = answers
}

/** IXFR and AXFR (RFC 1995, RFC 5936). */
function isTransfer(type: number): boolean {
  return type === 251 || type === 252
}

/** A message that starts at `at`, its records from `next` on, and where it ends. */
interface MessageSpan {
  at: number
  next: number
  end: number
}

/** The addresses of servers that SRV records name, from the records behind the answers. */
function learnTargets(payload: Payload, span: MessageSpan, targets: readonly string[]): void {
  const { bytes } = payload
  for (let i = 0, place = span.next; i < MAX_ANSWERS; i++) {
    const record = message.readRecord(bytes, place, span.end)
    if (record === undefined) return
    const owner = message.readOneName(bytes, place, span.end, span.at)
    if (targets.includes(owner)) learnAddress(payload, record, owner)
    place = record.next
  }
}

/** An address answered goes to the name cache, unless nobody asked: one datagram, whose sender may be forged, proves nothing. */
function learnAddress(payload: Payload, record: message.DnsRecord, query: string): void {
  if (payload.peerOrdinal === 0) return
  const { bytes } = payload
  const { type, dataAt, dataEnd, ttlSec } = record
  const length = dataEnd - dataAt
  if (type === TYPE_A && length === 4) payload.answer(query, ttlSec, 0, 0, 0, readI32(bytes, dataAt))
  if (type !== TYPE_AAAA || length !== 16) return
  const [w0, w1, w2, w3] = addressWords(bytes, dataAt)
  payload.answer(query, ttlSec, w0, w1, w2, w3)
}

/** An address, or the name that the record leads to; '' for other types. */
function answerText(payload: Payload, record: message.DnsRecord, messageAt: number): string {
  const { bytes } = payload
  const { type, dataAt, dataEnd } = record
  const length = dataEnd - dataAt
  if (type === TYPE_A && length === 4) return addressText(4, 0, 0, 0, readI32(bytes, dataAt))
  if (type === TYPE_AAAA && length === 16) return addressText(6, ...addressWords(bytes, dataAt))
  if (type === TYPE_CNAME || type === TYPE_PTR) return message.readName(bytes, dataAt, payload.end, messageAt)
  return ''
}

function addressWords(bytes: Uint8Array, at: number): [number, number, number, number] {
  return [readI32(bytes, at), readI32(bytes, at + 4), readI32(bytes, at + 8), readI32(bytes, at + 12)]
}

/**
 * How well the message at `at` fits: 0, WEAK or STRONG. `full` is where it ends by the headers, which is beyond
 * the captured bytes when the packet was cut.
 */
function fit(payload: Payload, at: number, full: number, near: boolean): number {
  const { bytes } = payload
  const end = Math.min(payload.end, full)
  if (!message.isPlausibleHeader(bytes, at, end))
    return near && isDamagedHeader(bytes, at, end) ? WEAK : NO_MATCH
  if (!message.walkMessage(bytes, at, end)) return near ? WEAK : NO_MATCH
  const { cut, questions } = message.walk
  if (!cut && message.walk.end === full) return near || hasKnownQuestion(bytes, end) ? STRONG : NO_MATCH
  if (!near) return NO_MATCH
  // What does not fill its length and asks nothing has small numbers where DNS has its counts, and no more.
  return (cut && full <= payload.end) || questions === 0 ? WEAK : STRONG
}

/** On the port of DNS: plausible flags and exactly one question, or all counts below 256, are enough to be likely. */
function isDamagedHeader(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at < message.HEADER + 5 || !message.isPlausibleFlags(readU16(bytes, at + 2))) return false
  const small = bytes[at + 6] === 0 && bytes[at + 8] === 0 && bytes[at + 10] === 0
  return small || readU16(bytes, at + 4) === 1
}

/** Away from its ports a message needs a question with a type in use: nothing else in the header is fixed. */
function hasKnownQuestion(bytes: Uint8Array, end: number): boolean {
  const { questions, questionAt } = message.walk
  if (questions !== 1 || startsWith(bytes, questionAt, end, CERTIFICATE_QUERY)) return false
  const type = message.questionType(bytes, questionAt, end)
  // The name service of NetBIOS has the form of DNS, and names of its own.
  if (isEncodedName(bytes, questionAt, end)) return false
  return type > 0 && !message.typeName(type).startsWith('TYPE')
}

/** What other protocols begin with is a length that leads beyond the segment, too: the question must be in it. */
function showsQuestion({ bytes, end }: Payload, at: number): boolean {
  return message.walkMessage(bytes, at, end) && message.walk.answerAt > 0 && hasKnownQuestion(bytes, end)
}

function direction(flags: number): number {
  return (flags & message.FLAG_RESPONSE) !== 0 ? FROM_SERVER : FROM_CLIENT
}

function matchDnsUdp(payload: Payload): number {
  const { start, length } = payload
  if (onPort(payload, PORT_MDNS) || onPort(payload, PORT_LLMNR) || onPort(payload, PORT_NETBIOS_NS))
    return NO_MATCH
  const near = onPort(payload, PORT_DNS)
  if (length === message.HEADER && near) return matchBareError(payload)
  return matchMessage(payload, start, start + length, near)
}

/** Servers that cannot read a question, or do not care to, send only a header with its id and the error. */
function matchBareError(payload: Payload): number {
  const { bytes, start, end, peer, peerLength } = payload
  if (end - start < message.HEADER || peerLength < message.HEADER) return NO_MATCH
  const flags = readU16(bytes, start + 2)
  if ((flags & message.FLAG_RESPONSE) === 0 || (flags & message.RCODE) === 0) return NO_MATCH
  if (readU16(bytes, start) !== readU16(peer, 0) || !message.isPlausibleFlags(flags)) return NO_MATCH
  if (readI32(bytes, start + 4) !== 0 || readI32(bytes, start + 8) !== 0) return NO_MATCH
  const extra = payload.exchangeSeen ? undefined : extraGroup(payload, 'dns')
  if (extra !== undefined) extra.rcode ??= message.rcodeName(flags)
  return STRONG | FROM_SERVER | MORE
}

/** One of many questions of a resolver's flow: that it is DNS is known, and only answers tell anything new. */
function isLaterQuestion(payload: Payload, at: number): boolean {
  if (payload.ordinal === 0 || payload.labelSoFar !== 'dns' || payload.end - at < message.HEADER) return false
  const flags = readU16(payload.bytes, at + 2)
  return (flags & message.FLAG_RESPONSE) === 0 && message.isPlausibleFlags(flags)
}

function matchMessage(payload: Payload, at: number, full: number, near: boolean): number {
  if (isLaterQuestion(payload, at)) return STRONG | FROM_CLIENT | MORE
  const strength = fit(payload, at, full, near)
  if (strength === NO_MATCH) return NO_MATCH
  const flags = readU16(payload.bytes, at + 2)
  if (strength === STRONG) reportMessage(payload, at, Math.min(payload.end, full))
  return strength | direction(flags) | MORE
}

/** RFC 1035 section 4.2.2: each message follows its two-byte length. The length may also come in its own segment. */
function matchDnsTcp(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (end - start < 2 + message.HEADER) return NO_MATCH
  const size = readU16(bytes, start)
  if (size < message.HEADER + 5 || start + 2 + message.HEADER > end) return NO_MATCH
  const near = onPort(payload, PORT_DNS)
  if (size + 2 !== length && !near) return NO_MATCH
  if (!message.isPlausibleHeader(bytes, start + 2, end)) return NO_MATCH
  if (size + 2 > length && payload.labelSoFar !== 'dns' && !showsQuestion(payload, start + 2)) return NO_MATCH
  return matchMessage(payload, start + 2, start + 2 + size, near)
}

/** Multicast DNS runs on its port only, queries and answers alike; one-shot queriers use any source port. */
function matchMdns(payload: Payload): number {
  if (!onPort(payload, PORT_MDNS)) return NO_MATCH
  return matchLocal(payload)
}

function matchLlmnr(payload: Payload): number {
  if (!onPort(payload, PORT_LLMNR)) return NO_MATCH
  return matchLocal(payload)
}

function matchLocal(payload: Payload): number {
  const { start, length } = payload
  const strength = fit(payload, start, start + length, true)
  if (strength === NO_MATCH) return NO_MATCH
  if (strength === STRONG) reportMessage(payload, start, Math.min(payload.end, start + length))
  return strength
}

export const signatures: Signature[] = [
  {
    label: 'dns',
    says: 'is a DNS message whose questions and records fit its length',
    protocols: [PROTOCOL_UDP],
    ports: [PORT_DNS],
    depth: DEPTH,
    bits: { offset: 4, mask: 0xff000000 | 0, value: 0 },
    match: matchDnsUdp,
  },
  {
    label: 'dns',
    says: 'is a DNS message behind a length that fits',
    protocols: [PROTOCOL_TCP],
    ports: [PORT_DNS],
    depth: DEPTH,
    bits: { offset: 6, mask: 0xff000000 | 0, value: 0 },
    match: matchDnsTcp,
  },
  {
    label: 'mdns',
    says: 'is a DNS message on the port of multicast DNS',
    protocols: [PROTOCOL_UDP],
    ports: [PORT_MDNS],
    portsOnly: true,
    match: matchMdns,
  },
  {
    label: 'llmnr',
    says: 'is a DNS message on the port of LLMNR',
    protocols: [PROTOCOL_UDP],
    ports: [PORT_LLMNR],
    portsOnly: true,
    match: matchLlmnr,
  },
]
