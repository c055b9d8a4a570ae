/** The Music Player Daemon. */
import { FROM_SERVER, type Signature } from '../../inspect/payload.ts'
import { opening } from '../common/beginnings.ts'
import { TCP_UDP } from '../common/ports.ts'

export const signatures: Signature[] = [
  opening({
    label: 'mpd',
    says: 'starts with the greeting of a Music Player Daemon',
    protocols: TCP_UDP,
    ports: [6600],
    text: 'OK MPD ',
    role: FROM_SERVER,
  }),
]
