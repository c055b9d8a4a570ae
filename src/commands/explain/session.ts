/** `flowhawk explain --session`: two passes, one to find the session, one for its flows and its neighbours. */

import { cidrContains, parseAddress } from '../../address.ts'
import { compareInstants } from '../../instant.ts'
import { portSlot } from '../../label/ports/portinfo.ts'
import type { SessionFacts } from '../../report/explain/facts.ts'
import { sessionJson, sessionText } from '../../report/explain/session.ts'
import { createRecordLines } from '../../report/record/record.ts'
import type { SessionRecord } from '../../report/record/record-types.ts'
import { idText } from '../../text.ts'
import type { Instant, PoolRule, Session, Site } from '../../types.ts'
import { runPass } from './inputs.ts'
import { findSamples } from './samples.ts'
import { type Found, keep } from './search.ts'
import { notOne, type Task } from './task.ts'

const MAX_NAMED = 5
const MAX_FLOWS = 100
/** Flows whose packets are examined, and how many of each: most have no more than two shapes. */
const MAX_SAMPLED = 20
const LOOK_AHEAD = 2000
const DEFAULT_IDLE_SEC = 120

export async function explainSession(task: Task, asked: string): Promise<string> {
  const { inputs, options, pipeline } = task
  const session = await findSession(task, asked)
  const wanted = new Set(session.flowIds)
  const flows: Found[] = []
  const neighbours = createNeighbours(session)
  const summary = await runPass(inputs, pipeline, {
    flow: (flow) => {
      if (flows.length < MAX_FLOWS && wanted.has(idText(flow.idHigh, flow.idLow)))
        flows.push(keep(flow, options))
    },
    session: neighbours.see,
  })
  task.damaged.push(...summary.damaged)
  const lines = createRecordLines(options.time)
  const recordOf = (each: Session): SessionRecord => JSON.parse(lines.session(each))
  const rule = pipeline.rules.pools.find(({ name }) => name === session.pool)
  const slot = rule === undefined ? undefined : portSlot(session.slot, rule)
  const { before, after } = neighbours
  const { firstPacketAt, lastPacketAt } = summary
  const facts: SessionFacts = {
    session: recordOf(session),
    start: [session.startSec, session.startNsec],
    end: [session.endSec, session.endNsec],
    flows: await factsOf(flows, task),
    before: before() && recordOf(before() as Session),
    after: after() && recordOf(after() as Session),
    window: firstPacketAt && lastPacketAt ? { start: firstPacketAt, end: lastPacketAt } : undefined,
    rule,
    idleSec: options.poolIdleSec ?? rule?.idleTimeoutSec ?? DEFAULT_IDLE_SEC,
    implies: slot?.implies ?? 'its rank says nothing',
    slots: slot?.slots ?? session.slotIndex + 1,
    site: isListed(session.serverIp, rule, pipeline.site),
  }
  return task.json ? sessionJson(facts) : sessionText(facts, task.text)
}

async function factsOf(
  flows: readonly Found[],
  { inputs, options, pipeline }: Task,
): Promise<SessionFacts['flows']> {
  const facts = []
  for (const [i, found] of flows.entries()) {
    const { record, start, end } = found
    const looking = { ...pipeline, lookAhead: LOOK_AHEAD }
    const samples =
      i < MAX_SAMPLED ? await findSamples(found, inputs, looking) : { samples: [], fragmentIds: [] }
    const packets = record.src_packets + record.dst_packets
    const alone = { related: [], sameEnds: { flows: 1, packets }, otherEncapsulations: [], crossed: false }
    const cut = options.span !== undefined
    facts.push({ record, start, end, ignoreVlan: options.ignoreVlan, cut, ...samples, ...alone })
  }
  return facts
}

async function findSession({ inputs, options, pipeline }: Task, asked: string): Promise<Session> {
  const prefix = asked.toLowerCase()
  const found: Session[] = []
  await runPass(
    inputs,
    { ...pipeline, flows: false },
    {
      session: (session) => {
        if (found.length < MAX_NAMED && session.sessionId.startsWith(prefix)) found.push(session)
      },
    },
  )
  if (found.length === 1) return found[0]
  throw notOne(
    'session',
    asked,
    found.map(({ sessionId }) => sessionId),
    options.inputs.join(' '),
  )
}

/** The sessions before and after it on its slot. */
function createNeighbours(own: Session) {
  let before: Session | undefined
  let after: Session | undefined
  const start: Instant = [own.startSec, own.startNsec]
  return {
    before: () => before,
    after: () => after,
    see(session: Session): void {
      if (session.pool !== own.pool || session.serverIp !== own.serverIp || session.slot !== own.slot) return
      if (session.sessionId === own.sessionId) return
      const begins: Instant = [session.startSec, session.startNsec]
      if (compareInstants(begins, start) <= 0) {
        if (before === undefined || compareInstants([before.startSec, before.startNsec], begins) <= 0)
          before = session
      } else if (after === undefined || compareInstants(begins, [after.startSec, after.startNsec]) < 0)
        after = session
    },
  }
}

function isListed(ip: string, rule: PoolRule | undefined, site: Site | undefined): boolean {
  const address = parseAddress(ip)
  if (rule === undefined || site === undefined || address === undefined) return false
  const [w0, w1, w2, w3] = address.words
  return site.servers.some(
    ({ pools, addresses }) =>
      pools.includes(rule.name) &&
      addresses.some((cidr) => cidrContains(cidr, address.version, w0, w1, w2, w3)),
  )
}
