import { join } from 'node:path'
import { after } from 'node:test'
import { temporaryFolder } from '../harness/index.ts'
import { sampleLines, writeSales } from './files.ts'

/** A folder for the tests of one file, with the first `count` lines of the bundled sample in `input`. */
export async function sampleFolder(
  count: number,
): Promise<{ readonly path: string; readonly input: string }> {
  const folder = await temporaryFolder()
  after(() => folder[Symbol.asyncDispose]())
  const { path } = folder
  return { path, input: await writeSales(join(path, 'slice.csv'), await sampleLines(count)) }
}
