/** The report in a real browser: what it shows, that it is what the records say, and that nothing gets out or in. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { FlowRecord, PoolRecord, SessionRecord } from '../../src/report/record/record-types.ts'
import { at, flowRecord, rounds, sessionRecord, summaryRecord } from '../report/overview/overview-records.ts'
import { colorsOf, openBrowser, openPage, withoutBrowser } from './browser.ts'

const test = suite('page/report')
const real = withoutBrowser === undefined ? test : test.skip

const run = promisify(execFile)
const cli = fileURLToPath(new URL('../../src/cli.js', import.meta.url))
const fixtures = fileURLToPath(new URL('../../../fixtures/', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'flowhawk-page-'))
let browser: Browser

test.before(async () => {
  if (withoutBrowser === undefined) browser = await openBrowser()
})
test.after(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true })
})

/** The address of a report of this input. */
async function reportOf(input: string, name: string): Promise<string> {
  const path = join(folder, `${name}.html`)
  await run(process.execPath, [cli, 'report', input, '-o', path, '--quiet'])
  return pathToFileURL(path).href
}

function writeRecords(name: string, records: Iterable<object>): string {
  const path = join(folder, `${name}.ndjson`)
  writeFileSync(path, [...records].map((record) => `${JSON.stringify(record)}\n`).join(''))
  return path
}

/** What is seen of the first such element, once it is there. */
async function text(page: Page, selector: string): Promise<string> {
  const found = page.locator(selector).first()
  await found.waitFor()
  return (await found.allInnerTexts())[0]
}

const column = (page: Page, table: string, place: number) =>
  page.locator(`#${table} tbody td:nth-child(${place})`).allInnerTexts()
const chart = (page: Page, place: number) => page.locator('#pool-framehawk .chart').nth(place)
const status = (page: Page, section: string) => text(page, `#${section} .tools .status`)

let saturated = ''

real('101 slots: charts are drawn, numbers are those of the records', async () => {
  saturated = await reportOf(join(fixtures, 'saturated.pcap'), 'saturated')
  const { page, faults } = await openPage(browser, saturated)
  const lines = readFileSync(join(fixtures, 'saturated.ndjson'), 'utf8').trim().split('\n')
  const records = lines.map((line) => JSON.parse(line))
  const sessions = records.filter((record): record is SessionRecord => record.type === 'session')
  const flows = records.filter((record): record is FlowRecord => record.type === 'flow')
  const pool = records.find((record): record is PoolRecord => record.type === 'pool')
  assert.match(await text(page, 'h1'), `At most ${pool?.peak} framehawk sessions at once, on 10.1.0.4`)
  assert.ok((await colorsOf(page, '#pool-framehawk', 0)) > 5)
  assert.ok((await colorsOf(page, '#pool-framehawk', 1)) > 5)
  assert.is((await column(page, 'pool-table', 3)).at(-1), String(pool?.peak))
  assert.is(await status(page, 'pools'), '2 peaks')
  assert.is(await status(page, 'sessions'), `1 to 50 of ${sessions.length} sessions`)
  const slots = [...(await column(page, 'session-table', 5))]
  for (let next = 1; next < 3; next++) {
    await page.locator('#sessions .pages >> text=Next').click()
    slots.push(...(await column(page, 'session-table', 5)))
  }
  assert.equal(slots.map(Number).sort(), sessions.map(({ slot }) => slot).sort())
  const labels = new Set(flows.map(({ label }) => label))
  assert.equal(new Set(await column(page, 'label-table', 1)), labels)
  assert.ok(
    await page.evaluate(`[...document.querySelectorAll('#label-table .bar > *')].every((stripe) => {
      const { backgroundColor, backgroundImage } = getComputedStyle(stripe)
      return backgroundImage !== 'none' || backgroundColor !== 'rgba(0, 0, 0, 0)'
    })`),
    'every share is drawn',
  )
  const counts = (await column(page, 'label-table', 5)).map(Number)
  assert.is(
    counts.reduce((sum, count) => sum + count, 0),
    flows.length,
  )
  assert.equal(faults, [])
  await page.context().close()
})

real('sorts, searches, shows evidence, by mouse and by keys', async () => {
  const { page, faults } = await openPage(browser, saturated)
  await page.locator('#session-table th button', { hasText: 'Slot' }).click()
  assert.is((await column(page, 'session-table', 5))[0], '3324')
  await page.locator('#session-table th button', { hasText: 'Slot' }).click()
  assert.is((await column(page, 'session-table', 5))[0], '3224')
  assert.is(await page.locator('#session-table th[aria-sort]').getAttribute('aria-sort'), 'ascending')
  const client = (await column(page, 'session-table', 6))[7]
  await page.locator('#session-table-search').fill(`FRAMEHAWK ${client}`)
  assert.is(await status(page, 'sessions'), '1 session of 101')
  await page.locator('#session-table a').click()
  assert.match(await text(page, 'dialog'), client)
  assert.match(await text(page, 'dialog .evidence'), 'confirmed by payload')
  await page.keyboard.press('Escape')
  await page.locator('#session-table-search').fill('')
  await page.locator('text=List the sessions at the peak').click()
  assert.match(await text(page, '#sessions .choice'), /^Only what was running at the peak of framehawk/)
  const plot = chart(page, 1).locator('.u-over')
  await plot.scrollIntoViewIfNeeded()
  const box = await plot.boundingBox()
  assert.ok(box !== null)
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  const tip = await text(page, '.tip')
  assert.match(tip, /\d+\.\d+\.\d+\.\d+:\d+/)
  for (const part of [/slot 32\d\d|slot 33\d\d/, /UTC/, /packets/, /likely/]) assert.match(tip, part)
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2)
  assert.match(await text(page, 'dialog'), /Session on slot/)
  await page.keyboard.press('Escape')
  await page.mouse.move(0, 0)
  await page.locator('#pool-framehawk .stage >> nth=0').focus()
  for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowRight')
  assert.match(await text(page, '#pool-framehawk .readout'), /UTC: \d+ sessions?/)
  await page.keyboard.press('+')
  assert.is(await page.locator('#pool-framehawk .under button >> nth=0').isVisible(), true)
  await page.keyboard.press('Escape')
  assert.is(await page.locator('#pool-framehawk .under button >> nth=0').isVisible(), false)
  assert.equal(faults, [])
  await page.context().close()
})

real('100,000 sessions: binned, and no peak is lost', async () => {
  const input = writeRecords('many', rounds(20, 100, 50))
  const { page, faults } = await openPage(browser, await reportOf(input, 'many'))
  assert.match(await text(page, 'h1'), 'At most 2,000 framehawk sessions at once, on 20 servers')
  assert.is(await status(page, 'sessions'), '1 to 50 of 100,000 sessions')
  assert.match(await text(page, '#pool-framehawk'), /each step is the greatest number within/)
  assert.equal(await column(page, 'pool-table', 3), ['2,000', ...new Array(14).fill('100')])
  assert.ok((await colorsOf(page, '#pool-framehawk', 0)) > 5)
  await page.locator('#session-table-search').fill('10.21.134.159:')
  assert.is(await status(page, 'sessions'), '1 session of 100,000')
  await page.locator('#session-table-search').fill('')
  await page.locator('#session-table th button', { hasText: 'Bytes' }).click()
  assert.is((await column(page, 'session-table', 8))[0], '101 kB')
  await page.locator('select').selectOption({ index: 5 })
  assert.match(await text(page, '#pool-framehawk .figure'), /^100/)
  assert.equal(faults, [])
  await page.context().close()
})

real('hostile strings stay text', async () => {
  const bad = '</script><script>window.pwned=1</script><img src=x onerror="window.pwned=1"><!--\'"&amp;=cmd()'
  const records = [
    { type: 'capture', v: 1, source: bad, format: 'pcap', link_types: [1], timestamp_precision: bad },
    flowRecord({
      hostname: bad + 'x'.repeat(900),
      label: bad,
      category: bad,
      evidence: [{ source: 'pool', says: bad, for: bad, weight: 1 }],
    }),
    sessionRecord({ pool: bad, server_ip: bad, clients: [{ ip: bad, port: 1 }] }),
    { type: 'notice', v: 1, notice: 'bad', says: bad, at: at(1) },
    summaryRecord({
      undecoded: { [bad]: 1 },
      damaged: [{ source: bad, offset: 1, reason: bad, code: 'BAD' }],
    }),
  ]
  const input = writeRecords('hostile', records)
  const path = join(folder, 'hostile.html')
  await run(process.execPath, [cli, 'report', input, '-o', path])
  const { page, faults } = await openPage(browser, pathToFileURL(path).href)
  await page.locator('#session-table a').click()
  assert.match(await text(page, 'dialog'), bad)
  await page.keyboard.press('Escape')
  for (const section of ['sessions', 'labels', 'flows', 'notices', 'method'])
    assert.match(await text(page, `#${section}`), bad)
  assert.is(await page.evaluate('window.pwned'), undefined)
  assert.is(await page.locator('img').count(), 0)
  assert.equal(faults, [])
  await page.context().close()
})

real('dark, and on paper', async () => {
  const light = await openPage(browser, saturated)
  const dark = await openPage(browser, saturated, { colorScheme: 'dark' })
  const look = (page: Page): Promise<string[]> =>
    page.evaluate(
      "[getComputedStyle(document.body).backgroundColor, document.querySelector('#pool-framehawk canvas').toDataURL()]",
    )
  const [lightLook, darkLook] = [await look(light.page), await look(dark.page)]
  assert.is.not(lightLook[0], darkLook[0])
  assert.ok(lightLook[1] !== darkLook[1])
  // Who changes the scheme sees it at once.
  await light.page.emulateMedia({ colorScheme: 'dark' })
  await light.page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))')
  const changed = await look(light.page)
  assert.is(changed[0], darkLook[0])
  assert.ok(changed[1] !== lightLook[1])
  const paper = await dark.page.pdf({ format: 'A4' })
  assert.is(paper.subarray(0, 5).toString(), '%PDF-')
  assert.ok(paper.length > 30_000)
  assert.equal([light.faults, dark.faults], [[], []])
  await light.page.context().close()
  await dark.page.context().close()
})

real('no serious fault of accessibility', async () => {
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page } = await openPage(browser, saturated, { colorScheme })
    await page.evaluate(axe)
    const found = (await page.evaluate('axe.run()')) as {
      violations: { id: string; impact: string; nodes: { html: string }[] }[]
    }
    const serious = found.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    assert.equal(
      serious.map(({ id, nodes }) => `${id}: ${nodes[0].html}`),
      [],
    )
    await page.context().close()
  }
})

real('without scripts the answer is there', async () => {
  const { page } = await openPage(browser, saturated, { javaScriptEnabled: false })
  assert.match(await text(page, 'noscript'), 'At most 101 framehawk sessions at once')
  await page.context().close()
})

real('evidence is in reach in a narrow window; a table without rows is not drawn', async () => {
  const narrow = { viewport: { width: 600, height: 900 } }
  const { page } = await openPage(browser, await reportOf(join(fixtures, 'framehawk.pcap'), 'narrow'), narrow)
  for (const table of ['session-table', 'flow-table']) {
    const link = await page.locator(`#${table} tbody td:last-child > *`).first().boundingBox()
    assert.ok(link !== null && link.x + link.width <= narrow.viewport.width, table)
  }
  const icmp = await openPage(browser, await reportOf(join(fixtures, 'icmp.pcap'), 'no-sessions'))
  assert.is(await status(icmp.page, 'sessions'), '0 sessions')
  assert.not(await icmp.page.locator('#session-table').isVisible())
  assert.ok(await icmp.page.locator('#flow-table').isVisible())
})

test.run()
