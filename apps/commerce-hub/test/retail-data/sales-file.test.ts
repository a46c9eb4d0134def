import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { catalogueOf } from '../../src/retail-data/catalogue.ts'
import { csvFields } from '../../src/retail-data/csv-line.ts'
import { type Invoice, invoices } from '../../src/retail-data/invoice.ts'
import { SalesFileError, salesLines } from '../../src/retail-data/sales-file.ts'
import { columns, type MalformedLine } from '../../src/retail-data/sales-line.ts'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sales-'))
})
after(() => rm(folder, { recursive: true }))

const header = columns.join(',')

async function read(
  lines: readonly (string | Buffer)[],
  name = 'sales.csv',
): Promise<(Invoice | MalformedLine)[]> {
  const path = join(folder, name)
  await writeFile(
    path,
    Buffer.concat(lines.map(line => Buffer.concat([Buffer.from(line), Buffer.from('\n')]))),
  )
  return Array.fromAsync(invoices(salesLines(path)))
}

test('fields are split as RFC 4180 says', () => {
  assert.deepEqual(csvFields('a,,c'), ['a', '', 'c'])
  assert.deepEqual(csvFields('"a,b","c ""d""",'), ['a,b', 'c "d"', ''])
  assert.deepEqual(csvFields(''), [''])
  assert.equal(csvFields('"a'), undefined)
  assert.equal(csvFields('"a"b,c'), undefined)
  assert.equal(csvFields('a"b'), undefined)
})

test('whatever is written as CSV is read back', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1 }), fields => {
      const line = fields.map(field => `"${field.replaceAll('"', '""')}"`).join(',')
      assert.deepEqual(csvFields(line), fields)
    }),
  )
})

test('malformed lines are told by number and reason, and the lines around them are read', async () => {
  const found = await read([
    header,
    '536365,85123A,HEART,6,2010-12-01 08:26:00,2.55,17850,United Kingdom',
    '536365,85123A,HEART,6',
    '536365,85123A,HEART,six,2010-12-01 08:26:00,2.55,17850,United Kingdom',
    '536365,85123A,HEART,6,2010-02-31 08:26:00,2.55,17850,United Kingdom',
    '536365,85123A,HEART,6,2010-12-01 08:26:00,2.5555,17850,United Kingdom',
    '536365,85123A,"HEART,6,2010-12-01 08:26:00,2.55,17850,United Kingdom',
    Buffer.from([0x35, 0xff, 0x2c]),
    `536365,${'x'.repeat(100_000)}`,
    '536365,71053,LANTERN,1,2010-12-01 08:26:00,3.39,17850,United Kingdom',
  ])
  assert.deepEqual(
    found.flatMap(item => ('problem' in item ? [[item.lineNumber, item.problem]] : [])),
    [
      [3, '4 fields instead of 8'],
      [4, 'Quantity "six" is no whole number'],
      [5, 'InvoiceDate "2010-02-31 08:26:00" is no date like 2010-12-01 08:26:00'],
      [6, 'UnitPrice "2.5555" is no amount with at most three decimals'],
      [7, 'its quotes do not balance'],
      [8, 'no UTF-8'],
      [9, 'longer than 65536 bytes'],
    ],
  )
  const [invoice] = found.filter(item => !('problem' in item))
  assert.deepEqual(
    (invoice as Invoice).lines.map(line => line.stockCode),
    ['85123A', '71053'],
  )
})

test('what is no sale is told apart, with its reason', async () => {
  const line = (invoice: string, code: string, quantity: number, price: string) =>
    `${invoice},${code},X,${quantity},2010-12-01 08:26:00,${price},,United Kingdom`
  const found = (await read([
    header,
    line('1', 'post', 1, '18'),
    line('1', '22111', 0, '1'),
    line('1', '22111', 1, '0.0'),
    line('1', '22111', -5, '0'),
    line('1', '22111', 1, '-1'),
    line('1', '22111a', 2, '0.125'),
    line('C2', '22111', -1, '1.5'),
    line('C2', '22111', 1, '1.5'),
    line('C2', 'BANK CHARGES', -1, '10'),
    line('A3', 'B', 1, '-11062.06'),
  ])) as Invoice[]
  assert.deepEqual(
    found.map(invoice => [
      invoice.id,
      invoice.kind,
      invoice.lines.map(({ stockCode, quantity }) => `${quantity} ${stockCode}`),
      invoice.rejected.map(({ reason }) => reason),
    ]),
    [
      [
        '1',
        'sale',
        ['2 22111A'],
        ['fee', 'zero_quantity', 'zero_price', 'stock_adjustment', 'negative_price'],
      ],
      ['C2', 'return', ['1 22111'], ['not_a_return', 'fee']],
      ['A3', 'sale', [], ['accounting_adjustment']],
    ],
  )
})

test('an invoice whose lines do not stand together comes in parts that are told apart', async () => {
  const line = (invoice: string) => `${invoice},22111,X,1,2010-12-01 08:26:00,1,,United Kingdom`
  const found = (await read([header, line('1'), line('2'), line('1')])) as Invoice[]
  assert.deepEqual(
    found.map(invoice => [invoice.id, invoice.number]),
    [
      ['1', '1'],
      ['2', '2'],
      ['1-2', '1'],
    ],
  )
})

test('the catalogue has every price, the most frequent first, and stock for all that is sold', async () => {
  const line = (quantity: number, price: string, invoice = '1') =>
    `${invoice},22111,MUG,${quantity},2010-12-01 08:26:00,${price},,United Kingdom`
  const path = join(folder, 'catalogue.csv')
  await writeFile(
    path,
    [header, line(5, '2'), line(6, '1.5'), line(7, '1.5'), line(-3, '9', 'C2')].join('\n'),
  )
  const [mug, ...others] = await catalogueOf(invoices(salesLines(path)))
  assert.deepEqual(others, [])
  assert.deepEqual(
    [mug?.sku, mug?.name, mug?.stock, mug?.prices.map(price => price.toDecimal())],
    ['22111', 'MUG', 118, ['1.500', '2.000']],
  )
})

test('gzip is told by its content; a file of another format, an empty or broken one is refused with the reason', async () => {
  const line = '1,22111,X,1,2010-12-01 08:26:00,1,,United Kingdom'
  const gzip = gzipSync(`\uFEFF${header}\r\n${line}\r\n`)
  const path = join(folder, 'sales.txt')
  await writeFile(path, gzip)
  assert.equal((await Array.fromAsync(salesLines(path))).length, 1)

  await writeFile(path, gzip.subarray(0, 40))
  await assert.rejects(Array.fromAsync(salesLines(path)), SalesFileError)
  await writeFile(path, '')
  await assert.rejects(Array.fromAsync(salesLines(path)), /is empty/)
  await writeFile(path, 'a,b\n1,2\n')
  await assert.rejects(Array.fromAsync(salesLines(path)), /another format/)
  await assert.rejects(Array.fromAsync(salesLines(join(folder, 'none'))), SalesFileError)
})
