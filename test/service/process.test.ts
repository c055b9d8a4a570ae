/** Whose flow it is, by what was seen of the sockets of this host at the time. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseAddress } from '../../src/address.ts'
import { createClosedFlow } from '../../src/flow/view.ts'
import type { Program, Socket } from '../../src/service/proc.ts'
import { type HostTables, Processes } from '../../src/service/process.ts'
import type { ClosedFlow, Session } from '../../src/types.ts'

const test = suite('service/process')

const HERE = '10.0.0.1'

/** A host whose sockets and clock the test sets. */
class Host implements HostTables {
  open: (Partial<Socket> & { program?: Program })[] = []
  ms = 1_000_000
  looks = 0
  searches: string[][] = []
  denied = 0

  sockets(): Socket[] {
    this.looks++
    return this.open.map(({ program, ...socket }) => ({ ...SOCKET, ...socket }))
  }

  async owners(inodes: ReadonlySet<string>) {
    this.searches.push([...inodes])
    const programs = new Map<string, Program>()
    for (const { inode = SOCKET.inode, program } of this.open)
      if (program !== undefined && inodes.has(inode)) programs.set(inode, program)
    return { programs, denied: this.denied }
  }

  users = () => new Map([[1000, 'ada']])
  addresses = () => [HERE, '2001:db8::1']
  now = () => this.ms
}

const SOCKET: Socket = {
  transport: 'udp',
  address: '0.0.0.0',
  port: 60_001,
  remoteAddress: '',
  remotePort: 0,
  uid: 1000,
  inode: '1',
}
const MOSH = { pid: 41, name: 'mosh-server' }
const NEXT = { pid: 42, name: 'mosh-server' }

function flowOf(way: string, options: { protocol?: number; atMs?: number } = {}): ClosedFlow {
  const [src, dst] = way.split(' > ').map((end) => {
    const colon = end.lastIndexOf(':')
    return { address: parseAddress(end.slice(0, colon))!, port: Number(end.slice(colon + 1)) }
  })
  const flow = createClosedFlow()
  flow.protocol = options.protocol ?? 17
  flow.ipVersion = src.address.version
  ;[flow.src0, flow.src1, flow.src2, flow.src3] = src.address.words
  ;[flow.dst0, flow.dst1, flow.dst2, flow.dst3] = dst.address.words
  flow.srcPort = src.port
  flow.dstPort = dst.port
  flow.startSec = Math.floor((options.atMs ?? 1_000_000) / 1000)
  flow.startNsec = ((options.atMs ?? 0) % 1000) * 1e6
  return flow
}

const session = (slot: number, atMs: number, serverIp = HERE) =>
  ({ transport: 'udp', serverIp, slot, startSec: Math.floor(atMs / 1000), startNsec: 0 }) as Session

async function looked(...open: Host['open']): Promise<{ host: Host; processes: Processes }> {
  const host = new Host()
  host.open = open
  const processes = new Processes(host)
  await processes.refresh()
  return { host, processes }
}

test('finds who listens, on one address or on all', async () => {
  const { processes } = await looked(
    { program: MOSH },
    { inode: '2', address: '127.0.0.1', port: 53, program: { pid: 7, name: 'dns' } },
    { inode: '3', address: '::', port: 80, transport: 'tcp', program: { pid: 8, name: 'web' } },
  )
  assert.equal(processes.ofFlow(flowOf('10.9.9.9:5000 > 10.0.0.1:60001')), { ...MOSH, user: 'ada' })
  assert.is(processes.ofFlow(flowOf('127.0.0.1:5000 > 127.0.0.1:53'))?.name, 'dns')
  assert.is(processes.ofFlow(flowOf('127.0.0.1:5000 > 127.0.0.2:53')), undefined)
  assert.is(processes.ofFlow(flowOf('10.9.9.9:5000 > 10.0.0.1:80', { protocol: 6 }))?.name, 'web')
  assert.is(processes.ofFlow(flowOf('2001:db8::9:5000 > 2001:db8::1:80', { protocol: 6 }))?.name, 'web')
  assert.is(processes.ofSession(session(60_001, 1_000_000))?.pid, 41)
})

test('finds whose connection it is, and of two here the server', async () => {
  const here = { transport: 'tcp', uid: 0 } as const
  const { processes } = await looked(
    {
      ...here,
      inode: '2',
      address: HERE,
      port: 5000,
      remoteAddress: '10.9.9.9',
      remotePort: 22,
      program: { pid: 9, name: 'ssh' },
    },
    {
      ...here,
      inode: '3',
      address: HERE,
      port: 5001,
      remoteAddress: HERE,
      remotePort: 80,
      program: { pid: 10, name: 'curl' },
    },
    { ...here, inode: '4', address: HERE, port: 80, program: { pid: 11, name: 'web' } },
  )
  const tcp = { protocol: 6 }
  assert.equal(processes.ofFlow(flowOf('10.0.0.1:5000 > 10.9.9.9:22', tcp)), {
    pid: 9,
    name: 'ssh',
    user: '0',
  })
  assert.is(processes.ofFlow(flowOf('10.0.0.1:5000 > 10.9.9.8:22', tcp)), undefined)
  assert.is(processes.ofFlow(flowOf('10.0.0.1:5001 > 10.0.0.1:80', tcp))?.name, 'web')
})

test('flows of other hosts are nobody of this one, whatever listens here', async () => {
  const { processes } = await looked({ program: MOSH })
  assert.is(processes.ofFlow(flowOf('10.9.9.9:5000 > 10.0.0.2:60001')), undefined)
  assert.is(processes.ofSession(session(60_001, 1_000_000, '10.0.0.2')), undefined)
  assert.is(processes.ofFlow(flowOf('10.9.9.9:5000 > 10.0.0.1:60001', { protocol: 1 })), undefined)
})

test('an endpoint that changed hands belongs to whoever had it when the flow began', async () => {
  const { host, processes } = await looked({ program: MOSH })
  host.ms += 5000
  host.open = []
  await processes.refresh()
  host.ms += 5000
  host.open = [{ inode: '2', program: NEXT }]
  await processes.refresh()
  const way = '10.9.9.9:5000 > 10.0.0.1:60001'
  assert.is(processes.ofFlow(flowOf(way, { atMs: 999_900 }))?.pid, 41)
  assert.is(processes.ofFlow(flowOf(way, { atMs: 1_009_900 }))?.pid, 42)
  // Seen neither before nor after: it came and went between two looks.
  assert.is(processes.ofFlow(flowOf(way, { atMs: 1_002_000 })), undefined)
  assert.is(processes.ofSession(session(60_001, 1_008_000))?.pid, 42)
})

test('looks once a second at most, and for owners only where a socket is new', async () => {
  const { host, processes } = await looked({ program: MOSH })
  await processes.refresh()
  assert.is(host.looks, 1)
  for (let i = 0; i < 3; i++) {
    host.ms += 60_000
    await processes.refresh()
  }
  assert.is(host.looks, 4)
  assert.equal(host.searches, [['1']])
  host.open.push({ inode: '2', port: 60_002, program: NEXT })
  host.ms += 60_000
  await processes.refresh()
  assert.equal(host.searches, [['1'], ['2']])
})

test('knows when others are hidden from it', async () => {
  const { host, processes } = await looked({ program: MOSH })
  assert.is(processes.hidden, false)
  host.denied = 3
  host.open.push({ inode: '2', port: 60_002 })
  host.ms += 60_000
  await processes.refresh()
  assert.is(processes.hidden, true)
})

test('forgets what has not been seen for long', async () => {
  const { host, processes } = await looked({ program: MOSH })
  const way = '10.9.9.9:5000 > 10.0.0.1:60001'
  host.open = [{ inode: '2', port: 60_002, program: NEXT }]
  host.ms += 14 * 60_000
  await processes.refresh()
  assert.is(processes.ofFlow(flowOf(way))?.pid, 41)
  host.ms += 2 * 60_000
  await processes.refresh()
  assert.is(processes.ofFlow(flowOf(way)), undefined)
})

test('remembers no more than so many sockets', async () => {
  const host = new Host()
  const processes = new Processes(host)
  for (let round = 0; round < 3; round++) {
    host.open = Array.from({ length: 30_000 }, (_, i) => ({
      inode: `${round}-${i}`,
      address: HERE,
      port: i + 1,
      remoteAddress: `10.9.${round}.9`,
      remotePort: 5000,
      program: MOSH,
    }))
    await processes.refresh()
    host.ms += 600_000
  }
  const at = (round: number) =>
    processes.ofFlow(flowOf(`10.9.${round}.9:5000 > 10.0.0.1:1`, { atMs: 1_000_000 + round * 600_000 }))
  assert.equal([at(0), at(1)?.pid, at(2)?.pid], [undefined, 41, 41])
})

test.run()
