import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { signatures } from '../../../../src/label/signatures/files/smb.ts'
import { client, converse, server } from '../conversation.ts'
import { bytes, hex, le16, noise, testSignatures, u16, u32, zeros } from '../probe.ts'

const test = suite('label/signatures/files/smb')
const TCP = 6
const UDP = 17

const framed = (header: Uint8Array) => bytes(0, 0, u16(header.length), header)
const smb1 = (flags: number) =>
  framed(bytes(0xff, 'SMB', 0x72, zeros(4), flags, zeros(22), 'NT LM 0.12', 0, 2, 'SMB 2.002', 0))
const smb2 = (flags: number) =>
  framed(bytes(0xfe, 'SMB', le16(64), zeros(6), le16(5), le16(0), flags, zeros(47)))
const bind = (length: number) => bytes(5, 0, 11, 3, hex('10000000'), le16(length), le16(0), u32(1), noise(12))
const datagram = (body: number) =>
  bytes(4, 0, 0x20, 0, 0x10, 0, 0, 0, noise(66), le16(body), zeros(4), noise(8))

testSignatures(test, signatures, {
  matches: [
    {
      label: 'smb',
      name: 'version 1 negotiation',
      protocol: TCP,
      ports: [40000, 445],
      bytes: smb1(0x18),
      strength: 'strong',
      role: 'client',
      extras: { smb: { version: 1, offers_version_2: true } },
    },
    {
      label: 'smb',
      name: 'version 2 answer',
      protocol: TCP,
      ports: [445, 40000],
      bytes: smb2(1),
      strength: 'strong',
      role: 'server',
      extras: { smb: { version: 2, command: 5 } },
    },
    {
      label: 'smb',
      name: 'version 3, encrypted',
      protocol: TCP,
      ports: [1, 2],
      bytes: framed(bytes(0xfd, 'SMB', noise(48))),
      strength: 'strong',
    },
    {
      label: 'dcerpc',
      name: 'bind',
      protocol: TCP,
      ports: [1, 49155],
      bytes: bind(28),
      strength: 'strong',
      role: 'client',
      extras: { dcerpc: { packet_type: 11 } },
    },
    {
      label: 'dcerpc',
      name: 'datagram request',
      protocol: UDP,
      ports: [1, 34964],
      bytes: datagram(8),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'dcerpc',
      name: 'datagram with a trailer',
      protocol: UDP,
      ports: [1, 34964],
      bytes: bytes(datagram(8), 0),
      strength: 'weak',
    },
    {
      label: 'dcerpc',
      name: 'datagram cut before its length',
      protocol: UDP,
      ports: [49152, 49153],
      bytes: datagram(8),
      captured: 54,
      strength: 'weak',
    },
    {
      label: 'smb',
      name: 'behind a length of its own',
      protocol: TCP,
      ports: [1, 445],
      bytes: smb2(0).subarray(4),
      strength: 'strong',
      role: 'client',
      previous: smb2(0).subarray(0, 4),
    },
  ],
  misses: [
    {
      name: 'datagram cut within its data representation',
      protocol: UDP,
      ports: [1, 135],
      bytes: datagram(8),
      captured: 7,
    },
    { name: 'session request', protocol: TCP, ports: [1, 139], bytes: bytes(0x81, 0, 0, 68, noise(68)) },
    { name: 'SNB', protocol: TCP, ports: [1, 445], bytes: framed(bytes(0xff, 'SNB', noise(40))) },
    { name: 'RPC version 5.7', protocol: TCP, ports: [1, 135], bytes: bytes(5, 7, bind(28).subarray(2)) },
    { name: 'RPC longer than the packet', protocol: TCP, ports: [1, 135], bytes: bind(99) },
    {
      name: 'RPC authentication longer than the fragment',
      protocol: TCP,
      ports: [1, 135],
      bytes: bytes(bind(28).subarray(0, 10), le16(28), noise(16)),
    },
    { name: 'datagram body', protocol: UDP, ports: [1, 135], bytes: datagram(9) },
    { name: 'SOCKS 5', protocol: TCP, ports: [1, 135], bytes: bytes(5, 1, 0) },
    {
      name: 'behind another length',
      protocol: TCP,
      ports: [1, 445],
      bytes: smb2(0).subarray(4),
      previous: bytes(0, 0, 0, 9),
    },
  ],
})

test('an SMB 1 negotiation that SMB 2 answers is of version 2', () => {
  const heard = converse({ signatures, protocol: TCP, serverPort: 4455 }, [
    client(smb1(0x18)),
    server(smb2(1)),
  ])
  assert.equal(heard.extras.smb, { version: 2, offers_version_2: true, command: 5 })
})

test.run()
