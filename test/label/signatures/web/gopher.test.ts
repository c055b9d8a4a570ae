import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/web/gopher.ts'
import { bytes, hex, testSignatures } from '../probe.ts'
import { matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/web/gopher')

const ask = bytes('/\r\n')
const menu = bytes('iWelcome\tfake\t(NULL)\t0\r\n0About\t/a.txt\thost\t70\t+\r\n.\r\n')

testSignatures(test, signatures, {
  matches: [
    matched('gopher', 'menu', menu, { peer: ask, ...SERVER }),
    matched('gopher', 'line of a menu', bytes('0a\t/a.txt\tlocalhost\t7070\t+\r\n'), {
      peer: ask,
      strength: 'weak',
      ...SERVER,
    }),
  ],
  misses: [
    missed('menu that nobody asked for', menu),
    missed('menu of one line without a port', bytes('iWelcome\tfake\t(NULL)\tx\r\n.\r\n'), { peer: ask }),
    missed('menu that a binary request precedes', menu, { peer: hex('00010203') }),
    missed('table', bytes('a\tb\tc\td\r\ne\tf\tg\th\r\n'), { peer: ask }),
  ],
})

test.run()
