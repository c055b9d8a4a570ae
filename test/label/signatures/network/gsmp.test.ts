import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/network/gsmp.ts'
import { bytes, hex, noise, testSignatures, u16, zeros } from '../probe.ts'
import { matched, missed } from '../rows.ts'

const test = suite('label/signatures/network/gsmp')

const message = (version: number, size = 44) => bytes(hex('880c'), u16(size), version, noise(43, 5))
/** RFC 6320 section 3.5.2: SYN of the adjacency, sub-version 1. */
const adjacency = bytes(hex('880c002c 310a6401 aabbcc007c00 000000000000'), zeros(28))

testSignatures(test, signatures, {
  matches: [
    matched('gsmp-ancp', 'adjacency', adjacency),
    matched('gsmp-ancp', 'two messages', bytes(message(0x31), message(0x32))),
  ],
  misses: [
    missed('version 2', message(0x21)),
    missed('a length beyond the segment', message(0x31, 45)),
    missed('something else behind the message', bytes(message(0x31), hex('1234'))),
    missed('a byte behind the message', bytes(message(0x31), 0x88)),
    missed('a message that ends where nothing was captured', bytes(message(0x31), noise(60)), {
      captured: 40,
    }),
    missed('a message shorter than its header', bytes(hex('880c'), u16(8), 0x31, noise(7))),
  ],
})

test.run()
