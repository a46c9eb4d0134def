/**
 * Makes the bundled sample of the sales data: the catalogue of the whole file, and the lines of its first two days.
 *
 *     node apps/commerce-hub/scripts/make-sample.ts online-retail-2010-12.csv.gz
 */
import { writeFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { catalogueOf } from '../src/retail-data/catalogue.ts'
import { catalogueText } from '../src/retail-data/catalogue-file.ts'
import { invoices } from '../src/retail-data/invoice.ts'
import { salesLines } from '../src/retail-data/sales-file.ts'
import { textLines } from '../src/retail-data/text-lines.ts'

const days = ['2010-12-01', '2010-12-02']
const [input] = process.argv.slice(2)
if (!input) {
  console.error('Which file? Give the path of online-retail-2010-12.csv.gz.')
  process.exit(2)
}
const data = new URL('../data/', import.meta.url)
await writeFile(new URL('catalogue.csv', data), catalogueText(await catalogueOf(invoices(salesLines(input)))))

const sample: string[] = []
for await (const { number, text = '' } of textLines(input)) {
  if (number === 1 || days.some(day => text.includes(`,${day} `))) sample.push(text)
}
await writeFile(
  new URL('online-retail-sample.csv.gz', data),
  gzipSync(`${sample.join('\n')}\n`, { level: 9 }),
)
