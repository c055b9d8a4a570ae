/**
 * Lets signatures see a conversation as the engine shows it: first the signatures of the label found so far, then
 * the others in their order, until one matches strongly. Payloads stand between guard bytes that must not matter.
 */
import * as assert from 'uvu/assert'
import { addressText } from '../../../src/address.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  type Payload,
  PREFIX_BYTES,
  type Service,
  type Signature,
  STRONG,
  WEAK,
} from '../../../src/label/payload.ts'
import type { Extras } from '../../../src/types.ts'

export interface Said {
  from: 'client' | 'server'
  bytes: Uint8Array
  /** Captured bytes, where the snaplen cut the packet. */
  captured?: number
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

interface Side {
  previous: Uint8Array
  previousLength: number
  ordinal: number
}

export function converse(setting: Setting, said: readonly Said[], guard = 0): Heard {
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
  const sides: Side[] = [0, 1].map(() => ({
    previous: new Uint8Array(PREFIX_BYTES),
    previousLength: 0,
    ordinal: 0,
  }))
  const weights = new Map<string, number>()
  const state = { scratch: undefined as unknown, first: '' }
  const firstSpeaker = said[0]?.from
  for (const one of said) {
    const direction = one.from === firstSpeaker ? 0 : 1
    const payload = payloadOf(setting, one, { sides, direction, guard, state, heard })
    const { label, match, weight } = tryAll(setting, payload, state.first)
    heard.labels.push(label)
    heard.roles.push((match & FROM_CLIENT) !== 0 ? 'client' : (match & FROM_SERVER) !== 0 ? 'server' : '')
    if (label !== '') {
      if (state.first === '') state.first = label
      weights.set(label, Math.max(weights.get(label) ?? 0, weight))
      heard.strength = (match & 3) === STRONG ? 'strong' : (match & 3) === WEAK ? 'weak' : ''
    }
    remember(sides[direction], one)
  }
  for (const [label, weight] of weights) if (weight > (weights.get(heard.label) ?? 0)) heard.label = label
  return heard
}

interface Scene {
  sides: readonly Side[]
  direction: 0 | 1
  guard: number
  state: { scratch: unknown; first: string }
  heard: Heard
}

function payloadOf(setting: Setting, one: Said, scene: Scene): Payload {
  const { sides, direction, state, heard } = scene
  const length = one.bytes.length
  const captured = Math.min(length, one.captured ?? length)
  const room = new Uint8Array(captured + 2 * GUARD).fill(scene.guard)
  room.set(one.bytes.subarray(0, captured), GUARD)
  const clientPort = setting.clientPort ?? 50000
  const fromClient = one.from === 'client'
  const mine = sides[direction]
  const other = sides[1 - direction]
  return {
    bytes: room,
    start: GUARD,
    end: GUARD + captured,
    length,
    protocol: setting.protocol,
    ipVersion: 4,
    srcPort: fromClient ? clientPort : setting.serverPort,
    dstPort: fromClient ? setting.serverPort : clientPort,
    toGroup: setting.toGroup ?? false,
    direction,
    ordinal: mine.ordinal,
    peerOrdinal: other.ordinal,
    previous: mine.previous,
    previousLength: mine.previousLength,
    peer: other.previous,
    peerLength: other.previousLength,
    tcpSequence: 0,
    labelSoFar: state.first,
    timeSec: 0,
    timeNsec: 0,
    extras: () => heard.extras,
    hostname: (name, source) => {
      if (heard.hostname === '') heard.hostname = `${name} (${source})`
    },
    answer: (name, ttl, version, ...words) => heard.answers.push([name, ttl, version, ...words].join(' ')),
    announce: (service) => heard.announced.push(serviceText(service)),
    get scratch() {
      return state.scratch
    },
    set scratch(value: unknown) {
      state.scratch = value
    },
  }
}

function serviceText({ label, protocol, port, address, name, through, lifetimeSec }: Service): string {
  const host = name ?? (address === undefined ? 'sender' : addressText(address.version, ...address.words))
  return `${label} at ${host}:${port}/${protocol === 6 ? 'tcp' : 'udp'} in ${through} for ${lifetimeSec} s`
}

function tryAll(
  setting: Setting,
  payload: Payload,
  first: string,
): { label: string; match: number; weight: number } {
  const { signatures } = setting
  const own = signatures.filter((signature) => signature.label === first)
  const others = signatures.filter((signature) => signature.label !== first)
  let found = { label: '', match: 0, weight: 0 }
  for (const signature of [...own, ...others]) {
    if (!signature.protocols.includes(payload.protocol)) continue
    if (payload.ordinal >= (signature.depth ?? 4)) continue
    const byte = payload.bytes[payload.start]
    if (
      signature.label !== first &&
      signature.firstBytes !== undefined &&
      !signature.firstBytes.includes(byte)
    )
      continue
    const match = signature.match(payload)
    if ((match & 3) <= (found.match & 3)) continue
    const strong = (match & 3) === STRONG
    found = { label: signature.label, match, weight: signature.weight ?? (strong ? 80 : 40) }
    if (strong) break
  }
  return found
}

function remember(side: Side, one: Said): void {
  side.previous = new Uint8Array(PREFIX_BYTES)
  side.previous.set(one.bytes.subarray(0, Math.min(PREFIX_BYTES, one.captured ?? PREFIX_BYTES)))
  side.previousLength = one.bytes.length
  side.ordinal++
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
    const heard = converse(setting, mutated, 0xff)
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
