/**
 * What did not work, as far as flows show it: TCP connections refused or not answered, packets that
 * ICMP says did not arrive, TCP packets sent again. In: every flow; out: counts, and the servers they concern most, in bounded memory.
 */
import { addressText, endpoint } from '../../address.ts'
import { PROTOCOL_TCP } from '../../bytes.ts'
import type { ClosedFlow } from '../../types.ts'
import { type Busiest, createBusiest } from '../overview/busiest.ts'

const MAX_SERVERS = 4096

export const FAILURES = ['refused', 'unanswered', 'unreachable'] as const
export type Failure = (typeof FAILURES)[number]

interface Concerned {
  flows: number
  servers: Busiest<{ flows: number }>
}

export class Failures {
  tcpPackets = 0
  retransmissions = 0
  readonly #concerned: Readonly<Record<Failure, Concerned>> = {
    refused: nobody(),
    unanswered: nobody(),
    unreachable: nobody(),
  }

  add(flow: ClosedFlow): void {
    const { src, dst } = flow
    if (flow.protocol === PROTOCOL_TCP) {
      this.tcpPackets += src.packets + dst.packets
      this.retransmissions += src.retransmissions + dst.retransmissions
    }
    const failure = failureOf(flow)
    if (failure === undefined) return
    const concerned = this.#concerned[failure]
    concerned.flows++
    concerned.servers.of(serverOf(flow)).flows++
  }

  flows(failure: Failure): number {
    return this.#concerned[failure].flows
  }

  /** Servers and the flows to each that failed so, most first. */
  servers(failure: Failure): [server: string, flows: number][] {
    return [...this.#concerned[failure].servers.entries]
      .map(([server, { flows }]): [string, number] => [server, flows])
      .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
  }
}

function nobody(): Concerned {
  return {
    flows: 0,
    servers: createBusiest(
      MAX_SERVERS,
      () => ({ flows: 0 }),
      ({ flows }) => flows,
    ),
  }
}

/** Zeek's conn_state says it of TCP; of UDP an answer is not always expected. */
function failureOf({ anomalies, connState, protocol }: ClosedFlow): Failure | undefined {
  if (anomalies.includes('icmp_unreachable')) return 'unreachable'
  if (protocol !== PROTOCOL_TCP) return undefined
  return connState === 'REJ' ? 'refused' : connState === 'S0' ? 'unanswered' : undefined
}

function serverOf({ ipVersion, dst0, dst1, dst2, dst3, dstPort }: ClosedFlow): string {
  return endpoint(addressText(ipVersion, dst0, dst1, dst2, dst3), dstPort < 0 ? undefined : dstPort)
}
