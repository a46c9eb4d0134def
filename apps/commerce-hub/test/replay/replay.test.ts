import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { help, type ReplayArguments, replayArguments, UsageError } from '../../src/replay/arguments.ts'
import { type ReplayResult, replay } from '../../src/replay/replay.ts'
import { bundledSample } from '../../src/replay/sample.ts'
import { startProgram, type TemporaryFolder, temporaryFolder } from '../harness/index.ts'
import { header, sale, sampleLines, writeSales } from './files.ts'

let folder: TemporaryFolder
before(async () => {
  folder = await temporaryFolder()
})
after(() => folder[Symbol.asyncDispose]())

async function run(...args: string[]) {
  await using program = startProgram('replay/main.ts', args, { cwd: folder.path })
  const code = await program.ended
  return { code, stdout: program.stdout, stderr: program.stderr }
}

const defaults = replayArguments([], bundledSample) as ReplayArguments

/** Plays a file, which has to agree. */
async function play(input: string): Promise<ReplayResult> {
  const result = await replay({ ...defaults, input, concurrency: 48 }, join(folder.path, 'runs'))
  assert.deepEqual([result.difference, result.lost, result.duplicated], ['0.000', 0, 0])
  return result
}

test('the bundled sample is sold to the last penny', async () => {
  const { code, stdout, stderr } = await run('--json')
  assert.equal(code, 0, stderr)
  const [json, ...rest] = stdout.trimEnd().split('\n')
  assert.deepEqual(rest, [])
  const result = JSON.parse(json!) as ReplayResult
  const { seconds, invoices_per_second, peak_memory_mib, cpu_seconds, ...totals } = result
  assert.deepEqual(totals, {
    ...{ lines: 5217, invoices: 310, orders: 268, refunds: 28 },
    rejected: { fee: 11, zero_price: 10, stock_adjustment: 2 },
    ...{ dataset_total: '104842.840', orders_total: '105341.710', refunds_total: '-1838.830' },
    ...{ rejected_total: '1339.960', difference: '0.000', lost: 0, duplicated: 0 },
    ...{ problems: [], resumed: false, malformed_lines: [] },
  })
  for (const figure of [seconds, invoices_per_second]) assert.ok(figure > 0)
  if (process.platform === 'linux') assert.ok(peak_memory_mib! > 0 && cpu_seconds! > 0)
})

test('the totals are those of the file, counted without the shop', async () => {
  const lines = gunzipSync(readFileSync(bundledSample)).toString().trim().split('\n').slice(1)
  const thousandths = lines.map(line => {
    const fields = line.replace(/"(?:[^"]|"")*"/g, 'X').split(',')
    return BigInt(fields[3]!) * BigInt(Math.round(Number(fields[5]) * 1000))
  })
  const total = thousandths.reduce((sum, amount) => sum + amount, 0n)
  assert.equal(total, 104_842_840n)
})

test('a plain file with another line ending and a mark at its beginning is the same as the zipped one', async () => {
  const lines = await sampleLines(120)
  const plain = join(folder.path, 'plain.csv')
  writeFileSync(plain, `\uFEFF${[header, ...lines].join('\r\n')}`)
  const zipped = join(folder.path, 'zipped')
  writeFileSync(zipped, gzipSync([header, ...lines].join('\n')))
  const totals = async (path: string) => {
    const { lines, invoices, orders, refunds, rejected, dataset_total } = await play(path)
    return { lines, invoices, orders, refunds, rejected, dataset_total }
  }
  const [first, second] = await Promise.all([totals(plain), totals(zipped)])
  assert.equal(first.lines, 120)
  assert.deepEqual(first, second)
  // Played to its end, it begins anew.
  assert.deepEqual(await totals(plain), first)
})

test('whatever a file holds is played, or rejected with its reason', async () => {
  const long = 'x'.repeat(700)
  const manyPrices = Array.from({ length: 1_100 }, (_, index) => (1 + index / 1000).toFixed(3))
  const path = await writeSales(join(folder.path, 'odd.csv'), [
    sale('1', '22111', 2, '1.5', { description: `"LONG ${long}"` }),
    sale('1', '85123a', 2, '2.55', { description: '"QUOTED ""A"", B"' }),
    sale('1', '22112', 1, '1', { description: '"É🎁𝒳 <b>"' }),
    sale('1', '22113', 1, '0.001', { description: '' }),
    sale('2', '22111', 1, '1.5', { customer: '' }),
    sale('2', 'POST', 1, '18.00', { customer: '' }),
    sale('2', '22111', 1, '0.0', { customer: '' }),
    sale('3', '22111', -7, '0', { customer: '' }),
    sale('1', '22111', 1, '1.25'),
    sale('C4', '22111', -2, '1.5'),
    sale('C4', 'D', -1, '27.50'),
    sale('C5', '22999', -3, '4.125', { customer: '' }),
    sale('A6', 'B', 1, '-11062.06', { customer: '' }),
    sale('7', 'GIFT_0001_20', 1, '16.67', { customer: '12345.0' }),
    // What the shop will not have.
    sale('8', '22114', 1_000_000, '0.01'),
    sale('C9', '22114', -1_000_000, '0.01'),
    sale('10', '22115', 10, '999999999999'),
    sale('C11', '22115', -10, '999999999999'),
    ...manyPrices.map(price => sale('12', '22116', 1, price)),
  ])
  const result = await play(path)
  assert.deepEqual(result.rejected, {
    ...{ fee: 2, zero_price: 1, stock_adjustment: 1, accounting_adjustment: 1, refused_by_shop: 4 },
  })
  assert.deepEqual([result.orders, result.refunds], [5, 2])
  assert.match(result.problems.join('\n'), /^8: refused: The quantity[\s\S]*10: refused: .*too much/m)
})

test('malformed lines are told with their number and reason, and the rest is sold', async () => {
  const path = await writeSales(join(folder.path, 'malformed.csv'), [
    sale('1', '22111', 2, '1.5'),
    '1,22111,MUG,2',
    sale('1', '22111', 2, '1.5555'),
    sale('1', '22 111 !', 2, '1.5'),
    sale('1', '22111', 2, '1.5', { date: '1/12/2010 08:26' }),
    sale('1', '22111', 2, '1.5', { description: '"MUG' }),
    sale('2', '22111', 1, '1.5', { date: '1960-01-01 08:26:00' }),
    '\0\0\0',
    sale('3', '22111', 1, '1.5'),
  ])
  const { code, stdout } = await run('--input', path)
  assert.equal(code, 0)
  assert.match(stdout, /malformed +7 lines[\s\S]*Difference +0\.000[\s\S]*Lost 0, duplicated 0\./)
  const result = await play(path)
  assert.deepEqual([result.lines, result.orders, result.rejected], [9, 2, { malformed: 7 }])
  assert.deepEqual(
    result.malformed_lines.map(({ line }) => line),
    [3, 4, 5, 6, 7, 8, 9],
  )
  for (const { reason } of result.malformed_lines) assert.ok(reason.length > 5)
})

test('a file of nothing but a header has nothing to sell', async () => {
  const path = await writeSales(join(folder.path, 'none.csv'), [])
  assert.deepEqual([(await play(path)).lines], [0])
})

test('a wrong call is told in a line, and exits with 2', async () => {
  const another = join(folder.path, 'another.csv')
  writeFileSync(another, 'a,b,c\n1,2,3\n')
  const calls = [
    [['--inputs', 'x'], /--inputs/],
    [['--input', join(folder.path, 'nowhere.csv')], /nowhere\.csv/],
    [['--input', another], /another format/],
  ] as const
  const told = await Promise.all(calls.map(([args]) => run(...args)))
  told.forEach(({ code, stdout, stderr }, index) => {
    assert.deepEqual([code, stdout], [2, ''])
    assert.match(stderr, calls[index]![1])
    assert.match(stderr, /^replay: .*\n$/)
  })
})

for (const [args, told] of [
  [['file.csv'], /file\.csv/],
  [['--concurrency', '0'], /whole number from 1 to 1000/],
  [['--concurrency', '2.5'], /whole number from 1 to 1000/],
  [['--concurrency', 'many'], /whole number from 1 to 1000/],
  [['--processes', '0'], /whole number from 1 to 16/],
  [['--input'], /--input/],
  [['--json=yes'], /--json/],
  [['--fresh', '--database', 'sqlite:shop.db'], /--fresh and --database/],
] as const) {
  test(`"${args.join(' ')}" is a wrong call`, () => {
    assert.throws(
      () => replayArguments(args, bundledSample),
      (error: Error) => error instanceof UsageError && told.test(error.message),
    )
  })
}

test('without arguments, the bundled sample is played; --help tells of every option', () => {
  assert.deepEqual(replayArguments([], bundledSample), {
    ...{
      input: bundledSample,
      database: undefined,
      broker: undefined,
      cache: undefined,
      processes: 1,
      concurrency: 96,
      json: false,
      fresh: false,
    },
  })
  assert.equal(replayArguments(['--json', '--help'], bundledSample), 'help')
  const env = { DATABASE_URL: 'postgres://there/shop' }
  const given = (...args: string[]) => replayArguments(args, bundledSample, env) as ReplayArguments
  assert.equal(given().database, 'postgres://there/shop')
  assert.equal(given('--database', 'mysql://here/shop').database, 'mysql://here/shop')
  assert.throws(() => given('--fresh'), UsageError)
  assert.equal(given('--cache', 'redis://there').cache, 'redis://there')
  for (const option of [
    'input',
    'concurrency',
    'database',
    'broker',
    'cache',
    'processes',
    'json',
    'fresh',
  ]) {
    assert.ok(help.includes(`--${option}`), option)
  }
})
