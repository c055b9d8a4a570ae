import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/media/av-control.ts'
import { bytes, testSignatures, u32, zeros } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/media/av-control')
const UDP = { protocol: 17 } as const

const eIscp = (version: number) => bytes('ISCP', u32(16), u32(8), version, zeros(3), '!1PWR01\r')

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
  ],
  misses: [
    missed('another greeting', bytes('PJLINK 2\r')),
    missed('another version of eISCP', eIscp(2)),
    missed('search of SSDP', bytes('M-SEARCH * HTTP/1.1\r\n\r\n'), UDP),
    missed('notice of SSDP', bytes('NOTIFY * HTTP/1.1\r\n\r\n'), UDP),
  ],
})
test.run()
