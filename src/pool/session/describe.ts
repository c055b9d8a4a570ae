/** A component as the session that it is: with its name and what its record says, under way or ended. */

import { addSeconds, compareInstants } from '../../instant.ts'
import type { Instant, OpenSession, Session } from '../../types.ts'
import type { Ledger } from '../counting/ledger.ts'
import type { Component } from '../shapes.ts'
import { certaintyOf } from './certainty.ts'
import { endingOf } from './ending.ts'
import { flowIdsOf, ipBytesOf, noteMembers, packetsOf, reachOf } from './progress.ts'

/**
 * The session's name; the same for the same packets, whenever they are read. A slot may have two that begin at one
 * instant, where one client follows another, or a connection a reset one: the one that is named first has the slot's.
 */
export function sessionIdOf(component: Component, { names }: Ledger): string {
  const { unit, start, clients } = component
  const { rule } = unit.pool
  const client = rule.session === 'per-client' ? ` ${clients[0].ip} ${clients[0].port}` : ''
  const content = `${rule.name} ${unit.host.ip} ${rule.transport} ${unit.slot.port} ${start[0]}.${start[1]}${client}`
  if (component.name?.content !== content) component.name = { content, id: names.next(content) }
  return component.name.id
}

export function openSessionOf(component: Component, ledger: Ledger): OpenSession {
  noteMembers(component)
  const { client, server } = packetsOf(component)
  const [endSec, endNsec] = reachOf(component).end
  const flowIds = flowIdsOf(component)
  return {
    ...commonFields(component, ledger),
    endSec,
    endNsec,
    packets: client + server,
    ipBytes: ipBytesOf(component),
    flowIds,
    flowIdsTotal: Math.max(flowIds.length, component.flowIdsTotal),
  }
}

/** `window`: from the first packet, and to the last once the input is over. */
export function endedSessionOf(
  component: Component,
  ledger: Ledger,
  window: { start: Instant; end: Instant | undefined },
): Session {
  const { start, end, syn, marker } = component
  const ending = endingOf(component, window.end)
  const earlyUntil = addSeconds(window.start, component.idleSec)
  const common = commonFields(component, ledger)
  // Field by field: an object made by spreading takes eight kilobytes.
  return {
    sessionId: common.sessionId,
    pool: common.pool,
    serverIp: common.serverIp,
    transport: common.transport,
    slot: common.slot,
    slotIndex: common.slotIndex,
    clients: common.clients,
    clientsTotal: common.clientsTotal,
    startSec: common.startSec,
    startNsec: common.startNsec,
    certainty: common.certainty,
    endSec: end[0],
    endNsec: end[1],
    closeSec: ending.at[0],
    closeNsec: ending.at[1],
    packets: component.packetsClient + component.packetsServer,
    ipBytes: component.ipBytes,
    longestGap: component.silence.longest,
    endReason: ending.reason,
    openAtStart: !syn && !marker && compareInstants(start, earlyUntil) < 0,
    openAtEnd: ending.reason === 'capture_end',
    flowIds: component.flowIds,
    flowIdsTotal: component.flowIdsTotal,
  }
}

/** The fields that a session under way has in common with one that has ended. */
function commonFields(component: Component, ledger: Ledger) {
  const { unit, start, clients, clientsTotal } = component
  const { rule } = unit.pool
  return {
    sessionId: sessionIdOf(component, ledger),
    pool: rule.name,
    serverIp: unit.host.ip,
    transport: rule.transport,
    slot: unit.slot.port,
    slotIndex: unit.slot.index,
    clients,
    clientsTotal,
    startSec: start[0],
    startNsec: start[1],
    certainty: certaintyOf(component, ledger.place(unit.pool, unit.host).lowestUsed),
  }
}
