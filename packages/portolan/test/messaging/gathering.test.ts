import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Gathering } from '../../src/messaging/gathering.ts'

describe('questions that are gathered', () => {
  test('are asked in one go while an answer is under way, and never before they were put', async () => {
    const rounds: (readonly number[])[] = []
    const held: (() => void)[] = []
    const gathering = new Gathering<number, string>(async questions => {
      rounds.push(questions)
      await new Promise<void>(resolve => held.push(resolve))
      return questions.map(question => `answer ${question}`)
    }, 1_000)
    const first = [gathering.ask(1), gathering.ask(2)]
    await Promise.resolve()
    const more = [gathering.ask(3), gathering.ask(4)]
    assert.deepEqual(rounds, [[1, 2]])
    held.shift()!()
    assert.deepEqual(await Promise.all(first), ['answer 1', 'answer 2'])
    held.shift()!()
    assert.deepEqual(await Promise.all(more), ['answer 3', 'answer 4'])
    assert.deepEqual(rounds, [
      [1, 2],
      [3, 4],
    ])
  })

  test('fail together, and the next ones are asked again', async () => {
    let failing = true
    const gathering = new Gathering<number, number>(async questions => {
      if (failing) throw new Error('not now')
      return questions
    }, 1_000)
    const answers = await Promise.allSettled([gathering.ask(1), gathering.ask(2)])
    assert.deepEqual(
      answers.map(({ status }) => status),
      ['rejected', 'rejected'],
    )
    failing = false
    assert.equal(await gathering.ask(3), 3)
  })

  test('are asked only so many at a time', async () => {
    const rounds: (readonly number[])[] = []
    const gathering = new Gathering<number, number>(async questions => {
      rounds.push(questions)
      return questions
    }, 2)
    assert.deepEqual(await Promise.all([1, 2, 3, 4, 5].map(n => gathering.ask(n))), [1, 2, 3, 4, 5])
    assert.deepEqual(rounds, [[1, 2], [3, 4], [5]])
  })
})
