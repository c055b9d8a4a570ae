import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/files/file-servers.ts'
import { bytes, le16, le32, noise, testSignatures, u16, u32, zeros } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/files/file-servers')
const UDP = 17

const version = (type: number, text: string) =>
  bytes(le32(13 + text.length), type, le16(0xffff), le32(65536), le16(text.length), text)
const walk = bytes(le32(17), 110, le16(5), le32(1), le32(2), le16(0))
const walked = bytes(le32(9), 111, le16(5), le16(0))
const error = (number: Uint8Array) => bytes(le32(7 + number.length), 7, le16(5), number)
const dsi = (flags: number, command: number, body: Uint8Array, id = 7) =>
  bytes(flags, command, u16(id), zeros(4), u32(body.length), zeros(4), body)
const status = dsi(1, 3, bytes(noise(20), 6, 'AFP3.4'))
interface Head {
  sequence?: number
  type?: number
  flags?: number
  service?: number
}
const rx = ({ sequence = 1, type = 1, flags = 5, service = 52 }: Head = {}) =>
  bytes(
    u32(0x5fee1234),
    u32(0x8000aa04),
    u32(1),
    u32(sequence),
    u32(1),
    type,
    flags,
    0,
    0,
    u16(0),
    u16(service),
    noise(12),
  )
const spice = (size: number) => bytes('REDQ', le32(2), le32(2), le32(size), noise(size))

const lnetMessage = (type: number, process = 12345) =>
  bytes(le32(0xc1), zeros(20), noise(16), le32(process), le32(12345), le32(type), noise(44))

testSignatures(test, signatures, {
  matches: [
    matched('9pfs', 'version', version(100, '9P2000.L'), CLIENT),
    matched('9pfs', 'its answer', version(101, '9P2000'), SERVER),
    matched('9pfs', 'answer with the tag of its request', walked, { peer: walk, ...SERVER }),
    matched('9pfs', 'error', error(bytes(le32(2))), { peer: walk, ...SERVER }),
    matched('9pfs', 'request on the port', walk, { ports: [1, 564], strength: 'weak', ...CLIENT }),
    matched('afp', 'open session', dsi(0, 4, bytes(1, 4, u32(1024))), CLIENT),
    matched('afp', 'status asked for', dsi(0, 3, zeros(0)), { strength: 'weak', ...CLIENT }),
    matched('afp', 'status that names AFP', status, SERVER),
    matched('afp', 'reply to a command', dsi(1, 2, noise(30)), { peer: dsi(0, 2, noise(9)), ...SERVER }),
    matched('afp', 'command on the port', dsi(0, 2, noise(30)), { ports: [1, 548] }),
    matched('rx', 'first packet of a call', rx(), { protocol: UDP, ...CLIENT }),
    matched('rx', 'answer', rx({ sequence: 3, flags: 4 }), { protocol: UDP, peer: rx(), ...SERVER }),
    matched('ceph', 'version 1', bytes('ceph v027', noise(20))),
    matched('ceph', 'version 2', bytes('ceph v2\n', le16(16), noise(16))),
    matched('lnet', 'acceptor', bytes(le32(0xacce7100), le32(1), noise(8)), CLIENT),
    matched('lnet', 'hello of a big-endian machine', bytes(u32(0x45726963), u32(3), noise(40))),
    matched('lnet', 'old hello', bytes(le32(0xeebc0ded), le16(1), le16(0), noise(40))),
    matched('lnet', 'message', lnetMessage(1)),
    matched(
      'lnet',
      'message of a big-endian machine',
      bytes(u32(0xc1), zeros(36), u32(12345), zeros(4), u32(4)),
    ),
    matched('spice', 'link', spice(26), CLIENT),
    matched('spice', 'its answer', spice(186), SERVER),
    matched('nx', 'greeting', bytes('NXPROXY-3.5.0-3.5.99')),
  ],
  misses: [
    missed('version of another protocol', version(100, '7P2000')),
    missed('answer with another tag', walked, { peer: bytes(walk.subarray(0, 5), 9, walk.subarray(6)) }),
    missed('9P error with more than a number', error(noise(9)), { peer: walk }),
    missed('9P request on another port', walk),
    missed('reply to another command', dsi(1, 2, noise(30), 8), { peer: dsi(0, 2, noise(9)) }),
    missed('command on another port', dsi(0, 2, noise(30))),
    missed('DSI with a reserved word', bytes(status.subarray(0, 15), 1, status.subarray(16))),
    missed('third packet of a call', rx({ sequence: 3 }), { protocol: UDP }),
    missed('no such type of Rx', rx({ type: 14 }), { protocol: UDP }),
    missed('no service', rx({ service: 0 }), { protocol: UDP }),
    missed('another banner of Ceph', bytes('ceph v9\n', noise(20))),
    missed('no such version of LNet', bytes(le32(0xacce7100), le32(7), noise(8))),
    missed('LNet message of no known type', lnetMessage(5)),
    missed('LNet message to another process', lnetMessage(1, 12346)),
    missed('REDQ of another version', bytes('REDQ', le32(9), le32(2), le32(26), noise(26))),
    missed('zeros', zeros(40), { protocol: UDP, peer: zeros(40) }),
  ],
})
test.run()
