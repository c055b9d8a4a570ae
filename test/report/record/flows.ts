/** A closed flow to change at will: a DNS question and its answer. */
import { parseAddress } from '../../../src/address.ts'
import type { ClosedFlow, SideCounters } from '../../../src/types.ts'

export function side(fields: Partial<SideCounters> = {}): SideCounters {
  return { packets: 0, wireBytes: 0, ipBytes: 0, payloadBytes: 0, tcpFlags: 0, retransmissions: 0, ...fields }
}

export function closedFlow(fields: Partial<ClosedFlow> = {}): ClosedFlow {
  return {
    idHigh: 0x01234567,
    idLow: 0x89abcdef | 0,
    continuesHigh: 0,
    continuesLow: 0,
    firstFrame: 7,
    startSec: 1_600_000_000,
    startNsec: 5,
    endSec: 1_600_000_001,
    endNsec: 250_000_005,
    closeSec: 1_600_000_061,
    closeNsec: 250_000_005,
    protocol: 17,
    ...between('192.0.2.1', '198.51.100.53'),
    srcPort: 53124,
    dstPort: 53,
    icmpType: -1,
    icmpCode: -1,
    orientation: 'payload',
    reversed: false,
    src: side({ packets: 1, wireBytes: 71, ipBytes: 57, payloadBytes: 29 }),
    dst: side({ packets: 1, wireBytes: 87, ipBytes: 73, payloadBytes: 45 }),
    encapsulation: [],
    handshakeSec: -1,
    handshakeNsec: 0,
    connState: 'SF',
    history: 'Dd',
    endReason: 'idle',
    anomalies: [],
    verdict: {
      label: 'dns',
      certainty: 'confirmed',
      category: 'name-service',
      evidence: [{ source: 'payload', says: 'a DNS question and its answer', for: 'dns', weight: 80 }],
      registry: { status: 'registered', name: 'domain', description: 'Domain Name Server' },
    },
    ...fields,
  }
}

type Ends = Pick<
  ClosedFlow,
  'ipVersion' | 'src0' | 'src1' | 'src2' | 'src3' | 'dst0' | 'dst1' | 'dst2' | 'dst3'
>

/** The address fields of a flow. */
export function between(src: string, dst: string): Ends {
  const from = parseAddress(src)!
  const to = parseAddress(dst)!
  const [src0, src1, src2, src3] = from.words
  const [dst0, dst1, dst2, dst3] = to.words
  return { ipVersion: from.version, src0, src1, src2, src3, dst0, dst1, dst2, dst3 }
}
