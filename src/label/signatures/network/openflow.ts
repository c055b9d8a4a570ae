/** OpenFlow, between a controller and its switches. */
import { readU16 } from '../../../bytes.ts'
import { NO_MATCH, type Payload, type Signature, STRONG, WEAK } from '../../inspect/payload.ts'
import { onPort, TCP } from '../common/ports.ts'

const OPENFLOW_HEADER = 8
const OPENFLOW_HELLO = 0
const OPENFLOW_ERROR = 1
/** Version 1.3 and type of the element that a hello may hold from then on. */
const OPENFLOW_1_3 = 4
const VERSION_BITMAP = 1
const LAST_ERROR = 17
const EXPERIMENTER_ERROR = 0xffff

/** TPKT, TDS and Diameter begin like this header: what follows must be of the type. */
function openflowBody({ bytes, start, end }: Payload, length: number): boolean {
  const type = bytes[start + 1]
  if (type > OPENFLOW_ERROR || length === OPENFLOW_HEADER || start + OPENFLOW_HEADER + 2 > end)
    return type !== OPENFLOW_ERROR || length > OPENFLOW_HEADER
  const first = readU16(bytes, start + OPENFLOW_HEADER)
  if (type === OPENFLOW_HELLO) return bytes[start] >= OPENFLOW_1_3 && first === VERSION_BITMAP
  return first <= LAST_ERROR || first === EXPERIMENTER_ERROR
}

/** OpenFlow: version 1.0 to 1.5, type, length of the whole, transaction. */
function openflow(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 8 || bytes[start] < 1 || bytes[start] > 6 || bytes[start + 1] > 35) return NO_MATCH
  if (!onPort(payload, 6633) && !onPort(payload, 6653)) return NO_MATCH
  const length = readU16(bytes, start + 2)
  if (length < OPENFLOW_HEADER || length > payload.length || !openflowBody(payload, length)) return NO_MATCH
  return length === payload.length ? STRONG : WEAK
}

export const signatures: Signature[] = [
  {
    label: 'openflow',
    says: 'holds an OpenFlow header with agreeing length, on an OpenFlow port',
    protocols: TCP,
    ports: [6633, 6653],
    firstBytes: [1, 2, 3, 4, 5, 6],
    match: openflow,
  },
]
