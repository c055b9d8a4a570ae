import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  PACKET_DIRECTED,
  PACKET_FRAGMENT,
  PACKET_QUOTE,
  PROTOCOL_ICMP,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
} from '../../src/bytes.ts'
import type { Packet } from '../../src/types.ts'
import { CLIENT, reply, SERVER, trackFlows, udp } from './flow-packets.ts'

const test = suite('flow/flows')

/** An ICMP error about udp(). */
function quoting(at: number, changes: Partial<Packet> = {}): Packet {
  return udp(at, {
    src3: SERVER,
    dst3: CLIENT,
    protocol: PROTOCOL_ICMP,
    srcPort: 3,
    dstPort: 3,
    icmpType: 3,
    icmpCode: 3,
    flags: PACKET_DIRECTED | PACKET_QUOTE,
    quotedProtocol: PROTOCOL_UDP,
    quotedSrc3: CLIENT,
    quotedDst3: SERVER,
    quotedSrcPort: 40000,
    quotedDstPort: 53,
    ...changes,
  })
}

test('both directions are one flow, counted apart', () => {
  const { run, finish } = trackFlows()
  run(udp(1), reply(udp(1.5, { wireBytes: 100, ipBytes: 86, payloadBytes: 58 })), udp(2))
  const [{ flow, reason }, ...others] = finish()
  assert.is(others.length, 0)
  assert.is(reason, 'capture_end')
  assert.equal([flow.src.packets, flow.dst.packets], [2, 1])
  assert.equal([flow.src.wireBytes, flow.dst.wireBytes], [120, 100])
  assert.equal([flow.src.ipBytes, flow.dst.ipBytes], [92, 86])
  assert.equal([flow.src.payloadBytes, flow.dst.payloadBytes], [36, 58])
  assert.equal([flow.startSec, flow.endSec, flow.startNsec, flow.endNsec], [1, 2, 0, 0])
  assert.is(flow.connState, 'SF')
  assert.is(flow.history, 'Dd')
})

test('silence equal to the idle timeout does not split, longer does', () => {
  const equal = trackFlows()
  equal.run(udp(0), udp(60))
  assert.is(equal.finish().length, 1)
  const longer = trackFlows()
  longer.run(udp(0), udp(60.000000001))
  const [first, second] = longer.finish()
  assert.is(first.reason, 'idle')
  assert.is(first.closeSec, 60)
  assert.equal([second.flow.continuesHigh, second.flow.continuesLow], [first.flow.idHigh, first.flow.idLow])
  assert.is.not(second.flow.idLow, first.flow.idLow)
})

test('the history of a flow that continues another begins with its own first packet', () => {
  const { run, finish } = trackFlows()
  run(udp(0), reply(udp(100)), udp(101))
  const [first, second] = finish()
  assert.is(second.flow.continuesLow, first.flow.idLow)
  assert.equal([first.flow.history, second.flow.history], ['D', 'dD'])
  assert.equal([second.flow.src.packets, second.flow.dst.packets, second.flow.dst.tcpFlags], [1, 1, 0])
})

test('a flow swept before its next packet is still continued', () => {
  const { run, finish } = trackFlows()
  run(udp(0), udp(100, { srcPort: 1 }), udp(200))
  const ended = finish()
  const [first] = ended.filter((each) => each.flow.srcPort === 40000 && each.reason === 'idle')
  const [second] = ended.filter((each) => each.flow.srcPort === 40000 && each.reason === 'capture_end')
  assert.is(second.flow.continuesLow, first.flow.idLow)
})

test('flows that a leap of the clock makes due end in the order of their close instants', () => {
  const { run, ended } = trackFlows()
  // Begun first, silent last; nothing moves the clock between 30 and 1000.
  run(udp(0, { srcPort: 1 }), udp(10, { srcPort: 2 }), udp(20, { srcPort: 3 }), udp(30, { srcPort: 1 }))
  run(udp(1000, { srcPort: 4 }))
  assert.equal(
    ended.map(({ flow, closeSec }) => [flow.srcPort, closeSec]),
    [
      [2, 70],
      [3, 80],
      [1, 90],
    ],
  )
})

test('a later fragment that waited for its first one may be the first frame', () => {
  const { run, finish } = trackFlows()
  const fragment = { flags: PACKET_FRAGMENT, payloadBytes: 8 }
  run(udp(2, { ...fragment, frame: 9 }), udp(1, { ...fragment, frame: 7 }), udp(2, { ...fragment, frame: 8 }))
  const [{ flow }] = finish()
  assert.equal([flow.firstFrame, flow.startSec, flow.endSec], [7, 1, 2])
  assert.equal(flow.anomalies, ['fragments'])
})

test('an active timeout splits a busy flow into deltas', () => {
  const { run, finish } = trackFlows({ activeSec: 10 })
  run(udp(0), udp(5), udp(10), udp(11), udp(12))
  const ended = finish()
  assert.equal(
    ended.map(({ flow, reason }) => [reason, flow.src.packets]),
    [
      ['active', 3],
      ['capture_end', 2],
    ],
  )
  assert.is(ended[1].flow.continuesLow, ended[0].flow.idLow)
})

test('timeout 0 (never) keeps one flow', () => {
  const { run, finish } = trackFlows({ idleOtherSec: Infinity })
  run(udp(0), udp(1e6))
  assert.is(finish().length, 1)
})

test('time going backwards widens the flow and is flagged', () => {
  const { run, finish } = trackFlows()
  run(udp(10), udp(8.25), udp(9))
  const [{ flow }] = finish()
  assert.equal([flow.startSec, flow.startNsec, flow.endSec], [8, 250_000_000, 10])
  assert.equal(flow.anomalies, ['time_backwards'])
})

test('a laggard packet gets its whole timeout on the clock', () => {
  const { run, ended } = trackFlows()
  run(udp(1000, { srcPort: 1 }), udp(900), udp(1001, { srcPort: 1 }), udp(901))
  assert.is(ended.length, 0)
})

test('VLAN and ICMP identifiers are part of the key', () => {
  const { run, finish } = trackFlows()
  run(udp(1), udp(1, { encapsulation0: 0x0100000c }), udp(1, { icmpIdentifier: 3 }))
  assert.is(finish().length, 3)
})

test('a directed ICMP type keeps its direction', () => {
  const icmp = {
    protocol: PROTOCOL_ICMP,
    srcPort: 3,
    dstPort: 3,
    icmpType: 3,
    icmpCode: 3,
    flags: PACKET_DIRECTED,
  }
  const { run, finish } = trackFlows()
  run(udp(1, icmp), reply(udp(1, icmp)))
  const [there, back] = finish().map(({ flow }) => flow)
  assert.is.not(there.idLow, back.idLow)
})

test('pings that go on with an answer keep the type of their source', () => {
  const ping = (at: number) =>
    udp(at, { protocol: PROTOCOL_ICMP, srcPort: 8, dstPort: 0, icmpType: 8, icmpCode: 0, icmpIdentifier: 3 })
  const { run, finish } = trackFlows()
  run(ping(1), Object.assign(reply(ping(62)), { icmpType: 0 }))
  const [first, second] = finish().map(({ flow }) => flow)
  assert.is(second.continuesLow, first.idLow)
  assert.equal([second.icmpType, second.src.packets, second.dst.packets], [8, 0, 1])
})

test('an ICMP error marks the flow it quotes and adds nothing to it', () => {
  const { run, finish } = trackFlows()
  run(udp(1), quoting(2))
  const ended = finish()
  assert.is(ended.length, 2)
  assert.equal(ended[0].flow.anomalies, ['icmp_unreachable'])
  assert.is(ended[0].flow.src.packets, 1)
})

test('a redirect marks nothing: what it quotes was sent on', () => {
  const { run, finish } = trackFlows()
  run(udp(1), quoting(2, { srcPort: 5, dstPort: 1, icmpType: 5, icmpCode: 1 }))
  assert.equal(finish()[0].flow.anomalies, [])
})

test('flow ids depend on content only, not on the seed or the direction', () => {
  const one = trackFlows({ seed: 1 })
  const two = trackFlows({ seed: 99 })
  one.run(udp(1), reply(udp(2)))
  two.run(udp(1))
  assert.is(one.finish()[0].flow.idLow, two.finish()[0].flow.idLow)
  const ids = new Set<string>()
  const { run, finish } = trackFlows({ maxFlows: 100_000 })
  for (let i = 0; i < 20_000; i++) run(udp(1, { srcPort: i, dst3: i * 7 }))
  for (const { flow } of finish()) ids.add(`${flow.idHigh}.${flow.idLow}`)
  assert.is(ids.size, 20_000)
})

test('the first frame is told of runs that see more frames than 32 bits can count', () => {
  const { run, finish } = trackFlows()
  const frames = [0x8000_0001, 0x1_0000_0000, 0x2_8000_0003]
  run(...frames.map((frame, srcPort) => udp(1, { frame, srcPort, flags: PACKET_FRAGMENT })))
  const flows = finish().map(({ flow }) => [flow.firstFrame, flow.anomalies])
  assert.equal(
    flows,
    frames.map((frame) => [frame, ['fragments']]),
  )
})

test('eviction takes one-way flows first, least recently seen, then the rest', () => {
  const { run, ended, tracker } = trackFlows({ maxFlows: 3 })
  const port = (srcPort: number) => ({ srcPort })
  run(udp(1, port(1)), reply(udp(2, port(1))), udp(3, port(2)), udp(4, port(3)), udp(5, port(2)))
  run(udp(6, port(4)))
  assert.equal(
    ended.map((each) => each.flow.srcPort),
    [3],
  )
  run(udp(7, port(5)))
  assert.equal(
    ended.map((each) => each.flow.srcPort),
    [3, 2],
  )
  run(reply(udp(8, port(4))), reply(udp(9, port(5))), udp(10, port(6)))
  assert.equal(
    ended.map((each) => each.flow.srcPort),
    [3, 2, 1],
  )
  assert.is(tracker.evicted, 3)
  assert.is(tracker.live, 3)
  assert.ok(ended.every((each) => each.reason === 'evicted'))
})

test('a flood never exceeds the cap, and nothing is lost from the count', () => {
  const { run, finish, tracker } = trackFlows({ maxFlows: 64 })
  for (let i = 0; i < 5000; i++) run(udp(1 + i / 1000, { src3: i * 2654435761, srcPort: i & 0xffff }))
  assert.is(tracker.live, 64)
  const ended = finish()
  assert.is(ended.length, 5000)
  assert.is(
    ended.reduce((sum, each) => sum + each.flow.src.packets, 0),
    5000,
  )
})

test('a flow that is evicted and begun again at one instant has another id each time, the first as ever', () => {
  const idsOf = (maxFlows: number, ...ports: number[]) => {
    const { run, finish } = trackFlows({ maxFlows })
    run(...ports.map((srcPort) => udp(1, { srcPort })))
    return finish().map(({ flow }) => `${flow.srcPort} ${flow.idHigh}.${flow.idLow}`)
  }
  const again = idsOf(1, 7, 8, 7, 8, 7)
  assert.is(new Set(again).size, 5)
  assert.equal(again.slice(0, 2), idsOf(2, 7, 8))
  assert.equal(idsOf(1, 7, 8, 7, 8, 7), again)
})

test('IPv6 ends that share their last word are told apart', () => {
  const v6 = { ipVersion: 6, srcPort: 7, dstPort: 7, src0: 1, dst0: 2, src3: 5, dst3: 5 }
  const { run, finish } = trackFlows()
  run(udp(1, v6), reply(udp(1, v6)))
  const ended = finish()
  assert.is(ended.length, 1)
  assert.equal([ended[0].flow.src.packets, ended[0].flow.dst.packets], [1, 1])
})

test('dormant rows are bounded', () => {
  const { run, tracker } = trackFlows({ maxFlows: 80 })
  for (let i = 0; i < 500; i++) run(udp(i * 100, { srcPort: i }))
  assert.ok(tracker.pages.rows <= 80, `rows: ${tracker.pages.rows}`)
})

test('counts more bytes than 32 bits hold, and forgets them with the flow', () => {
  const most = 0xffff_ffff
  for (const protocol of [PROTOCOL_UDP, PROTOCOL_TCP]) {
    const { run, finish } = trackFlows({ idleOtherSec: 10, idleTcpSec: 10 })
    const packet = (sec: number, wireBytes: number) => udp(sec, { protocol, wireBytes })
    run(packet(1, most), packet(2, most), reply(packet(3, 5)), packet(100, 7))
    assert.equal(
      finish().map(({ flow }) => [flow.src.wireBytes, flow.dst.wireBytes]),
      [
        [2 * most, 5],
        [7, 0],
      ],
    )
  }
})

test.run()
