import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { random as seededRandom } from '../../scripts/fixtures/trace.ts'
import { createConversation } from '../../src/pool/conversation.ts'
import { Members } from '../../src/pool/members.ts'
import { noReach, type Reach, reachOfOne, widen } from '../../src/pool/reach.ts'
import type { Conversation } from '../../src/pool/shapes.ts'
import { packetOf } from './tape.ts'

const test = suite('pool/members')

const PACKET = packetOf({ t: 0, from: '10.9.0.1:50000', to: '10.1.0.4:5900', tcp: 16 })

function conversation(lastSec: number): Conversation {
  return { ...createConversation(PACKET), lastSec }
}

/** That of the list, one after the other. */
function joined(list: readonly Conversation[]): Reach {
  const reach = noReach()
  for (const c of list) widen(reach, reachOfOne(c))
  return reach
}

test('together they reach as far as one by one, whoever comes, goes, closes or goes on', () => {
  const random = seededRandom(7)
  const below = (limit: number) => Math.floor(random() * limit)
  const members = new Members()
  const model: Conversation[] = []
  const change = (position: number) => {
    const c = model[position]
    c.lastSec = below(1000)
    c.lastASec = below(1000)
    c.lastBSec = below(1000)
    c.closed = random() < 0.5
    c.closedSec = below(1000)
    members.touch(position)
  }
  const remove = (position: number) => {
    const moved = model.pop() as Conversation
    if (position < model.length) model[position] = moved
    assert.is(members.remove(position), moved)
  }
  const add = (c: Conversation) => assert.is(members.add(c), model.push(c) - 1)
  // Full and nearly empty in turn, through two levels of groups.
  for (const target of [20, 3, 700, 17, 16, 300, 0, 40]) {
    for (let step = 0; step < 1500; step++) {
      if (model.length > 0 && random() < 0.5) change(below(model.length))
      else if (model.length <= target) add(conversation(below(1000)))
      else remove(below(model.length))
      if (random() < 0.2) assert.equal(members.reach(), joined(model))
    }
    assert.equal(members.list, model)
    assert.equal(new Members(model.slice()).reach(), joined(model))
  }
})

test('what one member changes costs the same few looks among a hundred times as many', () => {
  let looks = 0
  const watched = (): Conversation =>
    Object.defineProperty(conversation(0), 'lastSec', { get: () => ++looks }) as Conversation
  const cost = (count: number) => {
    const members = new Members()
    for (let i = 0; i < count; i++) members.add(watched())
    members.reach()
    looks = 0
    for (let i = 0; i < 100; i++) {
      members.touch((i * 7919) % count)
      members.reach()
      members.reach()
    }
    return looks / 100
  }
  const few = cost(1000)
  assert.is(cost(100_000), few)
  assert.ok(few <= 16, `${few} looks`)
})

test.run()
