import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/operations/agentx.ts'
import { bytes, hex, testSignatures, zeros } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/operations/agentx')

/** As snmpd says to its master. */
const agentOpen = hex(
  '01010000 00000000 00000000 7f29c02c 3c000000 01000000 05040000 01000000 881f0000 03000000 02000000 0a000000' +
    '19000000 4e65742d534e4d50204167656e7458207375622d6167656e74000000',
)
const agentAnswer = hex('01120000 05000000 00000000 8029c02c 08000000 7900000000000000')
const agentGet = hex('01051000 00000005 00000001 00000002 00000004 00000000')

testSignatures(test, signatures, {
  matches: [
    matched('agentx', 'open', agentOpen, CLIENT),
    matched('agentx', 'answer', agentAnswer, { role: 'none' }),
    matched('agentx', 'get, in network byte order', agentGet, SERVER),
    matched('agentx', 'ping', hex('010d000005000000 0000000001000000 00000000'), { strength: 'weak' }),
  ],
  misses: [
    missed('bulk of nothing', hex('0107000005000000 0000000000000000 00000000')),
    missed('agent with another length', bytes(agentOpen, zeros(4))),
    missed('agent with reserved flags', bytes(agentOpen.subarray(0, 2), 0x20, agentOpen.subarray(3))),
  ],
})

test.run()
