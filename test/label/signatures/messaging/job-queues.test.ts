import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/messaging/job-queues.ts'
import { bytes, noise, testSignatures, u32 } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/messaging/job-queues')

const gearman = (kind: string, type: number, size: number) => bytes(0, kind, u32(type), u32(size), noise(12))

testSignatures(test, signatures, {
  matches: [
    matched('beanstalkd', 'put', bytes('put 1 0 60 5\r\nhello\r\n'), CLIENT),
    matched('beanstalkd', 'inserted', bytes('INSERTED 1\r\n'), SERVER),
    matched('beanstalkd', 'reserved', bytes('RESERVED 1 5\r\nhello\r\n'), SERVER),
    matched('beanstalkd', 'watching', bytes('WATCHING 2\r\n'), SERVER),
    matched('gearman', 'request', gearman('REQ', 1, 12), CLIENT),
    matched('gearman', 'response', gearman('RES', 10, 0), SERVER),
  ],
  misses: [
    missed('put of too few numbers', bytes('put 1 0 60\r\nhello\r\n')),
    missed('inserted, but where', bytes('INSERTED x\r\n')),
    missed('no such type of Gearman', gearman('REQ', 99, 12)),
    missed('Gearman longer than the packet', gearman('REQ', 1, 400)),
  ],
})
test.run()
