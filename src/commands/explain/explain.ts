/** `flowhawk explain`: why a flow has its label, why a session began and ended, how a packet was decoded. */
import { InputError, UsageError } from '../../errors.ts'
import { type Flags, type Options, readOptions } from '../../options.ts'
import { randomSeed } from '../../pipeline.ts'
import { RECORD_NAMES } from '../../report/record/record.ts'
import { safeText } from '../../text.ts'
import type { Command } from '../command.ts'
import { DAMAGED, DONE, damageLine, errorLine, UNUSABLE } from '../errors.ts'
import {
  ANALYSIS_FLAGS,
  inGroup,
  KNOWLEDGE_FLAGS,
  OUTPUT_FLAGS,
  SPAN_FLAGS,
  switchFlag,
  valueFlag,
} from '../flags.ts'
import { loadKnowledge } from '../knowledge-files.ts'
import { type Screen, STDERR, STDOUT } from '../screen.ts'
import { explainFlow } from './flow.ts'
import { openInputs, type RepeatableInputs } from './inputs.ts'
import { explainPacketNumber } from './packet.ts'
import { explainSession } from './session.ts'
import type { Task } from './task.ts'

type Subject = { flow: string } | { session: string } | { frame: number }

const { 'active-timeout': activeTimeout, 'idle-timeout': idleTimeout, ...analysis } = ANALYSIS_FLAGS
const { candidates: _candidates, jobs: _jobs, ...analysisFlags } = analysis
const ID_PREFIX = /^[0-9a-f]{4,16}$/i
const COMMUNITY_ID = /^1:[A-Za-z0-9+/]{27}=$/
const MOST_FRAMES = 4_294_967_295

export const explain: Command = {
  positionals: '<input..> --flow ID | --session ID | --packet N',
  describe:
    'Explains one flow, session or packet of the inputs: every piece of evidence, the labels that lost, what would ' +
    'change the verdict, how the packet was decoded, and the Wireshark and tcpdump filters that select it. Give the ' +
    'options of the analysis that the id comes from: they decide where flows and sessions begin and end.',
  flags: {
    ...inGroup('What to explain', {
      flow: valueFlag('a flow, by its flow_id (4 digits or more of it) or its community_id', 'ID'),
      session: valueFlag('a session, by its session_id (4 digits or more of it)', 'ID'),
      packet: valueFlag('a packet, by its number in the file, from 1', 'N'),
    }),
    ...inGroup('Output', { json: switchFlag('one JSON object') }),
    color: OUTPUT_FLAGS.color,
    time: OUTPUT_FLAGS.time,
    ...SPAN_FLAGS,
    'idle-timeout': idleTimeout,
    'active-timeout': activeTimeout,
    ...analysisFlags,
    ...KNOWLEDGE_FLAGS,
  },
  examples: [
    ['flowhawk explain capture.pcap --flow 59b2', 'why the flow has its label'],
    ['flowhawk explain capture.pcap --session 1746396d588e8c3d --json', 'the same of a session, as JSON'],
    ['flowhawk explain capture.pcap --packet 3', 'its headers, and why decoding stopped there'],
  ],
  async run(flags, screen) {
    const subject = subjectOf(flags)
    const options = readOptions(flags, { names: RECORD_NAMES, byDefault: [] })
    const knowledge = await loadKnowledge(options)
    const inputs = await openInputs(options.inputs)
    try {
      if (inputs.inputs.length === 0) return reportUnusable(inputs, options, screen)
      const pipeline = {
        ...options,
        ...knowledge,
        candidates: true,
        flows: true,
        concurrency: false,
        seed: randomSeed(),
      }
      const color = screen.color(STDOUT, options.color)
      const text = { columns: screen.columns(STDOUT), color }
      const task: Task = { inputs, options, pipeline, text, json: flags.json === true, damaged: [] }
      screen.write(STDOUT, await explanation(task, subject))
      return reportEnd(task, screen)
    } finally {
      await inputs.close()
    }
  },
}

function explanation(task: Task, subject: Subject): Promise<string> {
  if ('flow' in subject) return explainFlow(task, subject.flow)
  return 'session' in subject
    ? explainSession(task, subject.session)
    : explainPacketNumber(task, subject.frame)
}

function subjectOf(flags: Flags): Subject {
  const given = ['flow', 'session', 'packet'].filter((name) => flags[name] !== undefined)
  const value: unknown = flags[given[0]]
  if (given.length !== 1 || typeof value !== 'string') {
    const found =
      given.length === 0 ? 'none' : given.length === 1 ? `--${given[0]} twice` : `--${given.join(' and --')}`
    const what = `found ${found}, expected one of --flow ID, --session ID, --packet N`
    throw new UsageError('EXPLAIN_SUBJECT', 'explain', what)
  }
  if (given[0] === 'packet') return { frame: frameOf(value) }
  const isFlow = given[0] === 'flow'
  if (ID_PREFIX.test(value) || (isFlow && COMMUNITY_ID.test(value))) {
    return isFlow ? { flow: value } : { session: value }
  }
  const or = isFlow ? ', or a community ID ("1:" and 28 characters)' : ''
  const what = `found ${JSON.stringify(safeText(value))}, expected 4 to 16 hexadecimal digits of an id${or}`
  throw new UsageError(isFlow ? 'OPTION_FLOW' : 'OPTION_SESSION', `--${given[0]}`, what)
}

function frameOf(value: string): number {
  const frame = /^\d{1,10}$/.test(value) ? Number(value) : 0
  if (frame >= 1 && frame <= MOST_FRAMES) return frame
  const what = `found ${JSON.stringify(safeText(value))}, expected the number of a packet, from 1`
  throw new UsageError('OPTION_PACKET', '--packet', what)
}

function reportUnusable({ errors }: RepeatableInputs, { inputs }: Options, screen: Screen): number {
  const nothing = new InputError('INPUT_NO_CAPTURE', inputs.join(', '), 'no capture found in it; name one')
  for (const error of errors.length > 0 ? errors : [nothing]) screen.write(STDERR, `${errorLine(error)}\n`)
  return UNUSABLE
}

function reportEnd({ damaged, inputs: { errors } }: Task, screen: Screen): number {
  for (const damage of damaged) screen.write(STDERR, `${damageLine(damage)}\n`)
  for (const error of errors) screen.write(STDERR, `${errorLine(error)}\n`)
  if (errors.length > 0) return UNUSABLE
  return damaged.length > 0 ? DAMAGED : DONE
}
