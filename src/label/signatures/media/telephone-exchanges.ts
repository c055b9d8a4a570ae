/** Telephone exchanges under control of programs: Asterisk's manager interface, FreeSWITCH's event socket. */
import { FROM_SERVER, type Signature } from '../../inspect/payload.ts'
import { opening } from '../common/beginnings.ts'
import { TCP } from '../common/ports.ts'

export const signatures: Signature[] = [
  opening({
    label: 'asterisk-ami',
    says: "starts with the greeting of Asterisk's manager interface",
    protocols: TCP,
    ports: [5038],
    text: 'Asterisk Call Manager/',
    role: FROM_SERVER,
  }),
  opening({
    label: 'freeswitch',
    says: 'asks who connects to the event socket of FreeSWITCH',
    protocols: TCP,
    ports: [8021],
    text: 'Content-Type: auth/request\n\n',
    role: FROM_SERVER,
  }),
]
