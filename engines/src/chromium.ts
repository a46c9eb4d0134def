import type { Engine } from './engine.ts'
import { findProgram, isExecutable } from './program.ts'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const elsewhere = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** What a browser without a screen, a profile and a network of its own is started with. */
export const chromiumArguments: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]

/** The executable of a Chromium: the one that `PORTOLAN_TEST_CHROMIUM` names, or the first on the path. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const named = env.PORTOLAN_TEST_CHROMIUM
  if (named) return isExecutable(named) ? named : undefined
  return findProgram(names, env) ?? elsewhere.find(isExecutable)
}

/** The browser as an engine: it is started by each test that needs it, so being installed is enough. */
export function chromiumEngine(env: NodeJS.ProcessEnv): Engine {
  const at = findChromium(env)
  const named = env.PORTOLAN_TEST_CHROMIUM
  return {
    name: 'chromium',
    at,
    ...(at !== undefined && { where: named ? 'environment' : 'installed' }),
    ...(named &&
      at === undefined && { problem: `PORTOLAN_TEST_CHROMIUM names '${named}', which is no program` }),
    hint: 'apt-get install chromium, or PORTOLAN_TEST_CHROMIUM=/path/to/chromium',
  }
}
