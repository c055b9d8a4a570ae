/**
 * Shows a conversation to the inspector with these signatures. Payloads stand between guard bytes that must not
 * matter.
 */
import * as assert from 'uvu/assert'
import { addressText } from '../../../src/address.ts'
import { createPacket } from '../../../src/decode/packet.ts'
import { createDispatch, type Dispatch } from '../../../src/label/inspect/dispatch.ts'
import { ExtrasStore } from '../../../src/label/inspect/extras-store.ts'
import { plainHandle } from '../../../src/label/inspect/handle.ts'
import { Inspector } from '../../../src/label/inspect/inspect.ts'
import {
  type PayloadEvents,
  type Service,
  type Signature,
  STRONG,
} from '../../../src/label/inspect/payload.ts'
import type { Extras, Packet } from '../../../src/types.ts'

export interface Said {
  from: 'client' | 'server'
  bytes: Uint8Array
  /** Captured bytes, where the snaplen cut the packet. */
  captured?: number
  /** Of a TCP segment, where it is not the next one. */
  sequence?: number
}

export interface Setting {
  signatures: readonly Signature[]
  protocol: 6 | 17
  clientPort?: number
  serverPort: number
  toGroup?: boolean
}

export interface Heard {
  /** Label with the greatest weight, '' for none. */
  label: string
  /** Of the last packet that matched: 'strong', 'weak' or ''. */
  strength: string
  /** 'client', 'server' or '' for each packet: who its sender was said to be. */
  roles: string[]
  labels: string[]
  extras: Extras
  hostname: string
  answers: string[]
  /** "rtp at 10.0.0.1:40000/udp in SDP for 1800 s" */
  announced: string[]
}

type Part = string | number | readonly number[] | Uint8Array

/** Text as Latin-1, numbers as single bytes. */
export function bytes(...parts: Part[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) =>
      typeof part === 'string'
        ? [...Buffer.from(part, 'latin1')]
        : typeof part === 'number'
          ? [part & 0xff]
          : [...part],
    ),
  )
}

/** "16 03 01", with comments after # to the end of the line. */
export function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replace(/#.*$/gm, '').replace(/\s+/g, ''), 'hex'))
}

export function u16(value: number): number[] {
  return [(value >>> 8) & 0xff, value & 0xff]
}

export function u24(value: number): number[] {
  return [(value >>> 16) & 0xff, ...u16(value)]
}

export function u32(value: number): number[] {
  return [...u16(value >>> 16), ...u16(value & 0xffff)]
}

export function client(...parts: Part[]): Said {
  return { from: 'client', bytes: bytes(...parts) }
}

export function server(...parts: Part[]): Said {
  return { from: 'server', bytes: bytes(...parts) }
}

const GUARD = 64
/** What stands around a payload; a result that depends on it means that a signature read beyond its bytes. */
const GUARDS = [0x00, 0xff, 0x20]

/** The tables of a list of signatures, made once: mutations ask for them ten thousand times. */
const dispatches = new WeakMap<readonly Signature[], Dispatch>()

function dispatchOf(signatures: readonly Signature[]): Dispatch {
  let dispatch = dispatches.get(signatures)
  if (dispatch === undefined) {
    dispatch = createDispatch(signatures)
    dispatches.set(signatures, dispatch)
  }
  return dispatch
}

export function converse(
  setting: Setting,
  said: readonly Said[],
  guard = 0,
  room = new ExtrasStore(),
): Heard {
  const heard: Heard = {
    label: '',
    strength: '',
    roles: [],
    labels: [],
    extras: {},
    hostname: '',
    answers: [],
    announced: [],
  }
  const events: PayloadEvents = {
    answer: (_packet, name, ttl, words) => heard.answers.push([name, ttl, ...words].join(' ')),
    announce: (_packet, service) => heard.announced.push(serviceText(service)),
  }
  const inspector = new Inspector(dispatchOf(setting.signatures), events, room)
  const packet = packetOf(setting)
  let handle = inspector.open()
  let greatest = 0
  const sequences = { client: 0, server: 0 }
  for (const one of said) {
    const room = show(packet, setting, one, guard)
    packet.tcpSequence = one.sequence ?? sequences[one.from]
    sequences[one.from] = (packet.tcpSequence + one.bytes.length) | 0
    const direction = one.from === said[0].from ? 0 : 1
    inspector.matched = -1
    if (handle >= 0) handle = inspector.inspect(plainHandle(handle), packet, room, direction)
    const found = inspector.matched < 0 ? undefined : inspector.signatures[inspector.matched]
    heard.labels.push(found?.label ?? '')
    heard.roles.push(found === undefined ? '' : ROLES[inspector.matchedServer])
    if (found === undefined) continue
    const strong = inspector.matchedStrength === STRONG
    heard.strength = strong ? 'strong' : 'weak'
    const weight = found.weight ?? (strong ? 80 : 40)
    if (weight <= greatest) continue
    greatest = weight
    heard.label = found.label
  }
  const plain = plainHandle(handle)
  const extras = inspector.extrasOf(plain)
  heard.extras = typeof extras === 'object' ? extras : {}
  const hostname = inspector.hostnameOf(plain)
  if (hostname !== undefined) heard.hostname = `${hostname} (${inspector.hostnameSourceOf(plain)})`
  return heard
}

/** By `matchedServer`: nobody knows, the sender is the server, the receiver is. */
const ROLES = ['', 'server', 'client']

function packetOf({ protocol, toGroup }: Setting): Packet {
  const packet = createPacket()
  packet.ipVersion = 4
  packet.protocol = protocol
  packet.dst3 = toGroup ? 0xe0000001 | 0 : 0x0a000001
  return packet
}

/** The packet becomes that of `one`; returns its bytes between guards. */
function show(
  packet: Packet,
  { clientPort = 50000, serverPort }: Setting,
  one: Said,
  guard: number,
): Uint8Array {
  const length = one.bytes.length
  const captured = Math.min(length, one.captured ?? length)
  const room = new Uint8Array(captured + 2 * GUARD).fill(guard)
  room.set(one.bytes.subarray(0, captured), GUARD)
  const fromClient = one.from === 'client'
  packet.srcPort = fromClient ? clientPort : serverPort
  packet.dstPort = fromClient ? serverPort : clientPort
  packet.payloadStart = GUARD
  packet.payloadEnd = GUARD + captured
  packet.payloadBytes = length
  return room
}

function serviceText({ label, protocol, port, address, name, through, lifetimeSec }: Service): string {
  const host = name ?? (address === undefined ? 'sender' : addressText(address.version, ...address.words))
  return `${label} at ${host}:${port}/${protocol === 6 ? 'tcp' : 'udp'} in ${through} for ${lifetimeSec} s`
}

/** Every truncation of every packet, cut on the wire and cut by the snaplen: no throw, and no guard byte matters. */
export function assertTruncationsHarmless(setting: Setting, said: readonly Said[]): void {
  said.forEach((one, index) => {
    const before = said.slice(0, index)
    const step = one.bytes.length > 400 ? 7 : 1
    for (let length = 1; length < one.bytes.length; length += step) {
      const cuts: Said[] = [
        { from: one.from, bytes: one.bytes.subarray(0, length) },
        { ...one, captured: length },
      ]
      for (const cut of cuts) {
        const [first, ...others] = GUARDS.map((guard) =>
          JSON.stringify(converse(setting, [...before, cut], guard)),
        )
        for (const other of others)
          assert.is(other, first, `${one.from} packet cut to ${length} reads beyond its end`)
      }
    }
  })
}

/** Small generator of repeatable numbers (xorshift32). */
export function random(seed: number): (below: number) => number {
  let state = seed | 1
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

/** Seeded mutations of the conversation: no throw, strings stay safe, and all of it in under 3 seconds. */
export function assertSurvivesMutation(setting: Setting, said: readonly Said[], rounds = 10_000): void {
  const below = random(said.length * 7919 + setting.serverPort)
  const started = process.cpuUsage().user
  for (let round = 0; round < rounds; round++) {
    const mutated = said.map((one) => ({ from: one.from, bytes: mutate(one.bytes, below) }))
    // Every third time there is no room for extras.
    const heard = converse(
      setting,
      mutated,
      0xff,
      round % 3 === 0 ? new ExtrasStore(undefined, 0) : undefined,
    )
    if (round % 64 === 0)
      assertSafe(JSON.stringify([heard.extras, heard.hostname, heard.answers, heard.announced]))
  }
  assert.ok(process.cpuUsage().user - started < 3_000_000 * SLOWNESS, 'mutations take too long')
}
/** Coverage and busy machines stretch time. */
const SLOWNESS = 4

function assertSafe(text: string): void {
  assert.not.match(text, /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/)
}

function mutate(original: Uint8Array, below: (limit: number) => number): Uint8Array {
  const copy = original.slice()
  const changes = below(4)
  for (let i = 0; i < changes; i++) {
    const at = below(3) === 0 ? below(Math.min(copy.length, 64)) : below(copy.length)
    copy[at] = below(3) === 0 ? [0, 0xff, 0x7f, 0x80, 0xc0, 1][below(6)] : below(256)
  }
  return below(4) === 0 && copy.length > 1 ? copy.subarray(0, 1 + below(copy.length - 1)) : copy
}
