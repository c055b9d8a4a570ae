import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/network/neighbours.ts'
import { bytes, hex, noise, testSignatures, u16, u32, zeros } from '../probe.ts'

const test = suite('label/signatures/network/neighbours')
const TCP = 6
const UDP = 17

const babel = hex('2a02 0018 0406 0000 1f6b 07d0 050e 0300 0000 1770 3428 af91 0251 d626')
const ahcp = hex(`2b 01 01 01 de3e5127 0218f3fffea9914e ffffffffffffffff
  00 00 000e 02044d9e145b 03 04 00000eb8 06 00`)
const message = (type: number, size: number) =>
  bytes(type, 0x86, u16(size), [10, 0, 0, 1], 1, 0, u16(9), noise(size - 12))
const olsr = (...messages: Uint8Array[]) => {
  const body = bytes(...messages)
  return bytes(u16(body.length + 4), u16(7), body)
}
const active = bytes(1, u16(20), 1, [10, 0, 0, 1], u32(32), [239, 1, 1, 1], [10, 0, 0, 9])
const aodvRequest = hex('01 000000 00000001 0a000005 00000000 0a000001 00000001')
const aodvReply = hex('02 000001 0a000005 00000001 0a000001 00001770')
const aodvError = hex('03 000002 0a000005 00000002 0a000006 00000004')
const glbp = bytes(1, 0, u16(10), u16(0), noise(6), [1, 28], noise(26), [2, 20], noise(18))
const lmp = hex('10000004 001c0000 01010008 00000001 0107000c 00000032 0000003c')
const echo = (type: number, received: number, ...elements: Uint8Array[]) =>
  bytes(
    u16(1),
    u16(0),
    [type, 2, type === 1 ? 0 : 3, 0],
    noise(4),
    u32(1),
    u32(0xe30e8abb),
    noise(4),
    u32(received),
    zeros(4),
    ...elements,
  )
const target = bytes(u16(1), u16(12), u16(1), u16(5), [10, 20, 0, 1], [32, 0, 0, 0])
const lispMessage = hex('0014 000f 00000000 00 0000 9facade9')

testSignatures(test, signatures, {
  matches: [
    { label: 'babel', name: 'hello', protocol: UDP, ports: [6697, 6697], bytes: babel, strength: 'strong' },
    {
      label: 'babel',
      name: 'with what signs it behind the body',
      protocol: UDP,
      ports: [6696, 6696],
      bytes: bytes(babel, 16, 8, noise(8)),
      strength: 'strong',
    },
    {
      label: 'babel',
      name: 'with padding',
      protocol: UDP,
      ports: [6696, 6696],
      bytes: bytes(0x2a, 2, u16(9), 0, 4, 6, noise(6)),
      strength: 'strong',
    },
    { label: 'ahcp', name: 'discover', protocol: UDP, ports: [5359, 5359], bytes: ahcp, strength: 'strong' },
    {
      label: 'olsr',
      name: 'two messages',
      protocol: UDP,
      ports: [40000, 698],
      bytes: olsr(message(1, 16), message(202, 20)),
      strength: 'strong',
    },
    ...[
      { name: 'route request', bytes: aodvRequest },
      { name: 'route reply that is a hello with its interval', bytes: bytes(aodvReply, 1, 4, u32(1000)) },
      { name: 'route error', bytes: aodvError },
      { name: 'acknowledged route', bytes: bytes(4, 0) },
    ].map((one) => ({
      ...one,
      label: 'aodv',
      protocol: UDP,
      ports: [654, 654] as const,
      strength: 'weak' as const,
    })),
    {
      label: 'msdp',
      name: 'a source is active',
      protocol: TCP,
      ports: [40000, 639],
      bytes: active,
      strength: 'strong',
    },
    {
      label: 'msdp',
      name: 'keep-alive',
      protocol: TCP,
      ports: [40000, 639],
      bytes: bytes(4, u16(3)),
      strength: 'weak',
    },
    {
      label: 'msdp',
      name: 'keep-alive before another message',
      protocol: TCP,
      ports: [40000, 639],
      bytes: bytes(4, u16(3), active),
      strength: 'weak',
    },
    {
      label: 'msdp',
      name: 'request',
      protocol: TCP,
      ports: [40000, 639],
      bytes: bytes(2, u16(8), 0, [239, 1, 1, 1]),
      strength: 'weak',
    },
    { label: 'glbp', name: 'hello', protocol: UDP, ports: [3222, 3222], bytes: glbp, strength: 'strong' },
    { label: 'lmp', name: 'hello', protocol: UDP, ports: [49998, 49998], bytes: lmp, strength: 'strong' },
    {
      label: 'lsp-ping',
      name: 'request',
      protocol: UDP,
      ports: [4786, 3503],
      bytes: echo(1, 0, target),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'lsp-ping',
      name: 'reply',
      protocol: UDP,
      ports: [3503, 4786],
      bytes: echo(2, 0xe30e8abb),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'lisp',
      name: 'over TCP',
      protocol: TCP,
      ports: [4342, 15373],
      bytes: lispMessage,
      strength: 'strong',
    },
  ],
  misses: [
    {
      name: 'Babel whose element leads beyond its body',
      protocol: UDP,
      ports: [6696, 6696],
      bytes: bytes(babel.subarray(0, 5), 9, babel.subarray(6)),
    },
    { name: 'Babel without a body', protocol: UDP, ports: [6696, 6696], bytes: hex('2a02 0000 0406 0000') },
    {
      name: 'AHCP whose hops are more than there were',
      protocol: UDP,
      ports: [5359, 5359],
      bytes: bytes(ahcp.subarray(0, 2), 9, ahcp.subarray(3)),
    },
    {
      name: 'OLSR with a message of unknown type',
      protocol: UDP,
      ports: [698, 698],
      bytes: olsr(message(99, 16)),
    },
    {
      name: 'OLSR whose length disagrees',
      protocol: UDP,
      ports: [698, 698],
      bytes: bytes(olsr(message(1, 16)), 0),
    },
    ...[
      {
        name: 'AODV with reserved bits',
        bytes: bytes(aodvRequest.subarray(0, 2), 1, aodvRequest.subarray(3)),
      },
      {
        name: 'AODV error of another count',
        bytes: bytes(aodvError.subarray(0, 3), 3, aodvError.subarray(4)),
      },
      { name: 'AODV error of nothing', bytes: hex('03 000000') },
      { name: 'AODV reply with half an extension', bytes: bytes(aodvReply, 1, 4, 0) },
      { name: 'AODV of no known type', bytes: bytes(5, aodvRequest.subarray(1)) },
    ].map((one) => ({ ...one, protocol: UDP, ports: [654, 654] as const })),
    {
      name: 'MSDP source of no host',
      protocol: TCP,
      ports: [40000, 639],
      bytes: bytes(active.subarray(0, 11), 24, active.subarray(12)),
    },
    {
      name: 'MSDP group that is none',
      protocol: TCP,
      ports: [40000, 639],
      bytes: bytes(active.subarray(0, 12), 10, active.subarray(13)),
    },
    {
      name: 'GLBP whose element is too long',
      protocol: UDP,
      ports: [3222, 3222],
      bytes: glbp.subarray(0, 50),
    },
    {
      name: 'LMP with an odd object',
      protocol: UDP,
      ports: [701, 701],
      bytes: bytes(lmp.subarray(0, 11), 7, lmp.subarray(12)),
    },
    {
      name: 'LSP ping asks with a time of receipt',
      protocol: UDP,
      ports: [4786, 3503],
      bytes: echo(1, 1, target),
    },
    {
      name: 'LISP over TCP without its end',
      protocol: TCP,
      ports: [15373, 4342],
      bytes: bytes(lispMessage.subarray(0, 14), 0),
    },
  ],
})

test.run()
