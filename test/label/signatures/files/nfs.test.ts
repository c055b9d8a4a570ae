import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/files/nfs.ts'
import { bytes, testSignatures, u32, zeros } from '../probe.ts'

const test = suite('label/signatures/files/nfs')
const TCP = 6
const UDP = 17

/** RFC 5531 section 9: xid, call 0, version 2, program, version, procedure, no credentials. */
const call = (program: number, rpcVersion = 2) =>
  bytes(u32(0x38434f69), u32(0), u32(rpcVersion), u32(program), u32(3), u32(1), zeros(16))
const reply = bytes(u32(0x38434f69), u32(1), u32(0), zeros(12))
const record = (message: Uint8Array) => bytes(u32(0x80000000 + message.length), message)

testSignatures(test, signatures, {
  matches: [
    {
      label: 'nfs',
      name: 'NFS call',
      protocol: UDP,
      ports: [800, 2049],
      bytes: call(100003),
      strength: 'strong',
      role: 'client',
      extras: { rpc: { program: 100003, program_version: 3, procedure: 1 } },
    },
    {
      label: 'nfs',
      name: 'portmapper reply',
      protocol: UDP,
      ports: [111, 800],
      bytes: reply,
      peer: call(100000),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'nfs',
      name: 'mount over TCP',
      protocol: TCP,
      ports: [800, 20048],
      bytes: record(call(100005)),
      strength: 'strong',
    },
    {
      label: 'nfs',
      name: 'reply over TCP',
      protocol: TCP,
      ports: [2049, 800],
      bytes: record(reply),
      peer: record(call(100003)),
      strength: 'strong',
    },
    {
      label: 'nfs',
      name: 'reply over TCP on another port, to a call that was seen to be of NFS',
      protocol: TCP,
      ports: [40000, 800],
      bytes: record(reply),
      peer: record(call(100003)),
      labelSoFar: 'nfs',
      strength: 'strong',
    },
    {
      label: 'nfs',
      name: 'reply whose call was not captured',
      protocol: UDP,
      ports: [2049, 800],
      bytes: reply,
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'sunrpc',
      name: 'another program',
      protocol: UDP,
      ports: [800, 900],
      bytes: call(390113),
      strength: 'strong',
    },
    {
      label: 'sunrpc',
      name: 'another program over TCP',
      protocol: TCP,
      ports: [800, 900],
      bytes: record(call(390113)),
      strength: 'strong',
    },
  ],
  misses: [
    { name: 'RPC version 3', protocol: UDP, ports: [1, 2049], bytes: call(100003, 3) },
    { name: 'reply to nothing', protocol: UDP, ports: [900, 1], bytes: reply },
    {
      name: 'reply with an unknown status',
      protocol: UDP,
      ports: [2049, 1],
      bytes: bytes(reply.subarray(0, 20), u32(6)),
    },
    {
      name: 'reply to another call',
      protocol: UDP,
      ports: [900, 1],
      bytes: bytes(u32(7), reply.subarray(4)),
      peer: call(100003),
    },
    {
      name: 'record longer than the packet',
      protocol: TCP,
      ports: [1, 2049],
      bytes: bytes(u32(0x80000100), call(100003)),
    },
    { name: 'no record mark', protocol: TCP, ports: [1, 2049], bytes: call(100003) },
  ],
})
test.run()
