/** The dashboard in a real browser, over a file that grows. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  at,
  openId,
  openSessionRecord,
  rounds,
  sessionRecord,
  statsRecord,
} from '../report/overview/overview-records.ts'
import { openBrowser, openPage, withoutBrowser } from './browser.ts'

const test = suite('page/serve')
const real = withoutBrowser === undefined ? test : test.skip
const cli = fileURLToPath(new URL('../../src/cli.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'flowhawk-serve-'))
const file = join(folder, 'flows.ndjson')
let browser: Browser
let server: { child: ChildProcess; url: string }

test.before(async () => {
  if (withoutBrowser === undefined) browser = await openBrowser()
})
test.after(async () => {
  await browser?.close()
  server?.child.kill()
  rmSync(folder, { recursive: true })
})

async function start(listen: string): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [cli, 'serve', file, '--listen', listen])
  let said = ''
  for await (const chunk of child.stderr) {
    said += chunk
    const url = /http:\S+\//.exec(said)?.[0]
    if (url !== undefined) return { child, url }
  }
  throw new Error(`it does not listen: ${said}`)
}

async function stop(): Promise<void> {
  const closed = once(server.child, 'exit')
  server.child.kill('SIGTERM')
  assert.equal(await closed, [0, null])
}

test('a capture is refused, and what is missing', async () => {
  for (const [input, code] of [
    [fileURLToPath(new URL('../../../fixtures/framehawk.pcap', import.meta.url)), 'INPUT_NO_RECORDS'],
    [join(folder, 'none'), 'INPUT_NOT_FOUND'],
  ]) {
    const child = spawn(process.execPath, [cli, 'serve', input, '--listen', '0'])
    let said = ''
    child.stderr.on('data', (chunk) => (said += chunk))
    assert.equal(await once(child, 'close'), [1, null])
    assert.match(said, code)
  }
})

const all = [...rounds(1, 50, 40)].map((record) => `${JSON.stringify(record)}\n`)
const seen = (page: Page, text: string) =>
  page.locator('#sessions .tools .status', { hasText: text }).waitFor()

real('counts rise, an interrupted stream recovers, choices stay', async () => {
  writeFileSync(file, all.slice(0, 100).join(''))
  server = await start('127.0.0.1:0')
  const { page, faults } = await openPage(browser, server.url)
  await seen(page, 'of 100 sessions')
  await page.locator('#session-table th button', { hasText: 'Slot' }).click()
  appendFileSync(file, all.slice(100, 200).join(''))
  await seen(page, 'of 200 sessions')
  assert.is(await page.locator('#session-table th[aria-sort]').textContent(), 'Slot')
  assert.equal(faults, [])
  const { port } = new URL(server.url)
  await stop()
  await page.locator('.state.lost').waitFor()
  appendFileSync(file, all.slice(200, 300).join(''))
  server = await start(`127.0.0.1:${port}`)
  await seen(page, 'of 300 sessions')
  await page.locator('.state.lost').waitFor({ state: 'hidden' })
  await page.context().close()
})

real('a thousand records a second do not freeze the page', async () => {
  const { page, faults } = await openPage(browser, server.url)
  const rest = all.slice(300)
  const feed = (async () => {
    for (let at = 0; at < rest.length; at += 100) {
      appendFileSync(file, rest.slice(at, at + 100).join(''))
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  })()
  // The page answers while it is fed.
  for (const query of ['10.20.0.1:', 'likely', 'no such thing', '']) {
    await page.locator('#session-table-search').fill(query)
    await page.locator('#sessions .tools .status').waitFor()
  }
  await feed
  await seen(page, 'of 2,000 sessions')
  assert.match(
    (await page.locator('h1').textContent()) ?? '',
    'At most 50 framehawk sessions at once, on 10.1.0.4',
  )
  assert.equal(faults, [])
  await page.context().close()
  await stop()
})

real('says who is on which slot now, as far as the records tell', async () => {
  server = await start('127.0.0.1:0')
  const { page, faults } = await openPage(browser, server.url)
  const write = (...records: object[]) =>
    appendFileSync(file, records.map((record) => `${JSON.stringify(record)}\n`).join(''))
  const open = page.locator('#session-table .under-way')
  write(statsRecord({ start: at(99_000), end: at(99_060) }))
  await page.locator('#open .note', { hasText: 'The records do not tell which' }).waitFor()
  write(openSessionRecord(3230, 99_120), openSessionRecord(3231, 99_120))
  write(statsRecord({ start: at(99_060), end: at(99_120) }))
  await page.locator('#open button', { hasText: 'List the open sessions' }).click()
  assert.is(await open.count(), 2)
  assert.is(await open.first().textContent(), 'open, silent for 2 s')
  // It ends, and so does the other before the next look.
  write(sessionRecord({ session_id: openId(3230), slot: 3230 }))
  write(statsRecord({ start: at(99_120), end: at(99_180), live_sessions: 0 }))
  await page.locator('#session-table tbody tr').first().waitFor({ state: 'detached' })
  assert.equal(faults, [])
  await page.context().close()
  await stop()
})

test.run()
