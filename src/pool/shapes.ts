/**
 * The data kept of traffic on ports of pools. A conversation is a 5-tuple without direction, plus its encapsulation.
 *
 *   conversation ── chains[timeout] ── component (a session in the making) ── unit (what holds one session at a time)
 *
 * Counters of a conversation only grow; a chain remembers what they were when it began, so a chain's own counts are
 * differences, and a packet is counted once however many chains it is part of. No code.
 */

import type { Slot } from '../slots.ts'
import type { Instant, RejectReason, Session } from '../types.ts'
import type { Address, Host } from './hosts.ts'
import type { Members } from './members.ts'
import type { Pool } from './pool.ts'
import type { Presence, Reach } from './reach.ts'
import type { Silence } from './silence.ts'

/**
 * The uninterrupted presence of a conversation under one idle timeout. All timeouts share one chain until they have to
 * differ.
 */
export interface Chain {
  startSec: number
  startNsec: number
  /** The side that sent first. */
  first: number
  /** When the other side sent for the first time; -1 seconds and `answered` false before. */
  answered: boolean
  answerSec: number
  answerNsec: number
  packetsA: number
  packetsB: number
  ipBytes: number
  /** Began with a SYN. */
  syn: boolean
  /** Began with a start marker that both directions agree on. */
  marker: boolean
  /** Its session was closed, or its connection: the next packet begins another. */
  done: boolean
  /** The table of slots was full: it is neither a session nor rejected. */
  turnedAway: boolean
  component: Component | undefined
  /** Place among the component's members. */
  position: number
}

export interface Conversation extends Presence {
  /** Index and generation, see table.ts. */
  handle: number
  hash: number
  next: number
  protocol: number
  a: Address
  b: Address
  aPort: number
  bPort: number
  encapsulation0: number
  encapsulation1: number

  /** Pools whose ports contain the side's port, narrowest first. Shared lists. */
  poolsA: readonly Pool[]
  poolsB: readonly Pool[]
  /** The side that sent the packet observed last. */
  lastSide: number
  /** Evidence: which side is the server by SYN or payload, and the label that payload gave (bit set of sides that showed it). */
  serverByWire: number
  serverBySyn: boolean
  label: string
  labelSides: number
  labelConfirmed: boolean
  toGroup: boolean
  /** What follows from it: the pool and the server's side, or why not. `pool` with a reason: where the rejection counts. */
  pool: Pool | undefined
  side: number
  reason: RejectReason | ''
  unit: Unit | undefined
  /** The slot on which it waits alone for more packets, '' for none; see sessions.ts. */
  heldOn: string

  packetsA: number
  packetsB: number
  ipBytes: number
  lastSec: number
  lastNsec: number
  lastASec: number
  lastANsec: number
  lastBSec: number
  lastBNsec: number
  chains: Chain[]
  /** The session in the making under the pool's own timeout. */
  session: Component | undefined
  /** Longest silence between two packets of the pool's own chain, seconds. */
  gap: number
  /** Its last packet, whether it counted or not. */
  seenSec: number
  /** How far that packet's time lay behind the packet clock. */
  lagSec: number
  /** It was silent for so long that its chains are over under every timeout; it is known for its flows only. */
  judged: boolean
  /** Some chain waits for an answer or for its component. */
  waiting: boolean

  flowHigh: number
  flowLow: number
  /** Flows of the pool's own chain: the first as it is, later ones as text, capped. */
  firstFlowHigh: number
  firstFlowLow: number
  laterFlowIds: string[] | undefined
  flowIdsTotal: number
  flowPending: boolean

  /** Bit set of FIN_A, FIN_B, RESET. */
  tcpEnd: number
  closed: boolean
  closedSec: number
  closedNsec: number

  /** Some pool of its ports has a start marker. */
  marked: boolean
  markerPending: boolean
  clientSequence: number
  serverSequence: number
}

export interface Unit {
  key: string
  /** Of its slot, or of nothing else where the pool counts clients. */
  number: number
  host: Host
  pool: Pool
  slot: Slot
  /** By timeout index; oldest first. Until the unit is spread only under the pool's own timeout. */
  components: Component[][]
  /** Each timeout has components of its own. */
  spread: boolean
  /** Without components it is forgotten; whoever comes next makes another. */
  forgotten: boolean
}

/** Its own reach is that of what was folded; live members reach further. */
export interface Component extends Reach {
  unit: Unit
  /** Index of its timeout. */
  timeout: number
  idleSec: number
  order: number
  alive: boolean
  /** How far its last packet lay behind the packet clock: its silences are over so much later. */
  lagSec: number
  /** Its latest entry in the queue of due instants. No older one is waited for. */
  lookAt: Instant
  start: Instant
  /** When its first client endpoint counted. */
  counted: Instant
  packetsClient: number
  packetsServer: number
  ipBytes: number
  /** Measured under the pool's own timeout only. */
  silence: Silence
  syn: boolean
  marker: boolean
  /** What closed the connection at `closedAt`. */
  closedBy: 'fin' | 'rst' | ''
  members: Members<Conversation>
  firstClient: Address
  /** The client endpoint that joined last. */
  latestClient: Address
  latestPort: number
  /** Ports of the slot in use: bit i is the slot's port + i. */
  offsets: number
  clients: Session['clients']
  clientsTotal: number
  /** Those of them of whom something has been folded: they stay, whatever becomes of the others. */
  foldedClients: Session['clients']
  flowIds: string[]
  flowIdsTotal: number
  /** Other pools of the ports that would have taken it, with the number of presences. */
  losers: Map<Pool, number> | undefined
  /** Payload on the slot showed the pool's label: 0 no, 1 weakly, 2 beyond doubt. */
  payload: number
  label: string
  /** When a second client endpoint counted while the first went on. */
  sharedAt: Instant | undefined
  /** Once somebody asked for it, and of what it was made. */
  name: { content: string; id: string } | undefined
  /** The latest component of the unit that counted after it, and what this one was merged into. */
  successor: Component | undefined
  absorbedBy: Component | undefined
}
