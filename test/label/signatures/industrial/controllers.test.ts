import { suite } from 'uvu'
import { crcCcitt } from '../../../../src/label/signatures/common/checksums.ts'
import { signatures } from '../../../../src/label/signatures/industrial/controllers.ts'
import { bytes, hex, le16, le32, noise, type Probe, testSignatures, u16, u32, zeros } from '../probe.ts'

const test = suite('label/signatures/industrial/controllers')
const TCP = 6
const UDP = 17

const ends = [40000, 40001] as const

const ads = (state: number, data: number) =>
  bytes(u16(0), le32(32 + data), noise(16), le16(2), le16(state), le32(data), zeros(4), le32(9), noise(data))
const fins = (flags: number, to: number, from: number, ...rest: number[]) =>
  bytes(flags, 0, 2, 0, to, 0, 0, from, 0, 0x19, rest)
const melsec = (kind: number, ...body: number[]) =>
  bytes(kind, 0, 0, 0xff, 0xff, 3, 0, le16(body.length), body)
const srtp = (type: number, kind: number, mailbox: number) =>
  bytes(type, 0, 7, 0, zeros(26), 7, kind, zeros(4), u32(mailbox), 1, 1, 4, 8, zeros(12))
const egd = (nanoseconds: number) =>
  bytes(
    13,
    1,
    le16(9),
    [192, 168, 8, 77],
    le32(123),
    le32(0x387e8abe),
    le32(nanoseconds),
    zeros(12),
    zeros(8),
  )
const sBus = (kind: number, ...content: number[]) => {
  const body = bytes(u32(11 + content.length), 1, 0, u16(7), kind, content)
  return bytes(body, u16(crcCcitt(body, 0, body.length, 0)))
}
const pcWorx = (type: number, command: number, rest: Uint8Array) =>
  bytes(type, command, u16(14 + rest.length), zeros(4), hex('78800003000c'), rest)
const session = pcWorx(1, 1, bytes('IBETH01N0_M\0'))

const asks = (label: string, name: string, payload: Uint8Array, protocol = TCP) => ({
  label,
  name,
  protocol,
  ports: ends,
  bytes: payload,
  strength: 'strong' as const,
  role: 'client' as const,
})
const answers = (label: string, name: string, payload: Uint8Array, rest: Partial<Probe> = {}) => ({
  ...asks(label, name, payload),
  role: 'server' as const,
  ...rest,
})
const miss = (name: string, payload: Uint8Array, rest: Partial<Probe> = {}): Probe => ({
  name,
  protocol: TCP,
  ports: ends,
  bytes: payload,
  ...rest,
})

testSignatures(test, signatures, {
  matches: [
    asks('beckhoff-ads', 'read', ads(4, 12)),
    answers('beckhoff-ads', 'answer, and another message', bytes(ads(5, 20), ads(5, 4))),
    asks('beckhoff-ads', 'discovery', hex('71146603 00000000 01000000 c0a80163'), UDP),
    answers('beckhoff-ads', 'discovered', hex('71146603 00000000 01000080 c0a80108'), { protocol: UDP }),
    asks('omron-fins', 'node address', bytes('FINS', u32(12), u32(0), u32(0), u32(0))),
    answers('omron-fins', 'node address given', bytes('FINS', u32(16), u32(1), u32(0), u32(5), u32(1))),
    {
      ...asks('omron-fins', 'memory read', fins(0x80, 1, 0x64, 1, 1, 0x82, 0, 0, 0, 0, 1), UDP),
      strength: 'weak',
    },
    answers('omron-fins', 'memory', fins(0xc0, 0x64, 1, 1, 1, 0, 0, 0x12, 0x34), {
      protocol: UDP,
      peer: fins(0x80, 1, 0x64, 1, 1, 0x82, 0, 0, 0, 0, 1),
    }),
    asks(
      'melsec',
      'read in ASCII with a number',
      bytes('54001234000000FF03FF000018001004010000D*0000100004'),
    ),
    answers('melsec', 'data in ASCII with a number', bytes('D4001234000000FF03FF0000080000ABCD')),
    asks('proconos', 'opens', hex('cc01000dc0010000d517')),
    asks('melsec', 'batch read', melsec(0x50, 16, 0, 1, 4, 0, 0, 100, 0, 0, 0xa8, 1, 0)),
    answers('melsec', 'batch', melsec(0xd0, 0, 0, 0x34, 0x12), { protocol: UDP }),
    {
      ...asks('melsec', 'to another station', bytes(0x50, 0, 1, 2, hex('ff0300'), le16(2), 16, 0)),
      strength: 'weak',
    },
    asks('melsec', 'with a number', bytes(0x54, 0, u16(7), u16(0), hex('00ffff0300'), le16(2), 16, 0)),
    asks('melsec', 'ASCII', bytes('500000FF03FF000018001004010000D*0000000001')),
    answers('melsec', 'ASCII', bytes('D00000FF03FF00000800001234')),
    asks('ge-srtp', 'read', srtp(2, 0xc0, 0x100e0000)),
    answers('ge-srtp', 'accepted', srtp(3, 0xd4, 0), { peer: srtp(2, 0xc0, 0x100e0000) }),
    { ...asks('egd', 'data', bytes(egd(740_000_000), noise(20)), UDP), role: 'none' },
    asks('ether-s-bus', 'request', sBus(0, 10, 0x20), UDP),
    answers('ether-s-bus', 'answer', sBus(1, 0x44, 0x32, 0x4d), { protocol: UDP }),
    { ...asks('codesys', 'frame', bytes(hex('000117e8'), le32(28), 0xc5, noise(19))), role: 'none' },
    asks('pcworx', 'session', session),
    answers('pcworx', 'session given', pcWorx(0x81, 1, noise(6)), { peer: session }),
    asks('proconos', 'who is it', hex('cc01000b4002000047ee')),
    answers('proconos', 'who it is', bytes(0xcc, 0, '000000000\0', 'ProConOS V4.2.0214 Oct 28 2011\0')),
    asks('crimson', 'maker', hex('0004012b1b00')),
    answers('crimson', 'Red Lion', bytes(u16(20), u16(0x012b), u16(0x1b00), 'Red Lion Control'), {
      peer: hex('0004012b1b00'),
    }),
  ],
  misses: [
    miss('a number in ASCII that is none', bytes('5400123400010' + '0FF03FF000018001004010000D*0000100004')),
    miss('message to ProConOS of another length', hex('cc01000dc0010100d517')),
    miss('ADS whose lengths disagree', bytes(ads(4, 12).subarray(0, 26), le32(13), noise(20))),
    miss('ADS in an unknown state', ads(6, 12)),
    miss('FINS of an unknown command', bytes('FINS', u32(12), u32(7), u32(0), u32(0))),
    miss('FINS of an unknown code', fins(0x80, 1, 0x64, 0, 0, 0), { protocol: UDP }),
    miss('MELSEC whose length disagrees', bytes(melsec(0x50, 16, 0, 1, 4), 0)),
    miss('MELSEC to no processor', bytes(0x50, 0, 0, 0xff, 0xff, 4, 0, le16(2), 16, 0)),
    miss('GE SRTP to another mailbox', srtp(2, 0xc0, 0x110e0000 + 0x0100)),
    miss('GE SRTP answers nothing', srtp(3, 0xd4, 0)),
    miss('zeros', zeros(56)),
    miss('EGD with too many nanoseconds', egd(1_000_000_000), { protocol: UDP }),
    miss('S-Bus with a wrong checksum', bytes(sBus(0, 10, 0x20).subarray(0, 12), 0), { protocol: UDP }),
    miss('CODESYS with another datagram', bytes(hex('000117e8'), le32(28), 0xc6, noise(19))),
    miss('PC Worx answers nothing', pcWorx(0x81, 1, noise(6))),
    miss('ProConOS asks otherwise', hex('cc01000b4002000147ee')),
    miss('Crimson asks otherwise', hex('0004012c1b00')),
  ],
})

test.run()
