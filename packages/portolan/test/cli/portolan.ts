import { run } from '../../src/cli/run.ts'

/** Before the URL: as if somebody looked on. */
export const screen = Symbol('screen')

/** Runs `portolan` over the database at a URL, and keeps what it prints. */
export async function portolan(...given: string[] | [typeof screen, ...string[]]) {
  const [url, ...args] = given.filter(arg => arg !== screen) as [string, ...string[]]
  const printed = { out: '', error: '' }
  const code = await run(args, {
    out: text => {
      printed.out += text
    },
    error: text => {
      printed.error += text
    },
    ...{ screen: given[0] === screen, colours: false, directory: process.cwd(), env: { DATABASE_URL: url } },
  })
  return { code, ...printed }
}
