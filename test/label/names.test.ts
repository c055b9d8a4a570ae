/** What a client learnt from DNS answers, for how long, and that the memory for it is bounded. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseAddress } from '../../src/address.ts'
import { createPacket } from '../../src/decode/packet.ts'
import { createNameCache, type Ends, type NameCache } from '../../src/label/names.ts'

const test = suite('names')

type Words = readonly [number, number, number, number]
const words = (text: string): Words => parseAddress(text)?.words ?? [0, 0, 0, 0]

/** At `sec` the client is told that `name` has the address. */
function tell(
  cache: NameCache,
  client: string,
  address: string,
  said: { name: string; ttl: number; sec: number },
): void {
  const packet = createPacket()
  const [d0, d1, d2, d3] = words(client)
  Object.assign(packet, { dst0: d0, dst1: d1, dst2: d2, dst3: d3, timeSec: said.sec })
  cache.answer(packet, said.name, said.ttl, words(address))
}

function ends(client: string, server: string): Ends {
  const [src0, src1, src2, src3] = words(client)
  const [dst0, dst1, dst2, dst3] = words(server)
  return { src0, src1, src2, src3, dst0, dst1, dst2, dst3 }
}

const CLIENT = '10.0.0.7'
const SERVER = '192.0.2.1'
const WWW = { name: 'www.example.org', ttl: 300, sec: 1000 }

test('names the server for the client that asked, and for no other', () => {
  const cache = createNameCache()
  assert.is(cache.lookup(ends(CLIENT, SERVER), 1000, 1001), undefined)
  tell(cache, CLIENT, SERVER, WWW)
  assert.is(cache.lookup(ends(CLIENT, SERVER), 1001, 1002), 'www.example.org')
  assert.is(cache.lookup(ends('10.0.0.8', SERVER), 1001, 1002), undefined)
  assert.is(cache.lookup(ends(SERVER, CLIENT), 1001, 1002), undefined)
  assert.is(cache.lookup(ends(CLIENT, '192.0.2.2'), 1001, 1002), undefined)
})

test('knows IPv6 by all of its words', () => {
  const cache = createNameCache()
  tell(cache, '2001:db8::7', '2001:db8:1::1', WWW)
  assert.is(cache.lookup(ends('2001:db8::7', '2001:db8:1::1'), 1001, 1002), 'www.example.org')
  assert.is(cache.lookup(ends('2001:db8::7', '2001:db8:2::1'), 1001, 1002), undefined)
})

test('an answer holds for its TTL and a minute; a flow that ended before it is not named', () => {
  const cache = createNameCache()
  tell(cache, CLIENT, SERVER, WWW)
  const at = (start: number, end: number) => cache.lookup(ends(CLIENT, SERVER), start, end)
  assert.is(at(1360, 9999), 'www.example.org')
  assert.is(at(1361, 9999), undefined)
  assert.is(at(900, 1000), 'www.example.org')
  assert.is(at(900, 999), undefined)
})

test('a hostile TTL is held to a week and to no less than nothing', () => {
  const cache = createNameCache()
  tell(cache, CLIENT, SERVER, { ...WWW, ttl: 0xffffffff, sec: 0 })
  const week = 7 * 24 * 3600
  assert.is(cache.lookup(ends(CLIENT, SERVER), week + 60, week + 60), 'www.example.org')
  assert.is(cache.lookup(ends(CLIENT, SERVER), week + 61, week + 61), undefined)
  tell(cache, CLIENT, SERVER, { ...WWW, ttl: -5, sec: 10 })
  assert.is(cache.lookup(ends(CLIENT, SERVER), 70, 71), 'www.example.org')
})

test('a later answer replaces an earlier one', () => {
  const cache = createNameCache()
  tell(cache, CLIENT, SERVER, WWW)
  tell(cache, CLIENT, SERVER, { ...WWW, name: 'api.example.org', sec: 1100 })
  assert.is(cache.lookup(ends(CLIENT, SERVER), 1150, 1151), 'api.example.org')
  assert.is(cache.size(), 1)
})

test('a flow is named by what was told before it began', () => {
  const cache = createNameCache()
  tell(cache, CLIENT, SERVER, WWW)
  tell(cache, CLIENT, SERVER, { ...WWW, name: 'api.example.org', sec: 1100 })
  const at = (start: number, end: number) => cache.lookup(ends(CLIENT, SERVER), start, end)
  assert.is(at(1050, 1150), 'www.example.org', 'told another name while it lasts')
  assert.is(at(1050, 1060), 'www.example.org', 'told another name when it is over')
  assert.is(at(1099.9, 1101), 'www.example.org')
  assert.is(at(1100, 1101), 'api.example.org')
  assert.is(at(900, 1150), 'api.example.org', 'began before both')
  assert.is(at(900, 1050), 'www.example.org', 'ended before the second')
  assert.is(at(900, 999), undefined)
  tell(cache, CLIENT, SERVER, { ...WWW, name: 'cdn.example.org', sec: 1500 })
  assert.is(at(1461, 1600), 'cdn.example.org', 'the answer before does not hold any more')
})

test('a pair in the place of a forgotten one has no former name', () => {
  const cache = createNameCache()
  const address = (i: number) => `198.${18 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`
  tell(cache, CLIENT, address(0), WWW)
  tell(cache, CLIENT, address(0), { ...WWW, name: 'api.example.org', sec: 1001 })
  for (let i = 1; i <= 65_536; i++) tell(cache, CLIENT, address(i), { ...WWW, name: `n${i}`, sec: 1010 })
  assert.is(cache.lookup(ends(CLIENT, address(0)), 1000, 1020), undefined)
  assert.is(cache.lookup(ends(CLIENT, address(65_536)), 1000, 1005), undefined)
})

test('keeps 65,536 answers; the one learnt longest ago goes', () => {
  const cache = createNameCache()
  const address = (i: number) => `198.${18 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`
  for (let i = 0; i < 65_536; i++) tell(cache, CLIENT, address(i), { ...WWW, name: `n${i}` })
  tell(cache, CLIENT, address(0), { ...WWW, name: 'again' })
  tell(cache, CLIENT, address(65_536), { ...WWW, name: 'one more' })
  assert.is(cache.size(), 65_536)
  assert.is(cache.lookup(ends(CLIENT, address(0)), 1001, 1002), 'again')
  assert.is(cache.lookup(ends(CLIENT, address(1)), 1001, 1002), undefined)
  assert.is(cache.lookup(ends(CLIENT, address(65_536)), 1001, 1002), 'one more')
})

test('forgetting the oldest does not take longer the more were forgotten', () => {
  const cache = createNameCache()
  const address = (i: number) => `198.${18 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`
  const fill = (from: number) => {
    const begin = process.hrtime.bigint()
    for (let i = from; i < from + 60_000; i++) tell(cache, CLIENT, address(i), { ...WWW, name: 'n' })
    return Number(process.hrtime.bigint() - begin)
  }
  const first = fill(0)
  fill(60_000)
  const full = fill(120_000)
  assert.is(cache.size(), 65_536)
  assert.ok(full < 10 * first + 1e9, `${full} ns when full, ${first} ns at first`)
})

test.run()
