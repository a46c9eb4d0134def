import type { TestContext } from 'node:test'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { chromiumArguments, findChromium, skipWithout } from 'portolan-engines'

/** The system's Chromium; skips the test where there is none and none is required. */
export async function openBrowser(t: TestContext): Promise<Browser | undefined> {
  const reason = await skipWithout('chromium')
  if (reason) {
    t.skip(reason)
    return undefined
  }
  const executablePath = findChromium()
  if (executablePath === undefined) throw new Error('Chromium is required, and there is none.')
  return chromium.launch({ executablePath, args: [...chromiumArguments] })
}

/** A page that fails the test for every script error and every dialog. */
export async function openPage(
  browser: Browser,
  options: BrowserContextOptions,
): Promise<{ page: Page; problems: string[] }> {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  const problems: string[] = []
  page.on('pageerror', error => problems.push(error.message))
  page.on('dialog', dialog => {
    problems.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  return { page, problems }
}
