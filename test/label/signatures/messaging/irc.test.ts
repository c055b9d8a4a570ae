import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/messaging/irc.ts'
import { bytes, testSignatures } from '../probe.ts'
import { matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/messaging/irc')
const TCP = 6

testSignatures(test, signatures, {
  matches: [
    {
      label: 'irc',
      name: 'registration',
      protocol: TCP,
      ports: [1, 6667],
      bytes: bytes('NICK bob\r\nUSER bob 0 * :Bob\r\n'),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'irc',
      name: 'notice',
      protocol: TCP,
      ports: [6667, 1],
      bytes: bytes(':irc.example.net NOTICE * :*** Looking up\r\n'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'irc',
      name: 'numeric before registration',
      protocol: TCP,
      ports: [45000, 1],
      bytes: bytes(':irc.example.org 020 * :Please wait\r\n'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'irc',
      name: 'numeric that echoes a command',
      protocol: TCP,
      ports: [45000, 1],
      bytes: bytes(':irc.example.org 451 HELP :You have not registered\r\n'),
      strength: 'weak',
      role: 'server',
    },
    {
      label: 'irc',
      name: 'closing link',
      protocol: TCP,
      ports: [45000, 1],
      bytes: bytes('ERROR :Closing Link: [192.0.2.1] (Throttled)\r\n'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'irc',
      name: 'error instead of a greeting',
      protocol: TCP,
      ports: [45000, 1],
      bytes: bytes('ERROR :Trying to reconnect too fast.\r\n'),
      strength: 'weak',
      role: 'server',
    },
    matched('irc', 'answer to CAP', bytes(':irc.example.net CAP * LS :multi-prefix\r\n'), SERVER),
    matched('irc', 'relayed message', bytes(':bob!~bob@10.77.0.2 PRIVMSG #c :hello 1\r\n'), SERVER),
  ],
  misses: [
    missed('address with a blank', bytes(':bob at host!x@y PRIVMSG #c :hello\r\n')),
    missed('relayed by nobody', bytes(':bob PRIVMSG #c :hello\r\n')),
    {
      name: 'numeric of later',
      protocol: TCP,
      ports: [45000, 1],
      bytes: bytes(':irc.example.org 372 bob :- hello\r\n'),
    },
    {
      name: 'numeric without a server',
      protocol: TCP,
      ports: [45000, 1],
      bytes: bytes(': 451 * :You have not registered\r\n'),
    },
    {
      name: 'numeric in a line without end',
      protocol: TCP,
      ports: [45000, 1],
      bytes: bytes(':irc.example.org 451 * :You have not'),
    },
    {
      name: 'numeric in the middle of a talk',
      protocol: TCP,
      ports: [45000, 1],
      bytes: bytes(':irc.example.org 421 bob :hello\r\n'),
      ordinal: 2,
    },
    {
      name: 'error in the middle of a talk',
      protocol: TCP,
      ports: [45000, 1],
      bytes: bytes('ERROR :too fast\r\n'),
      ordinal: 1,
    },
    {
      name: 'error of something else',
      protocol: TCP,
      ports: [45000, 1],
      bytes: bytes('ERROR: too fast\r\n'),
    },
    { name: 'FTP USER', protocol: TCP, ports: [1, 21], bytes: bytes('USER anonymous\r\n') },
  ],
})

test.run()
