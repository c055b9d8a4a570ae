/**
 * The socket under the ring: AF_PACKET with TPACKET_V3 (packet(7), packet_mmap.rst). It is created with protocol 0, so
 * that it receives nothing, gets its filter and its ring, and is bound last: no packet of another interface gets in.
 */
import { closeSync } from 'node:fs'
import process from 'node:process'
import { InputError } from '../../errors.ts'
import { safeText } from '../../text.ts'
import { compileFilter, dropLoopbackCopies, REJECT_ALL } from './bpf.ts'
import { HEADROOM } from './ring-block.ts'
import { loadKoffi, loadNative, type Mapping, type Native, words } from './ring-native.ts'

export interface RingOptions {
  /** In the language of pcap-filter(7). */
  filter?: string
  promiscuous?: boolean
  /** Memory of the ring, rounded up to whole blocks of 1 MiB; default 64 MiB. */
  ringBytes?: number
}

export interface PacketSocket {
  native: Native
  descriptor: number
  /** 0 for `any`. */
  index: number
  linkType: number
  cooked: boolean
  /** Blocks of BLOCK_BYTES. */
  ring: Mapping
}

/** The name for all interfaces at once, as tcpdump knows it. */
export const ANY = 'any'
/**
 * Larger than any packet, but small: every RETIRE_MS a block is handed out even if it holds few packets, and the more
 * blocks there are, the longer the reader may stall without loss.
 */
export const BLOCK_BYTES = 1 << 18
const MEBIBYTE = 1 << 20
const DEFAULT_RING_BYTES = 64 * MEBIBYTE
const MIN_RING_BYTES = 2 * MEBIBYTE
const MAX_RING_BYTES = 1024 * MEBIBYTE
/** A block that is not full is handed out after this many milliseconds. */
export const RETIRE_MS = 50

const AF_PACKET = 17
const SOCK_RAW = 3
const SOCK_DGRAM = 2
const SOCK_CLOEXEC = 0o2000000
const ETH_P_ALL = 3
const SOL_SOCKET = 1
const SO_ERROR = 4
const SO_ATTACH_FILTER = 26
const SOL_PACKET = 263
const PACKET_ADD_MEMBERSHIP = 1
const PACKET_RX_RING = 5
const PACKET_STATISTICS = 6
const PACKET_VERSION = 10
const PACKET_RESERVE = 12
const PACKET_MR_PROMISC = 1
const TPACKET_V3 = 2
const FRAME_BYTES = 2048
/** Bytes of struct sockaddr_ll and struct packet_mreq. */
const SOCKADDR_LL = 20
const PACKET_MREQ = 16

const SIOCGIFFLAGS = 0x8913
const SIOCGIFHWADDR = 0x8927
const IFREQ = 40
const IFREQ_NAME = 16
const IFF_UP = 1
const IFF_LOOPBACK = 8

const LINKTYPE_LINUX_SLL2 = 276
/** ARPHRD_ types whose link header the decoder reads; any other interface is captured cooked, with LINUX_SLL2 headers. */
const LINK_TYPES = new Map([
  [1, 1], // Ethernet
  [772, 1], // loopback has Ethernet headers
  [513, 104], // Cisco HDLC
  [519, 101], // raw IP
  [65_534, 101], // none: tun, WireGuard
  [768, 101], // IP-in-IP tunnels
  [769, 101],
  [776, 101],
  [801, 105], // 802.11
  [802, 119],
  [803, 127],
])

/** The link type of frames from hardware of this ARPHRD_ type. */
export function linkTypeOf(hardware: number | undefined): { linkType: number; cooked: boolean } {
  const linkType = hardware === undefined ? undefined : LINK_TYPES.get(hardware)
  return linkType === undefined
    ? { linkType: LINKTYPE_LINUX_SLL2, cooked: true }
    : { linkType, cooked: false }
}

/** Opens the interface, or `any`. Throws InputError or, for the filter, UsageError. */
export async function openPacketSocket(name: string, options: RingOptions): Promise<PacketSocket> {
  const place = safeText(name)
  const native = await loadNative(place)
  const probe = packetSocket(native, place, SOCK_RAW)
  let index = 0
  let link = linkTypeOf(undefined)
  let flags = 0
  try {
    if (name !== ANY) {
      index = interfaceIndex(native, name, place)
      link = linkTypeOf(
        new Uint16Array(interfaceRequest(native, probe, SIOCGIFHWADDR, name).buffer)[IFREQ_NAME >> 1],
      )
      flags = interfaceFlags(native, probe, name)
    }
  } finally {
    closeSync(probe)
  }
  const descriptor = packetSocket(native, place, link.cooked ? SOCK_DGRAM : SOCK_RAW)
  let ring: Mapping | undefined
  try {
    const loopback = name === ANY ? native.interfaceIndex('lo') : (flags & IFF_LOOPBACK) === 0 ? 0 : index
    await setFilter({ native, descriptor, loopback, ...link }, name, options.filter)
    ring = createRing(native, descriptor, place, options.ringBytes)
    bindTo(native, descriptor, place, index)
    if (options.promiscuous === true && index > 0) setPromiscuous(native, descriptor, place, index)
    return { native, descriptor, index, ...link, ring }
  } catch (error) {
    if (ring !== undefined) native.unmap(ring)
    closeSync(descriptor)
    throw error
  }
}

/** Throws an InputError when no packet socket can be had. */
export async function checkPermission(): Promise<void> {
  closeSync(packetSocket(await loadNative(ANY), ANY, SOCK_RAW))
}

/** Protocol 0: it receives nothing before it is bound. */
function packetSocket(native: Native, place: string, type: number): number {
  const descriptor = native.socket(AF_PACKET, type | SOCK_CLOEXEC, 0)
  if (descriptor < 0) throw socketError(native.errorName(), place)
  return descriptor
}

function interfaceIndex(native: Native, name: string, place: string): number {
  const index = Buffer.byteLength(name) < IFREQ_NAME ? native.interfaceIndex(name) : 0
  if (index === 0) throw socketError('ENODEV', place)
  return index
}

/** An ioctl about an interface; returns struct ifreq: the name and the answer. */
function interfaceRequest(native: Native, descriptor: number, request: number, name: string): Uint8Array {
  const ifreq = new Uint8Array(IFREQ)
  ifreq.set(Buffer.from(name).subarray(0, IFREQ_NAME - 1))
  if (native.ioctl(descriptor, request, ifreq) !== 0) throw socketError(native.errorName(), safeText(name))
  return ifreq
}

function interfaceFlags(native: Native, descriptor: number, name: string): number {
  return new Uint16Array(interfaceRequest(native, descriptor, SIOCGIFFLAGS, name).buffer)[IFREQ_NAME >> 1]
}

/** Undefined when the interface was removed; it may have another name by now. */
export function isUp({ native, descriptor, index }: PacketSocket): boolean | undefined {
  const name = native.interfaceName(index)
  return name === undefined ? undefined : (interfaceFlags(native, descriptor, name) & IFF_UP) !== 0
}

interface FilterSocket {
  native: Native
  descriptor: number
  /** Index of the loopback interface if the socket may receive from it, else 0. */
  loopback: number
  linkType: number
  cooked: boolean
}

async function setFilter(
  socket: FilterSocket,
  device: string,
  expression: string | undefined,
): Promise<void> {
  const { native, descriptor, loopback } = socket
  const wanted =
    expression === undefined || expression.trim() === ''
      ? undefined
      : compileFilter(await loadKoffi(device), expression, { device, ...socket })
  const program = loopback > 0 ? dropLoopbackCopies(loopback, wanted) : wanted
  if (program !== undefined) attach(native, descriptor, safeText(device), program)
}

function attach(native: Native, descriptor: number, place: string, program: Uint8Array): void {
  const sockFprog = native.filterProgram(program)
  check(native, place, native.setOption(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, sockFprog))
}

function createRing(
  native: Native,
  descriptor: number,
  place: string,
  ringBytes = DEFAULT_RING_BYTES,
): Mapping {
  const size = Math.max(MIN_RING_BYTES, Math.min(MAX_RING_BYTES, ringBytes))
  const blockCount = Math.ceil(size / BLOCK_BYTES)
  const frames = (BLOCK_BYTES / FRAME_BYTES) * blockCount
  const request = words(BLOCK_BYTES, blockCount, FRAME_BYTES, frames, RETIRE_MS, 0, 0)
  check(native, place, native.setOption(descriptor, SOL_PACKET, PACKET_VERSION, words(TPACKET_V3)))
  check(native, place, native.setOption(descriptor, SOL_PACKET, PACKET_RESERVE, words(HEADROOM)))
  const made = native.setOption(descriptor, SOL_PACKET, PACKET_RX_RING, request)
  if (made !== 0 && native.errorName() === 'ENOMEM') throw noMemory(place, size)
  check(native, place, made)
  const ring = native.map(descriptor, BLOCK_BYTES * blockCount)
  if (ring === undefined) throw noMemory(place, size)
  return ring
}

function bindTo(native: Native, descriptor: number, place: string, index: number): void {
  const address = new Uint8Array(SOCKADDR_LL)
  address.set(new Uint8Array(Uint16Array.of(AF_PACKET).buffer))
  address[3] = ETH_P_ALL
  address.set(words(index), 4)
  check(native, place, native.bind(descriptor, address, address.length))
}

function setPromiscuous(native: Native, descriptor: number, place: string, index: number): void {
  const request = new Uint8Array(PACKET_MREQ)
  request.set(words(index))
  request.set(new Uint8Array(Uint16Array.of(PACKET_MR_PROMISC).buffer), 4)
  check(native, place, native.setOption(descriptor, SOL_PACKET, PACKET_ADD_MEMBERSHIP, request))
}

/** What the kernel counted since the last call; packets includes drops. */
export function takeStatistics({ native, descriptor }: PacketSocket): { packets: number; drops: number } {
  const counters = new Uint32Array(3)
  native.getOption(descriptor, SOL_PACKET, PACKET_STATISTICS, new Uint8Array(counters.buffer))
  return { packets: counters[0], drops: counters[1] }
}

/** Clears the socket's pending error: true if there was one. An interface that goes down leaves ENETDOWN. */
export function takeError({ native, descriptor }: PacketSocket): boolean {
  const error = new Uint8Array(4)
  native.getOption(descriptor, SOL_SOCKET, SO_ERROR, error)
  return error.some((byte) => byte !== 0)
}

/** Ends the capture by a filter that rejects every packet; the ring keeps what it holds. */
export function stopCapturing({ native, descriptor }: PacketSocket): void {
  attach(native, descriptor, ANY, REJECT_ALL)
}

export function closePacketSocket({ native, descriptor, ring }: PacketSocket): void {
  native.unmap(ring)
  closeSync(descriptor)
}

function check(native: Native, place: string, result: number): void {
  if (result < 0) throw socketError(native.errorName(), place)
}

function noMemory(place: string, size: number): InputError {
  const what = `no memory for a ring of ${size / MEBIBYTE} MiB; choose less with --ring-size`
  return new InputError('RING_MEMORY', place, what)
}

/** The InputError for a system error on a packet socket. */
export function socketError(name: string, place: string): InputError {
  switch (name) {
    case 'EPERM':
    case 'EACCES':
      return new InputError(
        'CAPTURE_NO_PERMISSION',
        place,
        `capturing needs CAP_NET_RAW; ${permissionHelp()}`,
      )
    case 'ENODEV':
    case 'ENXIO':
      return new InputError('INTERFACE_NOT_FOUND', place, 'no such interface; see flowhawk interfaces')
    case 'EAFNOSUPPORT':
      return new InputError(
        'BACKEND_UNSUPPORTED',
        place,
        'this system has no packet sockets; use --backend cap',
      )
    default:
      return new InputError('CAPTURE_OPEN', place, `cannot be opened, ${name}`)
  }
}

/** How to get the permission that capturing needs. */
export function permissionHelp(): string {
  if (process.platform === 'win32') return 'run it as administrator'
  if (process.platform !== 'linux') return 'run it with sudo'
  return `run it with sudo, or once: sudo setcap cap_net_raw+ep ${safeText(process.execPath)}`
}
