/** What the inspector keeps of payloads: evidence, roles, facts; when it stops; and that it lets go of everything. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { EVIDENCE_SLOTS } from '../../../src/label/inspect/evidence-words.ts'
import { EXHAUSTED } from '../../../src/label/inspect/handle.ts'
import { MAX_JOINING } from '../../../src/label/inspect/joining.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  LATER,
  MORE,
  NO_MATCH,
  PREFIX_BYTES,
  type Signature,
  STRONG,
  WEAK,
} from '../../../src/label/inspect/payload.ts'
import { payloadText, signature, talk } from '../engine.ts'

const test = suite('inspect')

/** Remembers that a signature was asked, and answers for it. */
function note(list: string[], what: string, match: number = NO_MATCH): number {
  list.push(what)
  return match
}

test('keeps strength and direction of what matched', () => {
  const weak = signature('weak', 'w', WEAK)
  const strong = signature('strong', 's', STRONG)
  const one = talk([weak, strong])
  assert.equal(one.evidence(), [])
  one.say('a', 'w')
  assert.equal(one.evidence(), ['weak weak a'])
  assert.is(one.inspector.matched, 0)
  one.say('b', 's')
  assert.equal(one.evidence(), ['weak weak a', 'strong strong b'])
  assert.is(one.inspector.matched, 1)
  assert.is(one.inspector.matchedStrength, STRONG)
  one.say('b', 'nothing known')
  assert.is(one.inspector.matched, -1)
})

test('the same signature from both directions is one piece of evidence, the stronger strength', () => {
  const one = talk([signature('x', 'x', ({ direction }) => (direction === 0 ? WEAK : STRONG))])
  one.say('a', 'x')
  assert.not(one.inspector.agreesBothWays(one.handle, 'x'))
  one.say('b', 'x')
  assert.equal(one.evidence(), ['x strong ab'])
  assert.ok(one.inspector.agreesBothWays(one.handle, 'x'))
  const fading = talk([signature('x', 'x', ({ direction }) => (direction === 0 ? STRONG : WEAK))])
  fading.say('a', 'x')
  fading.say('b', 'x')
  assert.equal(fading.evidence(), ['x strong ab'])
  assert.not(one.inspector.agreesBothWays(one.handle, 'y'))
  assert.not(one.inspector.agreesBothWays(EXHAUSTED, 'x'))
})

test('two signatures of one label agree with each other', () => {
  const one = talk([signature('x', 'hello', WEAK), signature('x', 'welcome', WEAK)])
  one.say('a', 'hello')
  one.say('b', 'welcome')
  assert.equal(one.evidence(), ['x weak a', 'x weak b'])
  assert.ok(one.inspector.agreesBothWays(one.handle, 'x'))
})

test('keeps four pieces of evidence, no more', () => {
  const letters = ['a', 'b', 'c', 'd', 'e', 'f']
  const one = talk(letters.map((letter) => signature(letter, letter, WEAK, { depth: 64 })))
  for (const letter of letters.slice(0, 3)) one.say('a', letter)
  for (const letter of letters.slice(3)) one.say('b', letter)
  assert.is(EVIDENCE_SLOTS, 4)
  assert.is(one.evidence().length, 4)
  assert.is(one.evidence()[3], 'd weak b')
})

test('tells who the client is, and nothing where the signs contradict each other', () => {
  const hello = signature('x', 'hello', WEAK | FROM_CLIENT)
  const welcome = signature('x', 'welcome', WEAK | FROM_SERVER)
  const first = talk([hello, welcome])
  assert.is(first.inspector.client(first.handle), -1)
  first.say('a', 'hello')
  assert.is(first.inspector.client(first.handle), 0)
  assert.is(first.inspector.matchedServer, 2)
  const second = talk([hello, welcome])
  second.say('a', 'welcome')
  assert.is(second.inspector.client(second.handle), 1)
  assert.is(second.inspector.matchedServer, 1)
  second.say('b', 'welcome')
  assert.is(second.inspector.client(second.handle), -1)
  assert.is(second.inspector.client(-1), -1)
})

test('shows a signature what was said before in either direction', () => {
  const seen: string[] = []
  const spy = signature('spy', '', (payload) => {
    const text = (bytes: Uint8Array, length: number) =>
      Buffer.from(bytes.subarray(0, Math.min(length, PREFIX_BYTES))).toString('latin1')
    const { ordinal, peerOrdinal, previous, previousLength, peer, peerLength } = payload
    seen.push(
      `${payload.direction}${ordinal}${peerOrdinal} ${text(previous, previousLength)}|${text(peer, peerLength)}`,
    )
    return NO_MATCH
  })
  const one = talk([spy])
  one.say('a', 'first')
  one.say('a', 'second')
  one.say('b', 'a reply of more than sixteen bytes')
  one.say('a', 'third')
  assert.equal(seen, ['000 |', '010 first|', '102 |second', '021 second|a reply of more '])
})

test('gives the length by the headers beside the bytes that were captured', () => {
  let seen = ''
  const one = talk([
    signature('cut', 'cut', (payload) => {
      seen = `${payloadText(payload)} ${payload.length}`
      return WEAK
    }),
  ])
  one.say('a', 'cut', 1400)
  assert.is(seen, 'cut 1400')
})

test('tries the port hint first, whichever side has the port, and then the first byte', () => {
  const tried: string[] = []
  const noting = (label: string, ports?: number[]) =>
    signature(label, '', () => note(tried, label), { ports })
  const signatures = [noting('any'), noting('web', [80]), noting('shell', [22])]
  talk(signatures, { ports: [50000, 80] }).say('a', 'x')
  assert.equal(tried.splice(0), ['web', 'any', 'shell'])
  talk(signatures, { ports: [22, 50000] }).say('a', 'x')
  assert.equal(tried.splice(0), ['shell', 'any', 'web'])
})

test('calls a signature only for its protocol and its first bytes', () => {
  const tried: string[] = []
  const noting = (label: string, rest: object) => signature(label, '', () => note(tried, label), rest)
  const signatures = [
    noting('udp', { protocols: [17] }),
    noting('G', { firstBytes: [0x47] }),
    noting('H on 80', { firstBytes: [0x48], ports: [80] }),
  ]
  talk(signatures).say('a', 'GET')
  assert.equal(tried.splice(0), ['G'])
  talk(signatures, { protocol: 17 }).say('a', 'HEAD')
  assert.equal(tried.splice(0), ['H on 80', 'udp'])
  talk(signatures, { protocol: 132 }).say('a', 'GET')
  assert.equal(tried, [])
})

test('a strong match ends the search in this packet; a weak one goes on', () => {
  const tried: string[] = []
  const other = signature('other', '', () => note(tried, 'other'))
  talk([signature('s', 's', STRONG), other]).say('a', 's')
  assert.equal(tried, [])
  talk([signature('w', 'w', WEAK), other]).say('a', 'w')
  assert.equal(tried, ['other'])
})

test('sees three payload packets a direction by default, and as many as a signature asks for', () => {
  const count = { three: 0, ten: 0 }
  const three = signature('three', '', () => {
    count.three++
    return NO_MATCH
  })
  const ten = signature(
    'ten',
    '',
    () => {
      count.ten++
      return WEAK | MORE
    },
    { depth: 10 },
  )
  const one = talk([three, ten])
  for (let i = 0; i < 100; i++) one.say('a', `packet ${i}`)
  assert.equal(count, { three: 3, ten: 10 })
})

test('no signature sees more than 64 payload packets of a direction', () => {
  const seen: string[] = []
  const one = talk([signature('deep', '', () => note(seen, '', WEAK | MORE), { depth: 255 })])
  for (let i = 0; i < 300; i++) one.say('a', `packet ${i}`)
  assert.is(seen.length, 64)
  assert.ok(one.handle >= 0)
})

test('both directions proved and nothing more wanted: done', () => {
  const seen: string[] = []
  const done = talk([signature('x', '', () => note(seen, '', STRONG), { depth: 64 })])
  for (let i = 0; i < 10; i++) done.say(i % 2 === 0 ? 'a' : 'b', 'x')
  assert.is(seen.splice(0).length, 2)
  const more = talk([signature('x', '', () => note(seen, '', STRONG | MORE), { depth: 8 })])
  for (let i = 0; i < 10; i++) more.say(i % 2 === 0 ? 'a' : 'b', 'x')
  assert.is(seen.length, 10)
})

test('after a strong match nothing else is looked for, unless it wants more', () => {
  const proved = talk([signature('base', 'base', STRONG), signature('upgrade', 'upgrade', STRONG)])
  proved.say('a', 'base')
  proved.say('a', 'upgrade')
  assert.equal(proved.evidence(), ['base strong a'])
  const open = talk([signature('base', 'base', STRONG | MORE), signature('upgrade', 'upgrade', STRONG)])
  open.say('a', 'base')
  open.say('a', 'upgrade')
  assert.equal(open.evidence(), ['base strong a', 'upgrade strong a'])
})

test('the first that the other side says may prove something else, or the same', () => {
  const signatures = [signature('asks', 'ask', STRONG), signature('speaks', 'speak', STRONG)]
  const mistaken = talk(signatures)
  for (const text of ['ask', 'more']) mistaken.say('a', text)
  for (const text of ['speak', 'ask']) mistaken.say('b', text)
  assert.equal(mistaken.evidence(), ['asks strong ab', 'speaks strong b'])
  const late = talk(signatures)
  late.say('a', 'ask')
  for (const text of ['hm', 'speak']) late.say('b', text)
  assert.equal(late.evidence(), ['asks strong a'])
})

test('tells a signature the label so far', () => {
  const seen: string[] = []
  const one = talk([
    signature('first', 'first', WEAK),
    signature('spy', '', ({ labelSoFar }) => note(seen, labelSoFar)),
  ])
  one.say('a', 'first')
  one.say('b', 'second')
  assert.equal(seen, ['', 'first'])
})

test('gives up a flow that says nothing: six packets of one side, three of both', () => {
  const signatures = [signature('never', 'never', STRONG)]
  const oneWay = talk(signatures)
  for (let i = 0; i < 5; i++) oneWay.say('a', 'noise that goes on')
  assert.ok(oneWay.handle >= 0)
  oneWay.say('a', 'noise that goes on')
  assert.is(oneWay.handle, EXHAUSTED)
  const twoWay = talk(signatures)
  for (let i = 0; i < 5; i++) twoWay.say(i % 2 === 0 ? 'a' : 'b', 'noise')
  assert.ok(twoWay.handle >= 0)
  twoWay.say('b', 'noise')
  assert.is(twoWay.handle, EXHAUSTED)
})

test('waits longer where a signature expects one of the next packets to match', () => {
  const expects = signature('x', 'soon', LATER)
  const then = signature('x', 'now', STRONG, { depth: 8 })
  const one = talk([expects, then])
  for (let i = 0; i < 5; i++) one.say(i % 2 === 0 ? 'a' : 'b', 'noise')
  for (const text of ['soon', 'noise', 'now']) one.say('b', text)
  assert.equal(one.evidence(), ['x strong b'])
  const other = talk([expects, then])
  other.say('a', 'soon')
  for (let i = 0; i < 14; i++) other.say('a', 'noise')
  assert.ok(other.handle >= 0)
  other.say('a', 'noise')
  assert.is(other.handle, EXHAUSTED)
})

test('the response behind a long upload is inspected, and the upload no further', () => {
  const asks = signature('x', 'ask', STRONG | MORE | FROM_CLIENT, { depth: 64 })
  const answers = signature('x', 'answer', STRONG | FROM_SERVER, { depth: 64 })
  const one = talk([asks, answers])
  one.say('a', 'ask')
  for (let i = 0; i < 100; i++) one.say('a', 'body')
  assert.not(one.settled)
  assert.equal(one.open, { a: false, b: true })
  one.say('b', 'answer')
  assert.ok(one.settled)
  assert.equal(one.evidence(), ['x strong a', 'x strong b'])
  const datagrams = talk([asks, answers], { protocol: 17 })
  datagrams.say('a', 'ask')
  for (let i = 0; i < 64; i++) datagrams.say('a', 'body')
  assert.ok(datagrams.settled)
})

test('keeps extras, the first name given, and what DNS answered', () => {
  const tells = signature('x', 'x', (payload) => {
    payload.extras().x = { text: payloadText(payload) }
    payload.hostname(payloadText(payload), 'sni')
    payload.answer('a.example', 60, 0, 0, 0, 1)
    return STRONG | MORE
  })
  const one = talk([tells])
  assert.is(one.inspector.extrasOf(one.handle), undefined)
  one.say('a', 'x1')
  one.say('a', 'x2')
  assert.equal(one.inspector.extrasOf(one.handle), { x: { text: 'x2' } })
  assert.is(one.inspector.hostnameOf(one.handle), 'x1')
  assert.is(one.inspector.hostnameSourceOf(one.handle), 'sni')
  assert.equal(one.learnt, ['a.example 60 0,0,0,1', 'a.example 60 0,0,0,1'])
})

test('keeps the room of a signature for the flow, not for another', () => {
  const seen: unknown[] = []
  const joins = signature('x', '', (payload) => {
    seen.push(payload.scratch)
    payload.scratch = payloadText(payload)
    return NO_MATCH
  })
  const one = talk([joins])
  const other = talk(one.inspector)
  one.say('a', 'one')
  other.say('a', 'other')
  one.say('b', 'again')
  assert.equal(seen, [undefined, undefined, 'one'])
})

test('a handle that is given back remembers nothing for the next flow', () => {
  const tells = signature('x', 'x', (payload) => {
    payload.extras().x = { seen: true }
    return STRONG | FROM_CLIENT
  })
  const one = talk([tells])
  one.say('a', 'x')
  one.inspector.close(one.handle)
  const next = talk(one.inspector)
  assert.is(next.handle, one.handle)
  assert.is(next.inspector.extrasOf(next.handle), undefined)
  assert.is(next.inspector.client(next.handle), -1)
  assert.equal(next.evidence(), [])
})

test('a signature that keeps something sees the next packet, however it begins', () => {
  const seen: string[] = []
  const joins: Signature = {
    ...signature('x', '', (payload) => {
      seen.push(String(payload.scratch))
      payload.scratch = seen.length < 3 ? `kept ${seen.length}` : undefined
      return STRONG | MORE
    }),
    firstBytes: ['A'.charCodeAt(0)],
    bits: { offset: 0, mask: 0xff000000, value: 'A'.charCodeAt(0) << 24 },
  }
  const one = talk([joins])
  for (const text of ['A head', 'its rest', 'the end', 'nothing kept']) one.say('a', text)
  assert.equal(seen, ['undefined', 'kept 1', 'kept 2'])
})

test('an exhausted flow gives its handle back, with what a signature kept', () => {
  const seen: unknown[] = []
  const keeps = signature('x', '', (payload) => {
    seen.push(payload.scratch)
    payload.scratch = 'kept'
    return NO_MATCH
  })
  const one = talk([keeps])
  const { handle } = one
  for (let i = 0; i < 6; i++) one.say('a', 'noise')
  assert.is(one.handle, EXHAUSTED)
  const next = talk(one.inspector)
  assert.is(next.handle, handle)
  next.say('a', 'noise')
  assert.is(seen.at(-1), undefined)
})

test('of too many flows that wait to be joined, the one that began longest ago gives up its room', () => {
  let seen: unknown
  const joins = signature('x', '', (payload) => {
    seen = payload.scratch
    payload.scratch = 'kept'
    return WEAK | MORE
  })
  const first = talk([joins])
  const flows = [first, ...Array.from({ length: MAX_JOINING }, () => talk(first.inspector))]
  const finds = (i: number) => {
    flows[i].say('a', 'text')
    return seen
  }
  for (const flow of flows) flow.say('a', 'one')
  assert.is(finds(MAX_JOINING), 'kept')
  assert.is(finds(1), 'kept')
  // It has lost its room; that it takes some again costs the next one's.
  assert.is(finds(0), undefined)
  assert.is(finds(2), 'kept')
  // One that is over makes room for another.
  first.inspector.close(flows[0].handle)
  talk(first.inspector).say('a', 'one')
  assert.is(finds(2), 'kept')
  assert.is(finds(1), undefined)
})

test('many flows at once do not touch each other', () => {
  const first = talk([signature('x', 'x', WEAK), signature('y', 'y', WEAK)])
  const flows = [first, ...Array.from({ length: 3000 }, () => talk(first.inspector))]
  for (const [i, flow] of flows.entries()) flow.say('a', i % 2 === 0 ? 'x' : 'y')
  for (const [i, flow] of flows.entries()) flow.say('b', i % 3 === 0 ? 'x' : 'nothing')
  for (const [i, flow] of flows.entries()) {
    const expected = i % 2 === 0 ? [i % 3 === 0 ? 'x weak ab' : 'x weak a'] : ['y weak a']
    if (i % 6 === 3) expected.push('x weak b')
    assert.equal(flow.evidence(), expected, `flow ${i}`)
  }
})

test.run()
