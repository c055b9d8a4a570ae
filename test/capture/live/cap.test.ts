/** The cap backend over a stand-in for the package, which hands out packets when it is told to. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openCap } from '../../../src/capture/live/cap.ts'
import { loadCap, openLive } from '../../../src/capture/live/live.ts'
import { hex } from '../../packet-builder.ts'

const test = suite('cap')

/** What the package does: it copies a packet into the buffer that it was given, and says how long it is. */
class FakeCap {
  static linkType = 'ETHERNET'
  static refuses = ''
  static last: FakeCap
  opened: unknown[] = []
  closed = 0
  #buffer: Uint8Array = new Uint8Array(0)
  #listener: (bytes: number, truncated: boolean) => void = () => undefined

  constructor() {
    FakeCap.last = this
  }

  open(device: string, filter: string, bufferBytes: number, packet: Uint8Array): string {
    if (FakeCap.refuses !== '') throw new Error(FakeCap.refuses)
    this.opened = [device, filter, bufferBytes]
    this.#buffer = packet
    return FakeCap.linkType
  }

  on(_event: 'packet', listener: (bytes: number, truncated: boolean) => void): void {
    this.#listener = listener
  }

  close(): void {
    this.closed++
  }

  give(packet: Uint8Array): void {
    this.#buffer.set(packet)
    this.#listener(packet.length, false)
  }
}

const load = async () => ({ Cap: FakeCap })

test.before.each(() => {
  FakeCap.linkType = 'ETHERNET'
  FakeCap.refuses = ''
})

test('hands out packets with times of this host', async () => {
  const source = await openCap('en0', { filter: 'udp', ringBytes: 4096 }, load)
  assert.equal(FakeCap.last.opened, ['en0', 'udp', 4096])
  assert.equal(source.info.linkTypes, [1])
  assert.match(source.info.timestampPrecision, 'clock of this host')
  assert.equal(source.dropped, {})
  const before = Date.now() / 1000
  const asked = source.next()
  FakeCap.last.give(hex('aabbcc'))
  FakeCap.last.give(hex('dd'))
  const batch = await asked
  assert.ok(batch)
  assert.equal([batch.count, batch.firstFrame], [2, 1])
  assert.equal([...batch.bytes.subarray(batch.start[0], batch.start[0] + 3)], [0xaa, 0xbb, 0xcc])
  assert.equal([...batch.bytes.subarray(batch.start[1], batch.start[1] + 1)], [0xdd])
  assert.equal([batch.capturedLength[0], batch.originalLength[0], batch.linkType[1]], [3, 3, 1])
  assert.ok(Math.abs(batch.timeSec[0] + batch.timeNsec[0] / 1e9 - before) < 5)

  FakeCap.last.give(hex('ee'))
  const next = await source.next()
  assert.equal([next?.count, next?.firstFrame, next?.bytes[next.start[0]]], [1, 3, 0xee])
  await source.close()
})

test('packets of one turn of the event loop come in one batch', async () => {
  const source = await openCap('en0', {}, load)
  const asked = source.next()
  for (const packet of ['aa', 'bb', 'cc']) {
    FakeCap.last.give(hex(packet))
    // As Node does when the package has handed out a packet.
    for (let i = 0; i < 10; i++) await Promise.resolve()
  }
  assert.is((await asked)?.count, 3)
  await source.close()
})

test('an empty batch after a quiet second, the rest after stop', async () => {
  const source = await openCap('en0', {}, load)
  assert.is((await source.next())?.count, 0)
  FakeCap.last.give(hex('aa'))
  source.stop()
  assert.is((await source.next())?.count, 1)
  assert.is(await source.next(), undefined)
  source.stop()
  await source.close()
  assert.is(FakeCap.last.closed, 1)
})

test('what comes while the caller is slow waits, and what does not fit is named', async () => {
  const source = await openCap('en0', {}, load)
  const packet = new Uint8Array(32 << 10)
  for (let i = 0; i < 64 * 32 + 5; i++) FakeCap.last.give(packet)
  source.stop()
  let count = 0
  for (let batch = await source.next(); batch; batch = await source.next()) count += batch.count
  assert.is(count, 64 * 32)
  assert.is(source.damage[0].code, 'CAP_QUEUE_FULL')
  assert.match(source.damage[0].reason, /^5 packets/)
})

test('link types by the names of the package', async () => {
  for (const [name, expected] of [
    ['NULL', 0],
    ['RAW', 101],
    ['IEEE802_11_RADIO', 127],
    ['LINKTYPE_LINUX_SLL', 113],
    ['Unknown linktype 276', 276],
  ] as const) {
    FakeCap.linkType = name
    const source = await openCap('en0', {}, load)
    assert.equal(source.info.linkTypes, [expected])
    await source.close()
  }
  FakeCap.linkType = 'TOKENRING'
  assert.match(await refusal(), /link type is TOKENRING, .*\(LINK_TYPE_UNKNOWN\)$/)
})

async function refusal(filter?: string): Promise<string> {
  try {
    await openCap('en0', { filter }, load)
  } catch (error) {
    return (error as Error).message
  }
  return ''
}

test('what libpcap refuses becomes an error with a code', async () => {
  FakeCap.refuses = 'socket: Operation not permitted'
  assert.match(await refusal(), /^en0: socket: Operation not permitted; .*\(CAPTURE_NO_PERMISSION\)$/)
  FakeCap.refuses = 'SIOCGIFHWADDR: No such device'
  assert.match(await refusal(), /\(INTERFACE_NOT_FOUND\)$/)
  FakeCap.refuses = 'syntax error'
  assert.match(await refusal('udp prot'), /^--filter: syntax error; found "udp prot", .*\(FILTER_SYNTAX\)$/)
  FakeCap.refuses = 'something\u001b[2J'
  assert.is(await refusal(), 'en0: cannot be opened, something\\x1B[2J (CAPTURE_OPEN)')
})

test('where the package is missing, the error says how to get it', async () => {
  const present = await loadCap('en0').then(
    () => true,
    (error: Error) => {
      assert.match(error.message, /^en0: the package cap is missing; .*npm install cap \(BACKEND_MISSING\)$/)
      return false
    },
  )
  if (present) return
  const error = await openLive('en0', { backend: 'cap' }).catch((reason: Error) => reason)
  assert.match((error as Error).message, /\(BACKEND_MISSING\)$/)
})

test.run()
