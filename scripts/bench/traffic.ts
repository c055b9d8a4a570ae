/**
 * The traffic of the benchmark as numbers: who talks to whom, how, and the bytes each protocol begins with.
 * Everything follows from the flow's number, so that ten million packets need no memory of their own.
 */
import { ascii, concat, hex, u8, u16, u32 } from '../../test/packet-bytes.ts'
import { dns, noise, random } from '../fixtures/trace.ts'

export const KIND_DNS = 0
export const KIND_NTP = 1
export const KIND_RTP = 2
export const KIND_UDP = 3
export const KIND_TLS = 4
export const KIND_HTTP = 5
export const KIND_SSH = 6
export const KIND_TCP = 7
export const KIND_FRAMEHAWK = 8
export const KIND_ICA = 9

/** Kinds of a hundred flows: half UDP, half TCP, as an office's uplink may look. */
const SHARES: [kind: number, share: number][] = [
  [KIND_DNS, 12],
  [KIND_NTP, 5],
  [KIND_RTP, 2],
  [KIND_UDP, 31],
  [KIND_TLS, 32],
  [KIND_HTTP, 8],
  [KIND_SSH, 2],
  [KIND_TCP, 8],
]
const KIND_OF_HUNDRED = Uint8Array.from(
  SHARES.flatMap(([kind, share]) => new Array<number>(share).fill(kind)),
)
const SERVER_PORTS = Uint16Array.of(53, 123, 17_000, 28_960, 443, 80, 22, 8_081, 3_224, 1_494)

/** 101 sessions on the first session host, nine on the second, each with its ICA connection. */
export const FRAMEHAWK_SESSIONS = 110
const SLOTS = 101
const FIRST_SLOT = 3224
const VDA = 0x0a010004

export const SEED = 20_260_101

export interface Flows {
  count: number
  kind: Uint8Array
  clientIp: Uint32Array
  serverIp: Uint32Array
  clientPort: Uint16Array
  serverPort: Uint16Array
  /** Visits so far; a visit is a packet in each direction. */
  visits: Uint16Array
  /** Bytes sent so far, by direction: 2 * flow + (0 client, 1 server). */
  sent: Uint32Array
}

export interface FlowsOptions {
  count: number
  framehawk: boolean
  /** All of one kind. */
  only?: number
}

export function createFlows(options: FlowsOptions): Flows {
  const { count } = options
  const flows: Flows = {
    count,
    kind: new Uint8Array(count),
    clientIp: new Uint32Array(count),
    serverIp: new Uint32Array(count),
    clientPort: new Uint16Array(count),
    serverPort: new Uint16Array(count),
    visits: new Uint16Array(count),
    sent: new Uint32Array(2 * count),
  }
  let streams = 0
  for (let i = 0; i < count; i++) {
    const mixed = Math.imul(i + 1, 0x9e3779b1) >>> 0
    const kind = options.only ?? KIND_OF_HUNDRED[mixed % 100]
    flows.kind[i] = kind
    // 8,192 clients; client and port together differ for every flow of the first 1.7 million.
    flows.clientIp[i] = 0x0a140000 + (i & 0x1fff)
    flows.clientPort[i] = 32_768 + (((i >>> 13) * 131 + (mixed % 131)) % 28_232)
    flows.serverIp[i] = 0xcb007100 + ((mixed >>> 8) & 0x3ff)
    flows.serverPort[i] = SERVER_PORTS[kind]
    if (kind === KIND_RTP) placeStream(flows, i, streams++)
  }
  if (options.framehawk) placeFramehawk(flows)
  return flows
}

/** Each media stream has a port pair of its own on an exchange with the ports 10000 to 20000. */
function placeStream(flows: Flows, flow: number, stream: number): void {
  flows.serverIp[flow] = 0xcb007700 + Math.floor(stream / 5000)
  flows.serverPort[flow] = 10_000 + 2 * (stream % 5000)
}

/** The first flows become Framehawk sessions and their ICA connections. */
function placeFramehawk(flows: Flows): void {
  for (let i = 0; i < FRAMEHAWK_SESSIONS; i++) {
    const server = i < SLOTS ? VDA : VDA + 1
    for (const [at, kind, port] of [
      [2 * i, KIND_FRAMEHAWK, FIRST_SLOT + (i % SLOTS)],
      [2 * i + 1, KIND_ICA, SERVER_PORTS[KIND_ICA]],
    ]) {
      flows.kind[at] = kind
      flows.clientIp[at] = 0x0a150000 + i
      flows.clientPort[at] = 50_000 + at
      flows.serverIp[at] = server
      flows.serverPort[at] = port
    }
  }
}

export const isTcp = (kind: number) => (kind >= KIND_TLS && kind <= KIND_TCP) || kind === KIND_ICA

/** A ClientHello (RFC 8446 section 4.1.2) with a server name, ALPN and little else, in its record. */
function clientHello(name: string): Uint8Array {
  const sni = concat(u16(name.length + 3), u8(0), u16(name.length), name)
  const alpn = concat(u16(12), u8(2), 'h2', u8(8), 'http/1.1')
  const versions = hex('02 0304')
  const extension = (type: number, body: Uint8Array) => concat(u16(type, body.length), body)
  const extensions = concat(extension(0, sni), extension(16, alpn), extension(43, versions))
  const next = random(443)
  const suites = u16(0x1301, 0x1302, 0xc02f, 0xc030)
  const body = concat(
    u16(0x0303),
    noise(next, 32),
    u8(0),
    u16(suites.length),
    suites,
    u8(1, 0),
    u16(extensions.length),
    extensions,
  )
  return record(22, 0x0301, concat(u8(1, 0), u16(body.length), body))
}

function record(type: number, version: number, body: Uint8Array): Uint8Array {
  return concat(u8(type), u16(version, body.length), body)
}

function tlsServer(): Uint8Array {
  const next = random(444)
  const body = concat(u16(0x0303), noise(next, 32), u8(0), u16(0x1301), u8(0), u16(6), u16(43, 2, 0x0304))
  const hello = record(22, 0x0303, concat(u8(2, 0), u16(body.length), body))
  return concat(hello, u8(20, 3, 3, 0, 1, 1), u8(23, 3, 3), u16(0x3fff))
}

const ICA_HELLO = hex('7f 7f 49 43 41 00')

/** What client and server send first, by kind of TCP flow; what follows is noise. */
export const STREAMS: readonly (readonly [client: Uint8Array, server: Uint8Array])[] = (() => {
  const streams = new Array<[Uint8Array, Uint8Array]>(KIND_ICA + 1).fill([u8(), u8()])
  const appData = concat(u8(20, 3, 3, 0, 1, 1), u8(23, 3, 3), u16(0x3fff))
  streams[KIND_TLS] = [concat(clientHello('www.example.net'), appData), tlsServer()]
  streams[KIND_HTTP] = [
    ascii('GET /index.html HTTP/1.1\r\nHost: www.example.net\r\nUser-Agent: bench/1.0\r\n\r\n'),
    ascii('HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: 99999999\r\n\r\n'),
  ]
  streams[KIND_SSH] = [ascii('SSH-2.0-OpenSSH_9.2\r\n'), ascii('SSH-2.0-OpenSSH_9.6\r\n')]
  streams[KIND_ICA] = [ICA_HELLO, ICA_HELLO]
  return streams
})()

/** DNS messages whose first two bytes are the id. */
export const DNS_QUESTION = dns(0, 'host.example.net')
export const DNS_ANSWER = dns(0, 'host.example.net', [203, 0, 113, 9])

/** NTP (RFC 5905): modes 3 and 4. */
const ntp = (mode: number) =>
  concat(u8(0x20 | mode, 2, 6, 0xec), u32(0x100, 0x200, 0x0a010001), noise(random(mode), 32))
export const NTP_QUESTION = ntp(3)
export const NTP_ANSWER = ntp(4)

/** What fills payloads: 64 KiB of noise, and as much again so that a slice may begin anywhere. */
export const NOISE = noise(random(SEED), 2 * 65_536)
