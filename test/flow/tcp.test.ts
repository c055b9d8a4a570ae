import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { TCP_ACK, TCP_FIN, TCP_PSH, TCP_RST, TCP_SYN } from '../../src/bytes.ts'
import type { Packet } from '../../src/types.ts'
import { reply, tcp, trackFlows } from './flow-packets.ts'

const test = suite('flow/tcp')
const SYN_ACK = TCP_SYN | TCP_ACK
const DATA = TCP_PSH | TCP_ACK
const FIN_ACK = TCP_FIN | TCP_ACK

function handshake(at: number): Packet[] {
  return [
    tcp(at, TCP_SYN, { tcpSequence: 100 }),
    reply(tcp(at + 0.01, SYN_ACK, { tcpSequence: 500 })),
    tcp(at + 0.03, TCP_ACK, { tcpSequence: 101 }),
  ]
}

function goodbye(at: number): Packet[] {
  return [
    tcp(at, FIN_ACK, { tcpSequence: 101 }),
    reply(tcp(at + 0.1, FIN_ACK, { tcpSequence: 501 })),
    tcp(at + 0.2, TCP_ACK, { tcpSequence: 102 }),
  ]
}

function stateOf(...packets: Packet[]): [string, string, string] {
  const { run, finish } = trackFlows()
  run(...packets)
  const [{ flow, reason }] = finish()
  return [flow.connState, flow.history, reason]
}

test('conn_state and history in the vocabulary of Zeek', () => {
  const syn = tcp(1, TCP_SYN, { tcpSequence: 100 })
  const rst = (at: number) => tcp(at, TCP_RST)
  assert.equal(stateOf(syn), ['S0', 'S', 'capture_end'])
  assert.equal(stateOf(syn, reply(tcp(1.1, TCP_RST | TCP_ACK))), ['REJ', 'Sr', 'rst'])
  assert.equal(stateOf(...handshake(1)), ['S1', 'ShA', 'capture_end'])
  assert.equal(stateOf(...handshake(1), ...goodbye(2)), ['SF', 'ShAFf', 'fin'])
  assert.equal(stateOf(...handshake(1), goodbye(2)[0]), ['S2', 'ShAF', 'capture_end'])
  assert.equal(stateOf(...handshake(1), goodbye(2)[1]), ['S3', 'ShAf', 'capture_end'])
  assert.equal(stateOf(...handshake(1), rst(2)), ['RSTO', 'ShAR', 'rst'])
  assert.equal(stateOf(...handshake(1), reply(rst(2))), ['RSTR', 'ShAr', 'rst'])
  assert.equal(stateOf(syn, rst(2)), ['RSTOS0', 'SR', 'rst'])
  assert.equal(stateOf(syn, tcp(2, FIN_ACK)), ['SH', 'SF', 'capture_end'])
  assert.equal(stateOf(tcp(1, DATA, { payloadBytes: 5 })), ['OTH', 'D', 'capture_end'])
})

test('the handshake round trip runs from SYN to the ACK of the SYN-ACK', () => {
  const { run, finish } = trackFlows()
  run(...handshake(1))
  const [{ flow }] = finish()
  assert.equal([flow.handshakeSec, flow.handshakeNsec], [0, 30_000_000])
})

test('a header cut before its flags is no retransmission', () => {
  const { run, finish } = trackFlows()
  const cut = { tcpSequence: 0, payloadBytes: 500, tcpWindow: 0xffff }
  run(tcp(1, DATA, { tcpSequence: 1000, payloadBytes: 500 }), tcp(2, 0, cut), tcp(3, 0, cut))
  const [{ flow }] = finish()
  assert.equal([flow.src.retransmissions, flow.history, flow.src.payloadBytes], [0, 'D', 1500])
})

test('retransmissions carry no new sequence numbers; keep-alives do not count', () => {
  const { run, finish } = trackFlows()
  const data = (at: number, tcpSequence: number, payloadBytes: number) =>
    tcp(at, DATA, { tcpSequence, payloadBytes })
  run(...handshake(1), data(2, 101, 10), data(2.1, 101, 10), data(2.2, 111, 10), data(2.3, 120, 1))
  const [{ flow }] = finish()
  assert.is(flow.src.retransmissions, 1)
  assert.is(flow.history, 'ShADT')
})

test('sequence numbers wrap', () => {
  const { run, finish } = trackFlows()
  run(tcp(1, DATA, { tcpSequence: -5, payloadBytes: 10 }), tcp(2, DATA, { tcpSequence: 5, payloadBytes: 10 }))
  assert.is(finish()[0].flow.src.retransmissions, 0)
})

test('a flow closes 5 s after the second FIN, by the clock', () => {
  const { run, ended } = trackFlows()
  run(...handshake(1), ...goodbye(2), tcp(7, TCP_ACK, { srcPort: 9 }))
  assert.is(ended.length, 0)
  run(tcp(7.2, TCP_ACK, { srcPort: 9 }))
  assert.equal(
    ended.map(({ reason, closeSec }) => [reason, closeSec]),
    [['fin', 7]],
  )
})

test('a flow that is due for two reasons is handed out once', () => {
  const { tracker, run, ended } = trackFlows({ idleTcpSec: 6 })
  run(...handshake(1), ...goodbye(2))
  const due: number[] = []
  for (let each = tracker.popDue(1000, 0); each >= 0; each = tracker.popDue(1000, 0)) due.push(each)
  assert.is(due.length, 1)
  assert.is(ended.length, 0)
})

test('a SYN after FIN or RST starts a new flow at once', () => {
  const { run, finish } = trackFlows()
  run(...handshake(1), ...goodbye(2), tcp(3, TCP_SYN, { tcpSequence: 9000 }))
  const ended = finish()
  assert.equal(
    ended.map(({ reason, flow }) => [reason, flow.src.packets + flow.dst.packets, flow.continuesLow]),
    [
      ['fin', 6, 0],
      ['capture_end', 1, 0],
    ],
  )
})

test('a SYN in a live flow is an anomaly, a repeated SYN is not', () => {
  const repeated = trackFlows()
  repeated.run(tcp(1, TCP_SYN, { tcpSequence: 100 }), tcp(2, TCP_SYN, { tcpSequence: 100 }))
  assert.equal(repeated.finish()[0].flow.anomalies, [])
  const other = trackFlows()
  other.run(...handshake(1), tcp(2, TCP_SYN, { tcpSequence: 7777 }))
  const ended = other.finish()
  assert.is(ended.length, 1)
  assert.equal(ended[0].flow.anomalies, ['syn_in_flow'])
})

test('a SYN after silence starts a flow that continues nothing', () => {
  const { run, finish } = trackFlows()
  run(...handshake(1), tcp(400, TCP_SYN, { tcpSequence: 100 }))
  const [first, second] = finish()
  assert.is(first.reason, 'idle')
  assert.is(second.flow.continuesLow, 0)
  assert.is(second.flow.history, 'S')
})

test('data after silence continues the flow and is not midstream', () => {
  const { run, finish } = trackFlows()
  run(...handshake(1), tcp(400, DATA, { tcpSequence: 101, payloadBytes: 3 }))
  const [first, second] = finish()
  assert.is(second.flow.continuesLow, first.flow.idLow)
  assert.equal(second.flow.anomalies, [])
})

test('a flow without SYN is midstream', () => {
  const { run, finish } = trackFlows()
  run(tcp(1, DATA, { payloadBytes: 3 }))
  assert.equal(finish()[0].flow.anomalies, ['midstream'])
})

test('TCP flags are collected for each side', () => {
  const { run, finish } = trackFlows()
  run(...handshake(1))
  const [{ flow }] = finish()
  assert.equal([flow.src.tcpFlags, flow.dst.tcpFlags], [TCP_SYN | TCP_ACK, SYN_ACK])
})

test.run()
