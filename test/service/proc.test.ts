/** What /proc tells of sockets: its tables as text, and the real thing for sockets of this very process. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { userInfo } from 'node:os'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { findOwners, parseSockets, readSockets, readUsers } from '../../src/service/proc.ts'

const test = suite('service/proc')

const linux = process.platform === 'linux' ? test : test.skip

const HEAD =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n'

function row(local: string, remote: string, state: string): string {
  return `   0: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000  1000        0 4711 1\n`
}

const NONE = '00000000:0000'
const parse = (text: string, table: 'tcp' | 'tcp6' | 'udp' | 'udp6') => [...parseSockets(text, table)]

test('reads a socket that waits and one that is connected', () => {
  assert.equal(parse(HEAD + row('0100007F:0CD0', NONE, '07'), 'udp'), [
    {
      transport: 'udp',
      address: '127.0.0.1',
      port: 3280,
      remoteAddress: '',
      remotePort: 0,
      uid: 1000,
      inode: '4711',
    },
  ])
  const [connected] = parse(HEAD + row('0100007F:0050', '0200000A:C350', '01'), 'tcp')
  assert.equal(
    [connected.address, connected.port, connected.remoteAddress, connected.remotePort],
    ['127.0.0.1', 80, '10.0.0.2', 50_000],
  )
})

test('an IPv4 address in IPv6 is one', () => {
  const mapped = '0000000000000000FFFF00000100007F:0050'
  const six = `B80D0120000000000000000001000000:0050`
  const none = `${'0'.repeat(32)}:0000`
  const text =
    HEAD + row(mapped, none, '0A') + row(six, none, '0A') + row(`${'0'.repeat(32)}:0051`, none, '0A')
  assert.equal(
    parse(text, 'tcp6').map(({ address }) => address),
    ['127.0.0.1', '2001:db8::1', '::'],
  )
})

test('connections that nobody has open any more are left out', () => {
  for (const state of ['06', '07', '09', '0B'])
    assert.is(parse(HEAD + row(NONE, NONE, state), 'tcp').length, 0)
})

test('lines that are none are left out', () => {
  const good = row('0100007F:0050', NONE, '0A')
  for (const bad of ['', 'x', `${HEAD}   0: zz 1 0A`, HEAD + good.slice(0, 20), `${HEAD}\n\n`])
    assert.equal(parse(bad, 'tcp'), [], bad)
})

linux('finds this process behind its own sockets', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const client = connect(port, '127.0.0.1')
  await once(client, 'connect')
  const datagrams = createSocket('udp4').bind(0)
  await once(datagrams, 'listening')
  const own = readSockets().filter(
    (each) => each.port === port || each.remotePort === port || each.port === datagrams.address().port,
  )
  const kinds = own.map((each) => `${each.transport} ${each.remoteAddress === '' ? 'open' : 'connected'}`)
  assert.ok(kinds.includes('tcp open') && kinds.includes('tcp connected') && kinds.includes('udp open'))
  const { programs } = await findOwners(new Set(own.map(({ inode }) => inode)))
  for (const { pid, name } of programs.values()) {
    assert.is(pid, process.pid)
    assert.ok(name.length > 0)
  }
  assert.ok(programs.size >= 3, String(programs.size))
  assert.is(readUsers().get(own[0].uid), userInfo().username)
  client.destroy()
  server.close()
  datagrams.close()
})

test.run()
