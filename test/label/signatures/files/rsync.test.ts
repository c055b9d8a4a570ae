import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/files/rsync.ts'
import { bytes, testSignatures } from '../probe.ts'

const test = suite('label/signatures/files/rsync')
const TCP = 6

testSignatures(test, signatures, {
  matches: [
    {
      label: 'rsync',
      name: 'greeting',
      protocol: TCP,
      ports: [873, 1],
      bytes: bytes('@RSYNCD: 31.0\n'),
      strength: 'strong',
      extras: { rsync: { version: '31.0' } },
    },
    {
      label: 'rsync',
      name: 'greeting with digests',
      protocol: TCP,
      ports: [18730, 1],
      bytes: bytes('@RSYNCD: 32.0 sha512 sha256 sha1 md5 md4\n'),
      strength: 'strong',
      extras: { rsync: { version: '32.0' } },
    },
  ],
  misses: [{ name: 'RSYNC without @', protocol: TCP, ports: [873, 1], bytes: bytes('RSYNCD: 31.0\n') }],
})

test.run()
