/** Filters for the kernel, compiled by the libpcap of this machine and run by a small machine of our own. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compileFilter, dropLoopbackCopies, REJECT_ALL } from '../../../src/capture/live/bpf.ts'
import { loadKoffi } from '../../../src/capture/live/ring-native.ts'
import { ethernet, ipv4, ipv6, tcp, udp } from '../../packet-builder.ts'

const test = suite('bpf')

const ETHERNET = { device: 'eth0', linkType: 1, cooked: false }
const COOKED = { device: 'any', linkType: 276, cooked: true }

const missing = await compiles().then(
  () => undefined,
  (error: Error) => error.message,
)
const compiled = missing === undefined || process.env.CI ? test : test.skip

async function compiles(): Promise<void> {
  compileFilter(await loadKoffi('test'), 'ip', ETHERNET)
}

interface Ancillary {
  interfaceIndex?: number
  packetType?: number
}

const ANCILLARY = 0xffff_f000

/** The instructions that these filters use, as linux/filter.h defines them. Returns the bytes to take. */
function run(program: Uint8Array, packet: Uint8Array, ancillary: Ancillary = {}): number {
  const view = new DataView(program.buffer, program.byteOffset, program.length)
  const data = new DataView(packet.buffer, packet.byteOffset, packet.length)
  let a = 0
  let x = 0
  for (let at = 0; at < program.length / 8; at++) {
    const code = view.getUint16(at * 8, true)
    const k = view.getUint32(at * 8 + 4, true)
    const jump = (condition: boolean) => (at += view.getUint8(at * 8 + (condition ? 2 : 3)))
    if (code === 0x06) return k
    if (code === 0x20 && k >= ANCILLARY)
      a = k === ANCILLARY + 8 ? (ancillary.interfaceIndex ?? 0) : (ancillary.packetType ?? 0)
    else if (code === 0x20) a = data.getUint32(k)
    else if (code === 0x28) a = data.getUint16(k)
    else if (code === 0x30) a = data.getUint8(k)
    else if (code === 0x48) a = data.getUint16(x + k)
    else if (code === 0xb1) x = (data.getUint8(k) & 15) * 4
    else if (code === 0x15) jump(a === k)
    else if (code === 0x45) jump((a & k) !== 0)
    else if (code === 0x54) a &= k
    else throw new Error(`instruction ${code.toString(16)}`)
  }
  throw new Error('ran off the end')
}

const HOSTS = { src: '10.0.0.1', dst: '10.0.0.2' }
const query = ipv4(HOSTS, udp({ srcPort: 40_000, dstPort: 53 }, 'query'))
const web = ipv4(HOSTS, tcp({ srcPort: 40_000, dstPort: 80 }))

compiled('an expression takes what it says, on Ethernet and on cooked sockets', async () => {
  const koffi = await loadKoffi('test')
  const onEthernet = compileFilter(koffi, 'udp port 53', ETHERNET)
  assert.ok(run(onEthernet, ethernet(query)) >= 65_535)
  assert.is(run(onEthernet, ethernet(web)), 0)
  // The packet of a cooked socket begins with its network header.
  const cooked = compileFilter(koffi, 'udp port 53', COOKED)
  assert.ok(run(cooked, query) >= 65_535)
  assert.is(run(cooked, web), 0)
  const v6 = ipv6({ src: '2001:db8::1', dst: '2001:db8::2' }, udp({ srcPort: 1, dstPort: 2 }))
  assert.ok(run(compileFilter(koffi, 'ip6', COOKED), v6) > 0)
})

compiled('wrong expressions are refused with the words of libpcap', async () => {
  const koffi = await loadKoffi('test')
  assert.throws(
    () => compileFilter(koffi, 'udp prot 53', ETHERNET),
    /^--filter: .*syntax error.*; found "udp prot 53", see man pcap-filter \(FILTER_SYNTAX\)$/,
  )
  assert.throws(() => compileFilter(koffi, 'ether host 1', COOKED), /\(FILTER_SYNTAX\)$/)
  for (const word of ['vlan', 'vlan 12 and udp', 'inbound'])
    assert.throws(
      () => compileFilter(koffi, word, COOKED),
      /cannot be decided on any; .*\(FILTER_UNSUPPORTED\)$/,
    )
  // A word inside a name is none.
  assert.throws(() => compileFilter(koffi, 'host my-vlan.invalid', COOKED), /\(FILTER_SYNTAX\)$/)
})

test('of a packet on the loopback the copy that leaves is dropped, before any other filter', () => {
  const program = dropLoopbackCopies(1)
  const packet = ethernet(query)
  assert.is(run(program, packet, { interfaceIndex: 1, packetType: 4 }), 0)
  assert.ok(run(program, packet, { interfaceIndex: 1, packetType: 0 }) > 0)
  assert.ok(run(program, packet, { interfaceIndex: 2, packetType: 4 }) > 0)
  const nothing = dropLoopbackCopies(1, REJECT_ALL)
  assert.is(run(nothing, packet, { interfaceIndex: 2 }), 0)
})

test('what stands in the way of filters is said', () => {
  if (missing !== undefined) assert.match(missing, /\((?:FILTER_LIBRARY|BACKEND_MISSING)\)$/)
})

test.run()
