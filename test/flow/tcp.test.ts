import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { TCP_ACK, TCP_FIN, TCP_PSH, TCP_RST, TCP_SYN } from '../../src/bytes.ts'
import { createClosedFlow, readFlow } from '../../src/flow/view.ts'
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
  assert.equal(stateOf(syn, reply(tcp(1.1, TCP_ACK))), ['S0', 'Sa', 'capture_end'])
  assert.equal(stateOf(syn, reply(tcp(1.1, DATA, { payloadBytes: 3 }))), ['OTH', 'Sd', 'capture_end'])
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

test('a side that resets behind its own FIN has ended well once the other one sends its FIN', () => {
  const rst = (at: number) => tcp(at, TCP_RST)
  const [fin, finBack] = goodbye(2)
  assert.equal(stateOf(...handshake(1), fin, rst(2.05), finBack), ['SF', 'ShAFRf', 'rst'])
  assert.equal(stateOf(...handshake(1), finBack, reply(rst(2.2)), tcp(2.3, FIN_ACK)), ['SF', 'ShAfrF', 'rst'])
  assert.equal(stateOf(...handshake(1), rst(2), fin, finBack), ['RSTO', 'ShARFf', 'rst'])
  assert.equal(stateOf(...handshake(1), tcp(2, FIN_ACK | TCP_RST), finBack), ['RSTO', 'ShAIf', 'rst'])
})

test('where both sides reset the server is said to have, or to have rejected what carried nothing', () => {
  const rst = (at: number) => tcp(at, TCP_RST)
  const data = tcp(1.5, DATA, { tcpSequence: 101, payloadBytes: 5 })
  assert.equal(stateOf(...handshake(1), data, rst(2), reply(rst(2.1))), ['RSTR', 'ShADRr', 'rst'])
  assert.equal(stateOf(...handshake(1), rst(2), reply(rst(2.1))), ['REJ', 'ShARr', 'rst'])
})

test('a SYN-ACK that the other side acknowledges is an established connection', () => {
  const fromServer = (...packets: Packet[]) => {
    const { tracker, run } = trackFlows()
    run(...packets)
    const flow = createClosedFlow()
    readFlow(tracker.pages, tracker.liveRows()[0], true, flow)
    return [flow.connState, flow.history]
  }
  const [, synAck, ack] = handshake(1)
  assert.equal(fromServer(synAck), ['OTH', '^h'])
  assert.equal(fromServer(synAck, ack), ['S1', '^hA'])
  assert.equal(fromServer(synAck, ack, reply(tcp(2, TCP_RST))), ['RSTR', '^hAr'])
})

test('a reset of the client alone is RSTOS0 behind a SYN only', () => {
  const rst = tcp(2, TCP_RST)
  const data = tcp(1.5, DATA, { tcpSequence: 101, payloadBytes: 5 })
  assert.equal(stateOf(data, rst), ['OTH', 'DR', 'rst'])
  assert.equal(stateOf(handshake(1)[0], handshake(1)[2], rst), ['OTH', 'SAR', 'rst'])
})

test('several of SYN, FIN and RST in one segment have one letter', () => {
  assert.is(stateOf(tcp(1, TCP_SYN | TCP_FIN))[1], 'Q')
  assert.is(stateOf(tcp(1, TCP_SYN | TCP_RST))[1], 'Q')
  assert.is(stateOf(tcp(1, TCP_FIN | TCP_RST))[1], 'I')
  assert.is(stateOf(tcp(1, TCP_SYN | TCP_FIN | TCP_RST))[1], 'I')
})

test('a zero window counts, in a SYN-ACK too, unless nobody is kept waiting', () => {
  const [syn, , ack] = handshake(1)
  const full = { tcpWindow: 0 }
  const [fin, finBack] = goodbye(2)
  assert.is(stateOf(syn, reply(tcp(1.1, SYN_ACK, { tcpSequence: 500, ...full })), ack)[1], 'ShwA')
  assert.is(stateOf(...handshake(1), tcp(2, TCP_RST, full))[1], 'ShAR')
  assert.is(stateOf(...handshake(1), finBack, tcp(3, TCP_ACK, { tcpSequence: 101, ...full }))[1], 'ShAf')
  assert.is(stateOf(...handshake(1), fin, tcp(3, TCP_ACK, { tcpSequence: 102, ...full }))[1], 'ShAFW')
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

test('a probe one below the next sequence number, with a byte or none, is a keep-alive; anything longer is not', () => {
  const { run, finish } = trackFlows()
  const data = (at: number, tcpSequence: number, payloadBytes: number) =>
    tcp(at, DATA, { tcpSequence, payloadBytes })
  run(
    ...handshake(1),
    data(2, 101, 10),
    tcp(3, TCP_ACK, { tcpSequence: 110 }),
    data(4, 110, 1),
    data(5, 110, 1),
  )
  assert.is(finish()[0].flow.src.retransmissions, 0)
  const longer = trackFlows()
  longer.run(...handshake(1), data(2, 101, 10), data(3, 109, 1), data(4, 109, 2))
  assert.is(longer.finish()[0].flow.src.retransmissions, 2)
})

test('payload that is sent once more with a FIN is a retransmission, new payload with one is not', () => {
  const { run, finish } = trackFlows()
  const fin = (at: number, tcpSequence: number, payloadBytes: number) =>
    reply(tcp(at, FIN_ACK, { tcpSequence, payloadBytes }))
  run(...handshake(1), tcp(2, FIN_ACK, { tcpSequence: 101, payloadBytes: 10 }))
  run(reply(tcp(3, DATA, { tcpSequence: 501, payloadBytes: 10 })), fin(4, 501, 10))
  const [{ flow }] = finish()
  assert.equal([flow.src.retransmissions, flow.dst.retransmissions], [0, 1])
  assert.is(flow.history, 'ShAFDdft')
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
  const late = trackFlows()
  late.run(tcp(1, TCP_SYN), tcp(400, DATA, { payloadBytes: 3 }), reply(tcp(401, TCP_SYN)))
  assert.equal(late.finish()[1].flow.anomalies, ['syn_in_flow'])
})

test('flows that begin at one instant with one sequence number have ids of their own', () => {
  const { run, finish } = trackFlows()
  const syn = () => tcp(1, TCP_SYN, { tcpSequence: 100 })
  for (let i = 0; i < 3; i++) run(syn(), reply(tcp(1, TCP_RST | TCP_ACK)))
  assert.is(new Set(finish().map(({ flow }) => `${flow.idHigh}.${flow.idLow}`)).size, 3)
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

test('a connection whose SYN was missed stays established where it is split', () => {
  const { run, finish } = trackFlows()
  const [, synAck, ack] = handshake(1)
  run(synAck, ack, reply(tcp(400, DATA, { payloadBytes: 3 })), tcp(800, DATA, { payloadBytes: 3 }))
  assert.equal(
    finish().map(({ flow }) => flow.connState),
    ['S1', 'S1', 'S1'],
  )
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
