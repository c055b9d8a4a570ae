import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/operations/classics.ts'
import { bytes, hex, testSignatures } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/operations/classics')

const ask = bytes('/\r\n')
const menu = bytes('iWelcome\tfake\t(NULL)\t0\r\n0About\t/a.txt\thost\t70\t+\r\n.\r\n')

testSignatures(test, signatures, {
  matches: [
    matched('ident', 'ports', bytes('6191, 23\r\n'), { strength: 'weak', ...CLIENT }),
    matched('ident', 'user', bytes('6191, 23 : USERID : UNIX : stjohns\r\n'), SERVER),
    matched('ident', 'no user', bytes('6191,23:ERROR:NO-USER\r\n'), SERVER),
    matched('rlogin', 'names and terminal', bytes('\0me\0root\0xterm/38400\0'), CLIENT),
    matched('rsh', 'port for errors', bytes('1022\0'), { ports: [1, 514], strength: 'weak', ...CLIENT }),
    matched('rsh', 'all at once', bytes('0\0me\0root\0ls -l\0'), { ports: [1, 514], strength: 'weak' }),
    matched('rexec', 'all at once', bytes('0\0me\0secret\0ls -l\0'), { ports: [1, 512], strength: 'weak' }),
    matched('finger', 'user', bytes('Login: root           \t\t\tName: root\r\n'), {
      ports: [79, 1],
      ...SERVER,
    }),
    matched('gopher', 'menu', menu, { peer: ask, ...SERVER }),
    matched('gopher', 'line of a menu', bytes('0a\t/a.txt\tlocalhost\t7070\t+\r\n'), {
      peer: ask,
      strength: 'weak',
      ...SERVER,
    }),
  ],
  misses: [
    missed('numbers and more', bytes('6191, 23, 42\r\n')),
    missed('numbers in mid-flow', bytes('6191, 23\r\n'), { ordinal: 3 }),
    missed('terminal without a speed', bytes('\0me\0root\0xterm\0')),
    missed('terminal with more behind it', bytes('\0me\0root\0xterm/38400\0x')),
    missed('remote shell on another port', bytes('1022\0')),
    missed('user on another port', bytes('Login: root \tName: root\r\n')),
    missed('menu that nobody asked for', menu),
    missed('menu of one line without a port', bytes('iWelcome\tfake\t(NULL)\tx\r\n.\r\n'), { peer: ask }),
    missed('menu that a binary request precedes', menu, { peer: hex('00010203') }),
    missed('table', bytes('a\tb\tc\td\r\ne\tf\tg\th\r\n'), { peer: ask }),
  ],
})
test.run()
