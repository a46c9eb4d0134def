import { type Surroundings, surroundings } from '../runtime/surroundings.ts'
import type { ServerEvent } from './server-events.ts'

export interface EventFeedOptions extends Partial<Pick<Surroundings, 'ids'>> {
  /** Events that a browser can catch up on after a break. Default 256. */
  readonly history?: number
  /** Events that may wait for one slow subscriber before it is dropped; its browser connects again. Default 256. */
  readonly backlog?: number
}

/** Events from anywhere in the application to every page that listens. */
export interface EventFeed {
  /** Never blocks and never throws. */
  publish(event: Omit<ServerEvent, 'id'>): void
  /**
   * Everything published from now on, preceded by what came after `lastEventId`, as far as the history reaches. An id of
   * an earlier process has seen nothing of this one: it gets the whole history.
   */
  subscribe(connection: {
    readonly signal: AbortSignal
    readonly lastEventId?: string | undefined
  }): AsyncIterable<ServerEvent>
  readonly subscribers: number
}

interface Subscriber {
  readonly queue: ServerEvent[]
  /** Ends after what is queued. */
  closed: boolean
  wake: (() => void) | undefined
}

/**
 * A feed in this process's memory.
 *
 * @example
 * const feed = eventFeed()
 * feed.publish({ event: 'order', data: { number: 42 } })
 * rest.page({ method: 'GET', path: '/events', handler: () => events(feed.subscribe) })
 */
export function eventFeed(options: EventFeedOptions = {}): EventFeed {
  const { history = 256, backlog = 256 } = options
  const origin = surroundings(options).ids.next().slice(-12)
  const past: ServerEvent[] = []
  const subscribers = new Set<Subscriber>()
  let sequence = 0

  async function* follow(subscriber: Subscriber): AsyncGenerator<ServerEvent> {
    try {
      while (true) {
        const event = subscriber.queue.shift()
        if (event) yield event
        else if (subscriber.closed) return
        else await new Promise<void>(resolve => (subscriber.wake = resolve))
      }
    } finally {
      subscribers.delete(subscriber)
    }
  }

  return {
    publish({ event, data }) {
      sequence += 1
      // Encoded once, however many listen.
      const text = typeof data === 'string' ? data : (JSON.stringify(data) ?? 'null')
      const item: ServerEvent = {
        ...(event === undefined ? {} : { event }),
        data: text,
        id: `${origin}-${sequence}`,
      }
      past.push(item)
      if (past.length > history) past.shift()
      for (const subscriber of subscribers) {
        if (subscriber.queue.length >= backlog) {
          subscriber.closed = true
          subscribers.delete(subscriber)
        } else subscriber.queue.push(item)
        subscriber.wake?.()
      }
    },
    subscribe({ signal, lastEventId }) {
      const missed =
        lastEventId === undefined ? [] : past.slice(past.findIndex(({ id }) => id === lastEventId) + 1)
      const subscriber: Subscriber = { queue: missed, closed: signal.aborted, wake: undefined }
      if (!signal.aborted) {
        subscribers.add(subscriber)
        signal.addEventListener(
          'abort',
          () => {
            subscriber.closed = true
            subscribers.delete(subscriber)
            subscriber.wake?.()
          },
          { once: true },
        )
      }
      return follow(subscriber)
    },
    get subscribers() {
      return subscribers.size
    },
  }
}
