/**
 * Many conversations on one slot. Work that grows with their number, for each packet or each ending, would make these
 * tests run for many minutes; as it is they take seconds.
 */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { MAX_LIST } from '../../src/bytes.ts'
import { createPoolTracker, type PoolTracker, SERVER_RECEIVES } from '../../src/pool/tracker.ts'
import type { Packet, PoolRule, Session } from '../../src/types.ts'
import { ACK, at, MOSH, nonce, packetOf, RST, SYN, SYN_ACK, VNC } from './tape.ts'

const test = suite('pool/crowd')

const CROWD = 30_000
const SERVER = '10.1.0.4'
const FIRST_CLIENT = 0x0b000000
/** Between two packets: all of a test in less than the linger of a closed connection. */
const STEP_NSEC = 10_000
const NO_BYTES = new Uint8Array(0)

/** Clients of one port, each with its own address: `send` and `answer` are a packet of the client with that number. */
class Crowd {
  readonly tracker: PoolTracker
  readonly sessions: Session[] = []
  private readonly up: Packet
  private readonly down: Packet
  private readonly handles: number[] = []
  private nsec = 0

  constructor(rule: PoolRule, port: number) {
    this.tracker = createPoolTracker({ pools: [rule] })
    const tcp = rule.transport === 'tcp' ? ACK : undefined
    const [client, server] = ['11.0.0.0:40000', `${SERVER}:${port}`]
    this.up = packetOf({ t: 0, from: client, to: server, tcp })
    this.down = packetOf({ t: 0, from: server, to: client, tcp })
  }

  send(client: number, tcpFlags: number, bytes = NO_BYTES): number {
    this.up.src3 = FIRST_CLIENT + client
    return this.observe(client, this.up, tcpFlags, bytes)
  }

  answer(client: number, tcpFlags: number, bytes = NO_BYTES): number {
    this.down.dst3 = FIRST_CLIENT + client
    return this.observe(client, this.down, tcpFlags, bytes)
  }

  finish(): Session[] {
    const last = this.tracker.finish({ start: at(0), end: this.now })
    return [...this.sessions, ...last.sessions]
  }

  private get now(): [number, number] {
    return [at(0)[0] + Math.floor(this.nsec / 1e9), this.nsec % 1e9]
  }

  private observe(client: number, packet: Packet, tcpFlags: number, bytes: Uint8Array): number {
    const { tracker, handles } = this
    this.nsec += STEP_NSEC
    ;[packet.timeSec, packet.timeNsec] = this.now
    packet.tcpFlags = tcpFlags
    packet.payloadEnd = bytes.length
    packet.payloadBytes = bytes.length
    for (let due = tracker.popDue(...this.now); due !== undefined; due = tracker.popDue(...this.now))
      this.sessions.push(due)
    handles[client] ??= tracker.open(packet, 0, client + 1)
    tracker.observe(handles[client], packet, bytes)
    return handles[client]
  }
}

function clientsOf(sessions: readonly Session[]): number {
  return sessions.reduce((sum, each) => sum + each.clientsTotal, 0)
}

test('short connections, one after the other', () => {
  const crowd = new Crowd(VNC, 5900)
  for (let i = 0; i < CROWD; i++) {
    crowd.send(i, SYN)
    crowd.answer(i, SYN_ACK)
    crowd.send(i, ACK)
    crowd.send(i, RST)
  }
  const sessions = crowd.finish()
  assert.is(clientsOf(sessions), CROWD)
  assert.ok(sessions.every(({ flowIds, clients }) => Math.max(flowIds.length, clients.length) <= MAX_LIST))
})

test('open connections, closed from the youngest to the oldest', () => {
  const crowd = new Crowd(VNC, 5900)
  for (let i = 0; i < CROWD; i++) {
    crowd.send(i, SYN)
    crowd.answer(i, SYN_ACK)
  }
  for (let i = CROWD - 1; i >= 0; i--) crowd.answer(i, RST)
  const [session, ...others] = crowd.finish()
  assert.equal(others, [])
  assert.equal(
    [session.clientsTotal, session.flowIdsTotal, session.packets, session.flowIds.length],
    [CROWD, CROWD, CROWD * 3, MAX_LIST],
  )
})

test('connections among open ones that turn out to be of another protocol', () => {
  const crowd = new Crowd(VNC, 5900)
  for (let i = 0; i < CROWD / 2; i++) {
    crowd.send(i, SYN)
    crowd.answer(i, SYN_ACK)
  }
  for (let i = CROWD / 2; i < CROWD; i++) {
    crowd.send(i, SYN)
    crowd.answer(i, SYN_ACK)
    crowd.tracker.learn(crowd.answer(i, RST), 'http', 2, SERVER_RECEIVES)
  }
  const [session, ...others] = crowd.finish()
  assert.equal(others, [])
  assert.is(session.packets, CROWD)
})

test('clients of one port where only a start marker separates sessions', () => {
  const crowd = new Crowd(MOSH, 60001)
  const [up, down] = [new Uint8Array(nonce(false, 9)), new Uint8Array(nonce(true, 9))]
  for (let i = 0; i < CROWD; i++) {
    crowd.tracker.learn(crowd.send(i, 0, up), 'mosh', 2, SERVER_RECEIVES)
    crowd.answer(i, 0, down)
  }
  const [session, ...others] = crowd.finish()
  assert.equal(others, [])
  assert.equal([session.clientsTotal, session.packets], [CROWD, CROWD * 2])
})

test.run()
