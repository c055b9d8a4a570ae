import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/industrial/industrial.ts'
import { bytes, hex, le16, le32, noise, testSignatures, u16, zeros } from '../probe.ts'

const test = suite('label/signatures/industrial/industrial')
const TCP = 6
const UDP = 17

/** Transaction, protocol 0, length, unit 1, function, data. */
const modbus = (...body: number[]) => bytes(u16(0x00d1), u16(0), u16(body.length + 1), 1, body)
const read = modbus(3, 0, 1, 0, 1)
const answer = modbus(3, 2, 0, 42)
/** IEEE 1815: header of eight bytes and its checksum. */
const dnp3 = hex('0564 05 c0 0100 0004 e921')
const tpkt = (...content: (string | number | Uint8Array)[]) => {
  const body = bytes(...content)
  return bytes(3, 0, u16(body.length + 4), body)
}
const cotp = (...content: (string | number | Uint8Array)[]) => tpkt(2, 0xf0, 0x80, ...content)
const s7 = cotp(0x32, 1, zeros(2), noise(14))
const mmsConnect = cotp(0x0d, 30, noise(10), hex('06 04 28ca2202'), noise(10))
const startdt = hex('68 04 07 00 00 00')
const information = hex('68 0e 0000 0200 64 01 0600 0100 000000 14')
const enip = (command: number, length: number, body: number) =>
  bytes(le16(command), le16(length), le32(7), le32(0), noise(8), le32(0), noise(body))
const implicit = bytes(le16(2), le16(0x8002), le16(8), noise(8), le16(0xb1), le16(2), noise(2))
const hello = bytes(
  'HELF',
  le32(57),
  le32(0),
  le32(65536),
  le32(65536),
  le32(0),
  le32(0),
  le32(25),
  'opc.tcp://plc.example:4840',
)

testSignatures(test, signatures, {
  matches: [
    {
      label: 'modbus',
      name: 'read over UDP, answered',
      protocol: UDP,
      ports: [502, 1],
      bytes: answer,
      peer: read,
      strength: 'strong',
      role: 'server',
      extras: { modbus: { unit: 1, function: 3 } },
    },
    {
      label: 'modbus',
      name: 'read over UDP',
      protocol: UDP,
      ports: [1, 502],
      bytes: read,
      strength: 'weak',
      role: 'client',
      extras: { modbus: { unit: 1, function: 3 } },
    },
    {
      label: 'modbus',
      name: 'read',
      protocol: TCP,
      ports: [1, 502],
      bytes: read,
      strength: 'strong',
      role: 'client',
      extras: { modbus: { unit: 1, function: 3 } },
    },
    {
      label: 'modbus',
      name: 'report server id, a function code alone',
      protocol: TCP,
      ports: [1, 502],
      bytes: modbus(17),
      strength: 'strong',
      role: 'client',
      extras: { modbus: { unit: 1, function: 17 } },
    },
    {
      label: 'modbus',
      name: 'exception',
      protocol: TCP,
      ports: [502, 1],
      bytes: modbus(0x83, 2),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'modbus',
      name: 'answer elsewhere',
      protocol: TCP,
      ports: [1502, 1],
      bytes: answer,
      peer: read,
      strength: 'strong',
    },
    {
      label: 'modbus',
      name: 'serial frame',
      protocol: TCP,
      ports: [1, 4001],
      bytes: hex('01 03 0000 000a c5cd'),
      strength: 'weak',
    },
    {
      label: 'modbus',
      name: 'answer in a serial frame',
      protocol: TCP,
      ports: [4001, 1],
      bytes: hex('01 03 02 002a 399b'),
      peer: hex('01 03 0000 000a c5cd'),
      strength: 'weak',
      extras: { modbus: { unit: 1, function: 3 } },
    },
    {
      label: 'modbus',
      name: 'function of a vendor',
      protocol: TCP,
      ports: [1, 502],
      bytes: modbus(90, 0, 1, 2, 3),
      strength: 'weak',
      role: 'client',
    },
    {
      label: 'dnp3',
      name: 'link status, checksum',
      protocol: TCP,
      ports: [1, 9999],
      bytes: dnp3,
      strength: 'strong',
      extras: { dnp3: { destination: 1, source: 1024 } },
    },
    {
      label: 'dnp3',
      name: 'wrong checksum on the port',
      protocol: TCP,
      ports: [1, 20000],
      bytes: bytes(dnp3.subarray(0, 8), 0, 0),
      strength: 'weak',
    },
    {
      label: 's7comm',
      name: 'job',
      protocol: TCP,
      ports: [1, 102],
      bytes: s7,
      strength: 'strong',
      role: 'client',
      extras: { s7comm: { message_type: 1 } },
    },
    {
      label: 'iso-tsap',
      name: 'connection request',
      protocol: TCP,
      ports: [1, 102],
      bytes: hex('03000016 11e00000077800c1020001c2020001c0010d'),
      strength: 'weak',
      role: 'client',
    },
    {
      label: 'iso-tsap',
      name: 'confirmation elsewhere',
      protocol: TCP,
      ports: [1102, 1],
      bytes: hex('03000016 11d00778340000c1020001c2020001c0010a'),
      strength: 'weak',
      role: 'server',
    },
    {
      label: 's7comm-plus',
      name: 'version 1',
      protocol: TCP,
      ports: [1, 102],
      bytes: cotp(0x72, 1, noise(12)),
      strength: 'strong',
    },
    {
      label: 'mms',
      name: 'session connect',
      protocol: TCP,
      ports: [1, 102],
      bytes: mmsConnect,
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'mms',
      name: 'session data',
      protocol: TCP,
      ports: [1, 102],
      bytes: cotp(hex('01000100 61'), noise(12)),
      strength: 'strong',
    },
    {
      label: 'iec104',
      name: 'start on any port',
      protocol: TCP,
      ports: [1, 2],
      bytes: startdt,
      strength: 'strong',
    },
    {
      label: 'iec104',
      name: 'information alone, on the port',
      protocol: TCP,
      ports: [1, 2404],
      bytes: information,
      strength: 'weak',
    },
    {
      label: 'iec104',
      name: 'information after information',
      protocol: TCP,
      ports: [1, 2404],
      bytes: bytes(information.subarray(0, 2), 2, information.subarray(3)),
      previous: information,
      strength: 'strong',
    },
    {
      label: 'iec104',
      name: 'chain with information',
      protocol: TCP,
      ports: [1, 2404],
      bytes: bytes(startdt, information),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'ethernet-ip',
      name: 'register session',
      protocol: TCP,
      ports: [1, 44818],
      bytes: enip(0x65, 4, 4),
      strength: 'strong',
      role: 'client',
      extras: { ethernet_ip: { command: 0x65 } },
    },
    {
      label: 'ethernet-ip',
      name: 'implicit message',
      protocol: UDP,
      ports: [2222, 2222],
      bytes: implicit,
      strength: 'strong',
    },
    {
      label: 'opcua',
      name: 'hello',
      protocol: TCP,
      ports: [1, 9],
      bytes: hello,
      strength: 'strong',
      role: 'client',
      extras: { opcua: { endpoint: 'opc.tcp://plc.example:4840' } },
    },
  ],
  misses: [
    { name: 'Modbus over UDP elsewhere, answered', protocol: UDP, ports: [1, 1502], bytes: read },
    {
      name: 'connection request of RDP',
      protocol: TCP,
      ports: [1, 3389],
      bytes: hex('03000013 0ee00000000000 0100080003000000'),
    },
    {
      name: 'COTP whose parameters do not fill it',
      protocol: TCP,
      ports: [1, 102],
      bytes: hex('03000016 11e00000077800c1020001c2020001c0020d'),
    },
    {
      name: 'Modbus serial frame with a wrong checksum',
      protocol: TCP,
      ports: [1, 502],
      bytes: hex('01 03 0000 000a c5ce'),
    },
    { name: 'Modbus read without an address', protocol: TCP, ports: [1, 502], bytes: modbus(3) },
    { name: 'Modbus function alone, elsewhere', protocol: TCP, ports: [1, 2], bytes: modbus(17) },
    {
      name: 'Modbus protocol 1',
      protocol: TCP,
      ports: [1, 502],
      bytes: bytes(u16(1), u16(1), u16(6), 1, 3, 0, 1, 0, 1),
    },
    { name: 'Modbus elsewhere, no answer', protocol: TCP, ports: [1, 1502], bytes: read },
    { name: 'Modbus function 50', protocol: TCP, ports: [1, 502], bytes: modbus(50, 0, 1, 0, 1) },
    { name: 'Modbus byte count', protocol: TCP, ports: [502, 1], bytes: modbus(3, 9, 0, 42) },
    {
      name: 'DNP3 checksum elsewhere',
      protocol: TCP,
      ports: [1, 9],
      bytes: bytes(dnp3.subarray(0, 8), 0, 0),
    },
    { name: 'DNP3 start', protocol: TCP, ports: [1, 20000], bytes: bytes(0x05, 0x65, dnp3.subarray(2)) },
    { name: 'COTP connection request', protocol: TCP, ports: [1, 102], bytes: tpkt(17, 0xe0, zeros(16)) },
    { name: 'S7 type 5', protocol: TCP, ports: [1, 102], bytes: cotp(0x32, 5, noise(14)) },
    { name: 'IEC 104 control 0f', protocol: TCP, ports: [1, 2404], bytes: hex('68 04 0f 00 00 00') },
    { name: 'IEC 104 length 3', protocol: TCP, ports: [1, 2404], bytes: hex('68 03 07 00 00 00') },
    {
      name: 'IEC 104 with something behind it, elsewhere',
      protocol: TCP,
      ports: [1, 2],
      bytes: bytes(startdt, 0x68, 0x40, 0, 0, 0, 0),
    },
    { name: 'information alone, elsewhere', protocol: TCP, ports: [1, 2], bytes: information },
    { name: 'EtherNet/IP command 9', protocol: TCP, ports: [1, 44818], bytes: enip(9, 4, 4) },
    { name: 'EtherNet/IP length', protocol: TCP, ports: [1, 9], bytes: enip(0x65, 5, 4) },
    { name: 'implicit elsewhere', protocol: UDP, ports: [1, 2], bytes: implicit },
    { name: 'OPC UA chunk X', protocol: TCP, ports: [1, 4840], bytes: bytes('MSGX', le32(20), noise(12)) },
    {
      name: 'OPC UA of 4 GB',
      protocol: TCP,
      ports: [1, 4840],
      bytes: bytes('MSGF', le32(0xffffffff), noise(12)),
    },
  ],
})
test.run()
