import assert from 'node:assert/strict'
import { test } from 'node:test'
import { markdown, withSomeTables, withTables } from './page.ts'
import { collect, type TestEvent } from './results.ts'
import { type Known, tablesOf } from './rows.ts'

const cache: Known = {
  port: 'cache',
  cases: [
    { name: 'reads what it wrote' },
    { name: 'tells of a change', requires: 'notices', otherwise() {} },
    { name: 'counts', requires: 'counters' },
    { name: 'forgets', requires: 'expiry', otherwise() {} },
  ],
}

const passed = (name: string): TestEvent => ({ type: 'test:pass', data: { name } })
const failed = (name: string, cause: Error): TestEvent => ({
  type: 'test:fail',
  data: {
    name,
    details: { error: Object.assign(new Error('outer', { cause }), { failureType: 'testCodeFailure' }) },
  },
})

async function* events(...list: TestEvent[]) {
  yield* list
}

const complete = (adapter: string): TestEvent[] => [
  passed(`${adapter}: cache: reads what it wrote`),
  passed(`${adapter}: cache: tells of a change`),
  passed(`${adapter}: cache: forgets (not offered, and refused)`),
]

async function matrix(...list: TestEvent[]) {
  const { results, failures } = await collect(events(...list), ['cache'])
  return { ...tablesOf([cache], results), failures }
}

test('an adapter has a row: what passed, what it declares, what it refuses, what it does not do', async () => {
  const { tables, problems, failures } = await matrix(
    ...complete('redis: cluster'),
    passed('another test of that file'),
    ...complete('memory'),
    passed('memory: cache: counts'),
  )
  assert.deepEqual([...problems, ...failures], [])
  assert.equal(
    markdown(tables),
    `### cache

| Adapter | Cases passed | \`counters\` | \`expiry\` | \`notices\` |
|---|---|---|---|---|
| memory | 4 of 4 | yes | \`unsupported\` | yes |
| redis: cluster | 3 of 4 | no | \`unsupported\` | yes |`,
  )
})

test('the order of the tests does not show', async () => {
  const list = [...complete('memory'), ...complete('redis')]
  assert.deepEqual((await matrix(...list)).tables, (await matrix(...list.toReversed())).tables)
})

test('a case that failed, was skipped or was forgotten is told, and so is a port without an adapter', async () => {
  const { problems } = await matrix(
    passed('memory: cache: reads what it wrote'),
    failed('memory: cache: tells of a change', new Error('late\nby far')),
    { type: 'test:pass', data: { name: 'redis: cache', skip: 'no redis here' } },
  )
  assert.deepEqual(problems, [
    'memory: cache: tells of a change: failed: late',
    'memory: cache: forgets: no test ran it',
    'redis: cache: every case: skipped: no redis here',
  ])
  assert.deepEqual((await matrix()).problems, ["cache: no test is called 'ADAPTER: cache: CASE'"])
})

test('whatever else fails in a file of contract tests is told', async () => {
  const { failures } = await matrix(
    ...complete('memory'),
    failed('contract.test.ts', new Error('cannot connect')),
  )
  assert.deepEqual(failures, ['contract.test.ts: cannot connect'])
})

test('the page changes between its marks only, and not when it is written again', async () => {
  const { tables } = await matrix(...complete('memory'))
  const marks = [
    '<!-- The tables down to the end mark are written by `npm run matrix`, from a real run. -->',
    '<!-- end of what `npm run matrix` writes -->',
  ]
  const page = `# Contracts\n\n${marks[0]}\nold\n${marks[1]}\n\nmore\n`
  const written = withTables(page, tables)
  assert.equal(written, `# Contracts\n\n${marks[0]}\n\n${markdown(tables)}\n\n${marks[1]}\n\nmore\n`)
  assert.equal(withTables(written, tables), written)
  assert.throws(() => withTables('# Contracts', tables), /needs the lines/)
})

test('a run of some ports leaves the tables of the others as they are', async () => {
  const { tables } = await matrix(...complete('memory'))
  const page = withTables(
    [
      '<!-- The tables down to the end mark are written by `npm run matrix`, from a real run. -->',
      '<!-- end of what `npm run matrix` writes -->',
    ].join('\n'),
    [],
  )
  const table = (port: string) => ({ ...tables[0]!, port })
  const two = withSomeTables(page, [table('locks'), table('cache')])
  assert.equal(two, withTables(page, [table('cache'), table('locks')]))
  const renewed = withSomeTables(two, [{ ...table('locks'), rows: [] }, table('files')])
  assert.equal(renewed, withTables(page, [table('cache'), table('files'), { ...table('locks'), rows: [] }]))
  assert.equal(withSomeTables(renewed, [table('files')]), renewed)
})
