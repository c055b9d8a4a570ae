/** Cut, bent and random frames: never an exception, never a byte from outside the frame, never an impossible result. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createDecoder } from '../../src/decode/decode.ts'
import { explainPacket } from '../../src/decode/explain.ts'
import { createPacket } from '../../src/decode/packet.ts'
import { DECODED, HELD, STATUS_NAMES } from '../../src/decode/status.ts'
import type { Packet } from '../../src/types.ts'
import { batchOf, hex } from '../packet-builder.ts'
import { SAMPLES } from './catalogue.ts'
import { INNER } from './decoding.ts'

const test = suite('hostile frames')

/** Two surroundings; the second continues a header plausibly. */
const GUARD_ZERO = new Uint8Array(64)
const GUARD_OTHER = hex('45 00 00 40 60 11 08 00 ff 06 2c 01 86 dd 81 00'.repeat(4))

interface Case {
  frame: Uint8Array
  linkType: number
  original: number
}

const decoder = createDecoder(INNER)
const left = createPacket()

/** Everything that a decode says, with offsets from the frame's start. */
function outcome(test: Case, guard: Uint8Array): string {
  const batch = batchOf([test.frame], { linkType: test.linkType, originalLengths: [test.original], guard })
  const packet = createPacket()
  const status = decoder.decode(batch, 0, packet)
  // No fragment of one case may meet the next.
  decoder.flush()
  while (decoder.released(left));
  checkPacket(status, packet, batch.start[0], test.frame.length)
  packet.payloadStart -= batch.start[0]
  packet.payloadEnd -= batch.start[0]
  if (status !== DECODED) packet.payloadStart = packet.payloadEnd = 0
  return `${status} ${Object.values(packet).join()}`
}

function checkPacket(status: number, packet: Packet, start: number, captured: number): void {
  assert.ok(status >= 0 && status < STATUS_NAMES.length, `status ${status}`)
  if (status !== DECODED && status !== HELD) return
  const end = start + captured
  assert.ok(packet.payloadStart >= start && packet.payloadStart <= packet.payloadEnd, 'payload start')
  assert.ok(packet.payloadEnd <= end, 'payload end')
  assert.ok(packet.payloadBytes >= packet.payloadEnd - packet.payloadStart, 'payload bytes')
  assert.ok(packet.ipBytes >= 20 || packet.ipBytes === 0, `ip bytes ${packet.ipBytes}`)
  assert.ok(packet.ipVersion === 4 || packet.ipVersion === 6, 'ip version')
  assert.ok(packet.srcPort >= 0 && packet.srcPort <= 65535 && packet.dstPort >= 0 && packet.dstPort <= 65535)
}

function check(test: Case, name: string): void {
  assert.is(outcome(test, GUARD_ZERO), outcome(test, GUARD_OTHER), `${name}: bytes around the frame matter`)
}

for (const sample of SAMPLES) {
  test(`every prefix: ${sample.name}`, () => {
    const { frame, linkType } = sample
    for (let length = 0; length < frame.length; length++) {
      const cut = frame.subarray(0, length)
      check({ frame: cut, linkType, original: frame.length }, `${sample.name} captured ${length}`)
      check({ frame: cut, linkType, original: length }, `${sample.name} of length ${length}`)
    }
  })
}

/** A small seeded generator: the same cases on every run. */
function generator(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9
    return ((state ^ (state >>> 13)) >>> 0) % below
  }
}

test('seeded mutations', () => {
  const random = generator(1)
  const interesting = [0, 1, 0x40, 0x45, 0x60, 0x7f, 0x80, 0xff]
  for (let round = 0; round < 12_000; round++) {
    const sample = SAMPLES[random(SAMPLES.length)]
    const frame = Uint8Array.from(sample.frame)
    for (let i = random(4); i >= 0; i--) {
      frame[random(frame.length)] = random(2) === 0 ? random(256) : interesting[random(interesting.length)]
    }
    const length = random(4) === 0 ? random(frame.length + 1) : frame.length
    check(
      { frame: frame.subarray(0, length), linkType: sample.linkType, original: frame.length },
      `round ${round}`,
    )
  }
})

test('random bytes on every link type', () => {
  const random = generator(2)
  for (let linkType = 0; linkType < 300; linkType++) {
    for (let round = 0; round < 8; round++) {
      const frame = Uint8Array.from({ length: random(120) }, () => random(256))
      check({ frame, linkType, original: frame.length }, `link type ${linkType}`)
    }
  }
})

test('explaining a broken frame does not throw and reads nothing outside', () => {
  const random = generator(3)
  for (let round = 0; round < 1500; round++) {
    const sample = SAMPLES[random(SAMPLES.length)]
    const frame = Uint8Array.from(sample.frame).subarray(0, random(sample.frame.length + 1))
    if (frame.length > 0) frame[random(frame.length)] = random(256)
    const texts = [GUARD_ZERO, GUARD_OTHER].map((guard) => {
      const batch = batchOf([frame], { linkType: sample.linkType, guard })
      const { layers, status, reason } = explainPacket(batch, 0, INNER)
      for (const layer of layers)
        assert.ok(layer.offset + layer.length <= frame.length, `${sample.name} ${layer.protocol}`)
      return JSON.stringify([layers, status, reason])
    })
    assert.is(texts[0], texts[1])
  }
})

test.run()
