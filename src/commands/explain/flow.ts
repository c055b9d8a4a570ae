/** `flowhawk explain --flow`: two passes, one to find the flow, one for other flows between the same ends. */
import { isBefore } from '../../instant.ts'
import { changesOf } from '../../report/explain/changes.ts'
import { flowJson, flowText } from '../../report/explain/flow.ts'
import { communityId } from '../../report/record/community-id.ts'
import { createRecordLines } from '../../report/record/record.ts'
import type { SessionRecord } from '../../report/record/record-types.ts'
import type { CaptureInfo, Session } from '../../types.ts'
import { runPass } from './inputs.ts'
import { findSamples, identifiersOf, LOOK_AHEAD, type Samples } from './samples.ts'
import { createRelatives, type Found, idMatcher, keep, type Relatives } from './search.ts'
import { notOne, type Task } from './task.ts'

/** Ids that are listed when a prefix matches several. */
const MAX_NAMED = 5
const MAX_SESSIONS = 100

export async function explainFlow(task: Task, asked: string): Promise<string> {
  const { inputs, options, pipeline } = task
  const target = await findFlow(task, asked)
  const relatives = createRelatives(target, options.ignoreVlan, options)
  const sessions: SessionRecord[] = []
  const lines = createRecordLines(options.time)
  const captures = new Map<string, CaptureInfo>()
  const summary = await runPass(inputs, pipeline, {
    capture: (info) => captures.set(info.source, info),
    flow: relatives.see,
    session: (session) => {
      if (sessions.length < MAX_SESSIONS && hasFlow(session, target))
        sessions.push(JSON.parse(lines.session(session)))
    },
  })
  task.damaged.push(...summary.damaged)
  const samples = await findSamples(target, inputs, { ...pipeline, lookAhead: LOOK_AHEAD })
  const found = await withoutOtherEchoes(relatives.found, samples, task)
  const { record, start, end } = target
  const mixedInterfaces = captures.get(samples.source ?? '')?.mixedInterfaces
  const flow = {
    record,
    start,
    end,
    ignoreVlan: options.ignoreVlan,
    cut: options.span !== undefined,
    mixedInterfaces,
    ...samples,
    ...found,
  }
  const changes = changesOf(record, pipeline.rules.pools, pipeline.site !== undefined)
  const explanation = { asked, flow, sessions, changes }
  return task.json ? flowJson(explanation) : flowText(explanation, task.text)
}

/** ICMP flows between the same hosts differ by the echo identifier, which records do not have. */
async function withoutOtherEchoes(
  found: Relatives,
  { samples }: Samples,
  { inputs, pipeline }: Task,
): Promise<Relatives> {
  const identifier = samples[0]?.icmpIdentifier ?? 0
  if (identifier === 0 || found.related.length === 0) return found
  const identifiers = await identifiersOf(found.related, inputs, pipeline)
  const isOther = ({ record }: Found) => (identifiers.get(record.flow_id) ?? identifier) !== identifier
  const sameEnds = { ...found.sameEnds }
  for (const { record } of found.related.filter(isOther)) {
    sameEnds.flows--
    sameEnds.packets -= record.src_packets + record.dst_packets
  }
  return { ...found, sameEnds, related: found.related.filter((flow) => !isOther(flow)) }
}

async function findFlow(task: Task, asked: string): Promise<Found> {
  const { inputs, options, pipeline } = task
  const byCommunity = asked.startsWith('1:')
  const seed = options.communityIdSeed
  const isId = byCommunity ? () => false : idMatcher(asked)
  const ids = new Set<string>()
  let target: Found | undefined
  await runPass(inputs, pipeline, {
    flow: (flow) => {
      const matches = byCommunity ? communityId(flow, { seed }) === asked : isId(flow.idHigh, flow.idLow)
      if (!matches || ids.size >= MAX_NAMED) return
      const found = keep(flow, options)
      ids.add(found.record.flow_id)
      target ??= found
    },
  })
  // A community ID identifies the ends: the first flow is explained, the others are listed with it.
  if (target === undefined || (ids.size > 1 && !byCommunity)) {
    throw notOne('flow', asked, [...ids], options.inputs.join(' '))
  }
  return target
}

/** A session lists at most 100 of its flows: for others slot, client and time decide. */
function hasFlow(session: Session, { record, start, end }: Found): boolean {
  if (session.flowIds.includes(record.flow_id)) return true
  if (session.flowIdsTotal <= session.flowIds.length) return false
  if (session.transport !== record.transport || session.serverIp !== record.dst_ip) return false
  if (record.dst_port !== session.slot) return false
  const overlaps =
    !isBefore([session.endSec, session.endNsec], start) &&
    !isBefore(end, [session.startSec, session.startNsec])
  return overlaps
}
