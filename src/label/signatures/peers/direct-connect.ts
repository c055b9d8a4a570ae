/** Direct Connect: hubs and clients of NMDC, and ADC. */
import { startsWith } from '../../../bytes.ts'
import { FROM_SERVER, NO_MATCH, type Payload, type Signature, STRONG, WEAK } from '../../inspect/payload.ts'
import { findByte } from '../common/byte-scan.ts'
import { TCP } from '../common/ports.ts'
import { findText, printableRun } from '../common/text-scan.ts'

/** "$Lock EXTENDEDPROTOCOL… Pk=…|" from the hub, "$MyNick …|" between clients; ADC starts "HSUP AD". */
function directConnect(payload: Payload): number {
  const { bytes, start, end } = payload
  const stop = Math.min(end, start + 200)
  if (startsWith(bytes, start, end, '$Lock ')) {
    return findText(bytes, start, stop, ' Pk=') > 0 ? STRONG | FROM_SERVER : NO_MATCH
  }
  if (startsWith(bytes, start, end, '$MyNick ')) {
    const bar = findByte(bytes, start, stop, 0x7c)
    if (bar < 0 || printableRun(bytes, start, bar) !== bar) return NO_MATCH
    // One word.
    const nick = start + '$MyNick '.length
    if (nick === bar || findByte(bytes, nick, bar, 0x20) >= 0) return NO_MATCH
    if (startsWith(bytes, bar, end, '|$')) return STRONG
    return bar + 1 === end ? WEAK : NO_MATCH
  }
  return startsWith(bytes, start, end, 'HSUP AD') || startsWith(bytes, start, end, 'CSUP AD')
    ? STRONG
    : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'direct-connect',
    says: 'starts with a Direct Connect lock, nick or ADC greeting',
    protocols: TCP,
    ports: [411, 412],
    firstBytes: [0x24, 0x48, 0x43],
    match: directConnect,
  },
]
