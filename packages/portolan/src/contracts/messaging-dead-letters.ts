import assert from 'node:assert/strict'
import { systemClock } from '../runtime/clock.ts'
import type { ContractCase } from './contract.ts'
import { fact, fresh, type MessagingHarness, messageType, settled, soon, until } from './messaging-support.ts'

/** What an operator sees of messages that were given up, and does with some of them. */
export const deadLetterCases: readonly ContractCase<MessagingHarness>[] = [
  {
    name: 'a dead letter tells of each attempt and each death, those before its replays included',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const member = await harness.join([Placed])
      const { messaging } = member
      let life = 1
      messaging.subscribe(
        Placed,
        { group: fresh('group'), retry: { ...soon, attempts: 2 } },
        ({ attempt }) => {
          throw new Error(`${life}.${attempt}`)
        },
      )
      await messaging.start()
      const began = Math.floor(systemClock.now())
      await messaging.publish(Placed, { n: 1 }, { key: 'k' })
      const died = (reason: string) =>
        until('it is given up', async () => (await messaging.deadLetters.list())[0]?.reason === reason)
      await died('1.2')
      const [{ id } = { id: '' }] = await messaging.deadLetters.list()
      life = 2
      await messaging.deadLetters.replay(id)
      await died('2.2')
      life = 3
      assert.equal(await messaging.deadLetters.replayAll(), 1)
      await died('3.2')
      const [letter] = await messaging.deadLetters.list()
      assert.deepEqual(
        letter!.history.map(({ attempt, reason, died }) => [attempt, reason, died]),
        [1, 2, 3].flatMap(n => [
          [1, `${n}.1`, false],
          [2, `${n}.2`, true],
        ]),
      )
      const times = [began, ...letter!.history.map(({ at }) => at.getTime()), systemClock.now()]
      assert.deepEqual(
        times.toSorted((a, b) => a - b),
        times,
      )
      assert.deepEqual(await messaging.deadLetters.get(letter!.id), letter)
    },
  },
  {
    name: 'a history is bounded, in its number and in the size of each reason, and forgets deaths last',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const { messaging } = await harness.join([Placed])
      const retry = { from: 0, to: 0, attempts: 20 }
      messaging.subscribe(Placed, { group: fresh('group'), retry }, () => {
        throw new Error('😀'.repeat(5_000))
      })
      await messaging.start()
      await messaging.publish(Placed, { n: 1 })
      const dead = () => until('it is given up', async () => (await messaging.deadLetters.count()) === 1)
      await dead()
      await messaging.deadLetters.replayAll()
      await dead()
      const [letter] = await messaging.deadLetters.list()
      const { history } = letter!
      assert.deepEqual([history.length, history[0]!.attempt], [30, 11])
      assert.deepEqual(
        history.flatMap(({ attempt, died }) => (died ? [attempt] : [])),
        [20, 20],
      )
      assert.ok(history.every(({ reason }) => reason.length <= 500 && reason.isWellFormed()))
    },
  },
  {
    name: 'those of one type, one group or one time are listed, counted, replayed and discarded, and no others',
    async run(harness) {
      const [Placed, Paid] = [messageType(fresh('placed'), fact), messageType(fresh('paid'), fact)]
      const [billing, stock] = [fresh('billing'), fresh('stock')]
      const member = await harness.join([Placed, Paid])
      const { messaging } = member
      let broken = true
      const handled: string[] = []
      for (const type of [Placed, Paid])
        for (const group of [billing, stock])
          messaging.subscribe(type, { group, retry: { attempts: 1 } }, ({ data }) => {
            if (broken) throw new Error('broken')
            handled.push(
              `${type === Placed ? 'placed' : 'paid'} ${group === billing ? 'billing' : 'stock'} ${data.n}`,
            )
          })
      await messaging.start()
      const { deadLetters } = messaging
      for (const n of [1, 2]) {
        await messaging.publish(Placed, { n })
        await messaging.publish(Paid, { n })
        await until('they are given up', async () => (await deadLetters.count()) === 4 * n)
        // The next ones die later, on a clock that may stand for a millisecond.
        await systemClock.sleep(2)
      }
      broken = false
      const second = (await deadLetters.list()).slice(0, 4).map(({ diedAt }) => diedAt.getTime())
      const between = new Date(Math.min(...second))
      assert.equal(await deadLetters.count({ type: Paid.name }), 4)
      assert.equal(await deadLetters.count({ consumer: stock, diedBefore: between }), 2)
      const listed = await deadLetters.list({ type: Placed.name, consumer: billing, limit: 10 })
      assert.deepEqual(
        listed.map(({ payload }) => payload),
        [{ n: 2 }, { n: 1 }],
      )
      assert.equal((await deadLetters.list({ diedAfter: new Date(between.getTime() - 1) })).length, 4)

      const told: number[][] = []
      const onProgress = (done: number, total: number) => void told.push([done, total])
      assert.equal(await deadLetters.replayAll({ type: Placed.name, diedBefore: between }, { onProgress }), 2)
      assert.deepEqual(told, [[2, 2]])
      assert.equal(await deadLetters.discardAll({ consumer: stock }), 3)
      assert.equal(await deadLetters.discardAll({ type: 'nothing' }), 0)
      assert.equal(await deadLetters.replayAll({ consumer: billing }), 3)
      await settled(member)
      assert.deepEqual(handled.toSorted(), [
        'paid billing 1',
        'paid billing 2',
        'placed billing 1',
        'placed billing 2',
        'placed stock 1',
      ])
      assert.equal(await deadLetters.count(), 0)
    },
  },
]
