/** Writes what the built tool says of each fixture beside it. Read the difference before you commit it. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { analyzeBad, analyzeGolden, badCases, FIXTURES, goldenCases } from './golden/cases.ts'

for (const item of goldenCases()) {
  const run = analyzeGolden(item)
  if (run.status !== 0) {
    process.stderr.write(`${item.inputs.join(' ')}: status ${run.status}: ${run.stderr}`)
    process.exitCode = 1
    continue
  }
  writeFileSync(join(FIXTURES, item.golden), run.stdout)
  process.stdout.write(`${item.golden}: ${run.stdout.length} bytes\n`)
}

for (const name of badCases()) {
  const expected = analyzeBad(name)
  writeFileSync(join(FIXTURES, 'bad', `${name}.expected`), expected)
  process.stdout.write(`bad/${name}.expected: ${expected.replace('\n', ' ')}`)
}
