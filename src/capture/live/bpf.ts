/**
 * Capture filters for the kernel: libpcap compiles the expression of --filter, the ring attaches the result
 * (classic BPF, 8 bytes an instruction, as SO_ATTACH_FILTER takes it). In: an expression in the language of
 * pcap-filter(7). Out: instructions. Promised: an expression that cannot be evaluated on an interface is refused,
 * never applied in part. The kernel removes VLAN tags before a filter sees the frame: `vlan` is compiled for the
 * open device, where libpcap asks the kernel for the tag; on interfaces without Ethernet it is refused.
 */
import { InputError, UsageError } from '../../errors.ts'
import { PACKET_OUTGOING } from '../batch.ts'
import { type Koffi, textOf, words } from './ring-native.ts'

export interface FilterTarget {
  /** Interface name, for expressions that only the open device can compile. */
  device: string
  linkType: number
  /** The socket hands out packets without link header. */
  cooked: boolean
}

/** Debian and Fedora name the same library differently. */
const LIBRARIES = ['libpcap.so.0.8', 'libpcap.so.1', 'libpcap.so']
const SNAPLEN = 262_144
const OPTIMIZE = 1
const NETMASK_UNKNOWN = 0xffff_ffff
const ERROR_BYTES = 256
const INSTRUCTION = 8
/** BPF_MAXINSNS, less the instructions put before the user's filter. */
const MAX_INSTRUCTIONS = 4096 - 8
/** struct bpf_program: length 4, padding 4, address 8. */
const PROGRAM_BYTES = 16
const PROGRAM_ADDRESS = 8
/** libpcap's number for raw IP on Linux; its offsets count from the network header, as a cooked socket's do. */
const DLT_RAW = 12
const LINKTYPE_RAW = 101
/** Primitives about metadata of the kernel, which the frame itself does not hold. */
const NEEDS_DEVICE = /(?<![\w.-])(?:vlan|inbound|outbound|ifindex)(?![\w.-])/

const BPF_LOAD_WORD = 0x20
const BPF_JUMP_EQUAL = 0x15
const BPF_RETURN = 0x06
/** Ancillary data of linux/filter.h, at offsets from SKF_AD_OFF. */
const PACKET_TYPE = 0xffff_f004
const INTERFACE_INDEX = 0xffff_f008

type Handle = unknown

interface Pcap {
  openDead(dataLink: number, snaplen: number): Handle
  create(device: string, error: Uint8Array): Handle
  activate(handle: Handle): number
  compile(handle: Handle, program: Uint8Array, text: string, optimize: number, netmask: number): number
  error(handle: Handle): string
  freeProgram(program: Uint8Array): void
  close(handle: Handle): void
}

let library: Pcap | undefined

function loadPcap(koffi: Koffi): Pcap {
  if (library !== undefined) return library
  for (const name of LIBRARIES) {
    try {
      const found = koffi.load(name)
      library = {
        openDead: found.func('void *pcap_open_dead(int, int)') as Pcap['openDead'],
        create: found.func('void *pcap_create(const char *, uint8_t *)') as Pcap['create'],
        activate: found.func('int pcap_activate(void *)') as Pcap['activate'],
        compile: found.func(
          'int pcap_compile(void *, uint8_t *, const char *, int, uint32_t)',
        ) as Pcap['compile'],
        error: found.func('const char *pcap_geterr(void *)') as Pcap['error'],
        freeProgram: found.func('void pcap_freecode(uint8_t *)') as Pcap['freeProgram'],
        close: found.func('void pcap_close(void *)') as Pcap['close'],
      }
      return library
    } catch {
      // The next name may be the right one.
    }
  }
  throw new InputError(
    'FILTER_LIBRARY',
    '--filter',
    `${LIBRARIES[0]} cannot be loaded; install libpcap (Debian: apt install libpcap0.8), or leave the filter out`,
  )
}

/** Compiles `expression`. Throws UsageError FILTER_SYNTAX with libpcap's message, InputError FILTER_LIBRARY. */
export function compileFilter(koffi: Koffi, expression: string, target: FilterTarget): Uint8Array {
  const pcap = loadPcap(koffi)
  const special = NEEDS_DEVICE.exec(expression)?.[0]
  if (special !== undefined && target.cooked) {
    const what = `"${special}" cannot be decided on ${target.device}; name an Ethernet interface, or leave it out`
    throw new UsageError('FILTER_UNSUPPORTED', '--filter', what)
  }
  const handle = special === undefined ? openDead(pcap, target) : openDevice(pcap, special, target.device)
  try {
    return compile(koffi, pcap, handle, expression)
  } finally {
    pcap.close(handle)
  }
}

function openDead(pcap: Pcap, { linkType, cooked }: FilterTarget): Handle {
  return pcap.openDead(cooked || linkType === LINKTYPE_RAW ? DLT_RAW : linkType, SNAPLEN)
}

function openDevice(pcap: Pcap, special: string, device: string): Handle {
  const message = new Uint8Array(ERROR_BYTES)
  const handle = pcap.create(device, message)
  if (handle !== null && pcap.activate(handle) >= 0) return handle
  const reason = handle === null ? textOf(message) : pcap.error(handle)
  if (handle !== null) pcap.close(handle)
  const what = `"${special}" needs ${device} to be up and readable for libpcap: ${reason}`
  throw new UsageError('FILTER_UNSUPPORTED', '--filter', what)
}

function compile(koffi: Koffi, pcap: Pcap, handle: Handle, expression: string): Uint8Array {
  const program = new Uint8Array(PROGRAM_BYTES)
  if (pcap.compile(handle, program, expression, OPTIMIZE, NETMASK_UNKNOWN) !== 0) {
    const what = `${pcap.error(handle)}; found ${JSON.stringify(expression)}, see man pcap-filter`
    throw new UsageError('FILTER_SYNTAX', '--filter', what)
  }
  const count = new Uint32Array(program.buffer)[0]
  if (count > MAX_INSTRUCTIONS) {
    pcap.freeProgram(program)
    const what = `${count} instructions, at most ${MAX_INSTRUCTIONS} fit; use a shorter filter`
    throw new UsageError('FILTER_TOO_LONG', '--filter', what)
  }
  const address = new BigUint64Array(program.buffer)[PROGRAM_ADDRESS >> 3]
  const instructions = new Uint8Array(koffi.view(address, count * INSTRUCTION)).slice()
  pcap.freeProgram(program)
  return instructions
}

/** Rejects every packet. */
export const REJECT_ALL: Uint8Array = instructions([BPF_RETURN, 0, 0, 0])
const ACCEPT_ALL: Uint8Array = instructions([BPF_RETURN, 0, 0, SNAPLEN])

/**
 * A packet on the loopback interface is captured twice, as it leaves and as it arrives: only the arriving one reaches
 * `rest`. Jumps are relative, so programs can be concatenated.
 */
export function dropLoopbackCopies(loopbackIndex: number, rest: Uint8Array = ACCEPT_ALL): Uint8Array {
  const before = instructions(
    [BPF_LOAD_WORD, 0, 0, INTERFACE_INDEX],
    [BPF_JUMP_EQUAL, 0, 3, loopbackIndex],
    [BPF_LOAD_WORD, 0, 0, PACKET_TYPE],
    [BPF_JUMP_EQUAL, 0, 1, PACKET_OUTGOING],
    [BPF_RETURN, 0, 0, 0],
  )
  const whole = new Uint8Array(before.length + rest.length)
  whole.set(before)
  whole.set(rest, before.length)
  return whole
}

/** struct sock_filter: code 2, jump if true 1, if false 1, operand 4. */
function instructions(
  ...list: [code: number, ifTrue: number, ifFalse: number, operand: number][]
): Uint8Array {
  const bytes = new Uint8Array(list.length * INSTRUCTION)
  list.forEach(([code, ifTrue, ifFalse, operand], i) => {
    bytes.set(new Uint8Array(Uint16Array.of(code).buffer), i * INSTRUCTION)
    bytes.set([ifTrue, ifFalse], i * INSTRUCTION + 2)
    bytes.set(words(operand), i * INSTRUCTION + 4)
  })
  return bytes
}
