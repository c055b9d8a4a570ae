import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/media/rooms.ts'
import { bytes, hex, noise, testSignatures, u32, zeros } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/media/rooms')
const UDP = { protocol: 17 } as const

const eIscp = (version: number) => bytes('ISCP', u32(16), u32(8), version, zeros(3), '!1PWR01\r')
const address = hex('001122334455')
const wake = bytes(new Uint8Array(6).fill(0xff), ...Array.from({ length: 16 }, () => address))
const nsdp = (operation: number, name = 'NSDP') =>
  bytes(1, operation, zeros(6), address, address, zeros(4), name, zeros(4), hex('00010000 ffff0000'))
const discovery = hex('4201000200000001')

testSignatures(test, signatures, {
  matches: [
    matched('pjlink', 'open', bytes('PJLINK 0\r'), SERVER),
    matched('pjlink', 'with a password', bytes('PJLINK 1 4af1b9c2\r'), SERVER),
    matched('escvpnet', 'hello', bytes('ESC/VP.net\x10\x03', zeros(4))),
    matched('eiscp', 'power', eIscp(1)),
    matched('eiscp', 'search', eIscp(1), UDP),
    matched('dddp', 'beacon', bytes('AMXB<-UUID=0011><-SDKClass=Utility>\r'), { ...UDP, ...SERVER }),
    matched('sddp', 'search', bytes('SEARCH * SDDP/1.0\r\nHost: "10.0.0.1:24378"\r\n'), {
      ...UDP,
      ...CLIENT,
    }),
    matched('sddp', 'alive', bytes('NOTIFY ALIVE SDDP/1.0\r\nHost: "a"\r\n'), { ...UDP, ...SERVER }),
    matched('wol', 'magic packet', wake, { ...UDP, ...CLIENT }),
    matched('wol', 'with a password', bytes(wake, noise(6)), { ...UDP, ...CLIENT }),
    matched('nsdp', 'read', nsdp(1), { ...UDP, ...CLIENT }),
    matched('nsdp', 'answer', nsdp(2), { ...UDP, ...SERVER }),
    matched('addp', 'search', hex('4449474900010006ffffffffffff'), { ...UDP, ...CLIENT }),
    matched('gvcp', 'discovery', discovery, { ...UDP, ...CLIENT }),
    matched('gvcp', 'found', bytes(hex('0000000300080001'), noise(8)), {
      ...UDP,
      ...SERVER,
      peer: discovery,
    }),
  ],
  misses: [
    missed('another name', nsdp(1, 'NSDQ'), UDP),
    missed('DIGI of another length', hex('4449474900010007ffffffffffff'), UDP),
    missed('command without a number', hex('4201000200000000'), UDP),
    missed('answer with another number', bytes(hex('0000000300080002'), noise(8)), {
      ...UDP,
      peer: discovery,
    }),
    missed('another greeting', bytes('PJLINK 2\r')),
    missed('another version of eISCP', eIscp(2)),
    missed('search of SSDP', bytes('M-SEARCH * HTTP/1.1\r\n\r\n'), UDP),
    missed('notice of SSDP', bytes('NOTIFY * HTTP/1.1\r\n\r\n'), UDP),
    missed('one address differs', bytes(wake.subarray(0, 96), 9, wake.subarray(97)), UDP),
    missed('all bits set', new Uint8Array(102).fill(0xff), UDP),
    missed('magic packet and more', bytes(wake, noise(9)), UDP),
  ],
})
test.run()
