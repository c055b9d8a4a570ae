import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/files/version-control.ts'
import { bytes, testSignatures } from '../probe.ts'

const test = suite('label/signatures/files/version-control')
const TCP = 6

const wanted = bytes('0033git-upload-pack /project.git\0host=myserver.com\0')

testSignatures(test, signatures, {
  matches: [
    {
      label: 'git',
      name: 'upload-pack',
      protocol: TCP,
      ports: [1, 9418],
      bytes: wanted,
      strength: 'strong',
      role: 'client',
      extras: { git: { path: '/project.git' } },
    },
    {
      label: 'git',
      name: 'upload-pack, its length in the segment before, as git sends it',
      protocol: TCP,
      ports: [1, 2],
      previous: wanted.subarray(0, 4),
      bytes: wanted.subarray(4),
      strength: 'strong',
      role: 'client',
      extras: { git: { path: '/project.git' } },
    },
    {
      label: 'git',
      name: 'an error that answers it',
      protocol: TCP,
      ports: [2, 1],
      bytes: bytes('003bERR access denied or repository not exported: /nope.git'),
      peer: wanted.subarray(4),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'git',
      name: 'references',
      protocol: TCP,
      ports: [9418, 1],
      bytes: bytes('00327217a7c7e582c46cec22a130adf4b9d7d950fba0 HEAD\n'),
      peer: wanted,
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'git',
      name: 'references to a request that was not captured',
      protocol: TCP,
      ports: [9418, 1],
      bytes: bytes('00327217a7c7e582c46cec22a130adf4b9d7d950fba0 HEAD\n'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'git',
      name: 'version 2',
      protocol: TCP,
      ports: [9418, 1],
      bytes: bytes('000eversion 2\n'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'svn',
      name: 'greeting',
      protocol: TCP,
      ports: [3690, 1],
      bytes: bytes('( success ( 2 2 ( ) ( edit-pipeline svndiff1 ) ) ) '),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'svn',
      name: 'answer',
      protocol: TCP,
      ports: [1, 3690],
      bytes: bytes('( 2 ( edit-pipeline svndiff1 ) 23:svn://example.org/trunk ) '),
      strength: 'strong',
      role: 'client',
    },
  ],
  misses: [
    {
      name: 'line behind words that begin with git',
      protocol: TCP,
      ports: [2, 1],
      bytes: bytes('0010abcdefghijk\n'),
      peer: bytes('git-and-other-words here'),
    },
    {
      name: 'git service behind another length',
      protocol: TCP,
      ports: [1, 2],
      previous: bytes('0032'),
      bytes: wanted.subarray(4),
    },
    {
      name: 'unknown git service',
      protocol: TCP,
      ports: [1, 9418],
      bytes: bytes('0020git-download-it /project.git\0'),
    },
    {
      name: 'pkt-line with a name that is no object',
      protocol: TCP,
      ports: [9418, 1],
      bytes: bytes('00327217a7c7e582c46cec22a130adf4b9d7d950fbax HEAD\n'),
    },
    {
      name: 'pkt-line longer than the packet',
      protocol: TCP,
      ports: [1, 9418],
      bytes: bytes('0fffgit-upload-pack /p\0'),
    },
    {
      name: 'pkt-line of no digits',
      protocol: TCP,
      ports: [1, 9418],
      bytes: bytes('00zzgit-upload-pack /p\0'),
    },
    { name: 'Lisp', protocol: TCP, ports: [1, 3690], bytes: bytes('( 2 ( + 3 4 ) )') },
  ],
})

test.run()
