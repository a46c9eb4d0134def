import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '../harness/index.ts'

const main = fileURLToPath(new URL('../../src/replay/main.ts', import.meta.url))

/** Runs the command in `folder`. */
function replay(folder: string, ...args: readonly string[]) {
  return new Promise<{ code: number | null; stdout: string; stderr: string }>(resolve => {
    const options = { cwd: folder, timeout: 60_000 }
    const child = execFile(
      process.execPath,
      ['--conditions=source', main, ...args],
      options,
      (_error, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
    )
  })
}

const invoice = `InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
536365,85123A,WHITE HANGING HEART T-LIGHT HOLDER,6,2010-12-01 08:26:00,2.55,17850,United Kingdom
`

test("a replay heeds no settings of the person's own shop, and keeps the database where it was told", async () => {
  await using folder = await temporaryFolder()
  await writeFile(join(folder.path, '.env'), 'STAFF_PASSWORD=correct horse\nWHATSAPP_PHONE_NUMBER_ID=1\n')
  await writeFile(join(folder.path, 'sales.csv'), invoice)
  for (const run of ['first', 'second']) {
    const args = ['--input', 'sales.csv', '--database', 'sqlite:shop.db', '--json']
    const { code, stdout, stderr } = await replay(folder.path, ...args)
    assert.equal(code, 0, `${run}: ${stderr}`)
    const { orders, orders_total } = JSON.parse(stdout)
    assert.deepEqual([orders, orders_total], [1, '15.300'])
  }
})

test('a shop that cannot start is told without a stack', async () => {
  await using folder = await temporaryFolder()
  await writeFile(join(folder.path, 'sales.csv'), invoice)
  const { code, stdout, stderr } = await replay(
    folder.path,
    ...['--input', 'sales.csv', '--database', 'oracle://x', '--json'],
  )
  assert.equal(code, 1)
  assert.equal(stdout, '')
  assert.match(stderr, /commerce-hub: .*oracle/s)
  assert.match(stderr, /replay: The shop did not start/)
  assert.doesNotMatch(stderr, /\n {4}at /)
})
