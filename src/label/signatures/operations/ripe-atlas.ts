/** RIPE Atlas, which measures the Internet: what its scanner sends. */
import { FROM_CLIENT, type Signature } from '../../inspect/payload.ts'
import { opening } from '../common/beginnings.ts'
import { TCP_UDP } from '../common/ports.ts'

export const signatures: Signature[] = [
  opening({
    label: 'ripe-atlas',
    says: 'starts with "MGLNDD_", as probes of the scanner of RIPE Atlas do',
    protocols: TCP_UDP,
    text: 'MGLNDD_',
    role: FROM_CLIENT,
  }),
]
