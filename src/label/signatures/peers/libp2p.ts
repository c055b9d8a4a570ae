/** libp2p, on which IPFS and others build their networks of peers. */
import type { Signature } from '../../inspect/payload.ts'
import { opening } from '../common/beginnings.ts'
import { TCP } from '../common/ports.ts'

export const signatures: Signature[] = [
  opening({
    label: 'libp2p',
    says: 'starts with a length of 19 and "/multistream/1.0.0"',
    protocols: TCP,
    ports: [4001],
    text: '\x13/multistream/1.0.0\n',
  }),
]
