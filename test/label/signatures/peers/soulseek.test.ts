import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/peers/soulseek.ts'
import { bytes, le32, noise, type Part, testSignatures } from '../probe.ts'

const test = suite('label/signatures/peers/soulseek')
const TCP = 6

const text = (value: string) => bytes(le32(value.length), value)
const message = (...parts: Part[]) => {
  const content = bytes(...parts)
  return bytes(le32(content.length), content)
}
const login = (hash: number) =>
  message(le32(1), text('user'), text('secret'), le32(160), le32(hash), noise(32), le32(17))

testSignatures(test, signatures, {
  matches: [
    {
      label: 'soulseek',
      name: 'login',
      protocol: TCP,
      ports: [1, 2],
      bytes: login(32),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'soulseek',
      name: 'logged in',
      protocol: TCP,
      ports: [2242, 1],
      bytes: message(le32(1), 1, text('Welcome'), noise(4), text('hash')),
      peer: login(32),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'soulseek',
      name: 'peer',
      protocol: TCP,
      ports: [1, 2],
      bytes: message(1, text('user'), text('P'), le32(0)),
      strength: 'strong',
      role: 'client',
    },
  ],
  misses: [
    { name: 'token alone', protocol: TCP, ports: [1, 2234], bytes: message(0, noise(4)) },
    { name: 'login with another hash', protocol: TCP, ports: [1, 2242], bytes: login(31) },
    {
      name: 'login, more in its length',
      protocol: TCP,
      ports: [1, 2242],
      bytes: bytes(200, login(32).subarray(1)),
    },
    { name: 'login later', protocol: TCP, ports: [1, 2242], bytes: login(32), ordinal: 4 },
    {
      name: 'answer with success 7',
      protocol: TCP,
      ports: [2242, 1],
      bytes: message(le32(1), 7, text('Welcome')),
      peer: login(32),
    },
    {
      name: 'peer of kind X',
      protocol: TCP,
      ports: [1, 2234],
      bytes: message(1, text('user'), text('X'), le32(0)),
    },
    {
      name: 'peer with a longer token',
      protocol: TCP,
      ports: [1, 2234],
      bytes: message(1, text('user'), text('P'), le32(0), 0),
    },
  ],
})
test.run()
