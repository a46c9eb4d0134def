import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { chromiumArguments, findChromium, skipWithout } from 'portolan-engines'

/** The reason to skip a test of pages, or `false`: a missing browser fails it in CI, and where engines are required. */
export const skipWithoutBrowser = process.env.CI ? false : await skipWithout('chromium')

export function openBrowser(): Promise<Browser> {
  const executablePath = findChromium()
  if (executablePath === undefined)
    throw new Error('No Chromium was found: install it, or set PORTOLAN_TEST_CHROMIUM.')
  return chromium.launch({ executablePath, args: [...chromiumArguments] })
}

/** A page, and whatever went wrong on it: errors of scripts, of the console (violated policies among them) and of requests. */
export async function openPage(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; problems: string[] }> {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  const problems: string[] = []
  page.on('pageerror', error => problems.push(error.message))
  page.on('console', message => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text())
  })
  page.on('response', response => {
    if (response.status() >= 400) problems.push(`${response.status()} ${response.url()}`)
  })
  page.on('dialog', dialog => {
    problems.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  return { page, problems }
}

/** What is cut off or reaches over the side of the screen. */
export function overflowing(page: Page): Promise<string[]> {
  return page.evaluate(`(() => {
    const scrolls = element =>
      element && (/auto|scroll/.test(getComputedStyle(element).overflowX) || scrolls(element.parentElement))
    const width = document.documentElement.clientWidth
    const found = document.documentElement.scrollWidth > width ? ['the page: ' + document.documentElement.scrollWidth] : []
    for (const element of document.querySelectorAll('main *')) {
      const { left, right } = element.getBoundingClientRect()
      if (!scrolls(element.parentElement) && (right > width + 1 || left < -1)) found.push(element.outerHTML.slice(0, 120))
    }
    return found
  })()`) as Promise<string[]>
}
