import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/operations/erlang.ts'
import { bytes, hex, noise, testSignatures, u16, u32 } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/operations/erlang')

const short = (body: Uint8Array) => bytes(u16(body.length), body)
const node = [77, 0, 0, 6, 0, 5]
const alive = short(bytes(0x78, u16(36413), node, u16(1), 'a', u16(0)))
const erlang = short(bytes(0x4e, noise(8), u32(5), u16(11), 'b@localhost'))

testSignatures(test, signatures, {
  matches: [
    matched('epmd', 'registration', alive, CLIENT),
    matched('epmd', 'port asked for', short(bytes('za')), { strength: 'weak', ...CLIENT }),
    matched('epmd', 'port asked for on the port', short(bytes('za')), { ports: [1, 4369], ...CLIENT }),
    matched('epmd', 'port told', bytes(0x77, 0, u16(36413), node, u16(1), 'a', u16(0)), SERVER),
    matched('epmd', 'names asked for', hex('00016e'), { strength: 'weak', ...CLIENT }),
    matched('epmd', 'names told', bytes(u32(4369), 'name a at port 36413\n'), {
      peer: hex('00016e'),
      ...SERVER,
    }),
    matched('erldp', 'name', erlang, CLIENT),
    matched('erldp', 'name of version 5', short(bytes(0x6e, u16(5), noise(4), 'b@localhost')), CLIENT),
    matched('erldp', 'accepted', short(bytes('sok')), SERVER),
  ],
  misses: [
    missed(
      'registration of no such kind',
      short(bytes(0x78, u16(36413), 1, 0, 0, 6, 0, 5, u16(1), 'a', u16(0))),
    ),
    missed('name without a host', short(bytes(0x4e, noise(8), u32(5), u16(11), 'b-localhost'))),
  ],
})
test.run()
