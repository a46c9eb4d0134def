import { after } from 'node:test'
import { skipWithout } from 'portolan-engines'
import { cases } from './cases.ts'
import { type EngineName, type OpenOrm, openApp } from './harness.ts'

/** What a test file hands to `test`, which has to be called there: outcomes are counted for the file that declares them. */
export interface Declared {
  readonly name: string
  readonly options: { readonly skip: string | false }
  run(): Promise<void>
}

/** The cases of an ORM over each of the engines. The applications that they share are closed after the last one. */
export async function onEngines(
  orm: string,
  engines: readonly EngineName[],
  openOrm: OpenOrm,
): Promise<Declared[]> {
  const declared: Declared[] = []
  for (const engine of engines) {
    const skip = engine === 'sqlite' ? false : await skipWithout(engine)
    if (skip) {
      declared.push({ name: `${orm} on ${engine}`, options: { skip }, run: async () => {} })
      continue
    }
    const { app, release } = await openApp(engine, openOrm)
    after(release)
    for (const { name, run } of cases) {
      declared.push({ name: `${orm} on ${engine}: ${name}`, options: { skip }, run: () => run(app) })
    }
  }
  return declared
}
