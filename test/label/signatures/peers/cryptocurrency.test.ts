import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/peers/cryptocurrency.ts'
import { bytes, hex, le32, noise, testSignatures, u16, u32, zeros } from '../probe.ts'

const test = suite('label/signatures/peers/cryptocurrency')
const TCP = 6
const UDP = 17

const bitcoin = (magic: string, command: string) =>
  bytes(hex(magic), command, zeros(12 - command.length), le32(4), noise(4), noise(4))
/** discv4: hash, signature with recovery id, type, list of 9 bytes: version, a list, a time of four bytes. */
const discovery = (recovery: number, type: number, prefix = 0xc9) =>
  bytes(noise(32), noise(64), recovery, type, prefix, 4, 0xc2, 1, 2, 0x84, noise(4))
/** A search for neighbours: a key of 64 bytes, a time. */
const long = bytes(noise(96), 1, 3, 0xf8, 71, 0xb8, 64, noise(64), 0x84, noise(4))
const auth = bytes(u16(398), 4, noise(397))
const acknowledged = bytes(u16(498), 4, noise(497))
const subscribe = bytes('{"id": 1, "method": "mining.subscribe", "params": []}\n')
const ledger = (magic: string, command: string) =>
  bytes(hex(magic), command, zeros(12 - command.length), le32(100), noise(4), noise(100))

testSignatures(test, signatures, {
  matches: [
    {
      label: 'bitcoin',
      name: 'version',
      protocol: TCP,
      ports: [1, 8333],
      bytes: bitcoin('f9beb4d9', 'version'),
      strength: 'strong',
      extras: { bitcoin: { command: 'version' } },
    },
    {
      label: 'bitcoin',
      name: 'testnet',
      protocol: TCP,
      ports: [1, 2],
      bytes: bitcoin('0b110907', 'verack'),
      strength: 'strong',
    },
    {
      label: 'ethereum',
      name: 'ping',
      protocol: UDP,
      ports: [1, 40404],
      bytes: discovery(0, 1),
      strength: 'strong',
      extras: { ethereum: { discovery_type: 1 } },
    },
    {
      label: 'ethereum',
      name: 'longer list',
      protocol: UDP,
      ports: [1, 40404],
      bytes: long,
      strength: 'strong',
    },
    {
      label: 'ethereum',
      name: 'pong',
      protocol: UDP,
      ports: [1, 40404],
      bytes: bytes(noise(96), 0, 2, 0xe7, 0xc1, 9, 0xa0, noise(32), 0x83, noise(3)),
      strength: 'strong',
    },
    {
      label: 'ethereum',
      name: 'handshake on the port',
      protocol: TCP,
      ports: [1, 30303],
      bytes: auth,
      strength: 'weak',
    },
    {
      label: 'ethereum',
      name: 'data behind the list, on the port',
      protocol: UDP,
      ports: [1, 30303],
      bytes: bytes(discovery(0, 1), 1),
      strength: 'weak',
    },
    {
      label: 'ethereum',
      name: 'handshake elsewhere',
      protocol: TCP,
      ports: [1, 40404],
      bytes: auth,
      strength: 'weak',
      role: 'client',
    },
    {
      label: 'ethereum',
      name: 'handshake answered',
      protocol: TCP,
      ports: [40404, 1],
      bytes: acknowledged,
      peer: auth,
      strength: 'strong',
    },
    {
      label: 'ethereum',
      name: 'handshake answered, frames behind the answer',
      protocol: TCP,
      ports: [40404, 1],
      bytes: bytes(acknowledged, noise(160)),
      peer: auth,
      strength: 'strong',
    },
    {
      label: 'monero',
      name: 'Levin',
      protocol: TCP,
      ports: [1, 18080],
      bytes: bytes(hex('0121010101010101'), noise(25)),
      strength: 'strong',
    },
    {
      label: 'stratum',
      name: 'subscription',
      protocol: TCP,
      ports: [1, 9999],
      bytes: subscribe,
      strength: 'strong',
    },
    {
      label: 'stratum',
      name: 'login',
      protocol: TCP,
      ports: [1, 9999],
      bytes: bytes('{"method":"login","params":{"login":"4AB","pass":"x","agent":"xmr"}}'),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'stratum',
      name: 'job',
      protocol: TCP,
      ports: [9999, 1],
      bytes: bytes('{"id":1,"result":{"job":{"blob":"0606","job_id":"7"}}}'),
      peer: bytes('{"method":"login"'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'bitmessage',
      name: 'version',
      protocol: TCP,
      ports: [1, 8444],
      bytes: ledger('e9beb4d9', 'version'),
      strength: 'strong',
    },
    {
      label: 'bitcoin',
      name: 'version of a kin (Zcash)',
      protocol: TCP,
      ports: [1, 8233],
      bytes: ledger('24e92764', 'version'),
      strength: 'strong',
    },
    {
      label: 'bitcoin',
      name: 'version of Bitcoin itself',
      protocol: TCP,
      ports: [1, 8333],
      bytes: ledger('f9beb4d9', 'version'),
      strength: 'strong',
      extras: { bitcoin: { command: 'version' } },
    },
    {
      label: 'bitcoin',
      name: 'version behind an unknown magic',
      protocol: TCP,
      ports: [1, 8333],
      bytes: bitcoin('f9beb4d8', 'version'),
      strength: 'strong',
    },
  ],
  misses: [
    { name: 'command with capitals', protocol: TCP, ports: [1, 8333], bytes: bitcoin('f9beb4d9', 'VERSION') },
    {
      name: 'command that goes on after NUL',
      protocol: TCP,
      ports: [1, 8333],
      bytes: bytes(hex('f9beb4d9'), 'ver', 0, 'sion', zeros(4), noise(12)),
    },
    { name: 'recovery id 2', protocol: UDP, ports: [1, 30303], bytes: discovery(2, 1) },
    {
      name: 'ping without a version',
      protocol: UDP,
      ports: [1, 30303],
      bytes: bytes(noise(96), 0, 1, 0xc9, noise(9)),
    },
    {
      name: 'items that overrun their list',
      protocol: UDP,
      ports: [1, 30303],
      bytes: bytes(noise(96), 0, 1, 0xc9, 4, 0xc2, 1, 2, 0x85, noise(4)),
    },
    { name: 'type 9', protocol: UDP, ports: [1, 30303], bytes: discovery(0, 9) },
    { name: 'not a list', protocol: UDP, ports: [1, 30303], bytes: discovery(0, 1, 0x80) },
    { name: 'list that overruns', protocol: UDP, ports: [1, 30303], bytes: discovery(0, 1, 0xca) },
    { name: 'handshake, size', protocol: TCP, ports: [1, 30303], bytes: bytes(auth, 0) },
    { name: 'compressed point', protocol: TCP, ports: [1, 30303], bytes: bytes(u16(398), 2, noise(397)) },
    { name: 'Levin cut', protocol: TCP, ports: [1, 18080], bytes: bytes(hex('0121010101010102'), noise(25)) },
    { name: 'other JSON', protocol: TCP, ports: [1, 3333], bytes: bytes('{"method":"getinfo","params":[]}') },
    {
      name: 'inventory behind an unknown magic',
      protocol: TCP,
      ports: [1, 2],
      bytes: ledger('01020304', 'inv'),
    },
    {
      name: 'version without padding',
      protocol: TCP,
      ports: [1, 2],
      bytes: bytes(u32(1), 'version 1.0 of a text', noise(20)),
    },
  ],
})
test.run()
