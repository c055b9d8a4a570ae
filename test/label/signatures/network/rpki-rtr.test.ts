import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/network/rpki-rtr.ts'
import { hex, testSignatures } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/network/rpki-rtr')

const serialQuery = hex('010112340000000c00000007')
const resetQuery = hex('0202000000000008')
const cacheResponse = hex('0203b98b00000008')

testSignatures(test, signatures, {
  matches: [
    matched('rpki-rtr', 'reset', resetQuery, CLIENT),
    matched('rpki-rtr', 'what is new', serialQuery, { ...CLIENT, ports: [1, 323] }),
    matched('rpki-rtr', 'answer', cacheResponse, { ...SERVER, peer: resetQuery }),
  ],
  misses: [
    missed('what is new of RPKI, elsewhere', serialQuery),
    missed('reset with a session', hex('0202000100000008')),
    missed('cache response to nobody', cacheResponse),
  ],
})

test.run()
