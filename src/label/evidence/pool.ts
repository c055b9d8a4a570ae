/** Evidence of a flow on a slot: what pools, the site file and other traffic at the server say for and against it. */
import type { Certainty, ClosedFlow, Evidence, PoolClaim } from '../../types.ts'
import { transportName } from '../ports/registry.ts'
import type { Weighed } from '../verdict.ts'

const SITE_WEIGHT = 90
const CONTEXT_WEIGHT = 45
const SAME_CLIENT_WEIGHT = 60
const POOL_WEIGHT = 30
const LONE_SLOT_WEIGHT = -15
const REFUSED_WEIGHT = -40
const OTHER_PAYLOAD_WEIGHT = -80

type Piece = [source: Evidence['source'], says: string, weight: number, proves: Certainty]

/** `payload`: the evidence of the flow's payload. */
export function poolEvidence(flow: ClosedFlow, claim: PoolClaim, payload: readonly Evidence[]): Weighed[] {
  const pieces =
    claim.refused === '' ? [...siteSays(flow, claim), ...slotSays(flow, claim)] : [refusal(flow, claim)]
  return [...otherPayload(claim, payload), ...pieces].map(([source, says, weight, proves]) => ({
    source,
    says,
    for: claim.label,
    weight,
    proves,
  }))
}

/** All that the pieces depend on, besides payload and server port. */
export function poolKey(flow: ClosedFlow, claim: PoolClaim): string {
  const { pool, slot, supporter, refused } = claim
  const flags = [claim.site, claim.supporterSameClient, claim.lonely, isRetired(flow, claim), isTwoWay(flow)]
  return `${pool} ${slot} ${flags.map(Number).join('')} ${refused} ${supporter}`
}

function isRetired(flow: ClosedFlow, { retired }: PoolClaim): boolean {
  return retired !== undefined && flow.startSec >= retired.sinceSec
}

function isTwoWay({ src, dst }: ClosedFlow): boolean {
  return src.packets > 0 && dst.packets > 0
}

function portText({ protocol }: ClosedFlow, { slot }: PoolClaim): string {
  return `${slot}/${transportName(protocol) ?? ''}`
}

function otherPayload({ label }: PoolClaim, payload: readonly Evidence[]): Piece[] {
  const other = payload.find((each) => each.for !== label && each.weight > 0)
  if (other === undefined || payload.some((each) => each.for === label)) return []
  return [['payload', `the payload is ${other.for}, not ${label}`, OTHER_PAYLOAD_WEIGHT, 'unknown']]
}

function refusal(flow: ClosedFlow, claim: PoolClaim): Piece {
  const says =
    claim.refused === 'client_port'
      ? `port ${portText(flow, claim)} is in pool ${claim.pool} but belongs to the client side`
      : `both ports are in pool ${claim.pool} and nothing tells which is the server`
  return ['pool', says, REFUSED_WEIGHT, 'unknown']
}

function siteSays(flow: ClosedFlow, { site, pool }: PoolClaim): Piece[] {
  if (!site) return []
  const says = `the site file says that the server runs pool ${pool}`
  return [['site', says, SITE_WEIGHT, isTwoWay(flow) ? 'confirmed' : 'possible']]
}

function slotSays(flow: ClosedFlow, claim: PoolClaim): Piece[] {
  const { lonely, pool, retired, slotIndex, slots, supporter, supporterSameClient } = claim
  const slotText = `slot ${slotIndex + 1} of ${slots} of pool ${pool}`
  const pieces: Piece[] = [
    ['pool', `server port ${portText(flow, claim)} is ${slotText}`, POOL_WEIGHT, 'possible'],
  ]
  if (retired !== undefined && isRetired(flow, claim)) pieces.push(['pool', retired.says, 0, 'unknown'])
  if (lonely) {
    const says = `lower slots of ${pool} were never used, though slots fill lowest first`
    pieces.push(['pool', says, LONE_SLOT_WEIGHT, 'unknown'])
  }
  if (supporter !== '' && isTwoWay(flow)) {
    const where = supporterSameClient ? 'between the same client and server' : 'at the same server'
    const weight = supporterSameClient ? SAME_CLIENT_WEIGHT : CONTEXT_WEIGHT
    const says = `${supporter} was confirmed by payload ${where}`
    pieces.push(['context', says, weight, lonely ? 'possible' : 'likely'])
  }
  return pieces
}
