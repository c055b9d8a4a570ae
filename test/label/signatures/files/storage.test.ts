import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/files/storage.ts'
import { bytes, hex, le16, le32, noise, testSignatures, u16, u32, zeros } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/files/storage')

const KEYS = 'InitiatorName=iqn.1994-05.com.redhat:x\0TargetName=iqn.2020-01.ex:t1\0'.padEnd(72, '\0')
const login = (flags: number, reserved = 0) =>
  bytes(
    0x43,
    flags,
    0,
    0,
    u32(71),
    noise(8),
    u32(1),
    zeros(4),
    u32(1),
    u32(0),
    zeros(12),
    u32(reserved),
    KEYS,
  )
const loginAnswer = (status: number) =>
  bytes(0x23, 0x87, 0, 0, u32(0), noise(8), u32(1), zeros(4), u32(1), u32(1), u32(9), status, 0, zeros(10))
const iscsi = (opcode: number, flags: number, tags: Uint8Array, rest: Uint8Array, data = 0) =>
  bytes(opcode, flags, 0, 0, u32(data), zeros(8), tags, rest, noise(data))
const NOBODY = u32(0xffffffff)
const read10 = iscsi(1, 0xc1, bytes(u32(7), u32(4096)), bytes(u32(3), u32(4), 0x28, zeros(8), 8, zeros(6)))
const nvmeStart = (type: number, length = 128) =>
  bytes(type, 0, 0x80, 0, le32(length), zeros(8), noise(0), zeros(112))
const capsule = bytes(4, 0, 0x48, 0, le32(72), 0x7f, 0x40, noise(62))
const c2h = bytes(
  7,
  0x0c,
  0x18,
  0x18,
  le32(24 + 16),
  le16(1),
  le16(0),
  le32(0),
  le32(16),
  zeros(4),
  noise(16),
)
const isns = (code: number, flags: number, size = 16) =>
  bytes(u16(1), u16(code), u16(size), u16(flags), u16(9), u16(0), noise(size))
const ndmp = (kind: number, code: number, answers: number) =>
  bytes(
    0x80,
    0,
    0,
    36,
    u32(1),
    u32(0x5fee0000),
    u32(kind),
    u32(code),
    u32(answers),
    u32(0),
    u32(0),
    u32(4),
    u32(0),
  )
const frame = (word: number, length: number, complement: number) =>
  bytes(u32(word), u32(word), zeros(4), u16(length), u16(complement), noise(24))
const option = bytes('IHAVEOPT', u32(7), u32(10), u32(4), 'exp1', u16(0))
const call = bytes(0x80, 0, 0, 40, u32(0x12345678), u32(0), u32(2), u32(100003), u32(3), u32(0), zeros(16))

testSignatures(test, signatures, {
  matches: [
    matched('iscsi', 'login', login(0x87), {
      ...CLIENT,
      extras: { iscsi: { initiator: 'iqn.1994-05.com.redhat:x', target: 'iqn.2020-01.ex:t1' } },
    }),
    matched('iscsi', 'answer to a login', loginAnswer(0), SERVER),
    matched('iscsi', 'read', read10, CLIENT),
    matched('iscsi', 'read with a digest', bytes(read10, noise(4)), CLIENT),
    matched(
      'iscsi',
      'status',
      iscsi(0x21, 0x80, bytes(u32(7), u32(0)), bytes(u32(3), u32(4), u32(9), zeros(12))),
      SERVER,
    ),
    matched(
      'iscsi',
      'data in',
      iscsi(0x25, 0x81, bytes(u32(7), NOBODY), bytes(u32(3), u32(4), u32(9), zeros(12)), 8),
      SERVER,
    ),
    matched(
      'iscsi',
      'data out',
      iscsi(5, 0x80, bytes(u32(7), u32(9)), bytes(zeros(4), u32(4), zeros(16)), 8),
      CLIENT,
    ),
    matched(
      'iscsi',
      'ready to transfer',
      iscsi(0x31, 0x80, bytes(u32(7), u32(9)), bytes(u32(3), zeros(20))),
      SERVER,
    ),
    matched('iscsi', 'ping', iscsi(0x40, 0x80, bytes(u32(7), NOBODY), zeros(24)), CLIENT),
    matched('iscsi', 'ping of the target', iscsi(0x20, 0x80, bytes(NOBODY, u32(7)), zeros(24)), SERVER),
    matched('nvme', 'initialize', nvmeStart(0), CLIENT),
    matched('nvme', 'initialized', nvmeStart(1), SERVER),
    matched('nvme', 'command', capsule, CLIENT),
    matched('nvme', 'response', bytes(5, 0, 0x18, 0, le32(24), noise(16)), SERVER),
    matched('nvme', 'data', c2h, SERVER),
    matched('isns', 'registration', isns(1, 0x8c00), { protocol: 17, ...CLIENT }),
    matched('isns', 'its answer', isns(0x8001, 0x4c00), SERVER),
    matched('ndmp', 'connected', ndmp(0, 0x502, 0), SERVER),
    matched('ndmp', 'open', ndmp(0, 0x900, 0), { role: 'none' }),
    matched('ndmp', 'answer', ndmp(1, 0x100, 1), SERVER),
    matched('fcip', 'frame', frame(0x0101fefe, 12, 0xfff3)),
    matched('ifcp', 'frame', frame(0x0201fdfe, 12, 0xfff3)),
    matched('nbd', 'greeting', bytes('NBDMAGICIHAVEOPT', u16(3)), SERVER),
    matched('nbd', 'option', option, CLIENT),
    matched('nbd', 'option behind the flags', bytes(u32(3), option), CLIENT),
    matched('nbd', 'answer to an option', bytes(hex('0003e889045565a9'), u32(7), u32(1), u32(0)), SERVER),
    matched('nbd', 'read', bytes(u32(0x25609513), u16(0), u16(0), noise(8), zeros(8), u32(4096)), CLIENT),
    matched('nbd', 'simple answer', bytes(u32(0x67446698), u32(0), noise(8)), SERVER),
    matched('nbd', 'chunk', bytes(u32(0x668e33ef), u16(1), u16(1), noise(12)), SERVER),
    matched('drbd', 'features', bytes(u32(0x83740267), u16(0xfffe), u16(8), noise(8))),
    matched('drbd', 'header of version 9', bytes(u32(0x8620ec20), u16(0), u16(3), u32(8), u32(0), noise(8))),
    matched('drbd', 'large packet', bytes(u16(0x835a), u16(0x10), u32(16), noise(16))),
  ],
  misses: [
    missed('login with reserved bits', login(0xb7)),
    missed('login whose last word is not zero', login(0x87, 1)),
    missed('login with another length', bytes(login(0x87), zeros(8))),
    missed('answer to a login without such a status', loginAnswer(9)),
    missed('read that leaves something behind it', bytes(read10.subarray(0, 46), 1, 1)),
    missed('ping with two tags', iscsi(0x40, 0x80, bytes(u32(7), u32(8)), zeros(24))),
    missed('zeros', zeros(48)),
    missed('initialize of another length', nvmeStart(0, 129)),
    missed('no such type', bytes(8, 0, 0x18, 0, le32(24), noise(16))),
    missed('data longer than its packet', bytes(c2h.subarray(0, 16), le32(999), c2h.subarray(20))),
    missed('iSNS of both senders', isns(1, 0xcc00)),
    missed('iSNS of no such function', isns(0x77, 0x8c00)),
    missed(
      'NDMP without a time',
      bytes(ndmp(0, 0x502, 0).subarray(0, 8), u32(0), ndmp(0, 0x502, 0).subarray(12)),
    ),
    missed('a call of Sun RPC', call),
    missed('frame without its complement', frame(0x0101fefe, 12, 12)),
    missed('NBD cut short', bytes('NBDMAGIC')),
    missed('half of a magic', bytes('NBDMAGIX', zeros(10))),
    missed('DRBD longer than the packet', bytes(u32(0x83740267), u16(2), u16(99), noise(8))),
  ],
})
test.run()
