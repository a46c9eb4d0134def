import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Clock, Logger } from 'portolan'
import { surroundings, systemClock } from 'portolan/runtime'
import type { WireMessage } from '../../src/messaging/driver.ts'
import type { Outbox, OutboxEntry } from '../../src/messaging/outbox.ts'
import { Relay, type RelayParts } from '../../src/messaging/relay.ts'

test('a message that the broker refuses again and again costs next to nothing, and is told of once a period', async () => {
  await using stage = scene(({ payload }) => payload === 'bad')
  stage.add('bad', 'k')
  stage.add('behind it', 'k')
  stage.add('of no key')
  await stage.pass(1)
  assert.deepEqual(stage.taken, ['of no key'])
  await stage.pass(600)
  assert.deepEqual(stage.taken, ['of no key'])
  // At longer and longer pauses, up to half a minute.
  assert.ok(stage.offers > 15 && stage.offers <= 30, `${stage.offers} offers in 600 s`)
  // A look a second, and those at the quicker pace of the beginning.
  assert.ok(stage.reads <= 620, `${stage.reads} reads in 600 s`)
  assert.ok(stage.lines > 10 && stage.lines <= stage.offers, `${stage.lines} lines in 600 s`)
})

test('many of them are told of once a period as well, and hold up none of the others', async () => {
  await using stage = scene(({ payload }) => payload === 'bad')
  for (let n = 0; n < 300; n++) stage.add('bad', n % 2 === 0 ? `bad ${n}` : undefined)
  await stage.pass(60)
  for (let n = 0; n < 300; n++) stage.add(`good ${n}`, `good ${n % 7}`)
  await stage.pass(2)
  assert.deepEqual(
    stage.taken,
    Array.from({ length: 300 }, (_, n) => `good ${n}`),
  )
  assert.ok(stage.lines <= 7, `${stage.lines} lines in a minute`)
})

test('it is taken when the broker takes it at last, and what waited in its key follows, in order', async () => {
  let broken = true
  await using stage = scene(({ payload }) => broken && payload === '0')
  for (let n = 0; n < 5; n++) stage.add(String(n), 'k')
  await stage.pass(120)
  assert.deepEqual(stage.taken, [])
  for (let n = 5; n < 8; n++) stage.add(String(n), 'k')
  broken = false
  await stage.pass(35)
  assert.deepEqual(stage.taken, ['0', '1', '2', '3', '4', '5', '6', '7'])
})

/** A relay in simulated time, between an outbox in memory and a broker that refuses some. */
function scene(refuses: (message: WireMessage) => boolean) {
  const time = simulated()
  const rows: OutboxEntry[] = []
  const taken: string[] = []
  const counts = { reads: 0, offers: 0, lines: 0 }
  const outbox = {
    async read(after: number, _shards: unknown, limit: number) {
      counts.reads++
      return rows.filter(({ seq }) => seq > after).slice(0, limit)
    },
    async delete(seqs: readonly number[]) {
      for (const gone of seqs)
        rows.splice(
          rows.findIndex(({ seq }) => seq === gone),
          1,
        )
    },
  } as unknown as Outbox
  const publish = async (messages: readonly WireMessage[]) => {
    const failed: WireMessage[] = []
    for (const message of messages) {
      // As the contract of a driver has it: nothing of a key after one that failed.
      const follows = failed.some(({ key }) => key !== undefined && key === message.key)
      if (refuses(message)) counts.offers++
      if (follows || refuses(message)) failed.push(message)
      else taken.push(message.payload)
    }
    return failed.map(({ id }) => ({ id, error: new Error('nack'), permanent: false }))
  }
  const claim = { owns: () => true, shards: () => undefined }
  const logger = { warn: () => void counts.lines++ } as unknown as Logger
  const relay = new Relay({
    database: { capabilities: { concurrentTransactions: false } },
    driver: { publish },
    outbox,
    ownership: { join: async () => claim },
    tracing: { relay: (_count: number, work: () => unknown) => work() },
    metrics: { sent() {} },
    surroundings: surroundings({ clock: time.clock, logger }),
  } as unknown as RelayParts)
  let seq = 0
  const started = relay.start()
  return {
    taken,
    get reads() {
      return counts.reads
    },
    get offers() {
      return counts.offers
    },
    get lines() {
      return counts.lines
    },
    add(payload: string, key?: string) {
      seq++
      const message = { id: String(seq), topic: 't', key, attributes: {}, payload, group: undefined }
      rows.push({ seq, message })
      relay.wake()
    },
    async pass(seconds: number) {
      await started
      await time.pass(seconds * 1_000)
    },
    async [Symbol.asyncDispose]() {
      await relay.stop()
    },
  }
}

/** Time that passes from one timer to the next. */
function simulated() {
  let now = 1_000_000
  const timers = new Set<{ readonly at: number; readonly callback: () => void }>()
  const clock: Clock = {
    ...systemClock,
    now: () => now,
    monotonic: () => now,
    timer(delayMs, callback) {
      const timer = { at: now + delayMs, callback }
      timers.add(timer)
      return { cancel: () => timers.delete(timer) }
    },
  }
  // Everything here is in memory: whatever a timer has set off has ended by then.
  const quiet = () => new Promise(setImmediate)
  return {
    clock,
    async pass(ms: number) {
      const end = now + ms
      await quiet()
      for (;;) {
        const [next] = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
        if (!next) break
        timers.delete(next)
        now = Math.max(now, next.at)
        next.callback()
        await quiet()
      }
      now = end
    },
  }
}
