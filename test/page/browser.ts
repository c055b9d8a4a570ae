/** A real browser for the tests of the pages: one for a file, a page for a test, and what went wrong in it. */
import { existsSync } from 'node:fs'
import process from 'node:process'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

const CHROMIUM = '/usr/bin/chromium'
/** Generous: a machine may be slow, a page is right or wrong. */
const DEADLINE_MS = 30_000

/** Why there are no tests with a browser; in CI there must be one. */
export const withoutBrowser: string | undefined =
  existsSync(CHROMIUM) || process.env.CI ? undefined : `${CHROMIUM} is not installed`

export function openBrowser(): Promise<Browser> {
  const root = process.getuid?.() === 0
  return chromium.launch({ executablePath: CHROMIUM, args: root ? ['--no-sandbox'] : [] })
}

export interface Watched {
  page: Page
  /** Errors of the page, messages on its console, requests to anywhere else. */
  faults: string[]
}

export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
  const page = await context.newPage()
  page.setDefaultTimeout(DEADLINE_MS)
  const faults: string[] = []
  const own = new URL(url).origin
  page.on('console', (message) => faults.push(`console ${message.type()}: ${message.text()}`))
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`))
  page.on('request', (request) => {
    const target = request.url()
    if (target !== url && !target.startsWith('data:') && (own === 'null' || new URL(target).origin !== own))
      faults.push(`request: ${target}`)
  })
  await page.goto(url)
  return { page, faults }
}

/** Different colours on such a canvas: a blank one has one. Text, as the browser's types are not known here. */
export function colorsOf(page: Page, selector: string, place: number): Promise<number> {
  return page.evaluate(`(() => {
    const canvas = document.querySelectorAll('${selector} canvas')[${place}]
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    return new Set(new Uint32Array(data.buffer)).size
  })()`)
}
