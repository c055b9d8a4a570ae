/** `flowhawk sessions`: only the pools, from captures, or counted again from the NDJSON of several sensors. */
import { readOptions } from '../options.ts'
import { RECOUNTED } from '../report/read/read-records.ts'
import { RECORD_NAMES, type RecordName } from '../report/record/record.ts'
import { runAnalysis } from './analyze.ts'
import type { Command } from './command.ts'
import { ANALYSIS_FLAGS, inGroup, KNOWLEDGE_FLAGS, listFlag, OUTPUT_FLAGS, SPAN_FLAGS } from './flags.ts'
import { loadKnowledge } from './knowledge-files.ts'
import { recordInputs, recountSensors, refuseOtherRecords, refusePacketOptions } from './recount.ts'

const byDefault: readonly RecordName[] = ['session', 'pool', 'notice', 'summary']

export const sessions: Command = {
  positionals: '<input..>',
  describe:
    'Reads captures like analyze, and reports only the pools: sessions, peaks and what proves them. Given ' +
    "flowhawk's own NDJSON instead, of one sensor or of several, in files, in a folder written by -o DIR/ or on standard " +
    'input, it counts the pools again over all of them; ' +
    'a session that two sensors saw counts once.',
  flags: {
    ...OUTPUT_FLAGS,
    ...inGroup('Output', {
      records: listFlag(
        `write exactly these records; default ${byDefault.join(', ')}`,
        'session,pool,…',
        RECORD_NAMES,
      ),
    }),
    ...SPAN_FLAGS,
    ...ANALYSIS_FLAGS,
    ...KNOWLEDGE_FLAGS,
  },
  examples: [
    ['flowhawk sessions capture.pcapng', 'who was on which slot, when'],
    [
      'flowhawk sessions capture.pcapng -o - | jq \'select(.pool=="mosh")\'',
      'one pool; one server: select(.server_ip=="192.0.2.1")',
    ],
    ['flowhawk sessions east.ndjson west.ndjson', 'the pools of two sensors as one'],
  ],
  async run(flags, screen) {
    const options = readOptions(flags, { names: RECORD_NAMES, byDefault })
    const files = await recordInputs(options.inputs, 'sessions', RECOUNTED)
    if (files.length === 0) return runAnalysis(options, screen, true)
    refusePacketOptions(flags)
    refuseOtherRecords(options)
    const { rules } = await loadKnowledge(options)
    return recountSensors(files, options, screen, rules.pools)
  },
}
