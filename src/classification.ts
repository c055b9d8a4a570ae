/**
 * Classifies flows: payload evidence, pools, orientation, verdict. The stages label and pool meet here, because each needs
 * results of the other: pools learn what payload showed, labels learn which slot a flow is on. A flow is identified by
 * its row (flow/layout.ts), which holds a handle of each.
 */
import * as row from './flow/layout.ts'
import type { RowPages } from './flow/pages.ts'
import { readFlow } from './flow/view.ts'
import { type AnnouncedServices, createAnnouncedServices } from './label/announced.ts'
import { createDispatch, type Dispatch } from './label/inspect/dispatch.ts'
import { EVIDENCE_SLOTS, signatureOf, strengthOf } from './label/inspect/evidence-words.ts'
import { ExtrasStore } from './label/inspect/extras-store.ts'
import { EXHAUSTED, isOpen, plainHandle } from './label/inspect/handle.ts'
import { Inspector } from './label/inspect/inspect.ts'
import { createLabeller, type Labeller } from './label/label.ts'
import { createNameCache, type NameCache } from './label/names.ts'
import type { PortRegistry } from './label/ports/registry.ts'
import { countsForPools, ruleSignatures } from './label/rules/rule-signatures.ts'
import { builtinSignatures } from './label/signatures/all.ts'
import { chooseOrientation, type Orientation } from './orientation.ts'
import {
  createPoolTracker,
  type PoolTracker,
  SERVER_RECEIVES,
  SERVER_SENDS,
  SERVER_UNKNOWN,
} from './pool/tracker.ts'
import type { ClosedFlow, ExtrasText, Packet, PoolClaim, RuleSet, Site } from './types.ts'

export interface ClassifierOptions {
  /** Seconds; 0 is never. Absent: 300 for TCP, 60 for others. */
  idleTimeoutSec?: number
  /** Seconds; overrides every pool's idle_timeout; 0 is never. */
  poolIdleSec?: number
  candidates: boolean
  /** Keep what concurrency records need. */
  concurrency: boolean
  rules: RuleSet
  site?: Site
  registry: PortRegistry
  /** Of hash tables; nothing in a record depends on it. */
  seed: number
}

export class FlowClassifier {
  readonly pools: PoolTracker
  private readonly inspector: Inspector
  private readonly labeller: Labeller
  private readonly names: NameCache
  private readonly announced: AnnouncedServices
  private readonly registry: PortRegistry
  /** By signature: its evidence is passed to the pools. */
  private readonly countsForPools: readonly boolean[]

  constructor(options: ClassifierOptions, extrasText?: ExtrasText) {
    this.registry = options.registry
    this.names = createNameCache(options.seed)
    this.announced = createAnnouncedServices(options.seed)
    const answer = this.names.answer.bind(this.names)
    const { announce } = this.announced
    const extras = new ExtrasStore(extrasText)
    this.inspector = new Inspector(dispatchFor(options.rules), { answer, announce }, extras)
    this.countsForPools = this.inspector.signatures.map(countsForPools)
    this.labeller = createLabeller({
      inspector: this.inspector,
      registry: options.registry,
      rules: options.rules.labels,
      candidates: options.candidates,
    })
    this.pools = createPoolTracker({
      pools: options.rules.pools,
      site: options.site,
      poolIdleSec: options.poolIdleSec,
      flowIdleSec: options.idleTimeoutSec === 0 ? Infinity : options.idleTimeoutSec,
      concurrency: options.concurrency,
      seed: options.seed,
    })
  }

  /** Flows some of whose extras were dropped because the store was full. */
  get extrasLeftOut(): number {
    return this.inspector.extrasLeftOut
  }

  /** The packet began the row's flow (or the continuation of one). */
  begin(words: Int32Array, at: number, packet: Packet): void {
    if (this.pools.touches(packet.protocol, packet.srcPort, packet.dstPort))
      words[at + row.POOL_HANDLE] = this.pools.open(packet, words[at + row.ID_HIGH], words[at + row.ID_LOW])
  }

  /** Call for every packet of the flow, its first included. `direction`: 0 from side a. */
  observe(words: Int32Array, at: number, packet: Packet, bytes: Uint8Array, direction: number): void {
    if (words[at + row.POOL_HANDLE] >= 0) this.observePool(words, at, packet, bytes)
    if (packet.payloadEnd > packet.payloadStart && isOpen(words[at + row.LABEL_HANDLE], direction))
      this.inspect(words, at, packet, bytes, direction)
  }

  /** The flow with this label handle is over. */
  forget(handle: number): void {
    if (handle < 0) return
    this.announced.forget(plainHandle(handle))
    this.inspector.close(plainHandle(handle))
  }

  /** Fills `closed` with everything about the row's flow except how it ended. */
  describe(pages: RowPages, found: number, closed: ClosedFlow): void {
    const words = pages.words[row.pageOf(found)]
    const at = row.offsetOf(found)
    const handle = plainHandle(words[at + row.LABEL_HANDLE])
    const pool = words[at + row.POOL_HANDLE]
    const claim = pool >= 0 ? this.pools.claim(pool) : undefined
    const { reversed, reason } = this.orient(words, at, claim)
    readFlow(pages, found, reversed, closed)
    closed.orientation = reason
    this.describePayload(handle, closed)
    closed.verdict = this.labeller.label(closed, handle, claim, this.announced.find(closed))
  }

  /** Extras and host name. */
  private describePayload(handle: number, closed: ClosedFlow): void {
    const { inspector } = this
    const extras = inspector.extrasOf(handle)
    closed.extras = typeof extras === 'string' ? undefined : extras
    closed.extrasText = typeof extras === 'string' ? extras : undefined
    closed.hostname = inspector.hostnameOf(handle)
    closed.hostnameSource = closed.hostname === undefined ? undefined : inspector.hostnameSourceOf(handle)
    if (closed.hostname === undefined) this.nameByDns(closed)
  }

  private nameByDns(closed: ClosedFlow): void {
    const { startSec, startNsec, endSec, endNsec } = closed
    const name = this.names.lookup(closed, startSec + startNsec / 1e9, endSec + endNsec / 1e9)
    if (name === undefined) return
    closed.hostname = name
    closed.hostnameSource = 'dns'
  }

  private observePool(words: Int32Array, at: number, packet: Packet, bytes: Uint8Array): void {
    const { pools } = this
    const lagSec = words[at + row.LAG_SEC]
    if (pools.observe(words[at + row.POOL_HANDLE], packet, bytes, lagSec)) return
    const reopened = pools.open(packet, words[at + row.ID_HIGH], words[at + row.ID_LOW])
    words[at + row.POOL_HANDLE] = reopened
    pools.observe(reopened, packet, bytes, lagSec)
    this.replayEvidence(reopened, plainHandle(words[at + row.LABEL_HANDLE]))
  }

  /** Passes the payload evidence found so far to a conversation that was opened later. */
  private replayEvidence(pool: number, handle: number): void {
    if (pool < 0 || handle < 0) return
    const { inspector, pools } = this
    for (let slot = 0; slot < EVIDENCE_SLOTS; slot++) {
      const word = inspector.evidenceWord(handle, slot)
      if (word === 0) break
      const index = signatureOf(word)
      if (this.countsForPools[index])
        pools.learn(pool, inspector.signatures[index].label, strengthOf(word), SERVER_UNKNOWN)
    }
  }

  private inspect(words: Int32Array, at: number, packet: Packet, bytes: Uint8Array, direction: number): void {
    const { inspector, pools } = this
    let handle = words[at + row.LABEL_HANDLE]
    if (handle === -1) handle = inspector.open()
    handle = inspector.inspect(handle, packet, bytes, direction)
    words[at + row.LABEL_HANDLE] = handle
    const pool = words[at + row.POOL_HANDLE]
    if (handle === EXHAUSTED && pool >= 0 && pools.dismiss(pool)) words[at + row.POOL_HANDLE] = -1
    if (inspector.matched < 0 || !this.countsForPools[inspector.matched]) return
    const { label } = inspector.signatures[inspector.matched]
    if (pool >= 0) pools.learn(pool, label, inspector.matchedStrength, inspector.matchedServer)
    const companion = pools.isCompanion(label)
    if (!companion && !this.announced.pending()) return
    const agrees = inspector.agreesBothWays(plainHandle(handle), label)
    this.announced.settle(plainHandle(handle), agrees)
    if (!agrees || !companion) return
    const claim = pool >= 0 ? pools.claim(pool) : undefined
    const clientSent = this.orient(words, at, claim).reversed === (direction === 1)
    pools.support(packet, clientSent ? SERVER_RECEIVES : SERVER_SENDS, label)
  }

  private orient(words: Int32Array, at: number, claim: PoolClaim | undefined): Orientation {
    return chooseOrientation({
      state: words[at + row.STATE],
      kind: words[at + row.KIND],
      ports: words[at + row.PORTS],
      anomalies: words[at + row.ANOMALIES] & row.ANOMALY_BITS,
      client: this.inspector.client(plainHandle(words[at + row.LABEL_HANDLE])),
      poolServer: claim === undefined ? -1 : serverSide(claim, words[at + row.PORTS]),
      registry: this.registry,
    })
  }
}

/** The tables of the built-in signatures, made once: they never change. */
let builtinDispatch: Dispatch | undefined

function dispatchFor(rules: RuleSet): Dispatch {
  const own = ruleSignatures(rules.labels)
  if (own.length > 0) return createDispatch([...builtinSignatures(), ...own])
  builtinDispatch ??= createDispatch(builtinSignatures())
  return builtinDispatch
}

/** The side of the row that holds the slot: 0 a, 1 b, -1 when the pools do not know. */
function serverSide(claim: PoolClaim, ports: number): number {
  if (claim.refused === 'both_in_range') return -1
  const a = ports >>> 16
  const b = ports & 0xffff
  const server = a === b ? (claim.serverIsFirst ? 0 : 1) : claim.serverPort === a ? 0 : 1
  // The pool's port is on the client's end: the other end is the server.
  return claim.refused === 'client_port' ? 1 - server : server
}
