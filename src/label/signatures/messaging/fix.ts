/** FIX, by which orders and trades are told in finance. */
import { startsWith } from '../../../bytes.ts'
import { NO_MATCH, type Payload, type Signature, STRONG, WEAK } from '../../inspect/payload.ts'
import { TCP } from '../common/ports.ts'
import { findText } from '../common/text-scan.ts'

/** FIX: "8=FIX" (or FIXT), then the body length as field 9. */
function fix(payload: Payload): number {
  const { bytes, start, end } = payload
  if (!startsWith(bytes, start, end, '8=FIX')) return NO_MATCH
  return findText(bytes, start, Math.min(end, start + 24), '\x019=') > 0 ? STRONG : WEAK
}

export const signatures: Signature[] = [
  { label: 'fix', says: 'starts with a FIX version field', protocols: TCP, firstBytes: [0x38], match: fix },
]
