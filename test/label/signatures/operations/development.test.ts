import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/operations/development.ts'
import { bytes, hex, le32, noise, testSignatures, u16, u32 } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/operations/development')

const rmi = bytes('JRMI', u16(2), 0x4b)
const acknowledged = bytes(0x4e, u16(9), '127.0.0.1', u32(40001))
const command = bytes(u32(11), u32(5), 0, 1, 7)
const reply = bytes(u32(15), u32(5), 0x80, 0, 0, u32(8))
const adb = (name: string, complement: number[]) =>
  bytes(name, le32(1), le32(4096), le32(0), le32(0), complement, noise(0))
const complement = (name: string) => [...bytes(name)].map((byte) => 0xff ^ byte)
const sum = (data: string) => [...bytes(data)].reduce((all, byte) => (all + byte) & 0xff, 0)
const gdb = (data: string, off = 0) =>
  bytes('$', data, '#', ((sum(data) + off) & 0xff).toString(16).padStart(2, '0'))
const init =
  '<?xml version="1.0" encoding="iso-8859-1"?>\n<init xmlns="urn:debugger_protocol_v1" language="PHP"'

testSignatures(test, signatures, {
  matches: [
    matched('java-rmi', 'start', rmi, CLIENT),
    matched('java-rmi', 'acknowledged', acknowledged, { peer: rmi, ...SERVER }),
    matched('java-rmi', 'call', bytes(0x50, hex('aced0005'), noise(30)), CLIENT),
    matched('java-rmi', 'return', bytes(0x51, hex('aced0005'), noise(30)), SERVER),
    matched('jdwp', 'handshake', bytes('JDWP-Handshake'), { role: 'none' }),
    matched('jdwp', 'reply', reply, { peer: command }),
    matched('adb', 'connect', bytes(adb('CNXN', complement('CNXN')))),
    matched('adb', 'write', bytes(adb('WRTE', complement('WRTE')), noise(5))),
    matched('adb', 'version of the server', bytes('000Chost:version'), CLIENT),
    matched('gdb', 'what the debugger supports', bytes('+$qSupported:multiprocess+#c6'), CLIENT),
    matched('gdb', 'what the target supports', bytes('$PacketSize=3fff#00'), SERVER),
    matched('gdb', 'registers', gdb('g'), { strength: 'weak' }),
    matched('gdb', 'memory behind an acknowledgement', bytes('+', gdb('m7fff0000,40')), { strength: 'weak' }),
    matched('distcc', 'request', bytes('DIST00000001ARGC00000005'), CLIENT),
    matched('distcc', 'answer', bytes('DONE00000003STAT00000000'), SERVER),
    matched('cvspserver', 'login', bytes('BEGIN AUTH REQUEST\n/cvs\nme\n'), CLIENT),
    matched('cvspserver', 'let in', bytes('I LOVE YOU\n'), SERVER),
    matched('dbgp', 'init', bytes('495\0', init), CLIENT),
  ],
  misses: [
    missed('start with another protocol', bytes('JRMI', u16(2), 0x4e)),
    missed('acknowledgement of nothing', acknowledged),
    missed('a Java stream behind another byte', bytes(0x40, hex('aced0005'), noise(30))),
    missed('handshake with more', bytes('JDWP-Handshakes')),
    missed('reply to another command', reply, { peer: bytes(u32(11), u32(6), 0, 1, 7) }),
    missed('reply of another length', bytes(reply, 0), { peer: command }),
    missed('command without its complement', adb('CNXN', complement('CNXX'))),
    missed('service of another length', bytes('000Dhost:version')),
    missed('another sum', gdb('m7fff0000,40', 1)),
    missed('no sum', bytes('$HOME is where')),
    missed('request of version 9', bytes('DIST00000009ARGC00000005')),
    missed('love without an end of line', bytes('I LOVE YOU')),
    missed('another XML', bytes('495\0', init.replace('debugger', 'scanner'))),
  ],
})

test.run()
