import type { Redis } from 'ioredis'
import { inBatches, type RedisAddress, redisKey, swiftConnection } from '../../redis/index.ts'
import { fullKey, type LimitDriver, type Rule, type Taken } from '../driver.ts'
import { takeFromAny, takeFromBuckets } from './redis-scripts.ts'

type Take = (key: string, cost: number) => Promise<Taken>

const outcomes = ['allowed', 'refused', 'blocked'] as const

/** Limits in one Redis server, of version 7 or later; each step is one round trip, which all that are asked for at once share. */
export async function redisLimits(address: RedisAddress): Promise<LimitDriver & { readonly native: Redis }> {
  const connection = await swiftConnection(address)
  const { client } = connection
  const buckets = connection.script<number[]>('portolanLimitTakeFromBuckets', takeFromBuckets)
  const any = connection.script<string[]>('portolanLimitTakeFromAny', takeFromAny)
  const keyOf = (rule: Rule, key: string) => `${address.prefix}:limit${redisKey(fullKey(rule, key))}`

  function takeFrom(rule: Rule): Take {
    const { algorithm, limit, sizeMs, perUnitMs, windowMs, blockAfter, blockMs, forgetAfterMs } = rule
    const isBucket = algorithm === 'token_bucket'
    const size = isBucket ? us(sizeMs) : limit
    if (isBucket && blockAfter === 0) {
      const take = inBatches(
        (keys, costs: readonly number[]) => buckets(keys, [size, forgetAfterMs, ...costs]),
        (uses, at) => fromUse(uses[at]!),
      )
      return (key, cost) => take(key, us(cost * perUnitMs))
    }
    const facts = [algorithm, size, us(windowMs), blockAfter, us(blockMs), forgetAfterMs]
    const take = inBatches(
      (keys, costs: readonly number[]) => any(keys, [...facts, ...costs]),
      (texts, at) => fromText(texts[at]!),
    )
    return (key, cost) => take(key, isBucket ? us(cost * perUnitMs) : cost)
  }

  const takes = new WeakMap<Rule, Take>()
  function takeOf(rule: Rule): Take {
    let take = takes.get(rule)
    if (!take) {
      take = takeFrom(rule)
      takes.set(rule, take)
    }
    return take
  }

  return {
    name: 'redis',
    capabilities: { shared: true, ownClock: true },
    native: client,
    open: connection.open,
    take: (key, rule, cost) => takeOf(rule)(keyOf(rule, key), cost),
    async forget(key, rule) {
      await connection.send(client.del(keyOf(rule, key)))
    },
    classify: error => connection.failure(error, 'The limits'),
    health: connection.health,
    async close() {
      client.disconnect()
    },
  }
}

/** The scripts reckon in microseconds. */
const us = (milliseconds: number): number => milliseconds * 1_000
const ms = (microseconds: number): number => microseconds / 1_000

/** The moment itself means nothing outside of the server: it is zero. */
function fromUse(used: number): Taken {
  const allowed = used >= 0
  const a = ms(allowed ? used : -1 - used)
  return { outcome: allowed ? 'allowed' : 'refused', a, b: 0, c: 0, strikes: 0, strikeAt: 0, now: 0 }
}

function fromText(text: string): Taken {
  const [outcome, now, a, b, c, strikes, strikeAt] = text.split(' ').map(Number)
  return {
    ...{ outcome: outcomes[outcome!]!, now: ms(now!), strikes: strikes!, strikeAt: ms(strikeAt!) },
    ...{ a: ms(a!), b: b!, c: c! },
  }
}
