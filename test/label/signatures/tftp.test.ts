import { suite } from 'uvu'
import { signatures } from '../../../src/label/signatures/tftp.ts'
import { bytes, noise, testSignatures, u16 } from './probe.ts'

const test = suite('signatures tftp')
const UDP = 17
const data = (block: number, size = 512) => bytes(0, 3, u16(block), noise(size))
const ack = (block: number) => bytes(0, 4, u16(block))
const optionAck = bytes(0, 6, 'blksize', 0, '1428', 0)

testSignatures(test, signatures, {
  matches: [
    {
      label: 'tftp',
      name: 'read request',
      protocol: UDP,
      ports: [40000, 69],
      bytes: bytes(0, 1, 'boot/pxe.0', 0, 'octet', 0, 'tsize', 0, '0', 0),
      strength: 'strong',
      role: 'client',
      extras: { tftp: { operation: 'read', filename: 'boot/pxe.0' } },
    },
    {
      label: 'tftp',
      name: 'write request off the port',
      protocol: UDP,
      ports: [40000, 6969],
      bytes: bytes(0, 2, 'a', 0, 'netascii', 0),
      strength: 'strong',
      extras: { tftp: { operation: 'write' } },
    },
    {
      label: 'tftp',
      name: 'first block',
      protocol: UDP,
      ports: [3000, 4000],
      bytes: data(1),
      strength: 'weak',
    },
    {
      label: 'tftp',
      name: 'block after block, seen from one side',
      protocol: UDP,
      ports: [3000, 4000],
      bytes: data(8, 100),
      previous: data(7),
      strength: 'strong',
    },
    {
      label: 'tftp',
      name: 'request with a mode in capitals',
      protocol: UDP,
      ports: [40000, 69],
      bytes: bytes(0, 1, 'a', 0, 'NetASCII', 0),
      strength: 'strong',
    },
    {
      label: 'tftp',
      name: 'acknowledged',
      protocol: UDP,
      ports: [4000, 3000],
      bytes: ack(1),
      peer: data(1),
      strength: 'strong',
    },
    {
      label: 'tftp',
      name: 'next block',
      protocol: UDP,
      ports: [3000, 4000],
      bytes: data(2, 9),
      peer: ack(1),
      strength: 'strong',
    },
    {
      label: 'tftp',
      name: 'options',
      protocol: UDP,
      ports: [3000, 4000],
      bytes: optionAck,
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'tftp',
      name: 'options taken',
      protocol: UDP,
      ports: [4000, 3000],
      bytes: ack(0),
      peer: optionAck,
      strength: 'strong',
    },
    {
      label: 'tftp',
      name: 'error',
      protocol: UDP,
      ports: [69, 4000],
      bytes: bytes(0, 5, 0, 1, 'File not found', 0),
      strength: 'weak',
    },
  ],
  misses: [
    { name: 'request without mode', protocol: UDP, ports: [40000, 69], bytes: bytes(0, 1, 'boot/pxe.0', 0) },
    { name: 'unknown mode', protocol: UDP, ports: [40000, 69], bytes: bytes(0, 1, 'f', 0, 'binary', 0) },
    {
      name: 'block that follows a short one',
      protocol: UDP,
      ports: [3000, 4000],
      bytes: data(8, 100),
      previous: data(7, 100),
    },
    { name: 'empty file name', protocol: UDP, ports: [40000, 69], bytes: bytes(0, 1, 0, 'octet', 0) },
    {
      name: 'acknowledgement of another block',
      protocol: UDP,
      ports: [4000, 3000],
      bytes: ack(7),
      peer: data(1),
    },
    { name: 'unasked acknowledgement', protocol: UDP, ports: [4000, 3000], bytes: ack(1) },
    { name: 'opcode 9', protocol: UDP, ports: [4000, 69], bytes: bytes(0, 9, 0, 1) },
    { name: 'error 77', protocol: UDP, ports: [69, 4000], bytes: bytes(0, 5, 0, 77, 'x', 0) },
    { name: 'short second block', protocol: UDP, ports: [3000, 4000], bytes: data(2, 9) },
  ],
})
test.run()
