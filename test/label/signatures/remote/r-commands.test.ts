import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/remote/r-commands.ts'
import { bytes, testSignatures } from '../probe.ts'
import { CLIENT, matched, missed } from '../rows.ts'

const test = suite('label/signatures/remote/r-commands')

testSignatures(test, signatures, {
  matches: [
    matched('rlogin', 'names and terminal', bytes('\0me\0root\0xterm/38400\0'), CLIENT),
    matched('rsh', 'port for errors', bytes('1022\0'), { ports: [1, 514], strength: 'weak', ...CLIENT }),
    matched('rsh', 'all at once', bytes('0\0me\0root\0ls -l\0'), { ports: [1, 514], strength: 'weak' }),
    matched('rexec', 'all at once', bytes('0\0me\0secret\0ls -l\0'), { ports: [1, 512], strength: 'weak' }),
  ],
  misses: [
    missed('terminal without a speed', bytes('\0me\0root\0xterm\0')),
    missed('terminal with more behind it', bytes('\0me\0root\0xterm/38400\0x')),
    missed('remote shell on another port', bytes('1022\0')),
  ],
})

test.run()
