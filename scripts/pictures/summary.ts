/** What `npx flowhawk fixtures/framehawk.pcap` shows on a terminal of 80 columns, as a picture. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { linkTypeName } from '../../src/capture/linktypes.ts'
import { openBytes } from '../../src/capture/open.ts'
import { loadRegistry } from '../../src/label/ports/registry.ts'
import { builtinRules } from '../../src/label/rules/knowledge.ts'
import { runPipeline } from '../../src/pipeline.ts'
import { terminalSummary } from '../../src/report/terminal/summary.ts'
import { createTally } from '../../src/report/terminal/tally.ts'
import { terminalPicture } from './terminal.ts'

export const PROJECT = fileURLToPath(new URL('../../../', import.meta.url))
export const CAPTURE = 'fixtures/framehawk.pcap'
const COLUMNS = 80

export async function summaryText(color: boolean): Promise<string> {
  const tally = createTally()
  const source = await openBytes(readFileSync(join(PROJECT, CAPTURE)), { source: CAPTURE })
  const options = {
    activeTimeoutSec: 0,
    maxFlows: 1_000_000,
    decapsulate: 'inner',
    ignoreVlan: false,
    candidates: false,
    flows: true,
    concurrency: true,
    rules: builtinRules(),
    registry: await loadRegistry(),
    seed: 0,
  } as const
  await runPipeline([source], options, tally)
  return terminalSummary(tally, { columns: COLUMNS, color, linkTypeName })
}

export async function summaryPicture(): Promise<string> {
  return terminalPicture(`npx flowhawk ${CAPTURE}`, await summaryText(true), COLUMNS)
}
