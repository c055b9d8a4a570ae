import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { TCP_ACK, TCP_PSH, TCP_SYN } from '../../src/bytes.ts'
import type { Packet } from '../../src/types.ts'
import { reply, tcp, trackFlows } from './flow-packets.ts'

const test = suite('flow/sequence')

const DATA = TCP_PSH | TCP_ACK
const SIZE = 10

/** A connection with a round trip of 30 ms whose first data comes 1 s after it began. */
function handshake(first = 100): Packet[] {
  return [
    tcp(1, TCP_SYN, { tcpSequence: first }),
    reply(tcp(1.01, TCP_SYN | TCP_ACK, { tcpSequence: 500 })),
    tcp(1.03, TCP_ACK, { tcpSequence: first + 1 }),
  ]
}

/** Segment number `n` of the client, `ms` after 2 s. */
const segment = (n: number, ms: number, first = 100) =>
  tcp(2 + ms / 1000, DATA, { tcpSequence: (first + 1 + n * SIZE) | 0, payloadBytes: SIZE })

const answer = (n: number, ms: number) =>
  reply(tcp(2 + ms / 1000, DATA, { tcpSequence: 501 + n * SIZE, payloadBytes: SIZE }))

/** Retransmissions of both sides, and whether the flow counts as out of order. */
function told(...packets: Packet[]): [src: number, dst: number, outOfOrder: boolean] {
  const { run, finish } = trackFlows()
  run(...packets)
  const [{ flow }] = finish()
  return [flow.src.retransmissions, flow.dst.retransmissions, flow.anomalies.includes('out_of_order')]
}

/** The segments with these numbers, a millisecond apart. */
const inOrder = (...numbers: number[]) => numbers.map((n, ms) => segment(n, ms))

test('a segment that fills a gap within a round trip was overtaken, later it was sent again', () => {
  const late = (ms: number) => told(...handshake(), segment(0, 0), segment(2, 1), segment(1, ms))
  assert.equal(late(2), [0, 0, true])
  assert.equal(late(30), [0, 0, true])
  assert.equal(late(31), [1, 0, false])
  assert.equal(late(200), [1, 0, false])
})

test('where no handshake was seen a round trip is 3 ms', () => {
  const late = (ms: number) => told(segment(0, 0), segment(2, 1), segment(1, ms))
  assert.equal(late(3.9), [0, 0, true])
  assert.equal(late(4), [1, 0, false])
})

test('several segments overtaken, in whatever order they come', () => {
  for (const order of [
    [0, 3, 1, 2],
    [0, 3, 2, 1],
    [0, 2, 4, 1, 3],
    [0, 2, 4, 3, 1],
    [0, 5, 2, 1],
  ])
    assert.equal(told(...handshake(), ...inOrder(...order)), [0, 0, true], order.join())
})

test('what has been seen is sent again, gap or not', () => {
  assert.equal(told(...handshake(), ...inOrder(0, 0)), [1, 0, false])
  assert.equal(told(...handshake(), ...inOrder(0, 2, 0)), [1, 0, false])
  assert.equal(told(...handshake(), ...inOrder(0, 2, 2)), [1, 0, false])
  assert.equal(told(...handshake(), ...inOrder(0, 2, 1, 1)), [1, 0, true])
  assert.equal(told(...handshake(), ...inOrder(0, 3, 1, 1, 2, 2)), [2, 0, true])
})

test('a gap is one side of a connection alone', () => {
  const other = told(...handshake(), segment(0, 0), segment(2, 1), answer(0, 2), answer(0, 3), segment(1, 4))
  assert.equal(other, [0, 1, true])
  assert.equal(told(...handshake(), answer(0, 0), answer(2, 1), answer(1, 2)), [0, 0, true])
})

test('sequence numbers wrap in a gap', () => {
  const first = 0x7fff_fff0
  const wrapped = [0, 2, 1, 1].map((n, ms) => segment(n, ms, first))
  assert.equal(told(...handshake(first), ...wrapped), [1, 0, true])
})

test('a gap that is never filled is forgotten for the next one', () => {
  const packets = [segment(0, 0), segment(2, 1), segment(5, 500), segment(4, 501), segment(3, 502)]
  assert.equal(told(...handshake(), ...packets), [0, 0, true])
  assert.equal(told(...handshake(), ...packets, segment(1, 503)), [1, 0, true])
})

test.run()
