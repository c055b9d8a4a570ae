/** Builds captures byte by byte and reads them back as plain rows. */
import type { Readable } from 'node:stream'
import { type CaptureSource, openBytes, openCapture } from '../../src/capture/open.ts'

/** Bytes from readable hex: "a1b2 c3d4". */
export function hex(text: string): Uint8Array {
  const digits = text.replace(/[\s|]/g, '')
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) =>
    Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16),
  )
}

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts))
}

/** Writes numbers in one byte order. */
export class Bytes {
  readonly out: number[] = []
  readonly little: boolean

  constructor(little: boolean) {
    this.little = little
  }

  u16(...values: number[]): this {
    for (const value of values) this.#push([value & 255, (value >>> 8) & 255])
    return this
  }

  u32(...values: number[]): this {
    for (const value of values)
      this.#push([value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24])
    return this
  }

  u64(value: bigint): this {
    const parts = [Number(value & 0xffffffffn), Number((value >> 32n) & 0xffffffffn)]
    return this.u32(...(this.little ? parts : parts.reverse()))
  }

  raw(bytes: Iterable<number>): this {
    for (const byte of bytes) this.out.push(byte)
    return this
  }

  /** Zero bytes up to a multiple of four. */
  pad(): this {
    while (this.out.length % 4 !== 0) this.out.push(0)
    return this
  }

  done(): Uint8Array {
    return Uint8Array.from(this.out)
  }

  #push(lowFirst: number[]): void {
    this.out.push(...(this.little ? lowFirst : lowFirst.reverse()))
  }
}

// ---------------------------------------------------------------- classic pcap

export const MICROSECONDS = 0xa1b2c3d4
export const NANOSECONDS = 0xa1b23c4d
export const MODIFIED = 0xa1b2cd34

export interface PcapForm {
  magic?: number
  little?: boolean
  version?: [number, number]
  linkType?: number
}

export interface Record {
  sec: number
  fraction: number
  data: Uint8Array
  captured?: number
  original?: number
  /** Only for the modified form. */
  packetType?: number
}

export function pcap(form: PcapForm, records: readonly Record[]): Uint8Array {
  const { magic = MICROSECONDS, little = true, version = [2, 4], linkType = 1 } = form
  const out = new Bytes(little)
    .u32(magic)
    .u16(...version)
    .u32(0, 0, 65535, linkType)
  for (const { sec, fraction, data, captured, original, packetType } of records) {
    out.u32(sec, fraction, captured ?? data.length, original ?? captured ?? data.length)
    if (magic === MODIFIED)
      out
        .u32(2)
        .u16(0x0800)
        .raw([packetType ?? 0, 0])
    out.raw(data)
  }
  return out.done()
}

// ---------------------------------------------------------------- pcapng

export function block(little: boolean, type: number, body: Uint8Array, length?: number): Uint8Array {
  const padded = new Bytes(little).raw(body).pad().done()
  const total = length ?? padded.length + 12
  return new Bytes(little).u32(type, total).raw(padded).u32(total).done()
}

export function option(little: boolean, code: number, value: Uint8Array): Uint8Array {
  return new Bytes(little).u16(code, value.length).raw(value).pad().done()
}

export function section(little = true, options: Uint8Array = hex('')): Uint8Array {
  const body = new Bytes(little).u32(0x1a2b3c4d).u16(1, 0).u32(0xffffffff, 0xffffffff).raw(options).done()
  return block(little, 0x0a0d0d0a, body)
}

export interface InterfaceForm {
  little?: boolean
  linkType?: number
  snaplen?: number
  options?: Uint8Array
}

export function interfaceBlock(form: InterfaceForm = {}): Uint8Array {
  const { little = true, linkType = 1, snaplen = 0, options = hex('') } = form
  return block(little, 1, new Bytes(little).u16(linkType, 0).u32(snaplen).raw(options).done())
}

export interface PacketForm {
  little?: boolean
  from?: number
  ticks?: bigint
  data?: Uint8Array
  captured?: number
  original?: number
  options?: Uint8Array
}

export function enhanced(form: PacketForm = {}): Uint8Array {
  const { little = true, from = 0, ticks = 0n, data = hex('01020304'), options = hex('') } = form
  const captured = form.captured ?? data.length
  const body = new Bytes(little)
    .u32(from, Number(ticks >> 32n), Number(ticks & 0xffffffffn), captured, form.original ?? captured)
    .raw(data)
    .pad()
    .raw(options)
  return block(little, 6, body.done())
}

export function simple(original: number, data: Uint8Array, little = true): Uint8Array {
  return block(little, 3, new Bytes(little).u32(original).raw(data).done())
}

/** A small file with everything in it: two sections, the second big endian, statistics, an unknown block. */
export function samplePcapng(): Uint8Array {
  return join(
    section(),
    interfaceBlock(),
    enhanced({ ticks: 1_700_000_000_000_001n, data: hex('aa') }),
    block(true, 0x0badcafe, hex('0102 0304 05')),
    enhanced({ ticks: 1_700_000_000_000_002n, data: hex('bbbb'), options: option(true, 2, hex('02000000')) }),
    simple(6, hex('cccc cccc cccc')),
    section(false),
    interfaceBlock({ little: false, linkType: 101, options: option(false, 9, hex('09')) }),
    enhanced({ little: false, ticks: 1_700_000_000_000_000_003n, data: hex('dddd dddd') }),
    block(
      false,
      5,
      new Bytes(false)
        .u32(0, 0, 0)
        .raw(option(false, 5, hex('0000 0000 0000 0007')))
        .done(),
    ),
  )
}

export function samplePcap(form: PcapForm = {}): Uint8Array {
  return pcap(form, [
    { sec: 1_700_000_000, fraction: 1, data: hex('aa') },
    { sec: 1_700_000_001, fraction: 2, data: hex(''), original: 60 },
    { sec: 1_700_000_002, fraction: 3, data: hex('cccc cccc'), original: 9 },
  ])
}

// ---------------------------------------------------------------- reading back

/** "frame sec.nsec captured/original link flags bytes", one string a packet. */
export interface Reading {
  packets: string[]
  /** "offset CODE" */
  damage: string[]
  source: CaptureSource
}

export async function readAll(source: CaptureSource): Promise<Reading> {
  const packets: string[] = []
  for (let batch = await source.next(); batch !== undefined; batch = await source.next()) {
    for (let i = 0; i < batch.count; i++) {
      const data = batch.bytes.subarray(batch.start[i], batch.start[i] + batch.capturedLength[i])
      if (data.length !== batch.capturedLength[i])
        throw new Error('a packet reaches past the end of its buffer')
      const time = `${batch.timeSec[i]}.${String(batch.timeNsec[i]).padStart(9, '0')}`
      const lengths = `${batch.capturedLength[i]}/${batch.originalLength[i]}`
      const frame = batch.firstFrame + i
      packets.push(`${frame} ${time} ${lengths} ${batch.linkType[i]} ${batch.flags[i]} ${toHex(data)}`)
    }
  }
  await source.close()
  return { packets, damage: source.damage.map((entry) => `${entry.offset} ${entry.code}`), source }
}

export async function readBytes(bytes: Uint8Array, chunkSize?: number): Promise<Reading> {
  return readAll(await openBytes(bytes, { chunkSize, source: 'test' }))
}

export async function readInput(input: string | Readable, chunkSize?: number): Promise<Reading> {
  return readAll(await openCapture(input, { chunkSize }))
}

/** The data of the packets only. */
export function payloads(reading: Reading): string[] {
  return reading.packets.map((packet) => packet.slice(packet.lastIndexOf(' ') + 1))
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')
}
