import assert from 'node:assert/strict'
import type { ContractCase } from './contract.ts'
import {
  effect,
  effects,
  fact,
  fresh,
  type MessagingHarness,
  type MessagingMember,
  messageType,
  refusal,
  settled,
  soon,
  until,
} from './messaging-support.ts'

/** Groups that an operator holds up, and lets go on. */
export const pauseCases: readonly ContractCase<MessagingHarness>[] = [
  {
    name: 'a paused group takes nothing in any member, and resumes where it stopped, in order',
    requires: 'backlogAtRest',
    run: harness => pausedGroup(harness, true),
    otherwise: harness => pausedGroup(harness, false),
  },
  {
    name: 'what is in hand when its group is paused ends, and nothing follows it',
    requires: 'backlogAtRest',
    run: harness => pausedInHand(harness, true),
    otherwise: harness => pausedInHand(harness, false),
  },
  {
    name: 'a pause that ends before what is in hand has ended changes nothing',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const group = fresh('group')
      // A lease that ends on a busy machine would close the partition that both keys may be of, until what is in hand has ended.
      const member = await harness.join([Placed], { lease: '1m' })
      const { messaging, database } = member
      const held = Promise.withResolvers<void>()
      messaging.subscribe(Placed, { group, concurrency: 2 }, async ({ data }) => {
        if (data.n === 0) await held.promise
        await effect(database, Placed.name, data.n)
      })
      await messaging.start()
      await messaging.publish(Placed, { n: 0 }, { key: 'held' })
      await messaging.pause(group)
      await noticed(member, group)
      await messaging.publish(Placed, { n: 1 }, { key: 'other' })
      await messaging.resume(group)
      await until('the others go on at once', async () => (await notes(member)).includes('1'))
      held.resolve()
      await settled(member)
      assert.deepEqual((await notes(member)).toSorted(), ['0', '1'])
    },
  },
  {
    name: 'a pause outlives every process, and holds for retries and replays, too',
    requires: 'durable',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const [group, other] = [fresh('group'), fresh('other')]
      const first = await harness.join([Placed])
      first.messaging.subscribe(Placed, { group, retry: { ...soon, attempts: 2 } }, () => {
        throw new Error('broken')
      })
      await first.messaging.start()
      await first.messaging.publish(Placed, { n: 0 }, { key: 'k' })
      await until('it is given up', async () => (await first.messaging.deadLetters.count()) === 1)
      await first.messaging.pause(group)
      await noticed(first, group)
      await first.messaging.stop()

      const second = await harness.join([Placed])
      let others = 0
      second.messaging.subscribe(Placed, { group }, ({ data }) =>
        effect(second.database, Placed.name, data.n),
      )
      second.messaging.subscribe(Placed, { group: other }, () => void others++)
      await second.messaging.start()
      assert.equal(await second.messaging.deadLetters.replayAll(), 1)
      for (let n = 1; n < 4; n++) await second.messaging.publish(Placed, { n }, { key: 'k' })
      await until('the other group has all', () => others === 3)
      assert.deepEqual(await effects(second.database), [])
      await second.messaging.resume(group)
      await settled(second)
      assert.deepEqual((await notes(second)).toSorted(), ['0', '1', '2', '3'])
    },
  },
  {
    name: 'to pause and to resume twice are no errors; a group that nobody knows is one',
    async run(harness) {
      const Placed = messageType(fresh('placed'), fact)
      const group = fresh('group')
      const member = await harness.join([Placed])
      const { messaging, database } = member
      messaging.subscribe(Placed, { group }, () => {})
      await messaging.start()
      await messaging.resume(group)
      await messaging.pause(group)
      await messaging.pause(group)
      assert.equal((await messaging.status()).paused.length, 1)
      await messaging.resume(group)
      await messaging.resume(group)
      const error = await refusal('not_found', messaging.pause(`${group}s`))
      assert.ok(error.message.includes(`Did you mean '${group}'?`), error.message)
      await refusal('not_found', messaging.resume('nobody'))
      await assert.rejects(
        database.run(async () => {
          await messaging.pause(group)
          throw new Error('changed my mind')
        }),
        /changed my mind/,
      )
      assert.deepEqual((await messaging.status()).paused, [])
      await messaging.publish(Placed, { n: 1 })
      await settled(member)
    },
  },
]

/** The member has seen that `group` is paused. */
async function noticed({ messaging }: MessagingMember, group: string): Promise<void> {
  await until('the pause is noticed', async () => {
    const { status, detail } = await messaging.health()
    return status === 'up' && (detail?.includes(`'${group}'`) ?? false)
  })
}

async function notes({ database }: MessagingMember): Promise<string[]> {
  return (await effects(database)).map(({ note }) => note)
}

/** `told`: what waits for a group is told while it is paused. */
async function pausedGroup(harness: MessagingHarness, told: boolean): Promise<void> {
  const Placed = messageType(fresh('placed'), fact)
  const [group, other] = [fresh('group'), fresh('other')]
  const members = await Promise.all([harness.join([Placed]), harness.join([Placed])])
  for (const { messaging, database } of members) {
    messaging.subscribe(Placed, { group }, ({ key, data }) => effect(database, key!, data.n))
    messaging.subscribe(Placed, { group: other }, ({ data }) => effect(database, other, data.n))
    await messaging.start()
  }
  const operator = await harness.join([Placed])
  await operator.messaging.start()
  const publish = async (from: number) => {
    for (let n = from; n < from + 5; n++)
      for (const key of ['a', 'b', 'c']) await operator.messaging.publish(Placed, { n }, { key })
  }
  await publish(0)
  await settled(...members)
  await operator.messaging.pause(group)
  for (const member of members) await noticed(member, group)
  await publish(5)
  const seen = async (message: string) =>
    (await effects(operator.database)).filter(one => one.message === message).map(({ note }) => note)
  await until('the other group has all', async () => (await seen(other)).length === 30)
  const keys = ['a', 'b', 'c']
  for (const key of keys) assert.deepEqual(await seen(key), ['0', '1', '2', '3', '4'])
  for (const { messaging } of [operator, ...members]) {
    const { paused, groups } = await messaging.status()
    assert.deepEqual(
      paused.map(one => one.group),
      [group],
    )
    // What was put on the wire twice counts twice.
    if (told) assert.ok(groups.find(known => known.group === group)!.waiting >= 15)
  }
  await members[0]!.messaging.resume(group)
  for (const key of keys) await until('all are handled', async () => (await seen(key)).length === 10)
  await settled(...members)
  for (const key of keys) assert.deepEqual(await seen(key), Array.from('0123456789'))
  assert.deepEqual((await operator.messaging.status()).paused, [])
}

/** `told`: what waits for a group is told while it is paused. */
async function pausedInHand(harness: MessagingHarness, told: boolean): Promise<void> {
  const Placed = messageType(fresh('placed'), fact)
  const group = fresh('group')
  // A lease that ends on a busy machine would give back what is in hand, which then waits, too.
  const member = await harness.join([Placed], { lease: '1m' })
  const { messaging, database } = member
  const held = Promise.withResolvers<void>()
  let begun = 0
  messaging.subscribe(Placed, { group, concurrency: 2 }, async ({ data }) => {
    begun++
    if (data.n === 0) await held.promise
    await effect(database, Placed.name, data.n)
  })
  await messaging.start()
  await messaging.publish(Placed, { n: 0 }, { key: 'k' })
  await until('it is in hand', () => begun === 1)
  await messaging.pause(group)
  await noticed(member, group)
  for (let n = 1; n < 4; n++) await messaging.publish(Placed, { n }, { key: 'k' })
  held.resolve()
  await until('it ends', async () => (await effects(database)).length === 1)
  // Neither did it fail, nor does anything else begin.
  if (told) await until('the rest waits', async () => (await messaging.status()).backlog === 3)
  assert.equal(begun, 1)
  await messaging.resume(group)
  await until('the rest is handled', async () => (await notes(member)).length === 4)
  await settled(member)
  assert.deepEqual(await notes(member), ['0', '1', '2', '3'])
}
