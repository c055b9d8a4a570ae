/**
 * Draws the pictures of the README: docs/terminal.svg from the summary of a fixture, docs/report.png from its report
 * in Chromium. `--svg` leaves the report out, where there is no Chromium.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { CAPTURE, PROJECT, summaryPicture } from './pictures/summary.ts'

const CLI = fileURLToPath(new URL('../src/cli.js', import.meta.url))
const CHROMIUM = '/usr/bin/chromium'
/** Down to the chart of the slots, at a size that a README shows. */
const VIEW = { width: 1100, height: 1700 }
const SCALE = 0.75

async function reportPicture(path: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'flowhawk-pictures-'))
  const page = join(folder, 'report.html')
  const { status, stderr } = spawnSync(process.execPath, [CLI, 'report', CAPTURE, '-o', page], {
    cwd: PROJECT,
  })
  if (status !== 0) throw new Error(stderr.toString())
  const isRoot = process.getuid?.() === 0
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: isRoot ? ['--no-sandbox'] : [] })
  try {
    const tab = await browser.newPage({ viewport: VIEW, deviceScaleFactor: SCALE, colorScheme: 'light' })
    await tab.goto(pathToFileURL(page).href)
    await tab.locator('canvas').first().waitFor()
    await tab.screenshot({ path, animations: 'disabled' })
  } finally {
    await browser.close()
    rmSync(folder, { recursive: true })
  }
}

function tell(path: string): void {
  process.stdout.write(`${path.slice(PROJECT.length)}: ${statSync(path).size} bytes\n`)
}

const terminal = join(PROJECT, 'docs/terminal.svg')
writeFileSync(terminal, await summaryPicture())
tell(terminal)
if (!process.argv.includes('--svg')) {
  const report = join(PROJECT, 'docs/report.png')
  await reportPicture(report)
  tell(report)
}
