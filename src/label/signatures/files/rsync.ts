/** rsync: the greeting of its daemon. */
import { startsWith } from '../../../bytes.ts'
import { NO_MATCH, type Payload, type Signature, STRONG } from '../../inspect/payload.ts'
import { findByte } from '../common/byte-scan.ts'
import { setExtraText } from '../common/extras.ts'
import { TCP } from '../common/ports.ts'
import { lineStop } from '../common/text-scan.ts'

/** Both sides greet with "@RSYNCD: 31.0"; later versions list the digests they know behind it. */
function rsync(payload: Payload): number {
  const { bytes, start, end } = payload
  if (!startsWith(bytes, start, end, '@RSYNCD: ')) return NO_MATCH
  const stop = lineStop(bytes, start, Math.min(end, start + 64))
  const space = findByte(bytes, start + 9, stop, 0x20)
  setExtraText(payload, 'rsync', 'version', [start + 9, space < 0 ? stop : space])
  return STRONG
}

export const signatures: Signature[] = [
  {
    label: 'rsync',
    says: 'starts with the rsync daemon greeting "@RSYNCD: "',
    protocols: TCP,
    ports: [873],
    firstBytes: [0x40],
    match: rsync,
  },
]
