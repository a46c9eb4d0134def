import { createReadStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import { bundledSample } from '../../src/replay/sample.ts'
import { columns } from '../../src/retail-data/sales-line.ts'

export const header = columns.join(',')

/** Writes a sales file of these lines, the header first. */
export async function writeSales(path: string, lines: readonly string[]): Promise<string> {
  await writeFile(path, [header, ...lines, ''].join('\n'))
  return path
}

/** The first lines of the bundled sample, without its header. */
export async function sampleLines(count: number): Promise<string[]> {
  const source = createReadStream(bundledSample)
  const lines: string[] = []
  for await (const line of createInterface({ input: source.pipe(createGunzip()) })) {
    lines.push(line)
    if (lines.length > count) break
  }
  source.destroy()
  return lines.slice(1)
}

/** One line of an invoice. */
export function sale(
  invoice: string,
  code: string,
  quantity: number,
  price: string,
  more: SaleFacts = {},
): string {
  const { description = 'MUG', customer = '17850', date = '2010-12-01 08:26:00' } = more
  return `${invoice},${code},${description},${quantity},${date},${price},${customer},United Kingdom`
}

export interface SaleFacts {
  readonly description?: string
  readonly customer?: string
  readonly date?: string
}
