import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  CRC24Q,
  crc24,
  crc32,
  crcCcitt,
  crcHdlc,
  parity,
  sum8,
} from '../../../../src/label/signatures/common/checksums.ts'
import { signatures } from '../../../../src/label/signatures/industrial/meters.ts'
import { bytes, hex, noise, testSignatures, u16, u32, zeros } from '../probe.ts'

const test = suite('label/signatures/industrial/meters')
const TCP = 6
const UDP = 17
const ask = [40000, 4059] as const
const answer = [4059, 40000] as const

const wrapper = (source: number, target: number, ...body: (number | Uint8Array)[]) => {
  const content = bytes(...body)
  return bytes(u16(1), u16(source), u16(target), u16(content.length), content)
}
const getRequest = hex('c0 01 c1 00 01 01 00 00 02 00 00 ff 02 00')
const hdlc = hex('7e a007 03 21 93 0f01 7e')
const phasor = (type: number) => {
  const body = bytes(0xaa, (type << 4) | 1, u16(18), u16(7), u32(0x49b5de0e), u32(0), u16(2))
  return bytes(body, u16(crcCcitt(body, 0, body.length, 0xffff)))
}
const mBus = (control: number, information: number) => {
  const body = bytes(control, 1, information, noise(10))
  return bytes(0x68, body.length, body.length, 0x68, body, sum8(body, 0, body.length), 0x16)
}

/** Element `a4`, the called invocation, makes an answer of it; the lengths follow. */
function association(answers: boolean): Uint8Array {
  const parts = bytes(
    hex('a206 0604 2a030405'),
    answers ? hex('a403 020104') : [],
    hex('a604 06022a07 a803 020105'),
    hex('be14 2812 8110 80 00 1122334455667788990011223344'),
  )
  return bytes(0x60, parts.length, parts)
}

testSignatures(test, signatures, {
  matches: [
    {
      label: 'dlms-cosem',
      name: 'get request',
      protocol: TCP,
      ports: ask,
      bytes: wrapper(16, 1, getRequest),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'dlms-cosem',
      name: 'get response',
      protocol: UDP,
      ports: answer,
      bytes: wrapper(1, 16, hex('c401c10006000002b7')),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'dlms-cosem',
      name: 'general ciphering',
      protocol: TCP,
      ports: [40000, 40001],
      bytes: wrapper(1, 16, 0xdb, noise(20)),
      strength: 'strong',
      role: 'none',
    },
    { label: 'dlms-cosem', name: 'HDLC', protocol: TCP, ports: ask, bytes: hdlc, strength: 'strong' },
    {
      label: 'dlms-cosem',
      name: 'frames of HDLC',
      protocol: UDP,
      ports: [40000, 40001],
      bytes: bytes(hdlc, hdlc),
      strength: 'strong',
    },
    {
      label: 'c1222-acse',
      name: 'request',
      protocol: UDP,
      ports: [40000, 1153],
      bytes: association(false),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'c1222-acse',
      name: 'answer',
      protocol: TCP,
      ports: [1153, 40000],
      bytes: association(true),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'synchrophasor',
      name: 'command',
      protocol: TCP,
      ports: [40000, 4712],
      bytes: phasor(4),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'synchrophasor',
      name: 'data, and more of it',
      protocol: TCP,
      ports: [4712, 40000],
      bytes: bytes(phasor(0), phasor(0)),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'm-bus',
      name: 'selection',
      protocol: TCP,
      ports: [40000, 40001],
      bytes: mBus(0x53, 0x52),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'm-bus',
      name: 'answer',
      protocol: UDP,
      ports: [40001, 40000],
      bytes: mBus(0x08, 0x72),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'atg',
      name: 'inventory',
      protocol: TCP,
      ports: [40000, 10001],
      bytes: bytes('\x01I20100\n'),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'atg',
      name: 'command without line end, for computers',
      protocol: TCP,
      ports: [40000, 10001],
      bytes: bytes('\x01i20100'),
      strength: 'weak',
      role: 'client',
    },
    {
      label: 'atg',
      name: 'its answer for computers',
      protocol: TCP,
      ports: [10001, 40000],
      bytes: bytes('\x01i201002603231235011000000742E8D2F4&&A1B2\x03'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'atg',
      name: 'names a tank',
      protocol: TCP,
      ports: [40000, 10001],
      bytes: bytes('\x01S60201DIESEL\n'),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'atg',
      name: 'does not know the command',
      protocol: TCP,
      ports: [10001, 40000],
      bytes: bytes('\x019999FF1B\x03'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'atg',
      name: 'its answer',
      protocol: TCP,
      ports: [10001, 40000],
      bytes: bytes('\x01\r\nI20100\r\n11/23/2026  6:00 AM\r\n'),
      strength: 'strong',
      role: 'server',
    },
  ],
  misses: [
    {
      name: 'set without a line end',
      protocol: TCP,
      ports: [40000, 10001],
      bytes: bytes('\x01S60201DIESEL'),
    },
    { name: 'half a time', protocol: TCP, ports: [10001, 40000], bytes: bytes('\x01i2010026032\x03') },
    {
      name: 'wrapper whose length disagrees',
      protocol: TCP,
      ports: ask,
      bytes: bytes(wrapper(16, 1, getRequest), 0),
    },
    { name: 'wrapper of no source', protocol: TCP, ports: ask, bytes: wrapper(0, 1, getRequest) },
    { name: 'wrapper of an unknown tag', protocol: TCP, ports: ask, bytes: wrapper(16, 1, zeros(9)) },
    {
      name: 'HDLC with a wrong checksum',
      protocol: TCP,
      ports: ask,
      bytes: hex('7e a007 03 21 93 0f02 7e'),
    },
    {
      name: 'association without EPSEM',
      protocol: UDP,
      ports: [40000, 1153],
      bytes: hex('60 0d a206 0604 2a030405 a803 020105'),
    },
    {
      name: 'association that does not fill',
      protocol: UDP,
      ports: [40000, 1153],
      bytes: bytes(association(false), 0),
    },
    {
      name: 'LDAP bind and GSS-API begin with 60 too',
      protocol: TCP,
      ports: [40000, 389],
      bytes: hex('60 0b 06 09 2a864886f712010202'),
    },
    {
      name: 'synchrophasor with a wrong checksum',
      protocol: TCP,
      ports: [40000, 4712],
      bytes: bytes(phasor(4).subarray(0, 17), phasor(4)[17] ^ 1),
    },
    {
      name: 'frame of IEC 60870-5-101',
      protocol: TCP,
      ports: [40000, 40001],
      bytes: mBus(0x53, 100),
    },
    {
      name: 'M-Bus with a wrong sum',
      protocol: TCP,
      ports: [40000, 40001],
      bytes: bytes(mBus(0x53, 0x52).subarray(0, 17), 0, 0x16),
    },
    {
      name: 'gauge command with a letter in it',
      protocol: TCP,
      ports: [40000, 10001],
      bytes: bytes('\x01I2010A\n'),
    },
  ],
})

test('checksums have the values of their catalogues', () => {
  const digits = bytes('123456789')
  const all: [number, number][] = [
    [crcCcitt(digits, 0, 9, 0), 0x31c3],
    [crcCcitt(digits, 0, 9, 0xffff), 0x29b1],
    [crcHdlc(digits, 0, 9), 0x906e],
    [crc24(digits, 0, 9, CRC24Q), 0xcde703],
    [crc32(digits, 0, 9) >>> 0, 0xcbf43926],
    [parity(digits, 0, 9), 0x31],
    [sum8(digits, 0, 9), 0xdd],
  ]
  for (const [value, expected] of all) assert.is(value, expected)
})

test.run()
