import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/operations/daemons.ts'
import { bytes, hex, le32, noise, testSignatures, u16, u32, zeros } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/operations/daemons')

const serialQuery = hex('010112340000000c00000007')
const resetQuery = hex('0202000000000008')
const cacheResponse = hex('0203b98b00000008')
/** As snmpd says to its master. */
const agentOpen = hex(
  '01010000 00000000 00000000 7f29c02c 3c000000 01000000 05040000 01000000 881f0000 03000000 02000000 0a000000' +
    '19000000 4e65742d534e4d50204167656e7458207375622d6167656e74000000',
)
const agentAnswer = hex('01120000 05000000 00000000 8029c02c 08000000 7900000000000000')
const agentGet = hex('01051000 00000005 00000001 00000002 00000004 00000000')
const initiation = hex('0300000019 04 00020005476f424750 00010006332e31302e30')
const monitoring = bytes(3, u32(80), 0, zeros(42), new Uint8Array(16).fill(0xff), u16(32), 2, zeros(9))
const open = hex('20010014 01100010 201e7801 0010000400000005')
const virt = (type: number, rest = 0) =>
  bytes(u32(28 + rest), hex('20008086 00000001 00000042'), u32(type), u32(0), u32(0), noise(rest))
const chunk = (type: number, ...value: number[]) => bytes(u16(0), u16(type), u16(6 + value.length), value)
const ice = (type: number, size = 14) => bytes('IceP', [1, 0, 1, 0, type, 0], le32(size))
const dubbo = (flags: number, status: number, size = 5) =>
  bytes(hex('dabb'), flags, status, noise(8), u32(size), noise(5))
const init =
  '<?xml version="1.0" encoding="iso-8859-1"?>\n<init xmlns="urn:debugger_protocol_v1" language="PHP"'
const hep = (size: number) => bytes('HEP3', u16(size), chunk(1, 2), chunk(2, 17))

testSignatures(test, signatures, {
  matches: [
    matched('asterisk-ami', 'greeting', bytes('Asterisk Call Manager/5.0.2\r\n'), SERVER),
    matched('freeswitch', 'question', bytes('Content-Type: auth/request\n\n'), SERVER),
    matched('clamd', 'stream', bytes('zINSTREAM\0', u32(3), 'abc', u32(0)), CLIENT),
    matched('clamd', 'nothing found', bytes('stream: OK\0'), SERVER),
    matched(
      'spamassassin',
      'message',
      bytes('PROCESS SPAMC/1.5\r\nUser: root\r\nContent-length: 3\r\n\r\nhi\n'),
      CLIENT,
    ),
    matched('spamassassin', 'answer', bytes('SPAMD/1.1 0 EX_OK\r\n'), SERVER),
    matched(
      'qmp',
      'greeting',
      bytes('{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2}}}}\r\n'),
      SERVER,
    ),
    matched('t3', 'hello', bytes('t3 12.2.1\nAS:255\nHL:19\n\n'), CLIENT),
    matched('t3', 'answer', bytes('HELO:12.2.1.3.0.false\nAS:2048\nHL:19\n\n'), SERVER),
    matched('relp', 'open', bytes('1 open 86 relp_version=0\nrelp_software=librelp,1.11.0\n'), CLIENT),
    matched('relp', 'accepted', bytes('1 rsp 93 200 OK\nrelp_version=0\nrelp_software=librelp\n'), SERVER),
    matched('libvirt', 'call', virt(0), CLIENT),
    matched('libvirt', 'answer', virt(1, 44), SERVER),
    matched('usbip', 'list', hex('0111800500000000'), CLIENT),
    matched('usbip', 'no such device', hex('0111000300000001'), SERVER),
    matched('agentx', 'open', agentOpen, CLIENT),
    matched('agentx', 'answer', agentAnswer, { role: 'none' }),
    matched('agentx', 'get, in network byte order', agentGet, SERVER),
    matched('agentx', 'ping', hex('010d000005000000 0000000001000000 00000000'), { strength: 'weak' }),
    matched('bmp', 'initiation', initiation),
    matched('bmp', 'route', monitoring),
    matched('rpki-rtr', 'reset', resetQuery, CLIENT),
    matched('rpki-rtr', 'what is new', serialQuery, { ...CLIENT, ports: [1, 323] }),
    matched('rpki-rtr', 'answer', cacheResponse, { ...SERVER, peer: resetQuery }),
    matched('pcep', 'open', open),
    matched('nanomsg', 'request', hex('0053500000300000')),
    matched('hep', 'copy', hep(20), CLIENT),
    matched(
      'postfix-policy',
      'question',
      bytes('request=smtpd_access_policy\nprotocol_state=RCPT\n\n'),
      CLIENT,
    ),
    matched('ice', 'connection validated', ice(3), SERVER),
    matched('ice', 'request', bytes(ice(0, 24), noise(10)), CLIENT),
    matched('dubbo', 'request', dubbo(0xc2, 0), CLIENT),
    matched('dubbo', 'answer', dubbo(2, 20), SERVER),
    matched('saprouter', 'route', bytes(u32(40), 'NI_ROUTE\0', noise(31)), CLIENT),
    matched('dbgp', 'init', bytes('495\0', init), CLIENT),
  ],
  misses: [
    missed('what is new of RPKI, elsewhere', serialQuery),
    missed('bulk of nothing', hex('0107000005000000 0000000000000000 00000000')),
    missed('head of MIME', bytes('Content-Type: text/plain\n\n')),
    missed('stream of another kind', bytes('zINSTREAMS\0')),
    missed('HEAD', bytes('HEAD /SPAMC/1.5 HTTP/1.0\r\n\r\n')),
    missed('SMTP', bytes('HELO 12.example.org\r\n')),
    missed('t3 without lines', bytes('t3 12.2.1\n')),
    missed('another first command', bytes('1 open 12 version=0\n')),
    missed('another program', bytes(u32(28), hex('200080a6 00000001'), zeros(16))),
    missed('call longer than its segment', virt(0, 44).subarray(0, 40)),
    missed('import with a status', hex('0111800300000001')),
    missed('agent with another length', bytes(agentOpen, zeros(4))),
    missed('agent with reserved flags', bytes(agentOpen.subarray(0, 2), 0x20, agentOpen.subarray(3))),
    missed('initiation whose elements end before it', bytes(3, u32(27), initiation.subarray(5), 0, 0)),
    missed('route without the marker', bytes(monitoring.subarray(0, 48), zeros(32))),
    missed('reset with a session', hex('0202000100000008')),
    missed('cache response to nobody', cacheResponse),
    missed('open of another version', hex('20010014 01100010 401e7801 0010000400000005')),
    missed('another object first', hex('20010014 02100010 201e7801 0010000400000005')),
    missed('nanomsg with something reserved', hex('0053500000300001')),
    missed('HEP shorter than its chunk', hep(10)),
    missed('Ice of no known type', ice(5)),
    missed('Ice longer than its segment', ice(0, 99)),
    missed('Dubbo with another length', dubbo(0xc2, 0, 6)),
    missed('request of Dubbo with a status', dubbo(0xc2, 20)),
    missed('another XML', bytes('495\0', init.replace('debugger', 'scanner'))),
  ],
})
test.run()
