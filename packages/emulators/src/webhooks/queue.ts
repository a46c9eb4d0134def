import type { Surroundings } from 'portolan/runtime'
import type { WebhookFaults } from '../faults/faults.ts'
import { retryDelayMs } from './backoff.ts'
import type { Post } from './poster.ts'

/** Something that the application has to be told. */
export interface WebhookEvent {
  /** Its row in the store. */
  readonly seq: number
  /** Events of one key arrive in order, one delivery at a time. Empty: no order. */
  readonly key: string
  /** JSON, ready to be put into the body. */
  readonly json: string
  /** When it came about: tells when to give up. */
  readonly at: number
  /** Deliver it twice, whatever the faults say. */
  readonly twice?: boolean
}

export interface WebhookQueueOptions extends Pick<Surroundings, 'clock' | 'random' | 'logger'> {
  /** Resolves with the HTTP status; rejects when there was none. */
  readonly post: Post
  readonly faults: () => WebhookFaults
  /** Events in one delivery. */
  readonly batch: number
  /** Waits this long for company before a delivery; 0 sends at once. */
  readonly lingerMs: number
  /** Deliveries at the same time. */
  readonly concurrency: number
  readonly encode: (events: readonly WebhookEvent[]) => string
  /** The application answered 2xx (`delivered`), or it was given up. */
  readonly settled: (events: readonly WebhookEvent[], delivered: boolean) => void
}

export interface WebhookQueue {
  push(event: WebhookEvent): void
  /** Resumes what waits, at once: the address changed, or a fault was lifted. */
  wake(): void
  /** Events that are not settled yet. */
  readonly size: number
  /** Starts no further delivery and waits for those under way. */
  close(): Promise<void>
}

/** One POST, as often as it takes. */
interface Delivery {
  readonly events: readonly WebhookEvent[]
  /** The keys that it holds. */
  readonly keys: ReadonlySet<string>
}

const none: ReadonlySet<string> = new Set()

/** Meta retries for up to 7 days; so does every queue here. */
const giveUpAfterMs = 7 * 24 * 60 * 60 * 1000

/**
 * Delivers events at least once: batched, retried with backoff until the application answers 2xx, in order within a key.
 * Keeps nothing itself: what is not settled is pushed again from the store after a restart.
 */
export function createWebhookQueue(options: WebhookQueueOptions): WebhookQueue {
  const { clock, random, logger, batch: limit, concurrency } = options
  let ready: WebhookEvent[] = []
  /** Keys with a delivery under way or waiting for its retry, and what queues up behind it. */
  const behind = new Map<string, WebhookEvent[]>()
  const underWay = new Set<Promise<void>>()
  const waiting = new Set<() => void>()
  let size = 0
  let scheduled = false
  let unreachable = false
  let closed = false

  function schedule(delayMs: number): void {
    if (scheduled || closed) return
    scheduled = true
    const run = () => {
      scheduled = false
      pump()
    }
    if (delayMs === 0) queueMicrotask(run)
    else clock.timer(delayMs, run)
  }

  function pump(): void {
    while (!closed && ready.length > 0 && underWay.size < concurrency) {
      const delivery = take()
      if (delivery.events.length > 0) run(attempt(delivery, 1))
    }
  }

  /** The next batch; events whose key is busy step behind it. */
  function take(): Delivery {
    const events: WebhookEvent[] = []
    const keys = new Set<string>()
    let index = 0
    for (; index < ready.length && events.length < limit; index++) {
      const event = ready[index]!
      const queue = event.key === '' ? undefined : behind.get(event.key)
      if (queue) queue.push(event)
      else {
        events.push(event)
        if (event.key !== '') keys.add(event.key)
      }
    }
    ready = index === ready.length ? [] : ready.slice(index)
    for (const key of keys) behind.set(key, [])
    return { events, keys }
  }

  function run(attempting: Promise<void>): void {
    const work = attempting.catch(error => logger.error('webhook delivery broke', { error }))
    underWay.add(work)
    void work.then(() => {
      underWay.delete(work)
      if (ready.length > 0) schedule(ready.length >= limit ? 0 : options.lingerMs)
    })
  }

  async function attempt(delivery: Delivery, attempts: number): Promise<void> {
    const { events } = delivery
    const { reorderWebhookRate } = options.faults()
    if (attempts === 1 && reorderWebhookRate > 0 && random.next() < reorderWebhookRate) {
      // Lets go of the order: later events of its keys may overtake this one.
      release(delivery)
      return wait(random.next() * 2_000, () => attempt({ events, keys: none }, 2))
    }
    const body = options.encode(events)
    const problem = await send(body)
    if (problem === undefined) {
      if (repeats(events)) await send(body)
      settle(delivery, true)
    } else if (clock.now() - events[0]!.at > giveUpAfterMs) {
      logger.error('webhook given up', { events: events.length, attempts, problem })
      settle(delivery, false)
    } else if (!closed) {
      const delayMs = retryDelayMs(attempts, random)
      logger.debug('webhook will be retried', { events: events.length, attempts, delayMs, problem })
      wait(delayMs, () => attempt(delivery, attempts + 1))
    }
  }

  /** Resolves with what went wrong. */
  async function send(body: string): Promise<string | undefined> {
    if (options.faults().holdWebhooks) return 'held back'
    try {
      const status = await options.post(body)
      answered()
      return status >= 200 && status < 300 ? undefined : `answered ${status}`
    } catch (error) {
      unreachable = true
      return error instanceof Error ? error.message : String(error)
    }
  }

  /** The application is back: what waited for it need not wait longer. */
  function answered(): void {
    if (!unreachable) return
    unreachable = false
    retryNow()
  }

  function retryNow(): void {
    for (const go of [...waiting]) go()
  }

  function repeats(events: readonly WebhookEvent[]): boolean {
    const { duplicateWebhookRate } = options.faults()
    return (
      events.some(event => event.twice) || (duplicateWebhookRate > 0 && random.next() < duplicateWebhookRate)
    )
  }

  function wait(delayMs: number, next: () => Promise<void>): void {
    const go = () => {
      if (!waiting.delete(go)) return
      timer.cancel()
      if (!closed) run(next())
    }
    const timer = clock.timer(delayMs, go)
    waiting.add(go)
  }

  function settle(delivery: Delivery, delivered: boolean): void {
    size -= delivery.events.length
    try {
      options.settled(delivery.events, delivered)
    } catch (error) {
      // It stays open in the store, and is delivered again after the next start.
      logger.error('webhook could not be settled', { events: delivery.events.length, error })
    }
    release(delivery)
  }

  function release({ keys }: Delivery): void {
    for (const key of keys) {
      const queue = behind.get(key)
      behind.delete(key)
      for (const event of queue ?? []) ready.push(event)
    }
    if (ready.length > 0) schedule(ready.length >= limit ? 0 : options.lingerMs)
  }

  return {
    push(event) {
      size += 1
      const queue = event.key === '' ? undefined : behind.get(event.key)
      if (queue) queue.push(event)
      else {
        ready.push(event)
        schedule(ready.length >= limit ? 0 : options.lingerMs)
      }
    },
    wake() {
      retryNow()
      schedule(0)
    },
    get size() {
      return size
    },
    async close() {
      closed = true
      await Promise.allSettled(underWay)
    },
  }
}
