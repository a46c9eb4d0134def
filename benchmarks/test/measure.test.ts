import assert from 'node:assert/strict'
import { test } from 'node:test'
import { figuresOf } from '../src/figures.ts'
import { measure } from '../src/measure.ts'
import { section, withSection } from '../src/page.ts'
import { type Contender, type Suite, Unavailable } from '../src/suite.ts'
import { suites } from '../src/suites/index.ts'
import { table } from '../src/table.ts'

/** A contender whose rounds yield `figures`, the first of them for the warm-up; writes down what happens to it. */
function scripted(name: string, figures: readonly number[], log: string[] = []): Contender<'work' | 'wait'> {
  return {
    name,
    async open() {
      const left = [...figures]
      return {
        async round() {
          log.push(name)
          const figure = left.shift()
          if (figure === undefined) throw new Error('One round too many.')
          return { work: figure, wait: figure }
        },
        async [Symbol.asyncDispose]() {
          log.push(`${name} closed`)
        },
      }
    },
  }
}

const suiteOf = (...contenders: Contender<'work' | 'wait'>[]): Suite => ({
  name: 'example',
  packages: [],
  trials: [
    {
      cases: { work: { unit: 'jobs/s', better: 'higher' }, wait: { unit: 'ms', better: 'lower' } },
      contenders,
    },
  ],
})

test('a row has the median, least and greatest of the rounds, without the warm-up', async () => {
  const { rows, rounds } = await measure(suiteOf(scripted('portolan', [1000, 3, 1, 2])), { rounds: 3 })
  assert.equal(rounds, 3)
  assert.deepEqual(rows[0], {
    case: 'work',
    unit: 'jobs/s',
    better: 'higher',
    results: { portolan: { median: 2, min: 1, max: 3 } },
    best_peer: null,
    ratio: null,
  })
})

test('the ratio compares with the best peer and is above 1 when we are ahead', async () => {
  const suite = suiteOf(
    scripted('slow', [0, 10]),
    scripted('portolan/sqlite', [0, 30]),
    scripted('fast', [0, 20]),
    scripted('portolan/memory', [0, 40]),
  )
  const { rows } = await measure(suite, { rounds: 1 })
  const [work, wait] = rows
  assert.deepEqual([work?.best_peer, work?.ratio], ['fast', 2])
  assert.deepEqual([wait?.best_peer, wait?.ratio], ['slow', 0.3333])
})

test('contenders take turns, another one first each round, and are closed at the end', async () => {
  const log: string[] = []
  const suite = suiteOf(scripted('a', [0, 1, 2], log), scripted('b', [0, 1, 2], log))
  await measure(suite, { rounds: 2 })
  assert.deepEqual(log, ['a', 'b', 'a', 'b', 'b', 'a', 'b closed', 'a closed'])
})

test('a contender whose result is wrong ends the run, and all are closed', async () => {
  const log: string[] = []
  const suite = suiteOf(scripted('a', [0, 1, 2], log), scripted('b', [0], log))
  await assert.rejects(measure(suite, { rounds: 2 }), /One round too many/)
  assert.deepEqual(log.slice(-2), ['b closed', 'a closed'])
})

test('only keeps one case, or one contender', async () => {
  const suite = () => suiteOf(scripted('portolan', [0, 1]), scripted('peer', [0, 1]))
  const oneCase = await measure(suite(), { rounds: 1, only: 'wait' })
  assert.deepEqual(
    oneCase.rows.map(row => row.case),
    ['wait'],
  )
  assert.deepEqual(Object.keys(oneCase.rows[0]!.results), ['portolan', 'peer'])
  const oneContender = await measure(suite(), { rounds: 1, only: 'peer' })
  assert.deepEqual(
    oneContender.rows.map(row => Object.keys(row.results)),
    [['peer'], ['peer']],
  )
})

test('only keeps the trial of that name', async () => {
  const { trials } = suiteOf(scripted('portolan', [0, 1]))
  const suite = {
    name: 'example',
    packages: [],
    trials: [
      { ...trials[0]!, name: 'here' },
      { ...trials[0]!, name: 'there' },
    ],
  }
  assert.equal((await measure(suite, { rounds: 1, only: 'here' })).rows.length, 2)
})

test('contenders that are measured apart take turns at each case', async () => {
  const log: string[] = []
  const asked = (name: string): Contender<'work' | 'wait'> => ({
    name,
    open: async () => ({
      async round(cases) {
        log.push(`${name}: ${cases.join()}`)
        return Object.fromEntries(cases.map(each => [each, 1]))
      },
      async [Symbol.asyncDispose]() {},
    }),
  })
  const { trials } = suiteOf(asked('a'), asked('b'))
  const suite = { name: 'example', packages: [], trials: [{ ...trials[0]!, apart: true }] }
  const { rows } = await measure(suite, { rounds: 1 })
  assert.deepEqual(log, ['a: work,wait', 'b: work,wait', 'a: work', 'b: work', 'a: wait', 'b: wait'])
  assert.deepEqual(rows[1]!.results, { a: { median: 1, min: 1, max: 1 }, b: { median: 1, min: 1, max: 1 } })
})

test('raw contenders are compared apart from the peers, and what misses its aim says so', async () => {
  const cases = {
    work: { unit: 'jobs/s', better: 'higher', mostToRaw: 1.5 },
    wait: { unit: 'ms', better: 'lower', mostToRaw: 1.5 },
  } as const
  const suite = suiteOf(
    scripted('portolan', [0, 10]),
    { ...scripted('driver', [0, 20]), raw: true },
    { ...scripted('slow driver', [0, 15]), raw: true },
    scripted('peer', [0, 11]),
  )
  const { rows } = await measure({ ...suite, trials: [{ ...suite.trials[0]!, cases }] }, { rounds: 1 })
  const [work, wait] = rows
  assert.deepEqual(
    [work?.best_peer, work?.ratio, work?.raw, work?.raw_ratio],
    ['peer', 0.9091, 'driver', 0.5],
  )
  assert.deepEqual(work?.misses, ['behind peer', '2.00 × the cost of driver, where 1.5 is the aim'])
  assert.deepEqual([wait?.raw, wait?.raw_ratio, wait?.misses], ['slow driver', 1.5, []])
})

test('a contender that cannot run here is named with the reason', async () => {
  const absent: Contender<'work' | 'wait'> = {
    name: 'absent',
    open: async () => {
      throw new Unavailable('there is no server')
    },
  }
  const report = await measure(suiteOf(scripted('portolan', [0, 1]), absent), { rounds: 1 })
  assert.deepEqual(report.left_out, [{ contender: 'absent', reason: 'there is no server' }])
  assert.deepEqual(Object.keys(report.rows[0]!.results), ['portolan'])
  assert.match(table(report), /absent is left out: there is no server/)
})

test('the page keeps what is not of the suite, and the section of the suite once', async () => {
  const report = await measure(suiteOf(scripted('portolan', [0, 30]), scripted('peer', [0, 20])), {
    rounds: 1,
  })
  const first = withSection('# Page\n\nBefore.\n', 'example', section(report))
  assert.match(first, /^# Page\n\nBefore\.\n[\s\S]*\| work \| jobs\/s \| 1\.5 \| peer \|/)
  const other = withSection(first, 'other', '## Other')
  const again = withSection(other, 'example', '## Anew')
  assert.match(again, /Before\.[\s\S]*## Anew[\s\S]*## Other/)
  assert.doesNotMatch(again, /peer/)
})

test('an even number of rounds has the middle of two as its median', () => {
  assert.deepEqual(figuresOf([4, 1, 3, 2]), { median: 2.5, min: 1, max: 4 })
})

test('the table names the versions, the contenders and the ratio', async () => {
  const report = await measure(suiteOf(scripted('portolan', [0, 30]), scripted('peer', [0, 20])), {
    rounds: 1,
  })
  const text = table(report)
  assert.match(text, /portolan \d+\.\d+\.\d+/)
  assert.match(text, /work \(jobs\/s, higher is better, 1\.5 × peer\)/)
})

test('every registered suite loads under its own name', async () => {
  for (const [name, entry] of Object.entries(suites)) assert.equal((await entry.load()).suite.name, name)
})
