/** Address configuration: DHCP and BOOTP (RFC 2131, RFC 2132), DHCPv6 (RFC 8415), over UDP. */
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
import { extraGroup, setExtra, setExtraText } from '../common/extras.ts'
import { onPort, UDP } from '../common/ports.ts'

const OP_REQUEST = 1
const OP_REPLY = 2
const V4_SERVER_PORT = 67
/** Bytes of a hardware address, and hops of relays (RFC 1542 section 4.1.1). */
const MAX_ADDRESS = 16
/** Up to the flags. */
const CUT_HEADER = 12
const COOKIE_OFFSET = 236
const COOKIE = 0x63825363
const OPTION_PAD = 0
const OPTION_HOSTNAME = 12
const OPTION_MESSAGE_TYPE = 53
const OPTION_VENDOR_CLASS = 60
const OPTION_END = 255
/** Options looked at; a longer list is cut. */
const MAX_OPTIONS = 64

function hex(bytes: Uint8Array, at: number, count: number): string {
  let text = ''
  for (let i = 0; i < count; i++) text += (i === 0 ? '' : ':') + (bytes[at + i] + 0x100).toString(16).slice(1)
  return text
}

function tellOptions(payload: Payload): void {
  const { bytes, end } = payload
  let at = payload.start + COOKIE_OFFSET + 4
  for (let i = 0; i < MAX_OPTIONS && at < end; i++) {
    const code = bytes[at]
    if (code === OPTION_END) return
    if (code === OPTION_PAD) {
      at++
      continue
    }
    if (at + 2 > end) return
    const length = bytes[at + 1]
    const stop = at + 2 + length
    if (stop > end) return
    if (code === OPTION_MESSAGE_TYPE && length === 1) setExtra(payload, 'dhcp', 'message_type', bytes[at + 2])
    else if (code === OPTION_HOSTNAME) setExtraText(payload, 'dhcp', 'client_hostname', [at + 2, stop])
    else if (code === OPTION_VENDOR_CLASS) setExtraText(payload, 'dhcp', 'vendor_class', [at + 2, stop])
    at = stop
  }
}

/** The snaplen took the cookie: an Ethernet client on the ports of DHCP, few relays, not yet an hour of trying. */
function cutDhcp(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < CUT_HEADER || payload.length < COOKIE_OFFSET + 4) return NO_MATCH
  if (!onPort(payload, V4_SERVER_PORT) || bytes[start + 1] !== 1 || bytes[start + 2] !== 6) return NO_MATCH
  if (bytes[start + 3] > MAX_ADDRESS || readU16(bytes, start + 8) > 3600) return NO_MATCH
  return WEAK | (bytes[start] === OP_REQUEST ? FROM_CLIENT : FROM_SERVER)
}

/** Clients without an address share a flow: what it tells is of the first. */
function isToldOf(payload: Payload): boolean {
  const { bytes, start } = payload
  if (bytes[start + 1] !== 1 || bytes[start + 2] !== 6) return true
  const extra = extraGroup(payload, 'dhcp')
  const mac = hex(bytes, start + 28, 6)
  extra.client_mac ??= mac
  return extra.client_mac === mac
}

/** RFC 2131 section 2: op, htype, hlen, hops, xid, …, magic cookie at 236. */
function dhcp(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < COOKIE_OFFSET + 4) return cutDhcp(payload)
  if (bytes[start + 2] > MAX_ADDRESS) return NO_MATCH
  if (bytes[start] !== OP_REQUEST && bytes[start] !== OP_REPLY) return NO_MATCH
  if (readI32(bytes, start + COOKIE_OFFSET) !== COOKIE) return NO_MATCH
  if (isToldOf(payload)) tellOptions(payload)
  // A relay asks with op 1 from the server port too, so only the op tells the sides.
  return STRONG | (bytes[start] === OP_REQUEST ? FROM_CLIENT : FROM_SERVER)
}

const V6_CLIENT_PORT = 546
const V6_SERVER_PORT = 547
const RELAY_FORWARD = 12
const RELAY_REPLY = 13
const RELAY_HEADER = 34
const MAX_OPTION_CODE = 150

/** Number of options if they fill at..stop-1 exactly (as far as captured), else -1. RFC 8415 section 21.1. */
function v6Options(payload: Payload, from: number): number {
  const { bytes, end } = payload
  const stop = payload.start + payload.length
  let at = from
  let count = 0
  while (at < stop) {
    if (at + 4 > end) return end < stop && count > 0 ? count : -1
    const code = readU16(bytes, at)
    if (code === 0 || code > MAX_OPTION_CODE) return -1
    at += 4 + readU16(bytes, at + 2)
    count++
  }
  return at === stop ? count : -1
}

function dhcpv6(payload: Payload): number {
  const { bytes, start, srcPort, dstPort } = payload
  const toServer = dstPort === V6_SERVER_PORT
  if (!toServer && dstPort !== V6_CLIENT_PORT && srcPort !== V6_SERVER_PORT) return NO_MATCH
  const type = bytes[start]
  if (type < 1 || type > RELAY_REPLY) return NO_MATCH
  const relay = type === RELAY_FORWARD || type === RELAY_REPLY
  const options = v6Options(payload, start + (relay ? RELAY_HEADER : 4))
  if (options < 1) return NO_MATCH
  setExtra(payload, 'dhcpv6', 'message_type', type)
  const role = type === 2 || type === 7 || type === 10 || type === RELAY_REPLY ? FROM_SERVER : FROM_CLIENT
  return (options >= 2 || relay ? STRONG : WEAK) | role
}

export const signatures: Signature[] = [
  {
    label: 'dhcp',
    says: 'holds a BOOTP header followed by the DHCP magic cookie',
    protocols: UDP,
    ports: [67, 68],
    firstBytes: [1, 2],
    match: dhcp,
  },
  {
    label: 'dhcpv6',
    says: 'holds a DHCPv6 message whose options fill the datagram exactly, on port 546 or 547',
    protocols: UDP,
    ports: [V6_SERVER_PORT, V6_CLIENT_PORT],
    firstBytes: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13],
    portsOnly: true,
    match: dhcpv6,
  },
]
