import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/network/telecom.ts'
import { bytes, noise, testSignatures, u16, u32, zeros } from '../probe.ts'

const test = suite('label/signatures/network/telecom')
const TCP = 6
const UDP = 17
const TAB = '\t'

const element = (type: number, ...content: number[]) => bytes(u16(type), u16(content.length), content)
const node = (type: number, body: Uint8Array) => bytes(0x20, type, u16(4 + body.length), [0, 0, 7], 0, body)
const session = (type: number, body: Uint8Array) =>
  bytes(0x21, type, u16(12 + body.length), noise(8), [0, 0, 7], 0, body)
const heartbeat = node(1, element(96, 0xe9, 0x01, 0x02, 0x03))
const establish = bytes(element(60, 0, 10, 0, 0, 1), element(57, ...noise(13)))

const ucpText = '01/00045/O/30/66677789///1//////68656C6C6F/CE'
const cimdLogin = `\x0201:001${TAB}010:user${TAB}011:secret${TAB}\x03`

const smpp = (command: number, answer = 0) =>
  bytes(u32(20), answer, 0, u16(command), u32(0), u32(1), noise(4))

testSignatures(test, signatures, {
  matches: [
    {
      label: 'pfcp',
      name: 'heartbeat',
      protocol: UDP,
      ports: [8805, 8805],
      bytes: heartbeat,
      strength: 'strong',
      role: 'none',
      extras: { pfcp: { message_type: 1 } },
    },
    {
      label: 'pfcp',
      name: 'session establishment elsewhere',
      protocol: UDP,
      ports: [40000, 18805],
      bytes: session(50, establish),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'pfcp',
      name: 'end of a session',
      protocol: UDP,
      ports: [8805, 8805],
      bytes: session(54, zeros(0)),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'pfcp',
      name: 'its answer',
      protocol: UDP,
      ports: [18805, 40000],
      bytes: session(51, element(19, 1)),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'pfcp',
      name: 'report of the user plane',
      protocol: UDP,
      ports: [18805, 40000],
      bytes: session(56, element(39, 1)),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'smpp',
      name: 'bind',
      protocol: TCP,
      ports: [1, 2775],
      bytes: smpp(9),
      strength: 'strong',
      role: 'client',
      extras: { smpp: { command: 9 } },
    },
    {
      label: 'smpp',
      name: 'two messages elsewhere',
      protocol: TCP,
      ports: [9000, 1],
      bytes: bytes(smpp(4, 0x80), smpp(5)),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'smpp',
      name: 'delivery',
      protocol: TCP,
      ports: [9000, 1],
      bytes: smpp(5),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'smpp',
      name: 'enquiry',
      protocol: TCP,
      ports: [1, 9000],
      bytes: bytes(u32(16), u32(0x15), u32(0), u32(3)),
      strength: 'strong',
      role: 'none',
    },
    {
      label: 'smpp',
      name: 'bound',
      protocol: TCP,
      ports: [2775, 1],
      bytes: smpp(9, 0x80),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'ucp',
      name: 'submission',
      protocol: TCP,
      ports: [40000, 5000],
      bytes: bytes(2, ucpText, 3),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'ucp',
      name: 'result',
      protocol: TCP,
      ports: [5000, 40000],
      bytes: bytes(2, '01/00044/R/30/A//66677789:180594141236/DC000', 3),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'ucp',
      name: 'delivery',
      protocol: TCP,
      ports: [5000, 40000],
      bytes: bytes(2, ucpText.replace('/30/', '/52/'), 3),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'cimd',
      name: 'login',
      protocol: TCP,
      ports: [40000, 9971],
      bytes: bytes(cimdLogin),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'cimd',
      name: 'its answer',
      protocol: TCP,
      ports: [9971, 40000],
      bytes: bytes(`\x0251:001${TAB}`, 3),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'cimd',
      name: 'delivery of a message',
      protocol: TCP,
      ports: [9971, 40000],
      bytes: bytes(`\x0220:002${TAB}021:1234${TAB}\x03`),
      strength: 'strong',
      role: 'server',
    },
  ],
  misses: [
    { name: 'modification of nothing', protocol: UDP, ports: [8805, 8805], bytes: session(52, zeros(0)) },
    {
      name: 'length of PFCP disagrees',
      protocol: UDP,
      ports: [8805, 8805],
      bytes: bytes(heartbeat, 0),
    },
    {
      name: 'element of PFCP leads beyond the end',
      protocol: UDP,
      ports: [8805, 8805],
      bytes: node(1, bytes(u16(96), u16(5), zeros(4))),
    },
    {
      name: 'session message of PFCP without its identifier',
      protocol: UDP,
      ports: [8805, 8805],
      bytes: node(50, establish),
    },
    { name: 'SMPP command 77', protocol: TCP, ports: [1, 2775], bytes: smpp(77) },
    { name: 'SMPP whose length disagrees', protocol: TCP, ports: [1, 2775], bytes: bytes(smpp(9), 0) },
    {
      name: 'SMPP that asks with a status',
      protocol: TCP,
      ports: [1, 2775],
      bytes: bytes(u32(16), u32(0x15), u32(1), u32(1)),
    },
    { name: 'zeros', protocol: TCP, ports: [1, 2775], bytes: zeros(40) },
    {
      name: 'UCP whose length leads elsewhere',
      protocol: TCP,
      ports: [40000, 5000],
      bytes: bytes(2, ucpText.replace('00045', '00043'), 3),
    },
    {
      name: 'UCP with a letter in its length',
      protocol: TCP,
      ports: [40000, 5000],
      bytes: bytes(2, ucpText.replace('00045', '0?045'), 3),
    },
    {
      name: 'CIMD without a parameter',
      protocol: TCP,
      ports: [40000, 9971],
      bytes: bytes(`\x0203:001${TAB}hello, world`),
    },
  ],
})

test.run()
