/** Transports and ports of a payload, and which end its port makes the server. */
import { PROTOCOL_TCP, PROTOCOL_UDP } from '../../../bytes.ts'
import { FROM_CLIENT, FROM_SERVER, type Payload } from '../../inspect/payload.ts'

export const TCP: readonly number[] = [PROTOCOL_TCP]
export const UDP: readonly number[] = [PROTOCOL_UDP]
export const TCP_UDP: readonly number[] = [PROTOCOL_TCP, PROTOCOL_UDP]

/** Either end uses `port`. */
export function onPort(payload: Payload, port: number): boolean {
  return payload.srcPort === port || payload.dstPort === port
}

/** FROM_CLIENT or FROM_SERVER where exactly one end uses `port`, taken as the server's; else 0. */
export function roleByPort(payload: Payload, port: number): number {
  if (payload.srcPort === payload.dstPort) return 0
  if (payload.dstPort === port) return FROM_CLIENT
  return payload.srcPort === port ? FROM_SERVER : 0
}

/** The role of a server that announces itself; 0 towards a multicast group, which has no client. */
export function announcer(payload: Payload): number {
  return payload.toGroup ? 0 : FROM_SERVER
}
