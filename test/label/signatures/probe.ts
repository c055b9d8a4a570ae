/**
 * Table tests for small signatures: what must match and how strongly, what must not, and for all of it that every
 * truncation and ten thousand seeded mutations are harmless. Payloads stand between guard bytes that must not matter.
 */
import type { Test } from 'uvu'
import * as assert from 'uvu/assert'
import { readI32 } from '../../../src/bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  type Payload,
  PREFIX_BYTES,
  type Signature,
  STRONG,
  WEAK,
} from '../../../src/label/inspect/payload.ts'
import type { Extras } from '../../../src/types.ts'

export type Part = string | number | readonly number[] | Uint8Array

/** One packet and what was said before it. */
export interface Probe {
  /** What it is, for the message of a failing test. */
  name: string
  protocol: number
  /** Sender's and receiver's port; 0 for protocols without. */
  ports?: readonly [src: number, dst: number]
  bytes: Uint8Array
  /** Captured bytes, where the snaplen cut the packet. */
  captured?: number
  /** The previous payload of the same direction, and the latest of the other one. */
  previous?: Uint8Array
  peer?: Uint8Array
  toGroup?: boolean
  ordinal?: number
  timeSec?: number
  ipVersion?: number
  labelSoFar?: string
}

export interface Expected extends Probe {
  label: string
  strength: 'strong' | 'weak'
  role?: 'client' | 'server' | 'none'
  extras?: Extras
}

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

/** "05 64 05", with comments after # to the end of the line. */
export function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replace(/#.*$/gm, '').replace(/\s+/g, ''), 'hex'))
}

export function zeros(count: number): Uint8Array {
  return new Uint8Array(count)
}

/** Bytes that count up: a stand-in for hashes, keys and ciphertext. */
export function noise(count: number, seed = 17): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => (seed + i * 37) & 0xff)
}

export function u16(value: number): number[] {
  return [(value >>> 8) & 0xff, value & 0xff]
}

export function u32(value: number): number[] {
  return [...u16(value >>> 16), ...u16(value & 0xffff)]
}

export function le16(value: number): number[] {
  return u16(value).reverse()
}

export function le32(value: number): number[] {
  return u32(value).reverse()
}

const GUARD = 48
const GUARDS = [0x00, 0xff, 0x20]

interface Cut {
  captured: number
  guard: number
  /** There is no room for extras: what is written is gone at once. */
  forgets?: boolean
}

interface Heard {
  match: number
  label: string
  extras: Extras
}

/** Below those of real payloads. */
let lastSerial = 0

function payloadOf(probe: Probe, { captured, guard, forgets }: Cut, extras: Extras): Payload {
  const room = new Uint8Array(captured + 2 * GUARD).fill(guard)
  room.set(probe.bytes.subarray(0, captured), GUARD)
  const prefix = (said: Uint8Array | undefined) => {
    const kept = new Uint8Array(PREFIX_BYTES)
    kept.set((said ?? kept).subarray(0, PREFIX_BYTES))
    return kept
  }
  const ordinal = probe.ordinal ?? (probe.previous === undefined ? 0 : 1)
  return {
    serial: --lastSerial,
    bytes: room,
    start: GUARD,
    end: GUARD + captured,
    length: probe.bytes.length,
    protocol: probe.protocol,
    ipVersion: probe.ipVersion ?? 4,
    srcPort: probe.ports?.[0] ?? 0,
    dstPort: probe.ports?.[1] ?? 0,
    toGroup: probe.toGroup ?? false,
    touches: () => false,
    direction: 0,
    ordinal,
    peerOrdinal: probe.peer === undefined ? 0 : 1,
    previous: prefix(probe.previous),
    previousLength: probe.previous?.length ?? 0,
    peer: prefix(probe.peer),
    peerLength: probe.peer?.length ?? 0,
    tcpSequence: 0,
    labelSoFar: probe.labelSoFar ?? '',
    matchedHere: () => probe.previous !== undefined,
    exchangeSeen: false,
    timeSec: probe.timeSec ?? 0,
    timeNsec: 0,
    extras: () => (forgets ? {} : extras),
    hostname: () => undefined,
    answer: () => undefined,
    announce: () => undefined,
    scratch: undefined,
  }
}

/** The best answer of `signatures`: the first strong one, else the first weak one. First bytes bind only when `hinted` is not set. */
function listen(signatures: readonly Signature[], probe: Probe, cut: Cut): Heard {
  const extras: Extras = {}
  const payload = payloadOf(probe, cut, extras)
  const heard: Heard = { match: 0, label: '', extras }
  const ports = [payload.srcPort, payload.dstPort]
  for (const signature of signatures) {
    if (!signature.protocols.includes(probe.protocol)) continue
    const hinted = signature.ports?.some((port) => ports.includes(port)) ?? false
    const first = payload.bytes[payload.start]
    if (!hinted && signature.firstBytes !== undefined && !signature.firstBytes.includes(first)) continue
    if (!passesBits(signature, payload)) continue
    const match = signature.match(payload)
    if ((match & 3) <= (heard.match & 3)) continue
    heard.match = match
    heard.label = signature.label
    if ((match & 3) === STRONG) break
  }
  return heard
}

/** As the dispatcher asks: four captured bytes somewhere, under a mask. */
function passesBits({ bits }: Signature, { bytes, start, end }: Payload): boolean {
  if (bits === undefined) return true
  const tests = 'offset' in bits ? [bits] : bits
  return tests.some(
    ({ offset, mask, value }) =>
      start + offset + 4 <= end && (readI32(bytes, start + offset) & mask) === (value | 0),
  )
}

function strengthOf(match: number): string {
  return (match & 3) === STRONG ? 'strong' : (match & 3) === WEAK ? 'weak' : 'none'
}

function roleOf(match: number): string {
  return (match & FROM_CLIENT) !== 0 ? 'client' : (match & FROM_SERVER) !== 0 ? 'server' : 'none'
}

function assertMatches(signatures: readonly Signature[], expected: Expected): void {
  const heard = listen(signatures, expected, {
    captured: expected.captured ?? expected.bytes.length,
    guard: 0,
  })
  assert.is(heard.label, expected.label, `${expected.name}: label ${heard.label}`)
  assert.is(strengthOf(heard.match), expected.strength, `${expected.name}: ${strengthOf(heard.match)}`)
  if (expected.role !== undefined) assert.is(roleOf(heard.match), expected.role, `${expected.name}: role`)
  for (const [group, fields] of Object.entries(expected.extras ?? {})) {
    for (const [key, value] of Object.entries(fields)) {
      assert.equal(heard.extras[group]?.[key], value, `${expected.name}: ${group}.${key}`)
    }
  }
}

/** Cut on the wire and cut by the snaplen: no throw, and what stands around the packet changes nothing. */
function assertTruncationsHarmless(signatures: readonly Signature[], probe: Probe): void {
  const step = probe.bytes.length > 300 ? 5 : 1
  for (let length = 1; length < probe.bytes.length; length += step) {
    for (const cut of [probe, { ...probe, bytes: probe.bytes.subarray(0, length) }]) {
      const [first, ...others] = GUARDS.map((guard) =>
        JSON.stringify(listen(signatures, cut, { captured: length, guard })),
      )
      for (const other of others)
        assert.is(other, first, `${probe.name}: cut to ${length}, reads beyond its end`)
    }
  }
}

/** Small generator of repeatable numbers (xorshift32). */
function random(seed: number): (below: number) => number {
  let state = seed | 1
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

const EDGES = [0x00, 0x01, 0x7f, 0x80, 0xc0, 0xff]

function mutate(original: Uint8Array, below: (limit: number) => number): Uint8Array {
  const copy = original.slice()
  for (let change = below(5); change > 0; change--) {
    copy[below(copy.length)] = below(2) === 0 ? EDGES[below(EDGES.length)] : below(256)
  }
  return below(4) === 0 && copy.length > 1 ? copy.subarray(0, 1 + below(copy.length - 1)) : copy
}

const MUTATIONS = 10_000
/** Milliseconds of this process; coverage and a busy machine stretch time. */
const MUTATION_LIMIT = 12_000

function assertSurvivesMutation(signatures: readonly Signature[], probes: readonly Probe[]): void {
  const below = random(probes.length * 7919)
  const started = process.cpuUsage().user
  for (let round = 0; round < MUTATIONS; round++) {
    const probe = probes[round % probes.length]
    const mutated = { ...probe, bytes: mutate(probe.bytes, below) }
    const heard = listen(signatures, mutated, {
      captured: mutated.bytes.length,
      guard: 0xff,
      forgets: round % 3 === 0,
    })
    assert.not.match(JSON.stringify(heard.extras), /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/)
  }
  assert.ok((process.cpuUsage().user - started) / 1000 < MUTATION_LIMIT, 'mutations take too long')
}

/** Registers the tests of one file of signatures. */
export function testSignatures(
  test: Test,
  signatures: readonly Signature[],
  tables: { matches: readonly Expected[]; misses: readonly Probe[] },
): void {
  for (const expected of tables.matches) {
    test(`${expected.label}: ${expected.name}`, () => assertMatches(signatures, expected))
  }
  for (const miss of tables.misses) {
    test(`not: ${miss.name}`, () => {
      const heard = listen(signatures, miss, { captured: miss.captured ?? miss.bytes.length, guard: 0 })
      assert.is(strengthOf(heard.match), 'none', `${miss.name}: ${heard.label}`)
    })
  }
  test('every signature has a match in this test', () => {
    const missing = signatures.filter((one) => !tables.matches.some((match) => answers(one, match)))
    assert.equal(
      missing.map((one) => one.says),
      [],
    )
  })
  test('truncations are harmless', () => {
    for (const probe of [...tables.matches, ...tables.misses]) assertTruncationsHarmless(signatures, probe)
  })
  test('mutations are harmless', () => {
    assertSurvivesMutation(signatures, [...tables.matches, ...tables.misses])
  })
}

function answers(signature: Signature, expected: Expected): boolean {
  if (signature.label !== expected.label || !signature.protocols.includes(expected.protocol)) return false
  return listen([signature], expected, { captured: expected.bytes.length, guard: 0 }).match !== 0
}
