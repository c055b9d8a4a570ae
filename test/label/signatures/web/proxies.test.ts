import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/web/proxies.ts'
import { bytes, hex, noise, testSignatures, u16, u32, zeros } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/web/proxies')
const UDP = 17
const udp = { protocol: UDP }

const URL = 'http://example.org/'
const icp = (opcode: number, body: Uint8Array, version = 2) =>
  bytes(opcode, version, u16(20 + body.length), u32(7), zeros(12), body)
const query = icp(1, bytes(u32(0), URL, 0))
const hit = icp(2, bytes(URL, 0))
const htcp = (data: Uint8Array, major = 0) =>
  bytes(u16(4 + 2 + data.length + 2), major, 0, u16(2 + data.length), data, u16(2))
const tst = htcp(bytes(0x10, 0, u32(9), u16(3), 'GET', u16(0)))
const wccp = (type: number, body = 20) =>
  bytes(u32(type), u16(0x200), u16(body), u16(0), u16(body - 4), noise(body - 4))

testSignatures(test, signatures, {
  matches: [
    matched('icp', 'query', query, { ...udp, ...CLIENT }),
    matched('icp', 'hit', hit, { ...udp, ...SERVER }),
    matched('icp', 'miss that answers', icp(3, bytes('/only/a/path', 0)), { ...udp, peer: query, ...SERVER }),
    matched('htcp', 'test', tst, udp),
    matched('htcp', 'nothing', htcp(bytes(0x00, 0, u32(9))), udp),
    matched('wccp', 'here I am', wccp(10), { ...udp, ...CLIENT }),
    matched('wccp', 'I see you', wccp(11), { ...udp, ...SERVER }),
    matched('wccp', 'version 1', bytes(u32(7), u32(4), noise(44)), {
      ...udp,
      ports: [2048, 2048],
      ...CLIENT,
    }),
    matched('icap', 'request', bytes('RESPMOD icap://a/echo ICAP/1.0\r\n'), CLIENT),
    matched('icap', 'options', bytes('OPTIONS icap://a/echo ICAP/1.0\r\n'), CLIENT),
    matched('icap', 'response', bytes('ICAP/1.0 204 Unmodified\r\n'), SERVER),
    matched('proxy-protocol', 'version 1', bytes('PROXY TCP4 10.0.0.1 10.0.0.2 5 80\r\n'), CLIENT),
    matched('proxy-protocol', 'version 2', bytes(hex('0d0a0d0a000d0a515549540a21110c'), noise(12)), CLIENT),
    matched('saprouter', 'route', bytes(u32(40), 'NI_ROUTE\0', noise(31)), CLIENT),
  ],
  misses: [
    missed('ICP of another version', icp(1, bytes(u32(0), URL, 0), 4), udp),
    missed('ICP of another length', bytes(query, 0), udp),
    missed('answer without a URL', icp(3, bytes('only a text', 0)), udp),
    missed('HTCP of another version', htcp(bytes(0x10, 0, u32(9), u16(3), 'GET', u16(0)), 1), udp),
    missed('HTCP with a rest', bytes(tst, 0), udp),
    missed('no such type of WCCP', wccp(14), udp),
    missed('WCCP of version 1 elsewhere', bytes(u32(7), u32(4), noise(44)), udp),
    missed('OPTIONS of HTTP', bytes('OPTIONS * HTTP/1.1\r\n')),
    missed('a proxy of another kind', bytes('PROXY UDP4 10.0.0.1 10.0.0.2 5 80\r\n')),
  ],
})

test.run()
