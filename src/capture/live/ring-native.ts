/**
 * The system calls of the ring, through koffi, which is loaded on first use. Linux only. Structures are plain
 * bytes, written in the order of the machine; errors come back as names ("EPERM").
 */
import { InputError } from '../../errors.ts'

export type Koffi = typeof import('koffi')

/** -1, and `errorName()` says why. */
type Result = number

export interface Native {
  /** The name of the last call's error. */
  errorName(): string
  socket(family: number, type: number, protocol: number): Result
  bind(descriptor: number, address: Uint8Array, bytes: number): Result
  setOption(descriptor: number, level: number, option: number, value: Uint8Array): Result
  /** Fills `value`. */
  getOption(descriptor: number, level: number, option: number, value: Uint8Array): Result
  ioctl(descriptor: number, request: number, argument: Uint8Array): Result
  /** struct sock_fprog over the instructions; valid while both are referred to. */
  filterProgram(instructions: Uint8Array): Uint8Array
  eventfd(): Result
  /** 0 when there is no such interface. */
  interfaceIndex(name: string): number
  /** Its present name; undefined when there is no such interface. */
  interfaceName(index: number): string | undefined
  /** Shares `bytes` of the descriptor's memory; undefined when that fails. */
  map(descriptor: number, bytes: number): Mapping | undefined
  /** Maps empty memory over the mapping: views of it stay readable, and the ring is released. */
  unmap(mapping: Mapping): void
  /** Waits on a thread of its own for the descriptors of `set` (struct pollfd); resolves when poll returns. */
  poll(set: Uint8Array, count: number, milliseconds: number): Promise<void>
}

export interface Mapping {
  address: number
  memory: ArrayBuffer
}

const PROT_READ_WRITE = 3
const MAP_SHARED = 0x01
const MAP_PRIVATE_FIXED_ANONYMOUS_NORESERVE = 0x4032
const EFD_NONBLOCK = 0o4000
const INTERFACE_NAME_BYTES = 16
/** struct sock_fprog: instructions 2, padding 6, address 8; an instruction has 8 bytes. */
const FPROG = 16
const FPROG_ADDRESS = 8
const INSTRUCTION = 8

/** koffi, or an InputError that says how to install it. */
export async function loadKoffi(place: string): Promise<Koffi> {
  try {
    return await import('koffi')
  } catch {
    throw new InputError(
      'BACKEND_MISSING',
      place,
      'the package koffi is missing or not built for this platform; npm install koffi, or use --backend cap',
    )
  }
}

let native: Native | undefined

export async function loadNative(place: string): Promise<Native> {
  native ??= createNative(await loadKoffi(place))
  return native
}

type Call<A extends unknown[], R> = (...args: A) => R

function createNative(koffi: Koffi): Native {
  const libc = koffi.load(null)
  const names = new Map(Object.entries(koffi.os.errno).map(([name, number]) => [number, name]))
  const bind = libc.func('int bind(int, const uint8_t *, uint32_t)') as Call<
    [number, Uint8Array, number],
    number
  >
  const setsockopt = libc.func('int setsockopt(int, int, int, const uint8_t *, uint32_t)') as Call<
    [number, number, number, Uint8Array, number],
    number
  >
  const getsockopt = libc.func('int getsockopt(int, int, int, uint8_t *, uint8_t *)') as Call<
    [number, number, number, Uint8Array, Uint8Array],
    number
  >
  const indexToName = libc.func('void *if_indextoname(uint32_t, uint8_t *)') as Call<
    [number, Uint8Array],
    unknown
  >
  const eventfd = libc.func('int eventfd(uint32_t, int)') as Call<[number, number], number>
  const poll = libc.func('int poll(uint8_t *, unsigned long, int)')
  return {
    errorName: () => names.get(koffi.errno()) ?? `error ${koffi.errno()}`,
    socket: libc.func('int socket(int, int, int)') as Native['socket'],
    bind,
    setOption: (descriptor, level, option, value) =>
      setsockopt(descriptor, level, option, value, value.length),
    getOption: (descriptor, level, option, value) =>
      getsockopt(descriptor, level, option, value, words(value.length)),
    ioctl: libc.func('int ioctl(int, unsigned long, uint8_t *)') as Native['ioctl'],
    filterProgram: (instructions) => {
      const program = new Uint8Array(FPROG)
      program.set(new Uint8Array(Uint16Array.of(instructions.length / INSTRUCTION).buffer))
      program.set(new Uint8Array(BigUint64Array.of(koffi.address(instructions)).buffer), FPROG_ADDRESS)
      return program
    },
    eventfd: () => eventfd(0, EFD_NONBLOCK),
    interfaceIndex: libc.func('uint32_t if_nametoindex(const char *)') as Native['interfaceIndex'],
    interfaceName: (index) => {
      const name = new Uint8Array(INTERFACE_NAME_BYTES)
      return indexToName(index, name) === null ? undefined : textOf(name)
    },
    ...createMapper(koffi, libc),
    poll: (set, count, milliseconds) =>
      new Promise((resolve) => poll.async(set, count, milliseconds, () => resolve())),
  }
}

function createMapper(koffi: Koffi, libc: ReturnType<Koffi['load']>): Pick<Native, 'map' | 'unmap'> {
  const mmap = libc.func('intptr_t mmap(intptr_t, size_t, int, int, int, intptr_t)') as Call<number[], number>
  return {
    map: (descriptor, bytes) => {
      const address = mmap(0, bytes, PROT_READ_WRITE, MAP_SHARED, descriptor, 0)
      return address === -1 ? undefined : { address, memory: koffi.view(address, bytes) }
    },
    unmap: ({ address, memory }) => {
      mmap(address, memory.byteLength, PROT_READ_WRITE, MAP_PRIVATE_FIXED_ANONYMOUS_NORESERVE, -1, 0)
    },
  }
}

/** The characters before the first zero byte. */
export function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end))
}

/** 32-bit words as bytes, in the order of the machine. */
export function words(...values: number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(values).buffer)
}
