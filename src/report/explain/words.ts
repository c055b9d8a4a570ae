/** Sentences for the short words of flow and session records. */
import type { SessionRecord } from '../record/record-types.ts'

/** By anomaly; a test compares the names with those that flows can have. */
export const ANOMALIES: Readonly<Record<string, string>> = {
  snaplen_cut: 'the capture cut packets short: payload may be missing, counters follow the headers',
  time_backwards:
    'a packet is older than the one before it in the file; start and end are the least and greatest time',
  fragments:
    'some datagrams came in fragments; later fragments carry no ports and were joined by their identification',
  midstream: 'the capture began after the connection did: no SYN was seen',
  syn_in_flow:
    'a SYN arrived on the live connection; it starts no new flow before FIN, RST or the idle timeout',
  icmp_unreachable: 'an ICMP error quotes a packet of this flow: some of it did not arrive',
  resynchronised: 'packets follow a damaged part of the file, where reading found its place again',
  orphan_fragments: 'later fragments whose first fragment is not in the capture: no ports are known',
  out_of_order: 'segments were overtaken by later ones on their way; such are not counted as sent again',
}

export const ORIENTATIONS: Readonly<Record<string, string>> = {
  syn: 'the side that sent the SYN is the client',
  payload: 'the payload shows which side is the server',
  pool: 'the slot of a pool is the port of the server',
  registry: "the registered port is the server's (where both are, the lower)",
  first_packet: 'nothing tells the sides apart: whoever sent first counts as the client',
}

export const FLOW_ENDS: Readonly<Record<string, string>> = {
  idle: 'silent for the idle timeout',
  active: 'split when it reached the active timeout',
  fin: 'both sides closed it with FIN',
  rst: 'reset',
  capture_end: 'open when the capture ended',
  evicted: 'written early, because --max-flows were known',
  shutdown: 'open when the run was stopped',
}

/** Zeek's states where there are no flags to go by: who sent. */
export const DATAGRAM_STATES: Readonly<Record<string, string>> = {
  S0: 'only the client sent',
  SF: 'both sides sent',
  SHR: 'only the server sent',
}

/** Zeek's states of a TCP connection. */
export const CONNECTION_STATES: Readonly<Record<string, string>> = {
  S0: 'an attempt without answer',
  S1: 'established, its end not seen',
  SF: 'established and closed by both sides',
  REJ: 'the attempt was refused, or both sides reset it before any payload',
  S2: 'established, closed by the client only',
  S3: 'established, closed by the server only',
  RSTO: 'established, reset by the client',
  RSTR: 'reset by the server',
  RSTOS0: 'SYN, then RST from the client, without answer',
  RSTRH: 'SYN-ACK, then RST from the server, without SYN',
  SH: 'SYN, then FIN from the client, without answer',
  SHR: 'SYN-ACK, then FIN from the server, without SYN',
  OTH: 'its opening was not seen whole',
}

export const EVIDENCE_CLASSES = ['payload', 'site', 'rule', 'context', 'pool', 'registry'] as const

export const CERTAINTIES: Readonly<Record<string, string>> = {
  confirmed: 'proved by the payload, or by the site file and traffic both ways',
  likely: 'a weak sign of its own, or the port together with independent context',
  possible: 'nothing but the port speaks for it',
  unknown: 'nothing is known',
}

export function sessionEndText(session: SessionRecord, idleSec: number): string {
  const idle = idleSec === 0 ? 'the idle timeout' : `the idle timeout of ${idleSec} s`
  const texts: Record<SessionRecord['end_reason'], string> = {
    idle: `its last packet was followed by more silence than ${idle}`,
    start_marker: 'its protocol began anew on the slot: the next packet starts another session',
    client_changed: `another client took the slot, and this one was not seen again within ${idle}`,
    fin: 'its last connection was closed with FIN',
    rst: 'its last connection was reset',
    capture_end: `the capture ended within ${idle} of its last packet: it may have gone on`,
  }
  return texts[session.end_reason]
}
