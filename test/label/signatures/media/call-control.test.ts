import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/media/call-control.ts'
import { bytes, hex, le16, le32, noise, testSignatures, u16, zeros } from '../probe.ts'

const test = suite('label/signatures/media/call-control')
const TCP = 6
const UDP = 17

const h225 = hex('06 0008 914a 0004')
/** Q.931 setup: discriminator, call reference, type 5, bearer, user-user with H.225. */
const setup = bytes(8, 2, 0x77, 0xf4, 5, hex('0403 8090a5'), 0x7e, 0, 12, 5, 0x20, 0xa8, h225, noise(2))
const tpkt = (content: Uint8Array, extra = 0) => bytes(3, 0, u16(content.length + 4 + extra), content)
const h245 = bytes(0x02, 0x70, 1, hex('06 0008 8175 0007'), noise(12))
const ras = bytes(0x0e, 0x80, 0x46, 0x92, h225, noise(20))
const iaxNew = bytes(hex('8004 0000 00000001 00 00 06 01'), hex('0b02 0002'))
const iaxVoice = hex('8004 0001 00000001 01 01 02 04 aabb')
const skinny = (message: number) => bytes(le32(8), le32(0), le16(message), le16(0), zeros(4))

testSignatures(test, signatures, {
  matches: [
    {
      label: 'h323',
      name: 'setup',
      protocol: TCP,
      ports: [40000, 1720],
      bytes: tpkt(setup),
      strength: 'strong',
    },
    {
      label: 'h323',
      name: 'setup behind its header',
      protocol: TCP,
      ports: [40000, 1720],
      bytes: setup,
      previous: bytes(3, 0, u16(setup.length + 4)),
      strength: 'strong',
    },
    {
      label: 'h323',
      name: 'H.245 capabilities on its own port',
      protocol: TCP,
      ports: [40000, 1232],
      bytes: tpkt(h245),
      strength: 'strong',
    },
    {
      label: 'h323',
      name: 'registration',
      protocol: UDP,
      ports: [1719, 1719],
      bytes: ras,
      strength: 'strong',
    },
    {
      label: 'mgcp',
      name: 'create connection',
      protocol: UDP,
      ports: [2727, 2427],
      bytes: bytes('CRCX 1204 aaln/1@rgw-2567.example.net MGCP 1.0\r\nC: A3C47F21456789F0\r\n'),
      strength: 'strong',
      extras: { mgcp: { verb: 'CRCX' } },
    },
    {
      label: 'mgcp',
      name: 'answer',
      protocol: UDP,
      ports: [2427, 2727],
      bytes: bytes('200 1204 OK\r\n'),
      strength: 'weak',
    },
    {
      label: 'megaco',
      name: 'long form',
      protocol: UDP,
      ports: [2944, 2944],
      bytes: bytes('MEGACO/1 [10.0.0.1]:2944\n'),
      strength: 'strong',
    },
    {
      label: 'megaco',
      name: 'short form',
      protocol: UDP,
      ports: [2944, 2944],
      bytes: bytes('!/1 [10.0.0.1]:2944\n'),
      strength: 'strong',
    },
    {
      label: 'iax2',
      name: 'new call',
      protocol: UDP,
      ports: [40000, 4569],
      bytes: iaxNew,
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'iax2',
      name: 'voice frame',
      protocol: UDP,
      ports: [40000, 4569],
      bytes: iaxVoice,
      strength: 'weak',
    },
    {
      label: 'iax2',
      name: 'new call elsewhere',
      protocol: UDP,
      ports: [40000, 14569],
      bytes: iaxNew,
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'iax2',
      name: 'voice behind a call elsewhere',
      protocol: UDP,
      ports: [40000, 14569],
      bytes: iaxVoice,
      labelSoFar: 'iax2',
      strength: 'weak',
    },
    {
      label: 'iax2',
      name: 'frame that names the other side',
      protocol: UDP,
      ports: [4569, 40000],
      bytes: hex('8007 0004 00000001 01 01 02 04 aabb'),
      peer: hex('8004 0000 00000001 00 00 06 01'),
      strength: 'strong',
    },
    {
      label: 'skinny',
      name: 'register',
      protocol: TCP,
      ports: [40000, 2000],
      bytes: skinny(1),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'skinny',
      name: 'register acknowledged',
      protocol: TCP,
      ports: [2000, 40000],
      bytes: skinny(0x81),
      strength: 'strong',
      role: 'server',
    },
  ],
  misses: [
    {
      name: 'RDP connection request',
      protocol: TCP,
      ports: [1, 1720],
      bytes: hex('0300 0013 0e e0 0000 0000 00 01 00 08 00 03000000'),
    },
    {
      name: 'Q.931 without H.225',
      protocol: TCP,
      ports: [1, 1720],
      bytes: tpkt(bytes(8, 2, 0x77, 0xf4, 5, hex('0403 8090a5'))),
    },
    { name: 'TPKT longer than the packet', protocol: TCP, ports: [1, 1720], bytes: tpkt(setup, 40) },
    {
      name: 'half a Q.931 message',
      protocol: TCP,
      ports: [1, 1720],
      bytes: setup,
      previous: bytes(3, 0, u16(9)),
    },
    {
      name: 'RAS of another protocol',
      protocol: UDP,
      ports: [1719, 1719],
      bytes: bytes(0x0e, 0x80, 0, 1, hex('06 0009 914a 0004'), noise(20)),
    },
    {
      name: 'MGCP verb without version',
      protocol: UDP,
      ports: [1, 2427],
      bytes: bytes('CRCX 1204 aaln/1@rgw\r\n'),
    },
    { name: 'SIP answer', protocol: UDP, ports: [5060, 5060], bytes: bytes('200 1204 OK\r\n') },
    { name: 'MGCP answer with a letter', protocol: UDP, ports: [2427, 1], bytes: bytes('200 OK1204 \r\n') },
    {
      name: 'IAX2 mini frame',
      protocol: UDP,
      ports: [1, 4569],
      bytes: hex('0004 0001 00000001 01 01 02 04'),
    },
    { name: 'IAX2 voice elsewhere', protocol: UDP, ports: [1, 4570], bytes: iaxVoice },
    {
      name: 'IAX2 call without a version, elsewhere',
      protocol: UDP,
      ports: [1, 4570],
      bytes: bytes(iaxNew.subarray(0, 12), hex('0904 0000000e')),
    },
    { name: 'Skinny message 9999', protocol: TCP, ports: [1, 2000], bytes: skinny(9999) },
    { name: 'Skinny length', protocol: TCP, ports: [1, 2000], bytes: skinny(1).subarray(0, 14) },
  ],
})
test.run()
