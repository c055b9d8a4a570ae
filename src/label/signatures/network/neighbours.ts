/**
 * What routers tell their neighbours, beside routing.ts: Babel (RFC 8966), AHCP (draft-chroboczek-ahcp), OLSR
 * (RFC 3626), AODV (RFC 3561), MSDP (RFC 3618), GLBP (Cisco), LMP (RFC 4204), LSP ping (RFC 8029), LISP over TCP.
 */
import { readI32, readU16 } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { elementsFill, shortElementsFill } from '../common/chain.ts'
import { TCP, UDP } from '../common/ports.ts'

const BABEL = 0x2a02
const BABEL_PORT = 6696
const PAD1 = 0

/** RFC 8966 section 4.2: magic 42, version 2, length of the body, its elements; those behind it sign the packet. */
function babel(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (end - start < 6 || readU16(bytes, start) !== BABEL) return NO_MATCH
  const stop = start + 4 + readU16(bytes, start + 2)
  if (stop > start + length || !shortElementsFill(payload, start + 4, stop, PAD1)) return NO_MATCH
  if (stop < start + length && !shortElementsFill(payload, stop, start + length, PAD1)) return NO_MATCH
  return STRONG
}

const AHCP_HEADER = 24
/** What follows must be understood. As padding it has no length. */
const AHCP_MANDATORY = 1

/** Magic 43, version 1, two hop counts, nonce, source, destination; then type, reserved, length, elements. */
function ahcp(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (end - start < AHCP_HEADER + 6 || readU16(bytes, start) !== 0x2b01) return NO_MATCH
  const at = start + AHCP_HEADER
  if (bytes[start + 2] > bytes[start + 3] || bytes[at] > 15 || bytes[at + 1] !== 0) return NO_MATCH
  const stop = at + 4 + readU16(bytes, at + 2)
  return stop === start + length && shortElementsFill(payload, at + 4, stop, AHCP_MANDATORY)
    ? STRONG
    : NO_MATCH
}

const OLSR_HEADER = 4
const OLSR_MESSAGE = 12
const MAX_MESSAGES = 32

/** HELLO to HNA, and what olsrd adds: names, and the same with link quality. */
function olsrType(type: number): boolean {
  return (type >= 1 && type <= 4) || (type >= 128 && type <= 134) || type === 201 || type === 202
}

/** Section 3.3: length of the packet, its number, messages (type, validity, size, originator, lifetime, hops, number). */
function olsr({ bytes, start, end, length }: Payload): number {
  if (end - start < OLSR_HEADER + OLSR_MESSAGE || readU16(bytes, start) !== length) return NO_MATCH
  const stop = start + length
  let at = start + OLSR_HEADER
  for (let count = 0; count < MAX_MESSAGES && at < stop; count++) {
    if (at + OLSR_MESSAGE > end) return count > 0 ? STRONG : NO_MATCH
    const size = readU16(bytes, at + 2)
    if (!olsrType(bytes[at]) || size < OLSR_MESSAGE || readI32(bytes, at + 4) === 0) return NO_MATCH
    // A lifetime of 0 would not have been sent.
    if (bytes[at + 8] === 0 && size < 24) return NO_MATCH
    at += size
  }
  return at === stop ? STRONG : NO_MATCH
}

/** Types, their lengths, and the bits of their first word that are reserved: zeros. */
const AODV_REQUEST = 1
const AODV_REPLY = 2
const AODV_ERROR = 3
const AODV_ACKNOWLEDGEMENT = 4
const AODV_REQUEST_SIZE = 24
const AODV_REPLY_SIZE = 20
const AODV_RESERVED: readonly number[] = [0, 0x0007ff00, 0x003fe000, 0x007fff00, 0]

/** RFC 3561 sections 5.1 to 5.4: a request or a reply with its extensions, an error with its count, two bytes. */
function aodv(payload: Payload): number {
  const { bytes, start, end, length } = payload
  const type = bytes[start]
  if (type === AODV_ACKNOWLEDGEMENT)
    return length === 2 && end - start === 2 && bytes[start + 1] === 0 ? WEAK : NO_MATCH
  if (end - start < 12 || type < AODV_REQUEST || type > AODV_ERROR) return NO_MATCH
  if ((readI32(bytes, start) & AODV_RESERVED[type]) !== 0) return NO_MATCH
  if (type === AODV_ERROR)
    return bytes[start + 3] > 0 && length === 4 + 8 * bytes[start + 3] ? WEAK : NO_MATCH
  const size = type === AODV_REPLY ? AODV_REPLY_SIZE : AODV_REQUEST_SIZE
  const extended = length > size && shortElementsFill(payload, start + size, start + length, PAD1)
  return length === size || extended ? WEAK : NO_MATCH
}

const MSDP_PORT = 639
const MSDP_SOURCE_ACTIVE = 1
const MSDP_REQUEST = 2
const MSDP_RESPONSE = 3
const MSDP_KEEPALIVE = 4
/** Of an announcement: type, length, count and the rendezvous point; then twelve bytes an entry. */
const MSDP_ENTRIES = 8
const MSDP_ENTRY = 12
/** Reserved, and the length of the source's prefix. */
const MSDP_HOST = 32

/** Section 12: type, length with its own three bytes. Entries say that a host sends to a group. */
function msdp(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (end - start < 3) return NO_MATCH
  const type = bytes[start]
  const size = readU16(bytes, start + 1)
  if (size > length || size < 3) return NO_MATCH
  if (type === MSDP_KEEPALIVE) return size === 3 ? msdpFollows(payload) : NO_MATCH
  if (type === MSDP_REQUEST) return size === 8 && length === 8 ? WEAK : NO_MATCH
  if (type !== MSDP_SOURCE_ACTIVE && type !== MSDP_RESPONSE) return NO_MATCH
  const fits = size >= MSDP_ENTRIES + MSDP_ENTRY * bytes[start + 3] && bytes[start + 3] > 0
  if (!fits || start + MSDP_ENTRIES + MSDP_ENTRY > end) return NO_MATCH
  const group = bytes[start + MSDP_ENTRIES + 4] >> 4
  return readI32(bytes, start + MSDP_ENTRIES) === MSDP_HOST && group === 14 ? STRONG : NO_MATCH
}

/** Behind a keep-alive there is nothing, or another message. */
function msdpFollows({ bytes, start, end, length }: Payload): number {
  return length === 3 || (start + 3 < end && bytes[start + 3] <= 7) ? WEAK : NO_MATCH
}

const GLBP_HEADER = 12

/** Version 1, group, owner's address; then elements whose length counts their type and length. */
function glbp({ bytes, start, end, length }: Payload): number {
  if (end - start < GLBP_HEADER + 2 || bytes[start + 1] !== 0 || readU16(bytes, start + 4) !== 0)
    return NO_MATCH
  let at = start + GLBP_HEADER
  const stop = start + length
  for (let count = 0; count < 16 && at < stop; count++) {
    if (at + 2 > end) return count > 0 ? STRONG : NO_MATCH
    if (bytes[at] < 1 || bytes[at] > 4 || bytes[at + 1] < 3) return NO_MATCH
    at += bytes[at + 1]
  }
  return at === stop ? STRONG : NO_MATCH
}

const LMP_HEADER = 8
const LMP_LAST_TYPE = 20

/** RFC 4204 section 13: version 1, flags, type, length; objects whose length counts their header of four bytes. */
function lmp({ bytes, start, end, length }: Payload): number {
  if (end - start < LMP_HEADER + 4 || readU16(bytes, start + 4) !== length) return NO_MATCH
  if (bytes[start + 3] < 1 || bytes[start + 3] > LMP_LAST_TYPE || readU16(bytes, start + 6) !== 0)
    return NO_MATCH
  const stop = start + length
  let at = start + LMP_HEADER
  for (let count = 0; count < MAX_MESSAGES && at < stop; count++) {
    if (at + 4 > end) return count > 0 ? STRONG : NO_MATCH
    const size = readU16(bytes, at + 2)
    if (size < 4 || (size & 3) !== 0 || bytes[at + 1] === 0) return NO_MATCH
    at += size
  }
  return at === stop ? STRONG : NO_MATCH
}

const ECHO_PORT = 3503
const ECHO_HEADER = 32
const ECHO_REQUEST = 1
const ECHO_REPLY = 2

/** RFC 8029 section 3: version 1, flags, type, reply mode, code, handle, number, two times, elements. */
function lspPing(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (end - start < ECHO_HEADER || bytes[start + 2] !== 0 || bytes[start + 3] > 7) return NO_MATCH
  const type = bytes[start + 4]
  const mode = bytes[start + 5]
  if ((type !== ECHO_REQUEST && type !== ECHO_REPLY) || mode < 1 || mode > 5) return NO_MATCH
  // Who asks has no code and no time of receipt.
  if (type === ECHO_REQUEST && (readU16(bytes, start + 6) !== 0 || readI32(bytes, start + 24) !== 0))
    return NO_MATCH
  if (length > ECHO_HEADER && !elementsFill(payload, start + ECHO_HEADER, start + length)) return NO_MATCH
  return STRONG | (type === ECHO_REQUEST ? FROM_CLIENT : FROM_SERVER)
}

const LISP_END = 0x9facade9 | 0
const LISP_PORT = 4342

/** draft-ietf-lisp-map-server-reliable-transport section 5: type, length, id, content, end marker. */
function lispReliable({ bytes, start, end, length }: Payload): number {
  const type = readU16(bytes, start)
  const size = readU16(bytes, start + 2)
  if (end - start < 12 || type < 16 || type > 24 || size < 12 || size > length || start + size > end)
    return NO_MATCH
  return readI32(bytes, start + size - 4) === LISP_END ? STRONG : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'babel',
    says: 'starts with the magic 42 and version 2 of Babel, and its elements fill the body',
    protocols: UDP,
    ports: [BABEL_PORT],
    firstBytes: [0x2a],
    bits: { offset: 0, mask: 0xffff0000, value: 0x2a020000 },
    match: babel,
  },
  {
    label: 'ahcp',
    says: 'starts with the magic 43 and version 1 of AHCP, and its elements fill the body',
    protocols: UDP,
    ports: [5359],
    firstBytes: [0x2b],
    bits: { offset: 0, mask: 0xffff0000, value: 0x2b010000 },
    match: ahcp,
  },
  {
    label: 'olsr',
    says: 'holds an OLSR packet length and messages whose sizes lead to its end, on port 698',
    protocols: UDP,
    ports: [698],
    portsOnly: true,
    match: olsr,
  },
  {
    label: 'aodv',
    says: 'is an AODV message of known type with agreeing length and zeros where they are reserved, on port 654',
    protocols: UDP,
    ports: [654],
    portsOnly: true,
    firstBytes: [AODV_REQUEST, AODV_REPLY, AODV_ERROR, AODV_ACKNOWLEDGEMENT],
    match: aodv,
  },
  {
    label: 'msdp',
    says: 'is an MSDP message with agreeing length, on port 639',
    protocols: TCP,
    ports: [MSDP_PORT],
    firstBytes: [MSDP_SOURCE_ACTIVE, MSDP_REQUEST, MSDP_RESPONSE, MSDP_KEEPALIVE],
    portsOnly: true,
    match: msdp,
  },
  {
    label: 'glbp',
    says: 'holds a GLBP version 1 header and elements that fill the datagram, on port 3222',
    protocols: UDP,
    ports: [3222],
    firstBytes: [1],
    portsOnly: true,
    match: glbp,
  },
  {
    label: 'lmp',
    says: 'holds an LMP version 1 header with agreeing length and objects that fill the message',
    protocols: UDP,
    ports: [701],
    firstBytes: [0x10],
    bits: { offset: 0, mask: 0xfffffc00 | 0, value: 0x10000000 },
    match: lmp,
  },
  {
    label: 'lsp-ping',
    says: 'is an MPLS echo request or reply of version 1 whose elements fill it, on port 3503',
    protocols: UDP,
    ports: [ECHO_PORT],
    firstBytes: [0],
    bits: { offset: 0, mask: -8, value: 0x00010000 },
    portsOnly: true,
    match: lspPing,
  },
  {
    label: 'lisp',
    says: 'is a message of LISP over TCP whose length leads to its end marker 9facade9',
    protocols: TCP,
    ports: [LISP_PORT],
    firstBytes: [0],
    bits: { offset: 0, mask: 0xfff00000, value: 0x00100000 },
    match: lispReliable,
  },
]
